"""What the web console shows, as JSON, with exactly the rights of the chat: the same scopes, labels and layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.command import Turn
from bot.web.look import Answer, Look
from domain import kpi
from domain.follow import CHANNEL_WORDS
from domain.model import LIVE, OFFICE, STAGES, Customer, Member, Slot, Visit
from domain.permissions import Layer, may_change_visit
from domain.refusal import NotFound
from handlers import _customers, _figure_card, _figures, _overview, _owners, _rows, _trends, _views
from handlers._books import Books, Scope

MOST_PEOPLE = 60
MOST_ROWS = 40
UNITS = ("week", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Week:
    """Which week (any moment in it), whose team; "*" is everybody."""

    at: datetime | None = None
    team: str = ""


def week(ask: Week, turn: Turn) -> Answer:
    """People × days; schedules are open to all members as time and short name (R157), details by right."""
    slot = _figures.current(ask.at or turn.now, "week")
    everybody = turn.tx.people.all()
    teams = sorted({m.team for m in everybody if m.team})
    team = ask.team if ask.team in (*teams, "*") else turn.me.team if turn.me.team in teams and not _sees_all(turn) else "*"
    people = [m for m in everybody if team in ("*", m.team)]
    ids = [m.id for m in people]
    visits = turn.tx.visits.of_people(ids, slot.start, slot.end, statuses=LIVE) if ids else []
    busy = {p for v in visits for p in v.people}
    shown = [m for m in people if m.id in busy or not m.role.leads][:MOST_PEOPLE]
    shown.sort(key=lambda m: (m.id != turn.me.id, m.team, m.name))
    leaves = turn.tx.leaves.of_many([m.id for m in shown], slot.start, slot.end)
    days = [slot.start.astimezone(OFFICE) + timedelta(days=n) for n in range(7)]
    today = turn.now.astimezone(OFFICE).date()

    def cell(member: Member, day: datetime) -> dict[str, object]:
        mine = sorted(
            (v for v in visits if member.id in v.people and day <= v.start < day + timedelta(days=1)), key=lambda v: v.start
        )
        away = any(x.member == member.id and x.start < day + timedelta(days=1) and x.end > day for x in leaves)
        return {"date": day.date().isoformat(), "away": away, "visits": [_visit(turn, v, member, mine) for v in mine]}

    rows = [{"id": m.id, "name": m.name, "cells": [cell(m, d) for d in days]} for m in shown]
    heads = [
        {"date": d.date().isoformat(), "name": f"周{_views.WEEK[d.weekday()]}", "day": f"{d.month}/{d.day}", "today": d.date() == today,
         "off": not turn.calendar.is_workday(d.date())}
        for d in days
    ]  # fmt: skip
    return {
        "start": slot.start.isoformat(),
        "words": _figures.words(slot),
        "days": heads,
        "people": rows,
        "teams": teams,
        "team": team,
        "count": len(visits),
    }


def _sees_all(turn: Turn) -> bool:
    return turn.me.role in ("director", "admin")


def _visit(turn: Turn, v: Visit, member: Member, others: list[Visit]) -> dict[str, object]:
    customer = turn.tx.customers.get(v.customer)
    open_ = _views.sees_details(turn, v)
    may = may_change_visit(turn.me, v, _views.managers(turn, v.rep)) and v.status in ("planned", "pending") and v.start > turn.now
    label = _views.label(turn, v, customer)
    return {
        "id": v.id, "name": label, "start": v.start.astimezone(OFFICE).isoformat(), "end": v.end.astimezone(OFFICE).isoformat(),
        "time": _views.clocks(v.slot), "state": v.status, "word": _views.STATUSES.get(v.status) or "待拜访", "version": v.version,
        "may": may and member.id == v.rep, "with": member.id != v.rep, "rep": _views.name(turn, v.rep),
        "clash": any(o.id != v.id and o.slot.overlaps(v.slot) for o in others),
        "customer": v.customer if label != "客户" else "",
        "rows": [list(r) for r in _views.visit_rows(turn, v, customer)] if customer and open_ else [],
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """Which period, counted back from now; `team` for those who may."""

    unit: str = "week"
    back: int = 0
    team: str = ""


def _scope(turn: Turn, team: str) -> Scope:
    return _figures.scope(turn, [], team)


def _slot(turn: Turn, ask: Period) -> Slot:
    return _figures.current(turn.now, ask.unit if ask.unit in UNITS else "week", max(0, min(ask.back, 60)))


def stages(ask: Period, turn: Turn) -> Answer:
    """Active customers by stage (R129)."""
    who = _scope(turn, ask.team)
    books = Books(turn, who, _figures.current(turn.now, "week"))
    stuck = set(_overview.stale(turn, books))
    active = [c for c in books.customers if c.status == "active"]
    columns = []
    for stage in STAGES:
        here = sorted((c for c in active if c.stage == stage), key=lambda c: (c.grade or "Z", c.short))
        items = [
            {"id": c.id, "name": c.short, "grade": c.grade, "owner": _views.name(turn, c.owner), "stale": c.id in stuck, "locked": c.locked,
             "last": _views.day(c.last_followup) if c.last_followup else ""}
            for c in here[:MOST_ROWS]
        ]  # fmt: skip
        columns.append({"stage": stage, "count": len(here), "items": items})
    return {
        "scope": who.name,
        "columns": columns,
        "count": len(active),
        "stale_days": turn.rules.stale_stage_days,
        "team": ask.team,
    }


def board(ask: Period, turn: Turn) -> Answer:
    """Every figure of the board with definition and rows, and the conflict rate's last weeks (R123, R141, R144)."""
    who, slot = _scope(turn, ask.team), _slot(turn, ask)
    books, items = Books(turn, who, slot), []
    for metric in _figure_card.BOARD:
        f = _figures.figure(turn, metric, who, slot, books)
        rows = [line for row in f.rows[:MOST_ROWS] if (line := _rows.line(turn, row))]
        items.append(
            {"metric": metric, "name": kpi.NAMES[metric], "shown": kpi.shown(f, turn.rules), "part": f.part, "whole": f.whole,
             "alarm": kpi.alarm(f, turn.rules), "limit": kpi.limit_words(metric, turn.rules), "definition": kpi.DEFINITIONS[metric],
             "rows_are": kpi.ROWS[metric], "rows": rows, "more": max(0, len(f.rows) - MOST_ROWS)}
        )  # fmt: skip
    trend = [
        {
            "label": _trends.label(s, "conflict_rate"),
            "rate": f.rate if f.whole >= _trends.DRAWN else None,
            "shown": f.shown,
            "whole": f.whole,
        }
        for s, f in _trends.series(turn, who, "conflict_rate")
    ]
    return {
        "scope": who.name,
        "words": _figures.words(slot),
        "items": items,
        "trend": trend,
        "unit": ask.unit,
        "back": ask.back,
        "team": ask.team,
    }


