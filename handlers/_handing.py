"""Handing customers on: who gives, who takes, what goes along; the preview, and carrying it out in one transaction (R64)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain.model import OFFICE, Customer, Member, Visit
from domain.refusal import NotFound, Stale
from handlers import _after, _owners, _views, _who
from nlp.said import Said

MOST = 8


def members(turn: Turn, wanted: Sequence[str], said: Said) -> list[Member] | Reply:
    """The colleagues named, the asker included; or the question which of two of one name is meant."""
    options = turn.said.hints.get("people_ids")
    lists = [list(map(str, x)) for x in options] if isinstance(options, list | tuple) else []
    out: list[Member] = []
    for i, spoken in enumerate(wanted):
        ids = lists[i] if i < len(lists) else []
        found = [m for p in ids if (m := turn.tx.people.get(p))] if ids else turn.tx.people.named(spoken)
        if not found:
            raise NotFound(f"没找到同事「{spoken}」，没有改动", "请写全名再试。")
        if len(found) > 1:
            return _who.which_person(turn, found, spoken, i, said)
        out.append(found[0])
    return list(dict.fromkeys(out))


@dataclass(frozen=True, slots=True)
class Move:
    """One customer, who has it, who takes it."""

    customer: str
    owner: str | None
    to: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A handover as the preview shows it; `giver` is set when somebody hands everything over; `at` = when it takes effect."""

    moves: tuple[Move, ...]
    reason: str
    giver: str = ""
    at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        moves = [[m.customer, m.owner, m.to] for m in self.moves]
        return {"moves": moves, "reason": self.reason, "giver": self.giver, "at": self.at.isoformat() if self.at else ""}

    @property
    def takers(self) -> list[str]:
        """Those who take something, each once."""
        return list(dict.fromkeys(m.to for m in self.moves))


def plan_of(data: Mapping[str, object]) -> Plan:
    """The plan that `as_json` wrote."""
    moves = tuple(Move(*m) for m in data["moves"])  # type: ignore[attr-defined]
    at = str(data["at"] or "")
    return Plan(moves, str(data["reason"]), str(data["giver"]), datetime.fromisoformat(at) if at else None)


def share(turn: Turn, customers: Sequence[Customer], takers: Sequence[Member]) -> tuple[Move, ...]:
    """Each customer to who has the fewest, A first, so that nobody gets much more than the others (D25)."""
    holding = {m.id: len(turn.tx.customers.owned_by(m.id)) if len(takers) > 1 else 0 for m in takers}
    moves = []
    for c in sorted(customers, key=lambda c: (c.grade or "Z", c.id)):
        to = min(takers, key=lambda m: holding[m.id])
        holding[to.id] += 1
        moves.append(Move(c.id, c.owner, to.id))
    return tuple(moves)


def present(turn: Turn, people: Sequence[Member]) -> list[Member]:
    """Those who are not on leave today."""
    day = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    away = {x.member for x in turn.tx.leaves.of_many([m.id for m in people], turn.now, day + timedelta(days=1))}
    return [m for m in people if m.id not in away]


# ---------------------------------------------------------------------- the preview
def preview(turn: Turn, plan: Plan, what: str) -> Reply:
    """What will move and what clashes; nothing changes before 确认."""
    known = turn.tx.customers.many([m.customer for m in plan.moves])
    blocks: list[Block] = [Facts(tuple(_sums(turn, plan, known)))]
    names = [f"{known[m.customer].name}{_taker(turn, plan, m)}" for m in plan.moves if m.customer in known]
    blocks.append(Items(tuple(names[:MOST])))
    if len(names) > MOST:
        blocks.append(Text(f"等共 {len(names)} 家。"))
    clash = [v for v, to in visits_of(turn, plan) if turn.tx.visits.busy([to], v.slot, but=v.id)]
    if clash:
        stays = "会一并转交并标出，请接手人改期" if plan.giver else "会留给原负责人改期"
        blocks.append(Text(f"有 {len(clash)} 次拜访和接手人的日程冲突，{stays}："))
        blocks.append(Items(tuple(_views.visit_line(turn, v, with_day=True) for v in clash[:5])))
    draft = turn.ask(turn.said.with_slots(draft=None), "confirm", plan=plan.as_json())
    buttons = [Button("确认", says.write("owner.hand", draft=draft.id), "primary")]
    if plan.at is not None:
        buttons.append(Button("立即生效", says.write("owner.hand", draft=draft.id, at_once=True)))
    if plan.giver and len(plan.takers) == 1 and len(mates(turn, plan.giver)) > 1 and len(plan.moves) > 1:
        buttons.append(Button("平均分给组内", says.write("owner.split", draft=draft.id)))
    buttons.append(Button("算了", says.write("draft.drop", draft=draft.id)))
    when = f"{_views.moment(plan.at)} 生效" if plan.at else "确认后生效"
    return Reply(Card(f"{what}：{when}，现在还没有改动", tuple(blocks), tuple(buttons), Tone.WARN), subject=f"draft:{draft.id}")


