"""`begin(seed, now, rules)`: the bot with a seed of the test's own, on both databases."""

from datetime import datetime
from typing import Any

import pytest

from domain.rules import Rules
from tests.commands.kit import Begin
from tests.talking import NOW, talking


@pytest.fixture
def begin(db_url: str) -> Begin:
    """`async with begin(seed(...)) as chat:`."""

    def make(data: dict[str, Any] | None = None, now: datetime = NOW, **rules: Any) -> Any:
        return talking(db_url, data, now, Rules(**rules))

    return make
