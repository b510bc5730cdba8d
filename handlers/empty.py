"""扑空：原因一个词，随手改约。"""

from dataclasses import dataclass

from bot.command import Reply, Turn, command
from handlers import _empty


@dataclass(frozen=True, slots=True)
class Empty:
    """The visit and the reason."""

    visit_id: str = ""
    reason: str = ""
    draft: str = ""


@command("visit.empty", Empty, intent="report.file")
def empty(ask: Empty, turn: Turn) -> Reply:
    """Note the empty run, or ask why."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    return _empty.run(turn, _empty.Wanted(visit_id=ask.visit_id or None), ask.reason.strip())
