"""The service's log tells a message's id and outcome, never what was said."""

import json
import logging
import sys

import pytest

from bot.journal import JsonLine, journal, log_as
from tests.talking import Chat


async def test_a_line_for_every_message_without_its_words(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.app.on_done.append(journal)
    await chat.says("hanmei", "/visit.book customer_id=k7 time=2026-06-10T10:00:00+08:00 purpose=保密报价")
    assert not [r for r in caplog.records if r.name == "bot.journal"]
    with caplog.at_level(logging.INFO, logger="bot.journal"):
        await chat.says("hanmei", "/visit.book customer_id=k7 time=2026-06-11T10:00:00+08:00 purpose=保密报价 second=1")
    [record] = [r for r in caplog.records if r.name == "bot.journal"]
    line = JsonLine().format(record)
    assert "保密" not in line + record.getMessage()
    told = json.loads(line)
    messages = await chat.app.store.read(lambda tx: [str(r[0]) for r in tx.db.rows("SELECT message FROM events")])
    assert told["message_id"] in messages
    assert (told["platform"], told["intent"], told["level"]) == (record.facts["platform"], "visit.book", "info")  # type: ignore[attr-defined]


def test_json_for_every_handler_and_tracebacks_inside() -> None:
    root, handler = logging.getLogger(), logging.StreamHandler()
    before, forms = root.level, [(h, h.formatter) for h in root.handlers]
    root.addHandler(handler)
    try:
        log_as("error", "json")
        assert isinstance(handler.formatter, JsonLine)
        assert root.level == logging.ERROR
        try:
            raise ValueError("x")
        except ValueError:
            record = logging.LogRecord("a", logging.ERROR, "", 0, "failed %s", ("m1",), sys.exc_info())
        told = json.loads(handler.formatter.format(record))
        assert told["text"] == "failed m1"
        assert "ValueError: x" in told["traceback"]
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        for other, form in forms:
            other.setFormatter(form)
