"""Review packs: weekly, monthly, quarterly, made from the rows; wins and losses are facts, never opinions (R63, R137, R138)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text
from bot.command import Turn
from domain import kpi
from domain.desk import Job
from domain.model import OFFICE, STAGES, Member, Role, Slot, Visit
from handlers import (
    _daily,
    _dup_rules,
    _figure_card,
    _figures,
    _meeting,
    _overview,
    _policies,
    _ranks,
    _reviews,
    _rows,
    _targets,
    _views,
    _watch,
)
from handlers._books import Books, Scope
from handlers._daily import Morning

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
THREE = 3
MOST = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, in words; heavier ones first."""

    weight: int
    line: str


# ---------------------------------------------------------------------- when
def pack_time(turn: Turn) -> tuple[int, time]:
    """`weekly_pack` of the rules: weekday (Monday = 0) and clock."""
    day, _, clock = turn.rules.weekly_pack.partition(" ")
    return DAYS.index(day.title()[:3]), time.fromisoformat(clock)


def plan(turn: Turn, after: datetime) -> None:
    """Plan the next weekly pack after a moment; on a day off it comes with the next workday's morning."""
    weekday, clock = pack_time(turn)
    local = after.astimezone(OFFICE)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    at = datetime.combine(day, clock, OFFICE)
    if at <= after:
        day += timedelta(days=7)
        at = datetime.combine(day, clock, OFFICE)
    if not turn.calendar.is_workday(day):
        at = _daily.push(turn, turn.calendar.next_workday(day))
    week = _figures.current(datetime.combine(day, time(0), OFFICE), "week")
    turn.tx.jobs.plan(Job(f"pack-{week.start:%Y%m%d}", "weekly_pack", "pack", at, {"week": week.start.isoformat()}))


def readers(turn: Turn) -> list[tuple[Member, Scope]]:
    """Managers with their people, directors with everybody."""
    out = list(_watch.bosses(turn))
    everybody = turn.tx.people.all()
    known = {m.id for m, _ in out}
    return out + [
        (m, Scope(tuple(everybody), "全公司", True)) for m in everybody if m.role is Role.DIRECTOR and m.id not in known
    ]


# ---------------------------------------------------------------------- weekly
def weekly(turn: Turn, week: Slot) -> None:
    """The pack to everybody who leads, a board without names to each team's group (R137, R179)."""
    name = f"{week.start:%Y%m%d}"
    for boss, who in readers(turn):
        turn.readers, turn.me = [boss], boss
        turn.tell(boss.id, pack(turn, who, week, "周"), key=f"pack-{name}-{boss.id}")
        turn.event("summary.sent", kind="weekly_pack", period=week.start.date().isoformat(), to=boss.id)
    for group in turn.tx.people.groups():
        people = turn.tx.people.team(group.team) if group.team else []
        if people:
            turn.readers = [m for i in group.members if (m := turn.tx.people.get(i))] or turn.tx.people.all()
            turn.group = group
            shown = board(turn, Scope(tuple(people), group.team), week)
            turn.group = None
            _meeting.post(turn, group, shown, f"board-{name}-{group.id}")
            turn.event("summary.sent", kind="group_board", period=week.start.date().isoformat(), to=group.id)


def board(turn: Turn, who: Scope, week: Slot) -> Card:
    """What a whole group may read: the four public figures and the upper half of the ranking."""
    rows = _ranks.of(turn, who, "visits", week)
    lines = [p.line for p in _ranks.places(turn, rows, "visits") if p.value][:THREE]
    books = Books(turn, who, week)
    facts = tuple((kpi.NAMES[m], _ranks.shown(_figures.figure(turn, m, who, week, books))) for m in _figure_card.BOARD[:4])
    blocks: list[Block] = [Facts(facts)]
    if lines:
        blocks += [Text("拜访量："), Items(tuple(lines))]
    return Card(f"{who.name}{_figures.label(turn, week)}看板", tuple(blocks))


