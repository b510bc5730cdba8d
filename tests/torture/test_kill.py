"""The short form of `make torture`: three kills, every message booked once, every reminder sent once."""

import pytest

from tests.torture.kill import broken, torture


@pytest.mark.asyncio
async def test_kill_9_while_bookings_and_reminders_run() -> None:
    totals = await torture(kills=3, seed=7)
    assert totals.kills == 3
    assert (totals.messages, totals.visits, totals.reminders) == (36, 36, 36)
    assert broken(totals) == {}
