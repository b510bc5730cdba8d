"""The service's log: a line for every message, with ids and never with what was said; as text or as JSON."""

import json
import logging
from datetime import UTC, datetime

from bot.app import Outcome, letter_base
from bot.message import Message

log = logging.getLogger(__name__)


def journal(message: Message, outcome: Outcome) -> None:
    """After each message, at level info: its id as the audit log has it, what it came to, how long it took."""
    if not log.isEnabledFor(logging.INFO):
        return
    facts = {
        "message_id": letter_base(message),
        "platform": message.platform,
        "intent": outcome.intent,
        "ms": round(outcome.seconds * 1000, 1),
        "duplicate": outcome.duplicate,
        "events": [event.name for event in outcome.events],
    }
    log.info("%s", " ".join(f"{k}={v}" for k, v in facts.items()), extra={"facts": facts})


class JsonLine(logging.Formatter):
    """A log line as one JSON object; the `facts` of a line are fields of it."""

    def format(self, record: logging.LogRecord) -> str:
        out: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        facts = getattr(record, "facts", None)
        out |= facts if isinstance(facts, dict) else {"text": record.getMessage()}
        if record.exc_info:
            out["traceback"] = self.formatException(record.exc_info)
        return json.dumps(out, ensure_ascii=False, default=str)


def log_as(level: str, form: str) -> None:
    """The level and the form of `[log]`, once the configuration is read."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    if form == "json":
        for handler in root.handlers:
            handler.setFormatter(JsonLine())
