"""What happened in a period, counted: the numbers of a summary and the rows behind each (R136, R141, sentence 49)."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text
from bot.command import Turn
from domain import shares
from domain.follow import report_due
from domain.model import STAGES, Slot, Visit
from handlers import _figures, _rows, _views
from handlers._books import Books, Scope

WORDS = {"done": "完成", "missed": "漏访", "empty": "扑空", "planned": "待拜访", "pending": "待确认", "cancelled": "取消"}
NEW_DAYS = 90
"""A customer entered less long ago than this is a new one (R118)."""
DETAILS = 15
KEY_GRADE, KEY_STAGES = "A", ("报价", "合同谈判")
"""Which visits are key visits of a coming week."""


@dataclass(frozen=True, slots=True)
class What:
    """One number of a summary: its name and the ids of its rows."""

    name: str
    rows: tuple[str, ...]


def numbers(books: Books) -> dict[str, What]:
    """Every number that opens to its rows, by the name its button carries."""
    by = {state: tuple(v.id for v in books.visits if v.status == state) for state in WORDS}
    out = {state: What(WORDS[state], rows) for state, rows in by.items()}
    moved = books.events("visit.rescheduled")
    ids = [str(v["id"]) for e in moved if isinstance(v := e.data.get("visit"), dict) and books.who.has(str(v.get("rep")))]
    out["moved"] = What("改期", tuple(ids))
    out["conflicts"] = What("冲突", tuple(c.id for c in books.clashes))
    out["open"] = What("未解决冲突", tuple(c.id for c in books.clashes if not c.resolved))
    out["reports"] = What("待写纪要", tuple(v.id for v in books.visits if v.status == "done" and v.id not in books.reports))
    return out


def card(turn: Turn, books: Books, *, inside: bool, who: str = "") -> Card:
    """The summary as all readers may see it; `inside` (private) with the visits, the stages and buttons to every row."""
    found, slot = numbers(books), books.slot
    standing = [v for v in books.visits if v.status != "cancelled"]
    name = "您" if books.who.name == "您" else books.who.name
    when = _figures.label(turn, slot)
    if not books.visits and not any(found[k].rows for k in ("moved", "conflicts")):
        return Card(f"{name}{when}没有拜访记录".replace("  ", " "), (Text("计划 0，完成 0；换个时间或团队再问我。"),))
    blocks: list[Block] = [Facts(tuple(facts(turn, books, found, standing)))]
    by_rep, done = Counter(v.rep for v in standing), Counter(v.rep for v in standing if v.status == "done")
    if len(books.who.people) > 1 and by_rep:
        lines = [f"{_views.name(turn, r)} {n} 个，完成 {done[r]}" for r, n in by_rep.most_common(10)]
        blocks.append(Items(tuple(lines)))
    if long(slot):
        blocks += ahead(turn, books.who, slot.end)
    buttons: tuple[Button, ...] = ()
    if inside:
        blocks += _inside(turn, books, standing)
        buttons = ways(found, slot, who)
    elif turn.group:
        blocks.append(Text("明细已私信您。" if turn.me.role.leads else "明细请在私聊里问我。"))
    title = f"{name}{when}拜访汇总：计划 {len(standing)} 个，完成 {len(found['done'].rows)} 个"
    return Card(title.replace("  ", " "), tuple(blocks), buttons)


def long(slot: Slot) -> bool:
    """A week or more."""
    return slot.end - slot.start >= timedelta(days=5)


def facts(turn: Turn, books: Books, found: dict[str, What], standing: list[Visit]) -> list[tuple[str, str]]:
    """Name and value, without a single customer's name."""
    states = "，".join(
        f"{word} {len(found[s].rows)}" for s, word in WORDS.items() if found[s].rows or s in ("done", "missed", "empty")
    )
    done = [v for v in books.visits if v.status == "done"]
    hours = turn.rules.report_due_hours
    late = [i for i in found["reports"].rows if any(v.id == i and turn.now > report_due(v.end, hours) for v in done)]
    solved = len(found["conflicts"].rows) - len(found["open"].rows)
    out = [
        ("拜访", f"计划 {len(standing)}，{states}"),
        ("改期", f"{len(found['moved'].rows)} 次"),
        ("冲突", f"发现 {len(found['conflicts'].rows)}，已解决 {solved}"),
        ("纪要", f"应交 {len(done)}，待写 {len(found['reports'].rows)}" + (f"，逾期 {len(late)}" if late else "")),
    ]
    if purposes := shares.percent(purposes_of(turn, standing)):
        out.append(("目的", "，".join(f"{p} {n}（{share}%）" for p, n, share in purposes[:6])))
    if long(books.slot):
        out += [
            (n, v)
            for n, v in (("新老客户", _old_new(books, done)), ("阶段推进", _stages(books)), ("阶段停滞", _stale(turn, books)))
            if v
        ]
    return out