def _taker(turn: Turn, plan: Plan, move: Move) -> str:
    return f" → {_views.name(turn, move.to)}" if len(plan.takers) > 1 else ""


def _sums(turn: Turn, plan: Plan, known: Mapping[str, Customer]) -> list[tuple[str, str]]:
    rows = [("客户", f"{len(known)} 家"), ("待进行拜访", f"{len(visits_of(turn, plan))} 次")]
    if tasks := tasks_of(turn, plan):
        rows.append(("待办", f"{tasks} 件"))
    for to in plan.takers:
        cap = turn.rules.holding_cap
        holding = len(turn.tx.customers.owned_by(to)) + sum(m.to == to for m in plan.moves)
        over = "，超过上限，建议分给几个人" if holding > cap else ""
        rows.append((f"{_views.name(turn, to)}接手后持有", f"{holding}/{cap}{over}"))
    return rows


def visits_of(turn: Turn, plan: Plan) -> list[tuple[Visit, str]]:
    """The standing visits that go along, each with who takes it."""
    known = turn.tx.customers.many([m.customer for m in plan.moves])
    out = [
        (v, m.to)
        for m in plan.moves
        if m.owner and m.customer in known
        for v in _owners.open_visits(turn, m.owner, known[m.customer])
    ]
    if plan.giver:
        there = {v.id for v, _ in out}
        out += [(v, plan.takers[0]) for v in _own_visits(turn, plan.giver) if v.id not in there and v.rep == plan.giver]
    return out


def tasks_of(turn: Turn, plan: Plan) -> int:
    """How many open tasks go along."""
    if plan.giver:
        return len(turn.tx.tasks.open_of(plan.giver))
    return sum(t.assignee == m.owner for m in plan.moves for t in turn.tx.tasks.of_customer(m.customer))


def _own_visits(turn: Turn, person: str) -> list[Visit]:
    found = turn.tx.visits.of_person(person, turn.now, turn.now + _owners.AHEAD, statuses=_owners.STANDING)
    return [v for v in found if v.start > turn.now]


def mates(turn: Turn, giver: str) -> list[Member]:
    """The reps of somebody's team who are here today."""
    member = turn.tx.people.get(giver)
    team = turn.tx.people.team(member.team) if member and member.team else []
    return present(turn, [m for m in team if m.id != giver and not m.role.leads])


# ---------------------------------------------------------------------- carrying it out
def carry_out(turn: Turn, plan: Plan) -> tuple[list[Customer], list[str]]:
    """Hand everything on; the customers that went over, and those left because their owner has changed. Tells both sides."""
    moved: list[tuple[Customer, _owners.Moved, Member]] = []
    left: list[str] = []
    for move in (m for m in all_moves(turn, plan) if m.customer):
        c, to = turn.tx.customers.get(move.customer), turn.tx.people.get(move.to)
        if c is None or to is None or c.owner != move.owner or c.status in ("merged", "void"):
            left.append(c.short if c else move.customer)
            continue
        moved.append((c, _owners.transfer(turn, c, to, plan.reason, force=bool(plan.giver)), to))
    if plan.giver and (heir := turn.tx.people.get(plan.takers[0])):
        _the_rest(turn, plan.giver, heir)
    if len(moved) == 1 and not plan.giver:
        before, done, to = moved[0]
        _owners.tell_both(turn, before.owner, to, done, plan.reason)
    else:
        _tell(turn, plan, moved)
    return [done.customer for _, done, _ in moved], left