def pack(turn: Turn, who: Scope, slot: Slot, word: str) -> Card:
    """Figures, three wins, three losses, open promises, the key visits ahead."""
    books = Books(turn, who, slot)
    blocks: list[Block] = [Facts(_figure_card.board_rows(turn, who, slot))]
    for title, found in (("做得好的", wins(turn, books)), ("要改进的", losses(turn, books))):
        top = [f.line for f in sorted(found, key=lambda f: -f.weight)[:THREE]]
        blocks += [Text(f"{title}："), Items(tuple(top) or ("没有可列的事实",))]
    if goals := _targets.lines_of(turn, turn.me.id, who):
        blocks += [Text("目标："), Items(tuple(goals))]
    if due := promises(turn, who):
        blocks += [Text(f"未兑现的承诺和下一步 {len(due)} 项："), Items(tuple(due[:MOST]))]
    coming = _figures.current(turn.now, "week", -1 if turn.now < slot.end else 0)
    if ahead := _overview.key_visits(turn, who, coming):
        blocks += [Text(f"{_figures.words(coming)}重点拜访 {len(ahead)} 个："), Items(tuple(lines_of(turn, ahead)))]
    if clash := clashing(turn, who, Slot(slot.start, max(slot.end, coming.end))):
        blocks += [Text("需要协调："), Items(tuple(clash[:MOST]))]
    span = {"start": slot.start.isoformat(), "end": slot.end.isoformat()}
    buttons = (
        Button("导出报表", says.write("data.export", what="report", **span)),
        Button("冲突率趋势图", says.write("kpi.trend", metric="conflict_rate")),
    )
    return Card(f"{who.name}{word}复盘 {_figures.words(slot)}", tuple(blocks), buttons)


def lines_of(turn: Turn, visits: list[Visit]) -> list[str]:
    """The first visits, one a line."""
    return [_views.visit_line(turn, v, with_day=True, with_rep=True) for v in visits[:MOST]]


def wins(turn: Turn, books: Books) -> list[Fact]:
    """Deals and stages moved forward, effective visits, the rep with most visits done."""
    out: list[Fact] = []
    own = {c.id: c for c in books.customers}
    for i, moves in books.moves.items():
        if i not in own:
            continue
        for at, was, to in moves:
            if at < books.slot.end and to in STAGES and was in STAGES and STAGES.index(to) > STAGES.index(was):
                deal = to == _reviews.DEAL
                out.append(
                    Fact(
                        100 if deal else 50 + STAGES.index(to),
                        f"{_rows.short(turn, own[i])}：{was} → {to}（{_views.day(at)}，{_views.name(turn, own[i].owner)}）",
                    )
                )
    done = Counter(v.rep for v in books.visits if v.status == "done")
    if done:
        rep, n = done.most_common(1)[0]
        out.append(Fact(20, f"{_views.name(turn, rep)}完成拜访最多：{n} 个"))
    for metric in ("report_timeliness", "plan_completion"):
        f = _figures.figure(turn, metric, books.who, books.slot, books)
        if f.whole >= THREE and f.part == f.whole:
            out.append(Fact(30, f"{kpi.NAMES[metric]} 100%（{f.part}/{f.whole}）"))
    return out


def losses(turn: Turn, books: Books) -> list[Fact]:
    """Lost customers, crossed lines, missed and wasted visits, stages moved back."""
    out: list[Fact] = []
    first, last = books.slot.start.date().isoformat(), (books.slot.end - timedelta(seconds=1)).date().isoformat()
    for c in books.customers:
        if c.status == "lost" and first <= str(c.extra.get("lost_on") or "") <= last:
            out.append(Fact(100, f"流失：{_rows.short(turn, c)}（{c.grade or '未分级'}，{_views.name(turn, c.owner)}）"))
    for metric in _watch.WATCHED:
        f = _figures.figure(turn, metric, books.who, books.slot, books)
        if kpi.alarm(f, turn.rules):
            out.append(Fact(80, f"{kpi.NAMES[metric]} {kpi.shown(f, turn.rules)}（{f.part}/{f.whole}）超标"))
    for v in books.visits:
        if v.status in ("missed", "empty"):
            out.append(
                Fact(
                    60 if v.status == "missed" else 40,
                    f"{_views.STATUSES[v.status]}：{_views.name(turn, v.rep)} {_views.moment(v.start)} {_views.label(turn, v)}",
                )
            )
    return out


