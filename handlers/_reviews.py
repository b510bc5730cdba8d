"""Questions of a review meeting, answered from the rows with their sample: visits to a deal, best district, objections (R134)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import mean

from bot.cards import Card, Items, Text
from bot.command import Reply, Turn
from domain.model import STAGES, Customer, Slot, Visit
from handlers import _figures, _rows
from handlers._books import Books, Scope, chunked

LEAST = 3
"""A share of fewer customers than this is no answer."""
DEAL = "成交"
_YEARS = timedelta(days=3650)
"""How far back the visits before a deal are counted."""


def deals_after(books: Books, visits: Iterable[Visit]) -> set[str]:
    """The visited customers that came to 成交 after a visit of these."""
    out = set()
    for v in visits:
        if any(to == DEAL and at >= v.start for at, _, to in books.moves.get(v.customer, ())):
            out.add(v.customer)
    return out


def deals(books: Books) -> dict[str, Customer]:
    """The customers of these people that came to 成交 in the period."""
    ids = [c for c, moves in books.moves.items() for at, _, to in moves if to == DEAL and at < books.slot.end]
    found = chunked(ids, books.tx.customers.many)
    return {i: c for i, c in found.items() if books.who.has(c.owner)}


def visits_to_deal(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """How many visits a deal took on average, over the deals of the period."""
    books = Books(turn, who, slot)
    counts = []
    for i in deals(books):
        at = min(at for at, _, to in books.moves[i] if to == DEAL)
        before = turn.tx.visits.at_customer_between(i, slot.start - _YEARS, at, statuses=("done",))
        counts.append(len(before))
    when = _figures.label(turn, slot)
    if not counts:
        return Reply(Card(f"{who.name}{when}没有成交客户，算不出平均拜访次数"))
    line = f"最少 {min(counts)} 次，最多 {max(counts)} 次"
    return Reply(Card(f"{who.name}{when}平均拜访 {mean(counts):.1f} 次成交（样本 {len(counts)} 家）", (Text(line),)))


def objections(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """The objections in the period's reports, the most frequent first, with the number of reports."""
    found = [r for r in turn.tx.reports.between(slot.start, slot.end) if who.has(r.by)]
    count: Counter[str] = Counter()
    for r in found:
        said = r.fields.get("objection")
        for word in {str(x).strip() for x in (said if isinstance(said, list | tuple) else [said]) if x}:
            count[word] += 1
    when = _figures.label(turn, slot)
    if not count:
        return Reply(Card(f"{who.name}{when}的 {len(found)} 份纪要里没有记录异议"))
    lines = tuple(f"{word}：{n} 次" for word, n in count.most_common(8))
    first = count.most_common(1)[0][0]
    return Reply(Card(f"{who.name}{when}最常见的异议：{first}（样本 {len(found)} 份纪要）", (Items(lines),)))