def purposes_of(turn: Turn, visits: list[Visit]) -> Counter[str]:
    """Visits by purpose. A purpose in free words is its visit's own business (R156): only the company's own are named."""
    known = frozenset(turn.rules.purposes)
    return Counter(v.purpose if v.purpose in known else "其他" if v.purpose else "未填写" for v in visits)


def _old_new(books: Books, done: list[Visit]) -> str:
    """The share of visits to customers that were there before (R118)."""
    if not done:
        return ""
    known = books.tx.customers.many(list({v.customer for v in done})[:4000])
    new = 0
    for v in done:
        c = known.get(v.customer)
        new += bool(c and c.created and v.start - c.created < timedelta(days=NEW_DAYS))
    return f"老客户 {len(done) - new}，新客户 {new}（录入 {NEW_DAYS} 天内）"


def _moves(books: Books) -> list[tuple[str, str, str]]:
    """Stages that moved in the period, of these people's customers: (customer, from, to)."""
    own = {c.id for c in books.customers}
    return [(c, was, to) for c, moves in books.moves.items() if c in own for at, was, to in moves if at < books.slot.end]


def _stages(books: Books) -> str:
    moved = _moves(books)
    up = sum(1 for _, was, to in moved if to in STAGES and (was not in STAGES or STAGES.index(to) > STAGES.index(was)))
    return f"{up} 家前进，{len(moved) - up} 家后退" if moved else "0 家"


def _stale(turn: Turn, books: Books) -> str:
    """Customers whose stage stands still for longer than `stale_stage_days` (R77)."""
    n = len(stale(turn, books))
    return f"{n} 家超过 {turn.rules.stale_stage_days} 天没有变化" if n else ""


def stale(turn: Turn, books: Books) -> list[str]:
    """The ids of these people's active customers whose stage has not moved for `stale_stage_days`."""
    since = turn.now - timedelta(days=turn.rules.stale_stage_days)
    moved = {str(c["id"]) for e in books.tx.log.named(["customer.updated"], since, turn.now + timedelta(seconds=1))
             if e.data.get("stage_was") and isinstance(c := e.data.get("customer"), dict)}  # fmt: skip
    return [
        c.id
        for c in books.customers
        if c.status == "active" and c.stage not in ("", "成交") and c.id not in moved and c.created and c.created < since
    ]


def key_visits(turn: Turn, who: Scope, week: Slot) -> list[Visit]:
    """The visits of a week to A customers and those in 报价 or 合同谈判."""
    coming = [v for v in _figures.visits(turn, who, week) if v.status in ("planned", "pending")]
    known = turn.tx.customers.many(list({v.customer for v in coming})[:4000])
    return [v for v in coming if (c := known.get(v.customer)) and (c.grade == KEY_GRADE or c.stage in KEY_STAGES)]


def ahead(turn: Turn, who: Scope, end: object) -> list[Block]:
    """Key visits of the week after the period, unless it is long over."""
    week = _figures.current(turn.now, "week", -1)
    if end not in (week.start, _figures.current(turn.now, "month").end):
        return []
    found = key_visits(turn, who, week)
    if not found:
        return []
    lines = [_views.visit_line(turn, v, with_day=True, with_rep=True) for v in found[:6]]
    more = [f"等共 {len(found)} 个"] if len(found) > 6 else []
    return [Text(f"下周重点拜访 {len(found)} 个："), Items((*lines, *more))]


def _inside(turn: Turn, books: Books, standing: list[Visit]) -> list[Block]:
    """For the asker alone: the visits, and which customers moved."""
    several = len(books.who.people) > 1
    lines = [_views.visit_line(turn, v, with_day=True, with_rep=several) for v in standing[:DETAILS]]
    if len(standing) > DETAILS:
        lines.append(f"等共 {len(standing)} 个")
    out: list[Block] = [Text("明细："), Items(tuple(lines))] if lines else []
    if long(books.slot) and (moved := _moves(books)):
        known = books.tx.customers.many([c for c, *_ in moved[:8]])
        worded = [f"{_rows.short(turn, known[c])}：{was} → {to}" for c, was, to in moved[:8] if c in known]
        out += [Text("阶段变化："), Items(tuple(worded))]
    return out


def ways(found: dict[str, What], slot: Slot, who: str) -> tuple[Button, ...]:
    """A button for every number with more behind it than the card shows."""
    order = ("missed", "empty", "cancelled", "moved", "conflicts", "reports")
    out = [
        Button(
            f"{found[key].name} {len(found[key].rows)}",
            says.write("summary.rows", what=key, who=who, start=slot.start.isoformat(), end=slot.end.isoformat()),
        )
        for key in order
        if found[key].rows
    ]
    if found["done"].rows or found["planned"].rows:
        word = "week" if timedelta(days=5) < slot.end - slot.start < timedelta(days=9) else ""
        if word:
            out.append(Button("日程图", says.write("chart.week", who=who, start=slot.start.isoformat())))
    return tuple(out[:6])