def promises(turn: Turn, who: Scope) -> list[str]:
    """Promises and next steps that are overdue or due within a week, the oldest first."""
    until = turn.now + timedelta(days=7)
    found = [
        t
        for m in who.people
        for t in turn.tx.tasks.open_of(m.id, due_before=until)
        if t.kind in ("promise", "next_step", "question")
    ]
    found.sort(key=lambda t: t.due or until)
    return [
        f"{_views.name(turn, t.assignee)}：{t.title}（{_views.day(t.due)}{'，逾期' if t.overdue(turn.now) else ''}）"
        for t in found
        if t.due
    ]


def clashing(turn: Turn, who: Scope, slot: Slot) -> list[str]:
    """Customers that different reps are going to visit within a week, with what to do about it (R138)."""
    coming = [v for v in _figures.visits(turn, who, slot) if v.status in ("planned", "pending") and v.start >= turn.now]
    by: dict[str, list[Visit]] = {}
    for v in coming:
        by.setdefault(v.customer, []).append(v)
    out = []
    for visits in by.values():
        for a, b in pairwise(visits):
            if a.rep != b.rep and b.rep not in a.participants and a.rep not in b.participants:
                first, second = (f"{_views.name(turn, v.rep)} {_views.moment(v.start)}" for v in (a, b))
                out.append(f"{_views.label(turn, a)}：{first} 和 {second}，建议合并为一次同行")
    return out


# ---------------------------------------------------------------------- monthly, quarterly
def opens(turn: Turn, morning: Morning, unit: str) -> bool:
    """Whether this is the first workday of a month or quarter; when nobody was up that day, the next morning makes up for it."""
    start = _figures.current(turn.now, unit).start.date()
    opening = start if turn.calendar.is_workday(start) else turn.calendar.next_workday(start)
    return morning.last < opening <= morning.day


def check(turn: Turn, morning: Morning) -> None:
    """On the first workday of a month the pack of the last month, of a quarter also the review of its rules."""
    if opens(turn, morning, "month"):
        month = _figures.current(turn.now, "month", 1)
        for boss, who in readers(turn):
            turn.readers, turn.me = [boss], boss
            turn.tell(boss.id, monthly(turn, who, month), key=f"month-{month.start:%Y%m}-{boss.id}")
            turn.event("summary.sent", kind="monthly_pack", period=f"{month.start:%Y-%m}", to=boss.id)
    if opens(turn, morning, "quarter"):
        quarter = _figures.current(turn.now, "quarter", 1)
        for boss, who in readers(turn):
            turn.readers, turn.me = [boss], boss
            turn.tell(boss.id, quarterly(turn, who, quarter), key=f"quarter-{quarter.start:%Y%m}-{boss.id}")
            turn.event("summary.sent", kind="quarterly_pack", period=f"{quarter.start:%Y-%m}", to=boss.id)


def monthly(turn: Turn, who: Scope, month: Slot) -> Card:
    """The pack, then tiers, duplicates caught, collisions, and whom the data would nominate (R38, R119, R180, R185)."""
    shown = pack(turn, who, month, "月")
    books = Books(turn, who, month)
    grades = Counter(c.grade or "未分级" for c in books.customers if c.status == "active")
    facts = [("客户分层", "，".join(f"{g} {n}" for g, n in sorted(grades.items())))] if grades else []
    ids = {m.id for m in who.people}
    told = (books.events(n) for n in ("customer.duplicate_found", "customer.merged", "customer.created"))
    facts += _dup_rules.review(*([e for e in some if e.who in ids] for some in told))
    facts.append(("撞单", f"{len(_reviews.collided(books))} 起"))
    causes = Counter(str(e.data.get("cause")) for e in books.events("verdict.cause"))
    if causes:
        facts.append(("撞单原因", "，".join(f"{c} {n}" for c, n in causes.most_common())))
    if best := nominee(turn, who, books):
        facts.append(("标兵提名", best))
    return Card(shown.title, (*shown.blocks, Facts(tuple(facts))), shown.buttons)