def conflicts(ask: Period, turn: Turn) -> Answer:
    """The conflicts of a period, how they ended, how long it took (R143)."""
    who, slot = _scope(turn, ask.team), _slot(turn, ask)
    items = []
    for c in reversed(Books(turn, who, slot).met):
        customer = turn.tx.customers.get(c.customer)
        others = [f"{_views.name(turn, str(o.get('rep')))} {_span(o)}" for o in c.others if o.get("rep")]
        items.append(
            {"at": _views.moment(c.at), "rep": _views.name(turn, c.rep), "customer": _rows.short(turn, customer) if customer else "客户",
             "kinds": [_rows.KINDS.get(k, k) for k in c.kinds], "hard": c.hard, "others": list(dict.fromkeys(others))[:4],
             "state": _rows.BY.get(c.by, "已解决") if c.resolved else "未解决", "open": not c.resolved,
             "took": round((c.resolved - c.at).total_seconds() / 60) if c.resolved else None}
        )  # fmt: skip
    return {"scope": who.name, "words": _figures.words(slot), "items": items[:200], "open": sum(1 for i in items if i["open"]), "count": len(items),
            "unit": ask.unit, "back": ask.back}  # fmt: skip


def _span(other: Mapping[str, object]) -> str:
    """When the other side's visit is, "" when it has no time."""
    if not (other.get("start") and other.get("end")):
        return ""
    return _views.span(Slot(datetime.fromisoformat(str(other["start"])), datetime.fromisoformat(str(other["end"]))))


