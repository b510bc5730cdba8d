"""Boards a manager asks for by name: purposes, funnel, stages, tiers, districts, load, activity. Counts, never guesses."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Items, Text
from bot.command import Reply, Turn
from domain import kpi, shares
from domain.model import STAGES, Customer, Slot
from handlers import _deal_board, _figures, _overview, _reviews, _rows, _views
from handlers._books import Books, Scope, chunked, midnight

Board = Callable[[Turn, Scope, Slot, str], Reply]
USUAL = "month"
"""The period of a board when none was said."""
_DISTRICT = re.compile(r"(?:市|州)([^省市区县]{1,6}[区县])")


def purposes(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Shares of the visits' purposes; they add up to 100 (R127)."""
    standing = [v for v in Books(turn, who, slot).visits if v.status != "cancelled"]
    rows = shares.percent(_overview.purposes_of(turn, standing))
    title = f"{who.name}{_figures.label(turn, slot)}拜访目的：共 {len(standing)} 个拜访"
    if not rows:
        return Reply(Card(f"{who.name}{_figures.label(turn, slot)}没有拜访，算不出目的分布"))
    lines = tuple(f"{name} {n} 个，{share}%" for name, n, share in rows)
    return Reply(Card(title, (Items(lines),), picture("purposes", slot, token)))


