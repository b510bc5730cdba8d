"""代访：请有空的同事替一次，客户归属不变；请假原因不外传。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Member, Visit, When
from domain.refusal import NotAllowed, Refusal, Stale
from handlers import _after, _views, _who
from handlers._rights import check_visit


@dataclass(frozen=True, slots=True)
class Substitute:
    """Which visit, and who (nobody named: those who are free are offered)."""

    people: tuple[str, ...] = ()
    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    member: str = ""
    draft: str = ""


@command("visit.substitute", Substitute, group="拜访", example="明天宏远的拜访让李娜替我去")
def substitute(ask: Substitute, turn: Turn) -> Reply:
    """Ask a colleague to stand in; nothing changes before his yes (60)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    said = turn.said.with_slots(draft=None)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        return _who.nothing_found(turn, f"「{ask.customer}」的拜访")
    visit = _who.visit_for(turn, ask.visit_id, ask.time, found, said, "请人代访")
    if isinstance(visit, Reply):
        return visit
    check_visit(turn, visit)
    if ask.member:
        person = turn.tx.people.get(ask.member)
        return request(turn, visit, person) if person else _who.nothing_found(turn, "这位同事")
    if not ask.people:
        return offer(turn, visit)
    named = _who.people(turn, ask.people, said.with_slots(visit_id=visit.id))
    if isinstance(named, Reply):
        return named
    if len(named) != 1:
        raise Refusal("请说一位同事的名字，没有改动")
    return request(turn, visit, named[0])


def offer(turn: Turn, visit: Visit) -> Reply:
    """Free colleagues of the team, those who know the customer first."""
    team = [m for m in turn.tx.people.team(turn.me.team) if m.id not in visit.people and not m.role.leads]
    free = [m for m in team if not turn.tx.visits.busy([m.id], visit.slot)]
    if not free:
        return Reply(Card(f"{_views.span(visit.slot)} 组里没有人有空代访", (Text("可以改约，或指名别组的同事。"),)))
    past = turn.tx.visits.at_customer_between(visit.customer, visit.start.replace(year=visit.start.year - 1), visit.start)
    knows = {p: sum(1 for v in past if p in v.people) for p in (m.id for m in free)}
    free.sort(key=lambda m: -knows[m.id])
    lines = tuple(f"{m.name}{f'（去过 {knows[m.id]} 次）' if knows[m.id] else ''}" for m in free[:5])
    buttons = tuple(Button(f"请{m.name}代访", says.write("visit.substitute", visit_id=visit.id, member=m.id)) for m in free[:5])
    title = f"能代访的同事：{_views.span(visit.slot)} {_views.label(turn, visit)}"
    return Reply(Card(title, (Items(lines),), buttons))


def request(turn: Turn, visit: Visit, person: Member) -> Reply:
    """The hand-over card goes to the colleague in private."""
    if turn.tx.visits.busy([person.id], visit.slot, but=visit.id) and person.id not in visit.participants:
        raise Refusal(f"{person.name} {_views.span(visit.slot)} 没空，没有改动", "可以说「谁能替我去」看看有空的同事。")
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        raise Refusal("这位客户已经不在系统里")
    rows = [("时间", _views.span(visit.slot)), ("客户", customer.short), ("目的", visit.purpose), ("联系人", visit.contact)]
    buttons = (
        Button("接受代访", says.write("visit.stand_in", visit=visit.id, version=visit.version, yes=True), "primary"),
        Button("婉拒", says.write("visit.stand_in", visit=visit.id, version=visit.version)),
    )
    title = f"{turn.me.name}请您代访：{_views.moment(visit.start)} {customer.short}"
    facts = Facts(tuple((n, v) for n, v in rows if v))
    note = Text("客户仍由原负责人跟进，这次拜访由您去。")
    turn.tell(person.id, Card(title, (facts, note), buttons), subject=f"standin:{visit.id}")
    turn.tx.talk.note(person.id, f"standin:{visit.id}", visit.version)
    return Reply(Card(f"已请{person.name}代访：{_views.span(visit.slot)}", (Text("对方接受后生效，会通知您。"),)))


@dataclass(frozen=True, slots=True)
class StandIn:
    """The colleague's word."""

    visit: str = ""
    version: int = 0
    yes: bool = False


@command("visit.stand_in", StandIn, intent="dialog.choose")
def stand_in(ask: StandIn, turn: Turn) -> Reply:
    """With his yes the visit is his, with its reminder; the customer's owner stays."""
    visit = turn.tx.visits.get(ask.visit)
    if visit is None or visit.version != ask.version or visit.status not in ("planned", "pending") or visit.start < turn.now:
        raise Stale("这次拜访已经有变动，没有改动")
    if turn.tx.talk.noted(turn.me.id, f"standin:{visit.id}") != ask.version:
        raise NotAllowed("无权：没有请您代访这一次", action="visit.stand_in", obj=visit.id)
    customer = turn.tx.customers.get(visit.customer)
    name = customer.short if customer else visit.customer_name
    if not ask.yes:
        turn.tell(visit.rep, Card(f"{turn.me.name}不方便代访：{_views.span(visit.slot)} {name}", (Text("可以请别人或改约。"),)))
        return Reply(Card("已婉拒，对方会收到通知"))
    old_rep = visit.rep
    others = tuple(p for p in visit.participants if p != turn.me.id)
    if turn.tx.visits.busy([turn.me.id], visit.slot, but=visit.id):
        raise Refusal(f"您 {_views.span(visit.slot)} 已有安排，没有改动")
    new = replace(visit, rep=turn.me.id, participants=others, line=turn.me.line)
    saved = turn.tx.visits.save(new, visit.version, at=turn.now, by=turn.me.id, why="stand-in")
    if saved is None:
        raise Refusal("这个时段刚刚被占用了，没有改动")
    _after.plan_jobs(turn, saved)
    turn.event("visit.updated", visit=_views.visit_json(saved))
    turn.tell(
        old_rep, Card(f"{turn.me.name}接受代访：{_views.span(saved.slot)} {name}", tone=Tone.DONE), subject=f"visit:{saved.id}"
    )
    return Reply(Card(f"已接受代访：{_views.span(saved.slot)} {name}", tone=Tone.DONE), subject=f"visit:{saved.id}")