@dataclass(frozen=True, slots=True)
class Which:
    """A customer by id or number."""

    id: str = ""


def customer(ask: Which, turn: Turn) -> Answer:
    """One customer as far as the asker's layer goes, and everything that happened, newest first (R72)."""
    c = turn.tx.customers.get(ask.id) or turn.tx.customers.by_code(ask.id)
    if c is None or c.status in ("void", "merged"):
        raise NotFound("没有这家客户")
    level = _customers.sees(turn, c)
    owner = _views.name(turn, c.owner) if c.owner else "公海"
    rows = [("全称", c.name), ("编号", c.code), ("负责人", owner), ("阶段", c.stage)]
    if level >= Layer.PUBLIC:
        until = _views.day(c.protected_until) if c.protected_until else ""
        rows += [
            ("等级", c.grade),
            ("状态", _STATUS.get(c.status, c.status)),
            ("保护期到", until),
            ("协助", _views.names(turn, c.co_owners)),
        ]
    if level >= Layer.TEAM:
        people = "；".join(" ".join(x for x in (p.name, p.title, p.phone) if x) for p in c.contacts)
        rows += [
            ("联系人", people),
            ("电话", "；".join(c.phones)),
            ("邮箱", "；".join(c.emails)),
            ("城市", c.city),
            ("地址", c.address),
        ]
    return {
        "id": c.id, "short": c.short, "rows": [list(r) for r in rows if r[1]], "locked": c.locked,
        "hidden": "" if level is Layer.FOLLOWER else "部分内容只有负责人、协助负责人和主管能看。",
        "timeline": [{"at": _views.moment(at), "kind": kind, "text": text} for at, kind, text in _timeline(turn, c, level)],
    }  # fmt: skip


_STATUS = {"active": "在跟", "pool": "公海", "lost": "流失", "won": "成交"}


def _timeline(turn: Turn, c: Customer, level: Layer) -> list[tuple[datetime, str, str]]:
    """Owners, visits, follow-ups and reports; the texts of the last two only for those who may read them (R156)."""
    out: list[tuple[datetime, str, str]] = []
    if level >= Layer.PUBLIC:
        out += [(at, "归属", what) for at, what in _owners.history(turn, c)]
        since, until = turn.now - timedelta(days=400), turn.now + timedelta(days=200)
        for v in turn.tx.visits.at_customer_between(c.id, since, until, statuses=(*LIVE, "cancelled")):
            word = _views.STATUSES.get(v.status) or "待拜访"
            inside = "·".join(x for x in (_views.MODES.get(v.mode, ""), v.purpose) if x) if _views.sees_details(turn, v) else ""
            out.append(
                (
                    v.start,
                    "拜访",
                    f"{_views.name(turn, v.rep)} {_views.clocks(v.slot)} {word}" + (f"（{inside}）" if inside else ""),
                )
            )
    if level >= Layer.TEAM:
        for f in turn.tx.followups.of_customer(c.id, limit=60):
            text = f"{_views.name(turn, f.by)} {CHANNEL_WORDS.get(f.channel, f.channel)}：{f.result or '已联系'}"
            if level is Layer.FOLLOWER or f.by == turn.me.id:
                text += "".join(f"；{n}：{v}" for n, v in (("内容", f.content), ("下一步", f.next)) if v)
            out.append((f.at, "跟进", text))
    if level is Layer.FOLLOWER:
        out += [
            (r.at, "纪要", f"{_views.name(turn, r.by)}：{r.content}") for r in turn.tx.reports.of_customer(c.id, 40) if r.content
        ]
    return sorted(out, key=lambda x: x[0], reverse=True)[:120]


LOOKS = {
    "console.week": Look(Week, week),
    "console.stages": Look(Period, stages),
    "console.kpi": Look(Period, board),
    "console.conflicts": Look(Period, conflicts),
    "console.customer": Look(Which, customer),
}
"""By name, for bot/web/console."""
