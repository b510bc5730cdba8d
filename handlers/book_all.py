"""确认后一次保存多次拜访（定期、一句话多次）。"""

from dataclasses import dataclass

from bot.command import Reply, Turn, command
from domain.refusal import NotAllowed, Stale
from handlers import _plan, _series


@dataclass(frozen=True, slots=True)
class BookAll:
    """The draft whose plans were shown."""

    draft: str = ""


@command("visit.book_all", BookAll, intent="dialog.confirm")
def book_all(ask: BookAll, turn: Turn) -> Reply:
    """Save all visits of the preview."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的预约，没有任何改动", action="visit.book", obj=ask.draft)
    if not turn.tx.talk.close(draft.id, "done"):
        raise Stale("这张卡片已经处理过了，没有重复操作")
    plans = draft.data.get("plans")
    return _series.book_all(turn, [_plan.plan_of(p) for p in plans] if isinstance(plans, list | tuple) else [])
