"""进公海前的处理：主管改派、延期；早上的公海检查由此加入。"""

from dataclasses import dataclass

from bot import says
from bot.cards import Button, Card, Items, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Job
from domain.refusal import NotAllowed, Refusal, Stale
from handlers import _approvals, _handing, _pool, _who


@dataclass(frozen=True, slots=True)
class Which:
    """A request about the pool, by its id."""

    id: str = ""


@command("pool.reassign", Which, intent="owner.transfer")
def reassign(ask: Which, turn: Turn) -> Reply:
    """改派: the team's reps who are here, who has the fewest first; choosing one shows the usual preview."""
    approval = turn.tx.approvals.get(ask.id)
    c = _who.live(turn, str(approval.subject.get("customer") or "")) if approval else None
    if approval is None or c is None or c.owner is None:
        raise Refusal("这位客户已经有变动，没有任何改动")
    if not _approvals.may_decide(turn, turn.me, approval):
        raise NotAllowed("无权：这件事由负责人的主管处理", action="owner.transfer", obj=c.id)
    if approval.status != "pending":
        raise Stale("这件事已经处理过了，没有重复操作")
    mates = sorted(_handing.mates(turn, c.owner), key=lambda m: len(turn.tx.customers.owned_by(m.id)))
    turn.tx.talk.note(turn.me.id, "customer", c.id)
    lines = Items(tuple(f"{m.name}：持有 {len(turn.tx.customers.owned_by(m.id))} 家" for m in mates[:5]))
    buttons = tuple(
        Button(f"改派给{m.name}", says.write("owner.transfer", customer_id=c.id, to=m.id, content="公海前改派"))
        for m in mates[:5]
    )
    title = f"{c.short}改派给谁？" if buttons else f"{c.short}改派给谁？请直接说：改派给某某"
    return Reply(Card(title, (lines,) if mates else (), buttons, Tone.WARN))


@job("touched")
def touched(turn: Turn, work: Job) -> None:
    """What others changed meanwhile, in one letter to the owner (D28)."""
    customer_id = work.subject.partition(":")[2]
    c, owner = turn.tx.customers.get(customer_id), str(work.data["owner"])
    noted = turn.tx.talk.noted(owner, f"touched:{customer_id}")
    lines = [str(x) for x in noted["lines"]] if isinstance(noted, dict) else []
    if c is None or c.owner != owner or not lines:
        return
    turn.tx.talk.note(owner, f"touched:{customer_id}", {"at": turn.now.isoformat(), "lines": []})
    turn.tell(owner, Card(f"{c.short}又有 {len(lines)} 处改动", (Items(tuple(lines)),)), subject=f"customer:{c.id}")


CHECKS_OF_THIS_AREA = (_pool,)
"""Importing it enters its checks."""
