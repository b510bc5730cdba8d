"""What the API, exports and the web console may ask: the same rights as in the chat, JSON instead of cards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.command import Turn
from bot.errands import Do
from bot.web.look import Answer, Look
from domain import kpi
from domain.model import Customer, Slot, When
from domain.permissions import HIDDEN_CUSTOMER
from domain.refusal import NotFound, Refusal
from handlers import _customers, _data_shown, _event_shown, _figures, data_console
from handlers._books import Scope
from handlers._data_tables import TABLES

PAGE = 100
MOST = 1000
_SCAN = 500


@dataclass(frozen=True, slots=True)
class One:
    """An object by its id."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Visits:
    """Which visits; `cursor` is the `next` of the page before."""

    start: datetime | None = None
    end: datetime | None = None
    rep: str = ""
    customer: str = ""
    status: str = ""
    limit: int = PAGE
    cursor: str = ""


def visits(ask: Visits, turn: Turn) -> Answer:
    """Everybody's visits by start; asked for by customer, one that is hidden from the asker is left out."""
    after = _place(ask.cursor)
    statuses = () if ask.status in ("", "all") else (ask.status,)
    rows = turn.tx.pages.visits(
        start=ask.start, end=ask.end, rep=ask.rep, customer=ask.customer, statuses=statuses, after=after, limit=ask.limit + 1
    )
    page = rows[: ask.limit]
    known = turn.tx.customers.many(list({v.customer for _, v in page}))
    items = [_data_shown.visit(turn, v, known.get(v.customer)) for _, v in page]
    if ask.customer:
        items = [i for i in items if i["customer_name"] != HIDDEN_CUSTOMER]
    more = len(rows) > len(page)
    return {"items": items, "next": f"{page[-1][0][0]}.{page[-1][0][1]}" if more else None}


def _place(cursor: str) -> tuple[int, int] | None:
    first, _, last = cursor.partition(".")
    if not cursor:
        return None
    try:
        return int(first), int(last)
    except ValueError:
        raise Refusal("cursor 要原样使用上一页返回的 next") from None


def visit(ask: One, turn: Turn) -> Answer:
    """One visit."""
    found = turn.tx.visits.get(ask.id)
    if found is None:
        raise NotFound("没有这次拜访")
    return _data_shown.visit(turn, found)


@dataclass(frozen=True, slots=True)
class Customers:
    """Which customers; owner "pool" = those of the pool."""

    owner: str = ""
    status: str = ""
    stage: str = ""
    grade: str = ""
    city: str = ""
    name: str = ""
    limit: int = PAGE
    cursor: str = ""


def customers(ask: Customers, turn: Turn) -> Answer:
    """Customers in the order of entry; a filter never tells what the asker may not see."""
    if ask.cursor and not ask.cursor.isdecimal():
        raise Refusal("cursor 要原样使用上一页返回的 next")
    last, items, more = int(ask.cursor or 0), list[dict[str, object]](), True
    owner = None if not ask.owner else "" if ask.owner == "pool" else ask.owner
    while more and len(items) < ask.limit:
        rows = turn.tx.pages.customers(after=last, limit=_SCAN, owner=owner, status=ask.status, city=ask.city, name=ask.name)
        more = len(rows) == _SCAN
        for n, (no, c) in enumerate(rows):
            last = no
            if _fits(turn, c, ask):
                items.append(_data_shown.customer(turn, c))
            if len(items) == ask.limit:
                more = more or n + 1 < len(rows)
                break
    return {"items": items, "next": str(last) if more else None}


def _fits(turn: Turn, c: Customer, ask: Customers) -> bool:
    shown = _data_shown.customer(turn, c)
    wanted = {"status": ask.status, "stage": ask.stage, "grade": ask.grade, "city": ask.city}
    return all(not value or shown.get(key) == value for key, value in wanted.items())


def customer(ask: One, turn: Turn) -> Answer:
    """One customer, by id or number (C-000001)."""
    found = turn.tx.customers.get(ask.id) or turn.tx.customers.by_code(ask.id)
    if found is None or found.status in ("void", "merged"):
        raise NotFound("没有这家客户")
    return _data_shown.customer(turn, found)


@dataclass(frozen=True, slots=True)
class Like:
    """A customer to look for."""

    name: str = ""
    phone: str = ""
    email: str = ""
    uscc: str = ""
    city: str = ""


def match(ask: Like, turn: Turn) -> Answer:
    """The duplicate check over all customers; of each only what everybody may know (R34)."""
    draft = Customer(
        "",
        ask.name,
        phones=(ask.phone,) if ask.phone else (),
        emails=(ask.email,) if ask.email else (),
        uscc=ask.uscc,
        city=ask.city,
    )
    out = []
    for m in _customers.check(turn, draft):
        c = turn.tx.customers.get(m.id)
        if c is not None:
            out.append({**_customers.match_json(m), "name": c.name, "owner": c.owner, "stage": c.stage})
    return {"matches": out}