def funnel(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Planned, done, effective, opportunity, deal, each with its share of the step before (R131)."""
    books = Books(turn, who, slot)
    lines = [f"{name} {n}" + (f"，转化 {rate}" if rate else "") for name, n, rate in steps(books, who)]
    blocks: list[Block] = [Items(tuple(lines))]
    reps = [m for m in who.people if not m.role.leads]
    if len(reps) > 1 and not turn.group:
        worded = []
        for m in reps[:15]:
            own = steps(books, Scope((m,), m.name))
            if own[0][1]:
                worded.append(f"{m.name} " + " → ".join(str(n) for _, n, _ in own))
        blocks += [Text("按人（计划 → 完成 → 有效 → 商机 → 成交）："), Items(tuple(worded))] if worded else []
    blocks.append(Text("前三步数拜访，商机和成交数客户：拜访后 30 天内进入报价及以后为商机，拜访后进入成交为成交。"))
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}拜访漏斗", tuple(blocks), picture("funnel", slot, token)))


def steps(books: Books, who: Scope) -> list[tuple[str, int, str]]:
    """(step, number, share of the step before)."""
    mine = [v for v in books.visits if who.has(v.rep) and v.status != "cancelled"]
    done = [v for v in mine if v.status == "done"]
    effective = kpi.effective(mine, books.reports)
    chance = _figures.figure(books.turn, "conversion", who, books.slot, books)
    deals = _reviews.deals_after(books, done)
    numbers = [("计划", len(mine)), ("完成", len(done)), ("有效", effective.part), ("商机", chance.part), ("成交", len(deals))]
    out, before = [], 0
    for name, n in numbers:
        out.append((name, n, f"{n * 100 // before}%" if before and n <= before else ""))
        before = n
    return out


def stages(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Customers by stage with names, and what moved this week (R129)."""
    books = Books(turn, who, _figures.current(turn.now, "week"))
    active = [c for c in books.customers if c.status == "active"]
    moved = Counter(to for moves in books.moves.values() for _, _, to in moves)
    lines = []
    for stage in STAGES:
        here = [c for c in active if c.stage == stage]
        names = "" if turn.group or not here else "：" + "、".join(_rows.short(turn, c) for c in here[:5])
        more = " 等" if len(here) > 5 and names else ""
        lines.append(f"{stage} {len(here)} 家" + (f"，本周新进 {moved[stage]}" if moved[stage] else "") + names + more)
    stuck = _overview.stale(turn, books)
    blocks: list[Block] = [Items(tuple(lines))]
    if stuck:
        blocks.append(Text(f"停滞超过 {turn.rules.stale_stage_days} 天：{len(stuck)} 家"))
    return Reply(Card(f"{who.name}阶段看板：在跟 {len(active)} 家", tuple(blocks)))


def tiers(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Customers per grade, and who moved up or down in the period (R119)."""
    books = Books(turn, who, slot)
    active = [c for c in books.customers if c.status == "active"]
    count = Counter(c.grade or "未分级" for c in active)
    rows = shares.percent(count)
    lines = [f"{g} 类 {n} 家，{s}%" if g != "未分级" else f"未分级 {n} 家，{s}%" for g, n, s in sorted(rows)]
    own, changes = {c.id: c for c in active}, []
    for e in books.events("customer.updated"):
        c = e.data.get("customer")
        if isinstance(c, dict) and (was := str(e.data.get("grade_was") or "")) and c.get("id") in own:
            word = "升" if was > str(c.get("grade")) else "降"
            changes.append(f"{_rows.short(turn, own[str(c['id'])])} {was} → {c.get('grade')}（{word}级）")
    blocks: list[Block] = [Items(tuple(lines))] if lines else []
    if changes:
        blocks += [Text(f"期间调级 {len(changes)} 家："), Items(tuple(changes[:8] if not turn.group else ()))]
    return Reply(Card(f"{who.name}客户分层：在跟 {len(active)} 家", tuple(blocks)))


def district(c: Customer) -> str:
    """Where a customer is, by its address in words: 苏州工业园区, or the city."""
    found = _DISTRICT.search(c.address)
    return f"{c.city}{found[1]}" if found else c.city or "未填城市"


def regions(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Visits by district, and the share of its customers that were visited (R130)."""
    books = Books(turn, who, slot)
    done = [v for v in books.visits if v.status == "done"]
    known = {c.id: c for c in books.customers if c.status == "active"}
    known |= chunked((v.customer for v in done if v.customer not in known), turn.tx.customers.many)
    visits = Counter(district(known[v.customer]) for v in done if v.customer in known)
    visited = {v.customer for v in done}
    all_, seen = Counter(district(c) for c in known.values()), Counter(district(c) for i, c in known.items() if i in visited)
    lines = [
        f"{place}：客户 {n} 家，拜访 {visits[place]} 次，覆盖 {seen[place]} 家（{seen[place] * 100 // n}%）"
        for place, n in sorted(all_.items(), key=lambda x: (-visits[x[0]], -x[1], x[0]))[:20]
    ]
    title = f"{who.name}{_figures.label(turn, slot)}区域覆盖：{len(all_)} 个区域，拜访 {len(done)} 次"
    return Reply(Card(title, (Items(tuple(lines)),) if lines else ()))


# ---------------------------------------------------------------------- people and customers
def load(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """Visits and hours per rep against what a person can do: `visits_per_day` on every workday (R125)."""
    books = Books(turn, who, slot)
    days = workdays(turn, slot)
    reps = [m for m in who.people if not m.role.leads] or list(who.people)
    rows = []
    for m in reps:
        mine = [v for v in books.visits if v.rep == m.id and v.status in ("done", "planned", "pending")]
        hours = sum((v.end - v.start).total_seconds() for v in mine) / 3600
        rows.append((m.name, len(mine), sum(1 for v in mine if v.status == "done"), hours))
    rows.sort(key=lambda r: (-r[1], r[0]))
    most, full = max((r[1] for r in rows), default=0), days * turn.rules.visits_per_day
    lines = [
        f"{name} {'▇' * round(8 * n / most) if most else ''} {n} 个（完成 {done}），{hours:.1f} 小时，饱和度 {n * 100 // full if full else 0}%"
        for name, n, done, hours in rows
    ]
    note = f"饱和度 = 拜访数 ÷（{days} 个工作日 × 每天 {turn.rules.visits_per_day} 个 = {full}）"
    return Reply(Card(f"{who.name}{_figures.label(turn, slot)}工作量", (Items(tuple(lines)), Text(note))))


def workdays(turn: Turn, slot: Slot) -> int:
    """How many workdays a period has."""
    first, days = midnight(slot.start).date(), 0
    for n in range(min(400, (slot.end - slot.start).days)):
        days += turn.calendar.is_workday(first + timedelta(days=n))
    return days


def activity(turn: Turn, who: Scope, slot: Slot, token: str) -> Reply:
    """The ten customers visited most and the ten that were left alone longest, with their grade (R126)."""
    books = Books(turn, who, slot)
    count = Counter(v.customer for v in books.visits if v.status == "done")
    known = {c.id: c for c in books.customers if c.status == "active"}
    known |= chunked((i for i in count if i not in known), turn.tx.customers.many)

    def word(i: str) -> str:
        c = known[i]
        return f"{_rows.short(turn, c)}（{c.grade or '未分级'}）{count[i]} 次" + (
            f"，{_views.name(turn, c.owner)}" if c.owner else ""
        )

    top = [word(i) for i, _ in count.most_common(10) if i in known]
    quiet = sorted((c for c in known.values() if not count[c.id]), key=lambda c: (c.grade or "Z", _last(c)))
    bottom = [word(c.id) + f"，上次联系 {_views.day(c.last_followup)}" if c.last_followup else word(c.id) for c in quiet[:10]]
    blocks: list[Block] = []
    if top:
        blocks += [Text("互动最多："), Items(tuple(top))]
    if bottom:
        blocks += [Text("可能被忽略："), Items(tuple(bottom))]
    return Reply(
        Card(f"{who.name}{_figures.label(turn, slot)}客户活跃度：拜访过 {len(count)} 家，没拜访 {len(quiet)} 家", tuple(blocks))
    )


def _last(c: Customer) -> float:
    at = c.last_followup or c.created
    return at.timestamp() if at else 0.0


def picture(kind: str, slot: Slot, token: str) -> tuple[Button, ...]:
    """The same board as a picture."""
    return (
        Button("看图", says.write("chart.show", kind=kind, who=token, start=slot.start.isoformat(), end=slot.end.isoformat())),
    )


_NAMED: tuple[tuple[str, Board], ...] = (
    (r"漏斗", funnel),
    (r"(业绩|成交|签单).{0,4}(排行|排名|榜|分成)|谁(的)?(业绩|成交)最", _deal_board.board),
    (r"目的.{0,4}(分布|占比|比例|构成|统计|情况)|各.{0,2}目的|(分布|占比).{0,6}目的", purposes),
    (r"(阶段|销售)看板|(各|每个?|不同)阶段|阶段(分布|情况|统计|汇总)", stages),
    (r"(分层|分级|等级)(情况|分布|统计|变化|结构|汇总)|各(等级|级别|类)客户|客户(分层|分级|分布)", tiers),
    (r"哪个?(区域|地区|城市).{0,8}(成功|成交|转化)|(区域|地区|城市).{0,4}(成功率|成交率)", _reviews.best_region),
    (r"(区域|地区|城市|片区|热力).{0,10}(覆盖|分布|拜访|情况|统计|图)|各(区|地|城市)", regions),
    (r"异议", _reviews.objections),
    (r"平均.{0,8}(几次|多少次).{0,8}(成交|签|成单)|(几次|多少次)拜访.{0,6}(成交|签|成单)|拜访.{0,6}(几次|多少次).{0,6}(成交|签|成单)", _reviews.visits_to_deal),
    (r"(频率|次数|频次).{0,6}(成单|成交).{0,4}(关系|率)", _reviews.frequency),
    (r"(哪类|什么类型|哪种|哪个等级).{0,6}客户.{0,8}(转化|成交|成功)", _reviews.best_type),
    (r"(团队|组).{0,12}(成单|成交|签单).{0,6}(对比|比较|数|情况)|(各|每个?)(团队|组).{0,8}(对比|比较|拜访)|(团队|组)(之间)?.{0,4}(对比|比较)", _reviews.teams),
    (r"过程考核|考核表|考核|过程指标", _reviews.process),
    (r"(系统|助手|机器人).{0,4}使用|使用(情况|率)|推广情况", _reviews.adoption),
    (r"撞单(案例|原因|复盘)|撞单率", _reviews.collisions),
    (r"(工作|负荷|饱和).{0,2}(量|度|情况)|饱和|跑得最(多|勤)|谁最忙|谁.{0,4}(太闲|太忙|最闲)", load),
    (r"客户.{0,2}活跃|活跃.{0,2}客户|(哪些|哪家).{0,2}客户.{0,6}(互动|拜访).{0,3}(最多|最少)|被忽略", activity),
)  # fmt: skip


def named(text: str) -> Board | None:
    """The board a sentence names, None when it names none."""
    if text.startswith("/"):
        return None
    return next((board for pattern, board in _NAMED if re.search(pattern, text)), None)
