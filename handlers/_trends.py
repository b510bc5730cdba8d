"""A figure over time: twelve weeks, or six months where a figure is a month's; reference lines and a CUSUM signal."""

from bot.cards import Card, Facts, Items, Text
from bot.command import Turn
from domain import kpi, trend
from domain.model import OFFICE, Slot
from handlers import _figures, _pictures
from handlers._books import Books, Scope

WEEKS, MONTHS = 12, 6
DRAWN = 5
"""A share of fewer than this is told, not drawn: one of one is no 100 %."""
MONTHLY = frozenset({"churn", "coverage", "conversion"})
AIMS = {"conflict_rate": ((5.0, "参考线 5%", "alarm"), (2.0, "目标 2%", "aim"))}
BAD_UP = frozenset({"conflict_rate", "repeat_followup_rate", "churn"})


def slots(turn: Turn, metric: str) -> list[Slot]:
    """The periods of the series, the running one last."""
    unit, n = ("month", MONTHS) if metric in MONTHLY else ("week", WEEKS)
    return [_figures.current(turn.now, unit, back) for back in reversed(range(n))]


def series(turn: Turn, who: Scope, metric: str) -> list[tuple[Slot, kpi.Figure]]:
    """The figure of every period."""
    return [(slot, _figures.figure(turn, metric, who, slot, Books(turn, who, slot))) for slot in slots(turn, metric)]


def lines_of(turn: Turn, metric: str) -> list[tuple[float, str, str]]:
    """The reference lines: the company's own, the case figures of features.md 0.1, a target somebody set."""
    out = list(AIMS.get(metric, ()))
    line = kpi.limit(metric, turn.rules)
    if line is not None:
        out.append((round(100 * line, 1), f"标准线 {line:.0%}", "alarm"))
    return out


def card(turn: Turn, who: Scope, metric: str) -> Card:
    """Text twin first, the picture with it."""
    found = series(turn, who, metric)
    name, unit = kpi.NAMES[metric], "个月" if metric in MONTHLY else "周"
    title = f"{who.name}{name}：最近 {len(found)} {unit}"
    known = [(s, f) for s, f in found if f.whole]
    if metric == "visits" or not known:
        counts = "，".join(f"{label(s, metric)} {f.part}" for s, f in found if f.part)
        return Card(title, (Text(counts or "这段时间没有数据。"),))
    worded = [f"{label(s, metric)} {f.shown}（{f.part}/{f.whole}）" for s, f in known]
    said = verdict(found, metric)
    refs = lines_of(turn, metric)
    facts = [("最新", worded[-1]), ("判断", said)] + ([("参考", "，".join(w for _, w, _ in refs))] if refs else [])
    signal = trend.cusum([(f.part, f.whole) for _, f in found])
    drawn = [(s, f if f.whole >= DRAWN or len(known) < DRAWN else kpi.Figure(metric, 0, 0)) for s, f in found]
    points = [
        [label(s, metric), round(100 * f.part / f.whole, 1) if f.whole else None, f.shown if f.whole else ""] for s, f in drawn
    ]
    sample = [f.whole for _, f in known]
    file = _pictures.picture(
        "trend", f"{name}趋势", title=title, note=kpi.DEFINITIONS[metric], points=points, lines=[list(r) for r in refs],
        mark=signal.at if signal else None, foot=f"样本：每{'月' if metric in MONTHLY else '周'} {min(sample)}–{max(sample)}，不足 {DRAWN} 的不画\n{said}",
    )  # fmt: skip
    return Card(title, (Facts(tuple(facts)), Items(tuple(worded[-WEEKS:]))), files=(file,))


def label(slot: Slot, metric: str) -> str:
    """3/9 for a week, 3月 for a month."""
    day = slot.start.astimezone(OFFICE)
    return f"{day.month}月" if metric in MONTHLY else f"{day.month}/{day.day}"


def verdict(found: list[tuple[Slot, kpi.Figure]], metric: str) -> str:
    """What the series says beyond chance; small samples say nothing."""
    points = [(f.part, f.whole) for _, f in found]
    signal = trend.cusum(points)
    if signal is not None:
        word = "上升" if signal.up else "下降"
        good = "（变差）" if signal.up == (metric in BAD_UP) else "（变好）"
        return f"{label(found[signal.since][0], metric)} 起明显{word}{good}，不像偶然波动"
    if sum(w for _, w in points) < 2 * trend.LEAST:
        return "样本太少，看不出趋势"
    return "没有超出偶然波动的变化"
