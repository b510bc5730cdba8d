"""Collecting the rows behind a figure for some people and a period; the formulas are domain/kpi.py's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards import Block, Card, Facts, Items, Text, Tone
from bot.command import Turn
from domain import kpi
from domain.follow import Followup, Report
from domain.model import LIVE, OFFICE, Customer, Member, Role, Slot, Visit, When
from domain.refusal import NotAllowed, NotFound
from handlers import _views

LONG = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: the people, and how they are called."""

    people: tuple[Member, ...]
    name: str
    everybody: bool = False

    @property
    def ids(self) -> list[str]:
        return [m.id for m in self.people]


def scope(turn: Turn, people: Sequence[Member], team: str) -> Scope:
    """A figure that names nobody is a rep's own, a manager's team's, a director's or admin's for all (contract 7b)."""
    tx, me = turn.tx, turn.me
    if people:
        found = tuple(people)
        for person in found:
            if person.id != me.id and not leads(turn, person.id):
                raise NotAllowed(f"无权：{person.name}的数据只有本人和主管能看", action="kpi.show", obj=person.id)
        return Scope(found, "、".join(p.name for p in found))
    if team:
        members = tx.people.team(team)
        if not members:
            raise NotFound(f"没有找到团队「{team}」")
        if me.role is Role.REP and me.team != team:
            raise NotAllowed(f"无权：{team}的数据只有该团队和主管能看", action="kpi.show", obj=team)
        return Scope(tuple(members), team)
    if me.role in (Role.DIRECTOR, Role.ADMIN):
        return Scope(tuple(tx.people.all()), "全公司", True)
    if me.role is Role.MANAGER:
        below = tx.people.reports_of(me.id)
        return Scope((me, *(m for m in below if m.id != me.id)), me.team or "团队")
    return Scope((me,), "您" if not turn.group else me.name)


def leads(turn: Turn, person: str) -> bool:
    """The asker answers for this person."""
    return turn.me.role in (Role.DIRECTOR, Role.ADMIN) or turn.me.id in _views.managers(turn, person)


def period(turn: Turn, when: When | None, *, weekly: bool) -> Slot:
    """The period asked about; this week or this month when none was said."""
    now = turn.now.astimezone(OFFICE)
    if when is not None and when.start is not None:
        end = when.end or when.start + timedelta(days=1)
        return Slot(when.start, end)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if weekly:
        start = day - timedelta(days=day.weekday())
        return Slot(start, start + timedelta(days=7))
    start = day.replace(day=1)
    return Slot(start, (start + timedelta(days=32)).replace(day=1))


def words(slot: Slot) -> str:
    """6月, 6月8日–6月14日 or one day."""
    first, last = slot.start.astimezone(OFFICE), (slot.end - timedelta(minutes=1)).astimezone(OFFICE)
    if first.day == 1 and (slot.end.astimezone(OFFICE).day == 1) and first.month == last.month:
        return f"{first.year}年{first.month}月"
    if first.date() == last.date():
        return _views.day(first)
    return f"{_views.day(first)}–{_views.day(last)}"


def customers(turn: Turn, who: Scope) -> list[Customer]:
    """Customers owned by these people; merged-away and void ones are no customers (R43)."""
    if who.everybody:
        return [c for c in turn.tx.customers.all() if c.status not in ("merged", "void")]
    return [c for m in who.people for c in turn.tx.customers.owned_by(m.id) if c.status not in ("merged", "void")]


def visits(turn: Turn, who: Scope, slot: Slot, statuses: Sequence[str] = (*LIVE, "cancelled")) -> list[Visit]:
    """Visits of these reps that begin in the period."""
    found = turn.tx.visits.between(slot.start, slot.end, statuses)
    ids = set(who.ids)
    return [v for v in found if (who.everybody or v.rep in ids) and slot.start <= v.start < slot.end]


def figure(turn: Turn, metric: str, who: Scope, slot: Slot) -> kpi.Figure:
    """One figure."""
    return _MAKERS[metric](turn, who, slot)


def _reports(turn: Turn, rows: Sequence[Visit]) -> dict[str, Report]:
    return turn.tx.reports.many([v.id for v in rows]) if rows else {}


