"""Going on with what waited behind a question: the booking after a claim or a new customer."""

from bot.answers import draft_said
from bot.command import Turn
from nlp.said import Said


def after(turn: Turn, draft_id: str, customer: str = "") -> Said | None:
    """The command of an open draft of this person, for this customer; None when nothing waits."""
    draft = turn.tx.talk.get(draft_id) if draft_id else None
    if draft is None or draft.state != "open" or draft.person != turn.me.id:
        return None
    base = draft_said(draft)
    hints = dict(base.hints)
    if known := customer or str(draft.data.get("customer") or ""):
        hints["customer_ids"] = [known]
    return Said(base.intent, {**base.slots, "draft": draft.id}, hints=hints)