@dataclass(frozen=True, slots=True)
class Events:
    """Events with greater ids than `after`."""

    after: int = 0
    limit: int = PAGE


def events(ask: Events, turn: Turn) -> Answer:
    """The log in order, as far as the asker may read it; `last` is where to go on, also when nothing of it was his."""
    mine = frozenset((turn.me.id, *(m.id for m in turn.tx.people.reports_of(turn.me.id))))
    items: list[dict[str, object]] = []
    last, more = ask.after, True
    for _ in range(20):
        rows = turn.tx.log.after(last, _SCAN)
        more = len(rows) == _SCAN
        for n, e in enumerate(rows):
            last = e.id
            if _data_shown.concerned(turn, e, mine):
                items.append(
                    {"id": e.id, "at": e.at.isoformat(), "name": e.name, "by": e.who, "data": _event_shown.shown(turn, e)}
                )
            if len(items) == ask.limit:
                more = more or n + 1 < len(rows)
                break
        if len(items) == ask.limit or not more:
            break
    return {"items": items, "next": str(last) if more else None, "last": last}


@dataclass(frozen=True, slots=True)
class Reminders:
    """Of one visit; without one, of the asker's visits in the next 30 days."""

    visit: str = ""


def reminders(ask: Reminders, turn: Turn) -> Answer:
    """Planned and sent visit reminders; only those concerned with the visit see them."""
    if ask.visit:
        found = turn.tx.visits.get(ask.visit)
        if found is None:
            raise NotFound("没有这次拜访")
        if _data_shown.visit(turn, found)["mode"] is None:
            return {"items": [], "next": None}
        rows = [found]
    else:
        rows = turn.tx.visits.of_person(turn.me.id, turn.now, turn.now + timedelta(days=30), statuses=("planned",))
    items: list[dict[str, object]] = []
    for v in rows:
        due = [j.due for j in turn.tx.jobs.of(f"visit:{v.id}") if j.kind == "visit_reminder"]
        for person in v.people:
            letter = turn.tx.mail.get(f"rem-{v.id}-{v.start:%y%m%d%H%M}-{person}")
            at = letter.created if letter and letter.created else due[0] if due else None
            if at is not None:
                items.append({"kind": "visit", "visit": v.id, "to": person, "at": at.isoformat(), "sent": letter is not None})
    return {"items": items, "next": None}


@dataclass(frozen=True, slots=True)
class Kpi:
    """Which figure, whose, when; without a metric all of them."""

    metric: str = ""
    start: datetime | None = None
    end: datetime | None = None
    rep: str = ""
    team: str = ""


def figures(ask: Kpi, turn: Turn) -> Answer:
    """Figures with numerator, denominator, definition and the rows behind them, for people the asker answers for."""
    if (ask.start is None) != (ask.end is None) or (ask.start and ask.end and ask.start >= ask.end):
        raise Refusal("from 和 to 要一起给，并且 from 早于 to")
    person = turn.tx.people.get(ask.rep) if ask.rep else None
    if ask.rep and person is None:
        raise NotFound("没有这位同事")
    who = _figures.scope(turn, [person] if person else [], ask.team)
    items = []
    for metric in [ask.metric] if ask.metric else kpi.NAMES:
        when = When("range", ask.start, ask.end) if ask.start else None
        slot = Slot(ask.start, ask.end) if ask.start and ask.end else _figures.period(turn, when, weekly=metric in kpi.WEEKLY)
        items.append(_figure(turn, metric, who, slot))
    return {"items": items, "next": None}


def _figure(turn: Turn, metric: str, who: Scope, slot: Slot) -> dict[str, object]:
    f = _figures.figure(turn, metric, who, slot)
    return {
        "metric": metric, "name": kpi.NAMES[metric], "scope": who.name, "from": slot.start.isoformat(), "to": slot.end.isoformat(),
        "value": f.part if metric == "visits" else f.rate, "part": f.part, "whole": f.whole, "shown": f.shown,
        "alarm": kpi.alarm(f, turn.rules), "definition": kpi.DEFINITIONS[metric], "rows": list(f.rows),
    }  # fmt: skip


LOOKS = {
    "visits": Look(Visits, visits),
    "visit": Look(One, visit),
    "customers": Look(Customers, customers),
    "customer": Look(One, customer),
    "match": Look(Like, match),
    "events": Look(Events, events),
    "reminders": Look(Reminders, reminders),
    "kpi": Look(Kpi, figures),
    **data_console.LOOKS,
}
"""By name, for bot/web."""


def doers() -> Mapping[str, Do]:
    """What to do for each kind of errand; loads what reads and writes tables."""
    from bot.sheets.errands import doers

    return doers(TABLES)


__all__ = ["LOOKS", "TABLES", "doers"]
