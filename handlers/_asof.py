"""What was so at a moment, and who changed it: owners and visits as of then, from the log and the kept states (M15)."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

from bot.cards import Card, Items, Text
from bot.command import Reply, Turn
from domain.model import OFFICE, Customer, Visit
from handlers import _views
from nlp.times import find

_WHO = re.compile(r"谁.{0,12}(改|取消|挪|推迟|推后|提前|延后|换|动)|(改|取消|挪|动).{0,3}是谁")
_OWNED = ("customer.created", "customer.claimed", "customer.released", "customer.transferred", "customer.merged")
_BACK = timedelta(days=120)
MOST = 8


def asks_who(text: str) -> bool:
    """谁把会改到四点: a question about the history, never a wish to change anything."""
    return not text.startswith("/") and _WHO.search(text) is not None


def then(turn: Turn) -> datetime | None:
    """The moment in the past that a question is about: the end of that day, or the clock that was said."""
    past = []
    for span in find(turn.said.text, turn.now):
        if span.start is None or span.start >= turn.now:
            continue
        end = span.start if span.kind == "instant" else (span.end or span.start + timedelta(days=1))
        past.append(min(end, turn.now))
    return past[-1] if past else None


def owner_at(turn: Turn, customer: Customer, at: datetime) -> tuple[str | None, bool]:
    """Who owned the customer at a moment, and whether that is known (what a seed or import brought has no history before it)."""
    events = turn.tx.log.of_customer(customer.id, _OWNED)
    before = [e for e in events if e.at <= at]
    if before:
        last = before[-1]
        data = last.data.get("customer")
        owner = data.get("owner") if isinstance(data, dict) else None
        return (None if last.name == "customer.released" else str(owner) if owner else None), True
    if not events:
        return customer.owner, customer.created is None or customer.created <= at
    first = events[0]
    if first.name == "customer.transferred":
        giver = first.data.get("from")
        return (str(giver) if giver else None), True
    if first.name == "customer.released":
        giver = first.data.get("from")
        return (str(giver) if giver else None), bool(giver)
    return None, first.name == "customer.claimed"


def owner_reply(turn: Turn, customer: Customer, at: datetime) -> Reply:
    """蓝海 3月4日是谁的: the owner as of then, and since when it is otherwise."""
    owner, known = owner_at(turn, customer, at)
    day = _views.day(at - timedelta(seconds=1))
    if not known:
        return Reply(Card(f"{day}{customer.short}还没有录入，查不到当时的负责人"))
    said = _views.name(turn, owner) if owner else "公海"
    now = _views.name(turn, customer.owner) if customer.owner else "公海"
    changed = [] if owner == customer.owner else [Text(f"现在是{now}。")]
    turn.because(f"按归属记录查到 {day} 为止的最后一次变动")
    return Reply(Card(f"{day}{customer.short}的负责人是{said}" if owner else f"{day}{customer.short}在公海", tuple(changed)))


# ---------------------------------------------------------------------- visits
def visit_reply(turn: Turn, customers: list[Customer], day: datetime | None) -> Reply:
    """谁把会改到四点: each change of the visits meant, with who, when, from what to what; names and texts by right."""
    wanted = {c.id for c in customers}
    events = turn.tx.log.named(
        ["visit.rescheduled", "visit.cancelled", "visit.restored"], turn.now - _BACK, turn.now + timedelta(seconds=1)
    )
    ids = []
    for e in events:
        visit = e.data.get("visit")
        if isinstance(visit, dict) and (not wanted or visit.get("customer") in wanted):
            ids.append(str(visit["id"]))
    histories = turn.tx.visits.histories(list(dict.fromkeys(ids))[-50:])
    lines: list[tuple[datetime, str]] = []
    for states in histories.values():
        for (_, old, *_), (_, new, at, who, _why) in pairwise(states):
            near = day is None or any(v.start.astimezone(OFFICE).date() == day.astimezone(OFFICE).date() for v in (old, new))
            if near and (line := _change(turn, old, new, who)):
                lines.append((at, f"{_views.moment(at)} {line}"))
    if not lines:
        return Reply(Card("没有找到相关的改动记录，什么都没有改动"))
    lines.sort()
    shown = tuple(line for _, line in lines[-MOST:])
    return Reply(Card(f"最近一次：{shown[-1]}", (Items(shown),)))


def _change(turn: Turn, old: Visit, new: Visit, who: str) -> str:
    by, name = _views.name(turn, who), _views.label(turn, new)
    if new.status == "cancelled" and old.status != "cancelled":
        return f"{by}取消了{_views.moment(old.start)} {name}"
    if (old.start, old.end) != (new.start, new.end):
        return f"{by}把{name}从 {_views.moment(old.start)} 改到 {_views.moment(new.start)}"
    if old.status == "cancelled" != new.status:
        return f"{by}恢复了{_views.moment(new.start)} {name}"
    return ""
