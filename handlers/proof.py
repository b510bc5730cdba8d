"""补充依据：聊天记录、客户联系人，回复的话直接转给审批人。"""

from dataclasses import dataclass

from bot.command import Reply, Turn, command
from handlers import _proof


@dataclass(frozen=True, slots=True)
class Proof:
    """What backs a request: words for its approvers."""

    id: str = ""
    content: str = ""
    draft: str = ""


@command("owner.proof", Proof, intent="owner.transfer")
def proof(ask: Proof, turn: Turn) -> Reply:
    """Words behind a request that still waits: its approvers get them at once (R57, R58)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    return _proof.give(turn, ask.id, ask.content)