def nominee(turn: Turn, who: Scope, books: Books) -> str:
    """The rep with all reports in time, most effective visits and no collision; "" when nobody has enough."""
    best: tuple[int, str, str] = (0, "", "")
    hit = {c.owner for c in books.tx.customers.many(_reviews.collided(books)).values()}
    for m in who.people:
        own = Scope((m,), m.name)
        if m.role.leads or m.id in hit:
            continue
        reports = _figures.figure(turn, "report_timeliness", own, books.slot, books)
        good = _figures.figure(turn, "effective_visits", own, books.slot, books)
        if reports.whole >= THREE and reports.part == reports.whole and good.part > best[0]:
            best = good.part, m.name, f"{m.name}（有效拜访 {good.part}，纪要全部按时，没有撞单）"
    return best[2]


def quarterly(turn: Turn, who: Scope, quarter: Slot) -> Card:
    """Disputes, verdicts, the pool's flow and the rules in force (R63)."""
    books = Books(turn, who, quarter)
    ids = {m.id for m in who.people}
    filed = [
        e
        for e in books.events("approval.requested")
        if isinstance(a := e.data.get("approval"), dict) and a.get("kind") == "dispute" and a.get("by") in ids
    ]
    verdicts = [
        e for e in books.events("verdict.given") if ids & {str(e.data.get("winner")), *map(str, _listed(e.data.get("losers")))}
    ]
    into = [e for e in books.events("customer.released") if e.who in ids or e.data.get("from") in ids]
    causes = Counter(str(e.data.get("cause")) for e in books.events("verdict.cause") if e.who in ids)
    out = [e for e in books.events("customer.claimed") if isinstance(c := e.data.get("customer"), dict) and c.get("owner") in ids]
    changed = books.events("rule.changed")
    r = turn.rules
    rules = (
        f"保护期 {r.protect_days} 天；公海 " + "，".join(f"{g} {n} 天" for g, n in sorted(r.pool_days.items())),
        f"每天认领 {r.claims_per_day} 家，最多持有 {r.holding_cap} 家，原负责人冷却 {r.reclaim_cooldown_days} 天",
        f"他人拜访提醒 {r.customer_window_days} 天内，第 {r.teams_per_week_approval} 个团队要审批",
        f"撞单预警：{r.collision_days} 天内 {r.collision_reps} 人 {r.collision_touches} 次",
    )
    facts = (
        ("撞单申诉", f"{len(filed)} 件"), ("裁定", f"{len(verdicts)} 件"), ("进公海", f"{len(into)} 家"), ("认领", f"{len(out)} 家"),
        ("规则变更", f"{len(changed)} 次"), *((("撞单原因", "，".join(f"{c} {n}" for c, n in causes.most_common())),) if causes else ()),
    )  # fmt: skip
    lines = tuple(_verdict_line(turn, e.data) for e in verdicts[-8:])
    judged: tuple[Block, ...] = (Text("裁定："), Items(lines)) if lines else ()
    standing = (*rules, *_policies.in_force(turn))
    return Card(
        f"{who.name}归属规则季度复盘 {_figures.words(quarter)}", (Facts(facts), *judged, Text("现行规则："), Items(standing))
    )


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _verdict_line(turn: Turn, data: Mapping[str, object]) -> str:
    """宏远：归王磊（依据…）."""
    c = data.get("customer")
    known = turn.tx.customers.get(str(c.get("id"))) if isinstance(c, Mapping) else None
    why = f"（{data['why']}）" if data.get("why") else ""
    return f"{known.short if known else '客户'}：归{_views.name(turn, str(data.get('winner')))}{why}"


_daily.CHECKS.append(check)
