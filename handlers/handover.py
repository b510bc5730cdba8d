"""交接：离职、调岗一次移交；预览、一次确认、可定生效日；什么都不留在原负责人名下。"""

from dataclasses import dataclass
from datetime import datetime

from bot import says
from bot.cards import Button, Card, Text, Tone
from bot.command import Reply, Turn, command, job
from domain.desk import Draft, Job
from domain.model import OFFICE, Member, Role, When
from domain.refusal import NotAllowed, Refusal, Stale
from handlers import _handing, _views


@dataclass(frozen=True, slots=True)
class Handover:
    """Who hands over to whom (one or several), from when on."""

    people: tuple[str, ...] = ()
    time: When | None = None
    content: str = ""
    giver: str = ""
    draft: str = ""


@command("owner.handover", Handover, group="归属", example="刘洋离职，客户全部交给李娜", role=Role.MANAGER)
def handover(ask: Handover, turn: Turn) -> Reply:
    """Everything of a leaver or mover: customers, open visits, tasks, clashes; runs after one 确认 (R64)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    named = _handing.members(turn, ask.people, turn.said.with_slots(draft=None))
    if isinstance(named, Reply):
        return named
    giver = turn.tx.people.get(ask.giver) if ask.giver else named[0] if named else None
    takers = [m for m in (named if ask.giver else named[1:]) if m.active]
    if not takers and any(w in turn.said.text for w in ("给我", "交我", "我接", "归我")):
        takers = [turn.me]
    if giver is None or not takers or giver in takers:
        raise Refusal("请说清楚谁交给谁，没有改动", "例如：刘洋离职，客户全部交给李娜。")
    check_right(turn, giver)
    customers = turn.tx.customers.owned_by(giver.id)
    if not customers and not turn.tx.tasks.open_of(giver.id):
        raise Refusal(f"{giver.name}名下没有客户，没有改动")
    at = effective(turn, ask.time)
    moves = _handing.share(turn, customers, takers) or (_handing.Move("", None, takers[0].id),)
    plan = _handing.Plan(moves, ask.content or f"{giver.name}交接", giver.id, at)
    return _handing.preview(turn, plan, f"{giver.name}的 {len(customers)} 家客户交给{_views.listing(takers)}")


def check_right(turn: Turn, giver: Member) -> None:
    """A manager for his team, directors and admins for all."""
    if turn.me.role is Role.MANAGER and turn.me.id not in _views.managers(turn, giver.id):
        raise NotAllowed(f"无权：{giver.name}不在您的团队，没有改动", action="owner.handover", obj=giver.id)


def effective(turn: Turn, when: When | None) -> datetime | None:
    """The beginning of the day that was said when it lies ahead; None = at once."""
    if when is None or when.start is None:
        return None
    day = when.start.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if day > turn.now else None


@dataclass(frozen=True, slots=True)
class Hand:
    """The confirmed preview; `at_once` does not wait for the effective day."""

    draft: str = ""
    at_once: bool = False


def _open(turn: Turn, id_: str) -> Draft:
    draft = turn.tx.talk.get(id_)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的操作，没有任何改动", action="owner.transfer", obj=id_)
    if draft.state != "open" or (draft.expires is not None and draft.expires <= turn.now):
        raise Stale("这张卡片已经处理过了，没有重复操作")
    return draft


@command("owner.hand", Hand, intent="dialog.confirm")
def hand(ask: Hand, turn: Turn) -> Reply:
    """Carry the preview out in one transaction, or plan it for its day."""
    draft = _open(turn, ask.draft)
    plan = _handing.plan_of(draft.data["plan"])  # type: ignore[arg-type]
    turn.tx.talk.close(draft.id, "done")
    if plan.at is None or plan.at <= turn.now or ask.at_once:
        return Reply(_handing.finish(turn, plan))
    key = f"handover-{draft.id}"
    turn.tx.jobs.plan(Job(key, "handover", f"handover:{draft.id}", plan.at, {"plan": plan.as_json(), "by": turn.me.id}))
    when, takers = _views.day(plan.at), _views.names(turn, plan.takers)
    for person in dict.fromkeys((plan.giver, *plan.takers)):
        if person and person != turn.me.id:
            turn.tell(
                person, Card(f"{when} 起，{_views.name(turn, plan.giver)}的客户交给{takers}", (Text("到时自动移交并通知您。"),))
            )
    button = Button("取消交接", says.write("owner.hand_off", draft=draft.id))
    return Reply(Card(f"已安排：{when} 起交给{takers}", (Text("到时自动移交，双方都已通知。"),), (button,), Tone.DONE))


@command("owner.hand_off", Hand, intent="dialog.deny")
def hand_off(ask: Hand, turn: Turn) -> Reply:
    """A planned handover is called off."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的操作，没有任何改动", action="owner.handover", obj=ask.draft)
    if not turn.tx.jobs.drop(f"handover:{draft.id}"):
        raise Stale("这次交接已经生效或取消了，没有任何改动")
    plan = _handing.plan_of(draft.data["plan"])  # type: ignore[arg-type]
    for person in dict.fromkeys((plan.giver, *plan.takers)):
        if person and person != turn.me.id:
            turn.tell(person, Card(f"{_views.name(turn, plan.giver)}的交接已取消，客户不变"))
    return Reply(Card("已取消交接，客户不变", tone=Tone.DONE))


@command("owner.split", Hand, intent="owner.handover")
def split(ask: Hand, turn: Turn) -> Reply:
    """The same handover shared evenly among those of the team who are here."""
    draft = _open(turn, ask.draft)
    plan = _handing.plan_of(draft.data["plan"])  # type: ignore[arg-type]
    turn.tx.talk.close(draft.id, "done")
    takers = _handing.mates(turn, plan.giver)
    known = turn.tx.customers.many([m.customer for m in plan.moves])
    if not takers:
        raise Refusal("组内今天没有其他在岗的同事，没有改动")
    new = _handing.Plan(_handing.share(turn, list(known.values()), takers), plan.reason, plan.giver, plan.at)
    what = f"{_views.name(turn, plan.giver)}的 {len(known)} 家客户分给 {len(takers)} 位同事"
    return _handing.preview(turn, new, what)


@job("handover")
def due(turn: Turn, work: Job) -> None:
    """The day has come: hand over what is there now."""
    by = turn.tx.people.get(str(work.data["by"]))
    if by is None:
        return
    turn.me, turn.readers = by, [by]
    plan = _handing.plan_of(work.data["plan"])  # type: ignore[arg-type]
    turn.tell(by.id, _handing.finish(turn, plan))
