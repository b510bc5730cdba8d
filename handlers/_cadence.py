"""Morning checks on customers: overdue contacts, the way to the pool, the monthly A visit (R99, R100, R112–R115)."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot import says
from bot.cards import Button
from bot.command import Turn
from domain import cadence
from domain.follow import Task
from domain.model import OFFICE, Customer
from handlers import _daily, _tasks, _views
from handlers._daily import Morning

CHANGES = ("customer.created", "customer.updated", "customer.claimed", "customer.transferred", "customer.merged")


def overdue_line(turn: Turn, o: cadence.Overdue, *, owner: bool = False) -> str:
    """青禾（A）逾期：8 天没有跟进，上次 6月3日 周三."""
    who = f"，负责人{_views.name(turn, o.customer.owner)}" if owner else ""
    last = "上次" if o.customer.last_followup else "录入"
    return f"{o.customer.short}（{o.customer.grade}）{o.words}：{o.days} 天没有跟进，{last} {_views.day(o.last)}{who}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), OFFICE)


def _candidates(turn: Turn, morning: Morning) -> Iterable[Customer]:
    """Customers that crossed their line since the last morning, and those changed since (regraded, handed over)."""
    tx, ids = turn.tx, list[str]()
    for grade, days in turn.rules.cadence_days.items():
        first = _midnight(morning.last - timedelta(days=days - 1))
        until = _midnight(morning.day - timedelta(days=days - 1))
        ids += tx.followups.silent((grade,), first, until)
    events = tx.log.named(CHANGES, morning.since, turn.now + timedelta(seconds=1))
    ids += [str(c.get("id")) for e in events if isinstance(c := e.data.get("customer"), dict)]
    return tx.customers.many(ids).values()


def check_cadence(turn: Turn, morning: Morning) -> None:
    """Each customer whose cadence ran out: its owner is told once; a valid follow-up starts the clock anew (R100)."""
    hits = [o for c in _candidates(turn, morning) if (o := cadence.overdue(c, turn.rules, morning.day))]
    for o in sorted(hits, key=lambda o: (o.customer.grade, -o.days)):
        c = o.customer
        if c.owner is None or not turn.tx.jobs.once(f"cadence-{c.id}-{c.grade}-{c.owner}-{o.last}"):
            continue
        buttons = (
            Button(f"约{c.short}"[:10], says.write("visit.book", customer_id=c.id)),
            Button(f"跟进{c.short}"[:10], says.write("followup.start", customer_id=c.id)),
        )
        morning.add(c.owner, "这些客户该联系了", overdue_line(turn, o), *buttons, warn=True)
        turn.event("reminder.sent", kind="cadence", customer=c.id, to=c.owner, late=False)


def check_pool(turn: Turn, morning: Morning) -> None:
    """`pool_warn_days` (7, 3, 1) before a customer goes to the pool its owner is warned, each step once."""
    rules, ids = turn.rules, list[str]()
    for grade, days in rules.pool_days.items():
        for ahead in rules.pool_warn_days:
            shift = timedelta(days=ahead - days + 1)
            ids += turn.tx.followups.silent((grade,), _midnight(morning.last + shift), _midnight(morning.day + shift))
        ids += turn.tx.followups.protected_from((grade,), morning.day - timedelta(days=days))
    for c in turn.tx.customers.many(ids).values():
        day, step = cadence.pool_day(c, rules), cadence.warn_step(c, rules, morning.day)
        if day is None or step is None or c.owner is None or day - timedelta(days=step) <= morning.last:
            continue
        left = (day - morning.day).days
        turn.event("alert.raised", kind="pool_warning", subject={"customer": c.id}, to=[c.owner], days=left)
        line = f"{c.short}（{c.grade}）还有 {left} 天进公海（{_views.day(day)}），跟进或拜访后重新计时"
        button = Button(f"跟进{c.short}"[:10], says.write("followup.start", customer_id=c.id))
        morning.add(c.owner, "公海预警", line, button, warn=True)


def check_monthly(turn: Turn, morning: Morning) -> None:
    """On the month's first workday each A customer without a visit planned this month gets a task for its owner (R99)."""
    first = morning.day.replace(day=1)
    opening = first if turn.calendar.is_workday(first) else turn.calendar.next_workday(first)
    if not morning.last < opening <= morning.day:
        return
    following = (first + timedelta(days=32)).replace(day=1)
    month = _midnight(first), _midnight(following)
    ids = turn.tx.followups.silent(("A",), None, turn.now + timedelta(days=1))
    for c in turn.tx.customers.many(ids).values():
        if c.owner is None or turn.tx.visits.at_customer_between(c.id, *month, statuses=("planned", "pending", "done")):
            continue
        if turn.tx.tasks.of_customer(c.id, kind="monthly_visit"):
            continue
        due = _tasks.end_of(turn.calendar.last_workday_up_to(following - timedelta(days=1)))
        title = f"{first.month}月拜访{c.short}（A类月度拜访）"
        _tasks.create(turn, Task("", title, c.owner, due, c.id, "", "monthly_visit", by="system"))
        button = Button(f"约{c.short}"[:10], says.write("visit.book", customer_id=c.id))
        morning.add(c.owner, f"{first.month}月的A类拜访任务", f"{c.short}：本月还没有安排拜访，{_views.day(due)} 前完成", button)


_daily.CHECKS += [check_cadence, check_pool, check_monthly]