def _visits(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    return kpi.done_visits(visits(turn, who, slot))


def _effective(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    rows = visits(turn, who, slot)
    return kpi.effective(rows, _reports(turn, rows))


def _report_timeliness(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    rows = visits(turn, who, slot)
    return kpi.report_timeliness(rows, _reports(turn, rows), turn.rules, turn.now)


def _conflicts(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    clashes = [c for c in turn.tx.conflicts.list(slot.start, slot.end) if who.everybody or c.rep in set(who.ids)]
    settled = {c.visit for c in clashes if c.visit and not c.draft.get("again")}
    events = [e.data.get("visit") for e in turn.tx.log.named(["visit.booked"], slot.start, slot.end)]
    rows = [v for v in events if isinstance(v, dict)]
    booked = {str(v.get("id")) for v in rows if who.everybody or v.get("rep") in set(who.ids)}
    return kpi.conflict_rate(clashes, len(booked - settled))


def _repeat(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    followups = followed(turn, who, slot)
    known = turn.tx.customers.many(list({f.customer for f in followups}))
    joint = frozenset(v.id for v in turn.tx.visits.many([f.visit for f in followups if f.visit]).values() if v.participants)
    return kpi.repeat_followups(followups, known, joint)


def followed(turn: Turn, who: Scope, slot: Slot) -> list[Followup]:
    """Follow-ups on customers that these people follow, whoever made them."""
    rows = turn.tx.followups.between(slot.start, slot.end, valid_only=True)
    if who.everybody:
        return rows
    ids = set(who.ids)
    touched = {f.customer for f in rows if f.by in ids}
    return [f for f in rows if f.customer in touched]


def _churn(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    return kpi.churn(customers(turn, who), slot)


def _coverage(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    return kpi.coverage(customers(turn, who), turn.rules, turn.now.astimezone(OFFICE).date())


def _timeliness(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    own = customers(turn, who)
    tasks = turn.tx.tasks.due_between(slot.start, slot.end, who.ids)
    rows: dict[str, list[Followup]] = {}
    if own:
        for f in turn.tx.followups.of_customers([c.id for c in own], slot.start - LONG, turn.now + timedelta(seconds=1)):
            rows.setdefault(f.customer, []).append(f)
    return kpi.timeliness(tasks, rows, own, turn.rules, slot, turn.now)


def _plan(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    planned = []
    for v in visits(turn, who, slot):
        states = turn.tx.visits.versions(v.id)
        seeded = bool(states) and states[0][4] in ("", "seed")
        before = [s for _, s, at, *_ in states if at <= slot.start]
        if (before and before[-1].status == "planned") or (seeded and not before):
            planned.append(v)
    return kpi.plan_completion(planned, turn.now)


def _conversion(turn: Turn, who: Scope, slot: Slot) -> kpi.Figure:
    done = [v for v in visits(turn, who, slot) if v.status == "done"]
    moves: dict[str, list[tuple[datetime, str, str]]] = {}
    for e in turn.tx.log.named(["customer.updated"], slot.start, slot.end + timedelta(days=kpi.CONVERSION_DAYS)):
        data = e.data.get("customer")
        if isinstance(data, dict) and (was := e.data.get("stage_was")):
            moves.setdefault(str(data["id"]), []).append((e.at, str(was), str(data.get("stage"))))
    known = turn.tx.customers.many(list({v.customer for v in done}))
    return kpi.conversion(done, moves, {i: c.stage for i, c in known.items()})


_MAKERS = {
    "visits": _visits, "effective_visits": _effective, "report_timeliness": _report_timeliness, "conflict_rate": _conflicts,
    "repeat_followup_rate": _repeat, "churn": _churn, "coverage": _coverage, "timeliness": _timeliness,
    "plan_completion": _plan, "conversion": _conversion,
}  # fmt: skip


def card(turn: Turn, figure: kpi.Figure, who: Scope, when: str) -> Card:
    """One figure as a card; names of customers only where all readers may see them."""
    over = kpi.alarm(figure, turn.rules)
    mark = "，超标" if over else ""
    title = f"{who.name}{when}{kpi.NAMES[figure.metric]}：{figure.shown}{mark}"
    rows = []
    if figure.metric != "visits" and figure.whole:
        rows.append(("算法", f"{figure.part} ÷ {figure.whole}"))
    if limit := kpi.limit_words(figure.metric, turn.rules):
        rows.append(("标准", limit.removeprefix("标准 ")))
    rows.append(("定义", kpi.DEFINITIONS[figure.metric]))
    blocks: list[Block] = [Facts(tuple(rows))]
    turn.because(f"{kpi.NAMES[figure.metric]}：{kpi.DEFINITIONS[figure.metric]}", f"{figure.part} ÷ {figure.whole}")
    lines = [] if turn.group else details(turn, figure)
    if lines:
        blocks.append(Items(tuple(lines[:8])))
    if over and figure.metric in kpi.ADVICE:
        blocks.append(Text(kpi.ADVICE[figure.metric]))
    return Card(title, tuple(blocks), tone=Tone.WARN if over else Tone.INFO)


def details(turn: Turn, figure: kpi.Figure) -> list[str]:
    """The rows behind the number, in words."""
    out = []
    for row in figure.rows[:8]:
        kind, _, key = row.rpartition(":")
        if kind == "task":
            task = turn.tx.tasks.get(key)
            out.append(f"{_views.name(turn, task.assignee)}：{task.title}" if task else "")
        elif customer := turn.tx.customers.get(key):
            owner = _views.name(turn, customer.owner) if customer.owner else "公海"
            out.append(f"{customer.short}（{owner}）")
        elif visit := turn.tx.visits.get(key):
            out.append(_views.visit_line(turn, visit, with_day=True, with_rep=True))
    return [x for x in out if x]
