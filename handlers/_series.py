"""定期拜访：每个日期都查冲突，一张表、一次确认（sentence 10, D3）。"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain.model import OFFICE, Customer, Member, Slot, When
from domain.refusal import Refusal
from domain.workdays import DayKind
from handlers import _plan, _views
from nlp.said import Said

MOST = 24
HORIZON = timedelta(days=92)
"""Without an end a series is laid out for three months."""


class Wished(Protocol):
    """What a series needs from a booking."""

    @property
    def time(self) -> When | None: ...
    @property
    def duration_min(self) -> int | None: ...
    @property
    def purpose(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def location(self) -> str: ...


def occurrences(when: When, now: datetime) -> list[datetime]:
    """The moments of a recurrence (contract.md section 5 `recur`), at most MOST, within its count, until or HORIZON."""
    recur, first = when.recur or {}, when.start
    clock = recur.get("time")
    if first is None or not clock:
        return []
    at = time.fromisoformat(str(clock))
    until = datetime.fromisoformat(str(recur["until"])) if recur.get("until") else first + HORIZON
    if until.tzinfo is None:
        until = until.replace(tzinfo=OFFICE) + timedelta(days=1)  # `until` names the last day
    count = min(int(str(recur.get("count") or MOST)), MOST)
    out: list[datetime] = []
    day, start = first.astimezone(OFFICE).date(), first.astimezone(OFFICE).date()
    while len(out) < count and datetime.combine(day, at, OFFICE) < until:
        if _fits(day, start, recur) and (moment := datetime.combine(day, at, OFFICE)) > now:
            out.append(moment)
        day += timedelta(days=1)
    return out


def _fits(day: date, start: date, recur: dict[str, object]) -> bool:
    freq, interval = str(recur.get("freq")), int(str(recur.get("interval") or 1))
    byday = [int(x) for x in recur.get("byday") or ()]  # type: ignore[attr-defined]
    bymonthday = [int(x) for x in recur.get("bymonthday") or ()]  # type: ignore[attr-defined]
    if byday and day.isoweekday() not in byday:
        return False
    if freq == "DAILY":
        return (day - start).days % interval == 0
    if freq == "WEEKLY":
        monday, first = day - timedelta(days=day.weekday()), start - timedelta(days=start.weekday())
        return (monday - first).days // 7 % interval == 0 and (bool(byday) or day.weekday() == start.weekday())
    if freq == "MONTHLY":
        months = (day.year - start.year) * 12 + day.month - start.month
        if months % interval or (bymonthday and day.day not in bymonthday):
            return False
        nth = recur.get("nth")
        if byday and nth:
            last = (day + timedelta(days=7)).month != day.month
            return last if int(str(nth)) == -1 else (day.day - 1) // 7 + 1 == int(str(nth))
        return bool(bymonthday) or day.day == start.day
    return freq == "YEARLY" and (day.month, day.day) == (start.month, start.day)


def off_holidays(turn: Turn, moments: Sequence[datetime]) -> list[tuple[datetime, datetime]]:
    """(planned, proposed): a day off moves to the next workday, which the table shows."""
    out = []
    for t in moments:
        day = t.date()
        if turn.calendar.kind(day) is DayKind.HOLIDAY:
            day = turn.calendar.next_workday(day)
        out.append((t, datetime.combine(day, t.timetz())))
    return out


def preview(turn: Turn, ask: Wished, said: Said, customer: Customer, people: Sequence[Member]) -> Reply:
    """The table of all dates, each checked, with one 确认."""
    if ask.time is None or not (moments := occurrences(ask.time, turn.now)):
        draft = turn.ask(said, "time")
        return Reply(Card("定期拜访在几点？还没保存", (Text("例如：每周三上午10点。"),)), subject=f"draft:{draft.id}")
    minutes = ask.duration_min or turn.rules.default_visit_min
    plans, lines = [], []
    for planned, proposed in off_holidays(turn, moments):
        slot = Slot(proposed, proposed + timedelta(minutes=minutes))
        plan = _plan.Plan(
            "book", customer.id, turn.me.id, slot.start.isoformat(), slot.end.isoformat(), tuple(p.id for p in people),
            mode=ask.mode or "onsite", purpose=ask.purpose, contact=ask.contact, location=ask.location, source="series",
        )  # fmt: skip
        checked = _plan.check(turn, plan)
        note = f"（原 {_views.day(planned)} 是{turn.calendar.holiday_name(planned.date())}，顺延）" if planned != proposed else ""
        kinds = [k for k in checked.verdict.kinds if k != "customer_window"]
        if checked.verdict.hard or checked.verdict.approval:
            _plan.refuse(turn, checked)
            lines.append(f"{_views.span(slot)}：{_plan.short_kinds(checked.verdict.kinds)}，这次不约{note}")
            continue
        plans.append(plan)
        lines.append(f"{_views.span(slot)}{'：' + _plan.short_kinds(tuple(kinds)) if kinds else ''}{note}")
    return confirm_many(turn, plans, lines, f"{customer.short}定期拜访")


def confirm_many(turn: Turn, plans: Sequence[_plan.Plan], lines: Sequence[str], what: str) -> Reply:
    """Several bookings at once: shown, then asked once."""
    if not plans:
        return Reply(Card(f"{what}：没有能约的日期，没有保存", (Items(tuple(lines)),), tone=Tone.WARN))
    data = [p.as_json() for p in plans]
    draft = turn.ask(Said("visit.book_all"), "confirm", plans=data)
    buttons = (
        Button("确认", says.write("visit.book_all", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    title = f"{what}：{len(plans)} 次，确认后一起保存"
    return Reply(Card(title, (Items(tuple(lines)),), buttons), subject=f"draft:{draft.id}")


def book_all(turn: Turn, plans: Sequence[_plan.Plan]) -> Reply:
    """Write what was confirmed; each is checked again, one that became impossible is named and left."""
    done, left = [], []
    series = f"s{turn.now:%y%m%d%H%M%S}" if len(plans) > 1 else ""
    for plan in plans:
        checked = _plan.check(turn, replace(plan, series=series))
        if checked.verdict.level in ("hard", "approval") or checked.plan.slot.start < turn.now:
            left.append(f"{_views.span(plan.slot)}：{_plan.short_kinds(checked.verdict.kinds) or '时间已过'}，没有保存")
            continue
        visit = _plan.carry_out(turn, checked)
        done.append(_views.visit_line(turn, visit, with_day=True))
    if not done:
        raise Refusal("一次都没有保存", *left)
    blocks = [Items(tuple(done))]
    if left:
        blocks.append(Items(tuple(left)))
    facts = Facts((("共", f"{len(done)} 次"),))
    return Reply(Card(f"已预约 {len(done)} 次拜访", (facts, *blocks), tone=Tone.DONE))
