"""The morning cards: three lines for a rep (route, one risk, one chance), yesterday and today for a manager (R107, M14)."""

from datetime import datetime, time, timedelta
from itertools import pairwise

from bot.command import Turn
from domain import cadence
from domain.follow import report_due
from domain.model import LIVE, OFFICE, Member, Visit
from handlers import _confirm, _daily, _leads, _tasks, _views
from handlers._daily import Morning

_ELSEWHERE = ("report", "confirm")
"""Tasks that have a card of their own."""


def _day(morning: Morning) -> tuple[datetime, datetime]:
    start = datetime.combine(morning.day, time(0), OFFICE)
    return start, start + timedelta(days=1)


def brief(turn: Turn, morning: Morning) -> None:
    """Everybody who has something today gets three lines at most; nobody on leave, nothing when there is nothing."""
    start, end = _day(morning)
    everybody = turn.tx.people.all()
    away = {x.member for x in turn.tx.leaves.of_many([m.id for m in everybody], start, end)}
    for who in everybody:
        visits = turn.tx.visits.of_person(who.id, start, end, statuses=("planned", "pending"))
        tasks = [t for t in turn.tx.tasks.open_of(who.id, due_before=end) if t.kind not in _ELSEWHERE]
        if who.id in away or not (visits or tasks) or _leads.is_muted(turn, who.id, "morning"):
            continue
        turn.readers = [who]
        heading = f"早上好：今天 {len(visits)} 个拜访" if visits else f"早上好：今天有 {len(tasks)} 项待办到期"
        lines = [_route(turn, visits) if visits else "、".join(t.title for t in tasks[:3])]
        lines += [x for x in (_risk(turn, who, visits), _chance(turn, who, visits, morning)) if x]
        for line in lines[:3]:
            morning.add(who.id, heading, line)
        turn.event("summary.sent", kind="morning", period=morning.day.isoformat(), to=who.id)


def _route(turn: Turn, visits: list[Visit]) -> str:
    stops = []
    for v in visits:
        customer = turn.tx.customers.get(v.customer)
        city = customer.city if customer and v.mode == "onsite" else _views.MODES.get(v.mode, "")
        stops.append(f"{_views.clock(v.start)} {_views.label(turn, v)}" + (f"（{city}）" if city else ""))
    return "行程：" + " → ".join(stops)


def _risk(turn: Turn, who: Member, visits: list[Visit]) -> str:
    """The one thing that may go wrong today: a report overdue, a tight gap, a visit still unconfirmed, a task due."""
    late = turn.tx.reports.missing([who.id], turn.now - timedelta(days=30), turn.now)
    overdue = [v for v in late if turn.now > report_due(v.end, turn.rules.report_due_hours)]
    if overdue:
        return f"注意：{len(overdue)} 份纪要逾期，最早的是 {_views.day(overdue[0].start)} {_views.label(turn, overdue[0])}"
    for a, b in pairwise(visits):
        gap = int((b.start - a.end).total_seconds() // 60)
        need = turn.rules.travel_min if a.mode == b.mode == "onsite" else turn.rules.buffer_min
        if gap <= need and a.mode == b.mode == "onsite":
            return f"注意：{_views.label(turn, a)}到{_views.label(turn, b)}只有 {max(gap, 0)} 分钟在路上"
    for v in visits:
        if (how := str(_confirm.state(turn, v.id).get("how") or "yes")) != "yes" and not _confirm.moved(turn, v):
            said = "客户要改时间" if how == "changed" else "客户没有回复确认，出发前请再联系"
            return f"注意：{_views.clock(v.start)} {_views.label(turn, v)}{said}"
    waiting = next((v for v in visits if v.status == "pending"), None)
    if waiting is not None:
        return f"注意：{_views.clock(waiting.start)} {_views.label(turn, waiting)}还在等审批"
    tasks = [t for t in turn.tx.tasks.open_of(who.id, due_before=turn.now + timedelta(hours=16)) if t.kind not in _ELSEWHERE]
    if visits and tasks:
        return f"注意：今天到期 {_tasks.line(turn, tasks[0])}"
    unsure = next((v for v in visits if turn.tx.tasks.of_visit(v.id, kind="confirm")), None)
    return f"注意：{_views.clock(unsure.start)} {_views.label(turn, unsure)}还没有和客户确认" if unsure else ""


def _chance(turn: Turn, who: Member, visits: list[Visit], morning: Morning) -> str:
    """An overdue A or B customer on today's way, else the one that has waited longest."""
    today = {v.customer for v in visits}
    known = turn.tx.customers.many(list(today))
    cities = {c.city for c in known.values() if c.city}
    waiting = [
        o
        for c in turn.tx.customers.owned_by(who.id)
        if c.id not in today and c.grade in ("A", "B") and (o := cadence.overdue(c, turn.rules, morning.day))
    ]
    if not waiting:
        return ""
    best = min(waiting, key=lambda o: (o.customer.city not in cities, o.customer.grade, -o.days))
    near = f"就在{best.customer.city}，" if best.customer.city in cities else ""
    return f"机会：{best.customer.short}（{best.customer.grade}）{near}{best.days} 天没有联系"


def managers(turn: Turn, morning: Morning) -> None:
    """A manager's card: visits missed since the last morning, overdue reports, what waits for his word, today's visits."""
    start, end = _day(morning)
    missed = _missed(turn, morning)
    everybody = turn.tx.people.all()
    bosses = {m.manager for m in everybody}
    for boss in (m for m in everybody if m.id in bosses):
        team = [m.id for m in turn.tx.people.reports_of(boss.id)]
        direct = {m.id for m in everybody if m.manager == boss.id}
        turn.readers = [boss]
        lines = [
            f"漏访：{_views.name(turn, v.rep)} {_views.span(v.slot)} {_views.label(turn, v)}" for v in missed if v.rep in direct
        ]
        late = [
            v
            for v in turn.tx.reports.missing(sorted(direct), turn.now - timedelta(days=30), turn.now)
            if turn.now > report_due(v.end, turn.rules.report_due_hours)
        ]
        if late:
            lines.append(f"纪要逾期 {len(late)} 份：{_views.names(turn, dict.fromkeys(v.rep for v in late))}")
        if waiting := len(turn.tx.approvals.waiting_for(boss.id)):
            lines.append(f"待您审批 {waiting} 件")
        today = turn.tx.visits.of_people(team, start, end, statuses=LIVE) if team else []
        if today:
            lines.append(f"今天团队 {len(today)} 个拜访：{_views.names(turn, dict.fromkeys(v.rep for v in today))}")
        for line in lines:
            morning.add(boss.id, "团队晨报", line, warn=any(v.rep in direct for v in missed))
        if lines:
            turn.event("summary.sent", kind="manager_morning", period=morning.day.isoformat(), to=boss.id)


def _missed(turn: Turn, morning: Morning) -> list[Visit]:
    """The visits that turned missed since the last morning and still are."""
    events = turn.tx.log.named(["visit.missed"], morning.since, turn.now + timedelta(seconds=1))
    ids = [str(v.get("id")) for e in events if isinstance(v := e.data.get("visit"), dict)]
    return sorted((v for v in turn.tx.visits.many(ids).values() if v.status == "missed"), key=lambda v: v.start)


_daily.CHECKS += [brief, managers]