def all_moves(turn: Turn, plan: Plan) -> list[Move]:
    """The plan's moves; of a leaver also what came to him since, so that nothing stays behind."""
    planned = {m.customer for m in plan.moves}
    later = turn.tx.customers.owned_by(plan.giver) if plan.giver else []
    return [*plan.moves, *(Move(c.id, plan.giver, plan.takers[0]) for c in later if c.id not in planned)]


def _the_rest(turn: Turn, giver: str, heir: Member) -> None:
    """What a leaver has beside his own customers: visits elsewhere, company on others' visits, co-ownership, tasks, requests."""
    for visit in _own_visits(turn, giver):
        if visit.rep == giver:
            _owners.hand_visit(turn, visit, heir, force=True)
        else:
            _replace_companion(turn, visit, giver, heir)
    for c in turn.tx.customers.helped_by(giver):
        others = tuple(p for p in c.co_owners if p != giver)
        if heir.id not in (c.owner, *others):
            others = (*others, heir.id)
        saved = turn.tx.customers.put(replace(c, co_owners=others))
        turn.event("customer.updated", customer=_views.customer_json(saved))
    turn.tx.tasks.hand_over(giver, heir.id)
    for approval in turn.tx.approvals.waiting_for(giver):
        above = [m.id for m in turn.tx.people.managers_above(giver) if m.id != approval.by][:1]
        approvers = tuple(dict.fromkeys([*(p for p in approval.approvers if p != giver), *above]))
        if approvers:
            turn.tx.approvals.pass_on(approval.id, approvers, approval.expires)


def _replace_companion(turn: Turn, visit: Visit, giver: str, heir: Member) -> None:
    """Somebody else goes along instead when his time allows it; the visit stands either way."""
    free = heir.id not in visit.people and not turn.tx.visits.busy([heir.id], visit.slot, but=visit.id)
    people = tuple(p for p in visit.participants if p != giver) + ((heir.id,) if free else ())
    saved = turn.tx.visits.save(replace(visit, participants=people), visit.version, at=turn.now, by=turn.me.id, why="handed over")
    customer = turn.tx.customers.get(visit.customer)
    if saved is not None and customer is not None:
        _after.people_changed(turn, visit, saved, customer)


def _tell(turn: Turn, plan: Plan, moved: Sequence[tuple[Customer, _owners.Moved, Member]]) -> None:
    """One card each for a whole handover."""
    givers = dict.fromkeys(p for p in (plan.giver, *(c.owner for c, _, _ in moved)) if p)
    for to in plan.takers:
        mine = [(c, done) for c, done, taker in moved if taker.id == to]
        names = Items(tuple(f"{done.customer.name}（{done.customer.stage or '未定阶段'}）" for _, done in mine[:15]))
        visits = [v for _, done in mine for v in done.visits]
        clash = [v for v in visits if v.overlap_ok]
        lines = [Text(f"待进行的拜访 {len(visits)} 次已转到您名下。")] if visits else []
        if clash:
            when = "；".join(_views.span(v.slot) for v in clash[:5])
            lines.append(Text(f"和您日程冲突，请改期：{when}"))
        card = Card(f"{len(mine)} 家客户转到您名下", (names, *lines, Text("请按等级尽快联系；跟进历史都在。")), tone=Tone.DONE)
        if to != turn.me.id and mine:
            turn.tell(to, card)
    for giver in givers:
        theirs = [(c, to) for c, _, to in moved if c.owner == giver]
        lines2 = Items(tuple(f"{c.name} → {to.name}" for c, to in theirs[:15]))
        if giver != turn.me.id and giver not in plan.takers:
            turn.tell(giver, Card(f"您的 {len(theirs)} 家客户已转交", (lines2,)))


def finish(turn: Turn, plan: Plan) -> Card:
    """Carry a plan out and say what came of it. Raises Stale when nothing of it fits any more."""
    moved, left = carry_out(turn, plan)
    if not moved and not plan.giver:
        raise Stale("这些客户的负责人刚刚有变动，没有改动")
    blocks: list[Block] = [
        Items(tuple(f"{c.name} → {_views.name(turn, c.owner)}" for c in moved[:MOST])),
        Text("待进行的拜访、待办和提醒已一并转交，双方都已通知。"),
    ]
    if left:
        blocks.append(Items(tuple(f"{x}：负责人刚有变动，没有转" for x in left)))
    return Card(f"已转交{_views.names(turn, plan.takers)}：{len(moved)} 家客户", tuple(blocks), tone=Tone.DONE)