def best_region(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Deals over visited customers, by city."""
    return _best(turn, who, slot, "区域", lambda c: c.city or "未填城市")


def best_type(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Deals over visited customers, by grade (R135)."""
    return _best(turn, who, slot, "客户类型", lambda c: f"{c.grade} 类" if c.grade else "未分级")


def _best(turn: Turn, who: Scope, slot: Slot, what: str, kind: Callable[[Customer], str]) -> Reply:
    books = Books(turn, who, slot)
    done = [v for v in books.visits if v.status == "done"]
    known = chunked((v.customer for v in done), turn.tx.customers.many)
    won = deals_after(books, done)
    visited, hits = Counter(kind(c) for c in known.values()), Counter(kind(c) for i, c in known.items() if i in won)
    when = _figures.label(turn, slot)
    ranked = sorted((n for n in visited if visited[n] >= LEAST), key=lambda n: (-hits[n] / visited[n], n))
    lines = tuple(f"{n}：成交 {hits[n]} ÷ 拜访过 {visited[n]} 家 = {hits[n] * 100 / visited[n]:.1f}%" for n in ranked)
    small = [f"{n}（{visited[n]} 家）" for n in sorted(visited) if visited[n] < LEAST]
    note = Text(f"样本不足 {LEAST} 家、不参与比较：" + "、".join(small)) if small else Text("成交 = 期间拜访后进入成交阶段。")
    if not ranked or not hits[ranked[0]]:
        return Reply(Card(f"{who.name}{when}还没有成交，比不出哪个{what}最好（样本 {len(known)} 家）", (Items(lines), note)))
    return Reply(Card(f"{who.name}{when}成功率最高的{what}：{ranked[0]}（样本 {visited[ranked[0]]} 家）", (Items(lines), note)))


def frequency(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Deal rate by how often a customer was visited (R132)."""
    books = Books(turn, who, slot)
    done = [v for v in books.visits if v.status == "done"]
    count, won = Counter(v.customer for v in done), deals_after(books, done)
    buckets: dict[str, list[str]] = defaultdict(list)
    for customer, n in count.items():
        buckets["1 次" if n == 1 else "2–3 次" if n <= 3 else "4 次以上"].append(customer)
    lines = []
    for name in ("1 次", "2–3 次", "4 次以上"):
        if here := buckets.get(name):
            hits = sum(1 for c in here if c in won)
            lines.append(f"拜访 {name}：{len(here)} 家，成交 {hits} 家（{hits * 100 / len(here):.1f}%）")
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}拜访频率与成交：样本 {len(count)} 家", (Items(tuple(lines)),)))


def teams(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """One row per team: visits done and deals (R133)."""
    books = Books(turn, who, slot)
    team = {m.id: m.team for m in who.people if m.team}
    done = [v for v in books.visits if v.status == "done"]
    visits = Counter(team[v.rep] for v in done if v.rep in team)
    planned = Counter(team[v.rep] for v in books.visits if v.status != "cancelled" and v.rep in team)
    won = Counter(team[c.owner] for c in deals(books).values() if c.owner in team)
    names = sorted(set(team.values()), key=lambda t: (-visits[t], t))
    lines = tuple(f"{t}：拜访 {visits[t]} 次（计划 {planned[t]}），成交 {won[t]} 家" for t in names)
    return Reply(Card(f"{_figures.label(turn, slot).strip()}各团队拜访与成交", (Items(lines),) if lines else ()))


def process(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Per rep: plan completion, reports in time, effective visits, verified visits, new opportunities (R145)."""
    books = Books(turn, who, slot)
    lines = []
    for m in (m for m in who.people if not m.role.leads):
        own = Scope((m,), m.name)
        shown = {
            x: _figures.figure(turn, x, own, slot, books)
            for x in ("visits", "plan_completion", "report_timeliness", "effective_visits")
        }
        done = [v for v in books.visits if v.rep == m.id and v.status == "done"]
        verified = sum(1 for v in done if v.checked_in)
        new = sum(1 for _ in _opportunities(books, m.id))
        lines.append(
            f"{m.name}：拜访 {len(done)}（签到 {verified}），计划完成 {shown['plan_completion'].shown}，"
            f"纪要及时 {shown['report_timeliness'].shown}，有效 {shown['effective_visits'].shown}，新增商机 {new}"
        )
    note = Text("没有签到的拜访照算，但单独列出；新增商机 = 本期进入报价及以后的自有客户。")
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}过程考核", (Items(tuple(lines)), note)))


def _opportunities(books: Books, rep: str) -> list[str]:
    """This rep's customers that came to 报价 or later in the period."""
    line = STAGES.index("报价")
    own = {c.id for c in books.customers if c.owner == rep}
    late = {s for s in STAGES if STAGES.index(s) >= line}
    return [
        c
        for c, moves in books.moves.items()
        if c in own and any(to in late and was not in late and at < books.slot.end for at, was, to in moves)
    ]


def adoption(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Per rep: bookings by chat, reports in time, corrections (R182)."""
    books = Books(turn, who, slot)
    booked: Counter[str] = Counter(e.who for e in books.events("visit.booked") if e.source == "chat")
    fixed: Counter[str] = Counter(e.who for e in books.events("undo.done", "report.updated"))
    lines = []
    for m in (m for m in who.people if not m.role.leads):
        figure = _figures.figure(turn, "report_timeliness", Scope((m,), m.name), slot, books)
        lines.append(
            f"{m.name}：聊天预约 {booked[m.id]} 次，纪要及时 {figure.shown}（{figure.part}/{figure.whole}），撤销和更正 {fixed[m.id]} 次"
        )
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}使用情况", (Items(tuple(lines)),)))


def collisions(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Collisions raised, their rate over active customers, and what the verdicts named as causes (R124, R185)."""
    books = Books(turn, who, slot)
    found = collided(books)
    active = sum(1 for c in books.customers if c.status == "active")
    causes = Counter(str(e.data.get("cause")) for e in books.events("verdict.cause"))
    rate = f"{len(found) * 100 / active:.1f}%（{len(found)} ÷ {active}）" if active else "暂无数据"
    rows = [_rows.short(turn, c) for c in chunked(found, turn.tx.customers.many).values()] if not turn.group else []
    lines = tuple(
        [
            f"撞单率 {rate}，参考线 < 2%",
            *(f"原因 {c}：{n} 起" for c, n in causes.most_common()),
            *(f"客户：{r}" for r in rows[:8]),
        ]
    )
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}撞单 {len(found)} 起", (Items(lines),)))


def collided(books: Books) -> list[str]:
    """The customers on which a collision was raised in the period."""
    own = {c.id for c in books.customers}
    ids = [
        s.get("customer")
        for e in books.events("alert.raised")
        if e.data.get("kind") == "collision" and isinstance(s := e.data.get("subject"), dict)
    ]
    return list(dict.fromkeys(str(i) for i in ids if i in own))
