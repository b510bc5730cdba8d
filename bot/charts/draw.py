"""The charts: trend with its reference lines, ranking, shares, funnel, week calendar of a team. Data in, PNG out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.charts.canvas import (
    AMBER,
    BLUE,
    BODY,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    RED,
    SERIES,
    SMALL,
    SOFT,
    WIDTH,
    Canvas,
    fit,
    measure,
    tint,
)

What = Mapping[str, Any]


def save(what: What, path: Path) -> None:
    """Draw what a recipe describes; whole or not at all."""
    canvas = DRAW[str(what["chart"])](what)
    part = path.with_name(f".{path.name}.part")
    try:
        canvas.image.save(part, "PNG", optimize=True)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _sheet(what: What, body: float) -> Canvas:
    """A canvas high enough for its head and a body of this height."""
    probe = Canvas(10, str(what["title"]), str(what.get("note") or ""))
    return Canvas(round(probe.y + body + MARGIN), str(what["title"]), str(what.get("note") or ""))


# ---------------------------------------------------------------------- bars
def ranking(what: What) -> Canvas:
    """`rows`: [name, value 0…, words]; the longest bar is the greatest value."""
    rows: Sequence[tuple[str, float, str]] = what["rows"]
    high = 92
    c = _sheet(what, high * len(rows))
    left = MARGIN + min(240.0, max((measure(name, BODY) for name, *_ in rows), default=0)) + 24
    right = WIDTH - MARGIN - max((measure(words, BODY) for *_, words in rows), default=0) - 20
    most = max((value for _, value, _ in rows), default=0) or 1
    for n, (name, value, words) in enumerate(rows):
        middle = c.y + high / 2
        c.text((left - 24, middle), fit(name, BODY, 240), BODY, INK, anchor="rm")
        c.box((left, middle - 24, right, middle + 24), tint(GREY, 0.14), radius=8)
        if value > 0:
            c.box(
                (left, middle - 24, max(left + 14, left + (right - left) * value / most), middle + 24),
                BLUE if n < 3 else tint(BLUE, 0.55),
                radius=8,
            )
        c.text((right + 20, middle), words, BODY, INK, anchor="lm", bold=n == 0)
        c.y += high
    return c


def purposes(what: What) -> Canvas:
    """`rows`: [name, count, percent]; one bar of all shares, then a line each."""
    rows: Sequence[tuple[str, int, int]] = what["rows"]
    c = _sheet(what, 120 + 84 * len(rows))
    x, full = float(MARGIN), WIDTH - 2 * MARGIN
    for n, (_, _, share) in enumerate(rows):
        wide = full * share / 100
        c.box((x, c.y, x + max(wide - 4, 3), c.y + 84), SERIES[n % len(SERIES)], radius=6)
        if wide > 90:
            c.text((x + wide / 2 - 2, c.y + 42), f"{share}%", BODY, "#FFFFFF", anchor="mm", bold=True)
        x += wide
    c.y += 120
    for n, (name, count, share) in enumerate(rows):
        middle = c.y + 40
        c.box((MARGIN, middle - 15, MARGIN + 30, middle + 15), SERIES[n % len(SERIES)], radius=6)
        c.text((MARGIN + 50, middle), name, BODY, INK, anchor="lm")
        c.text((WIDTH - MARGIN - 130, middle), f"{count} 个", BODY, SOFT, anchor="rm")
        c.text((WIDTH - MARGIN, middle), f"{share}%", BODY, INK, anchor="rm", bold=True)
        c.y += 84
    return c


def funnel(what: What) -> Canvas:
    """`rows`: [step, number, words of its share of the step before]."""
    rows: Sequence[tuple[str, int, str]] = what["rows"]
    high, gap = 100, 52
    c = _sheet(what, (high + gap) * len(rows) - gap)
    most = max((n for _, n, _ in rows), default=0) or 1
    middle, full = WIDTH / 2, WIDTH - 2 * MARGIN
    for i, (name, n, _rate) in enumerate(rows):
        wide = max(full * n / most, 150)
        colour = BLUE if i < len(rows) - 1 else GREEN
        inside = wide > measure(f"{name} {n}", BODY) + 60
        c.box((middle - wide / 2, c.y, middle + wide / 2, c.y + high), colour if n else tint(GREY, 0.3), radius=14)
        c.text(
            (middle, c.y + high / 2),
            f"{name} {n}" if inside else str(n),
            BODY + 4,
            "#FFFFFF" if n else SOFT,
            anchor="mm",
            bold=True,
        )
        if not inside:
            c.text((middle + wide / 2 + 22, c.y + high / 2), name, BODY, INK, anchor="lm")
        c.y += high
        if i < len(rows) - 1:
            words = rows[i + 1][2]
            c.text((middle, c.y + gap / 2), f"▼ {words}" if words else "▼", SMALL, SOFT, anchor="mm")
            c.y += gap
    return c


# ---------------------------------------------------------------------- trend
def trend(what: What) -> Canvas:
    """`points`: [label, percent or null, words]; `lines`: [percent, words, kind] with kind alarm or aim; `mark` = index of a signal."""
    points: Sequence[tuple[str, float | None, str]] = what["points"]
    lines: Sequence[tuple[float, str, str]] = what.get("lines") or ()
    plot, foot = 560, 84 + (50 if lines else 0) + 44 * len(str(what.get("foot") or "").split("\n"))
    c = _sheet(what, plot + foot)
    top, bottom, left, right = c.y + 20, c.y + plot, MARGIN + 92, WIDTH - MARGIN - 20
    values = [v for _, v, _ in points if v is not None]
    ceiling, step = _scale(max([*values, *(v for v, *_ in lines), 1.0]))

    def at(value: float) -> float:
        return bottom - (bottom - top) * value / ceiling

    for i in range(round(ceiling / step) + 1):
        c.rule((left, at(i * step)), (right, at(i * step)))
        c.text((left - 16, at(i * step)), f"{i * step:g}%", SMALL, SOFT, anchor="rm")
    for level, _words, kind in lines:
        c.rule((left, at(level)), (right, at(level)), RED if kind == "alarm" else AMBER, 3, dash=14)
    pace = (right - left - 60) / max(1, len(points) - 1)
    xs = [left + 30 + pace * i for i in range(len(points))]
    known = [(x, at(v)) for x, (_, v, _) in zip(xs, points, strict=True) if v is not None]
    if len(known) > 1:
        c.draw.line(known, fill=BLUE, width=6, joint="curve")
    every = max(1, -(-len(points) // 6))
    last = max((i for i, p in enumerate(points) if p[1] is not None), default=-1)
    best = max((i for i, p in enumerate(points) if p[1] is not None), key=lambda i: points[i][1] or 0, default=-1)
    for i, (x, (label, value, words)) in enumerate(zip(xs, points, strict=True)):
        if (len(points) - 1 - i) % every == 0:
            c.text((x, bottom + 18), label, SMALL, SOFT, anchor="ma")
        if value is None:
            continue
        signal = i == what.get("mark")
        r = 14 if signal else 9
        c.draw.ellipse((x - r, at(value) - r, x + r, at(value) + r), fill=RED if signal else BLUE, outline="#FFFFFF", width=3)
        if i in (last, best) or signal:
            edge = "ra" if x > right - 90 else "la" if x < left + 90 else "ma"
            before = points[i - 1][1] if i else None
            below = before is not None and before > value and not signal and at(value) + 58 < bottom
            place = at(value) + 16 if below else max(top - 6, at(value) - 58)
            c.halo((x, place), words, SMALL + 2, RED if signal else INK, anchor=edge)
    c.y = bottom + 84
    if lines:
        c.legend([(RED if kind == "alarm" else AMBER, words) for _, words, kind in lines])
    for line in (what.get("foot") or "").split("\n"):
        c.text((MARGIN, c.y), fit(line, SMALL, WIDTH - 2 * MARGIN), SMALL, SOFT)
        c.y += 44
    return c


def _scale(most: float) -> tuple[float, float]:
    """A ceiling above the greatest value, and the step of the grid."""
    for step in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0):
        if most * 1.15 <= 5 * step:
            return min(100.0, step * -(-most * 1.15 // step)), step
    return 100.0, 20.0


# ---------------------------------------------------------------------- week
STATES = {
    "planned": (BLUE, "待拜访"), "pending": (AMBER, "待确认"), "done": (GREEN, "已完成"), "missed": (RED, "漏访"),
    "empty": (GREY, "扑空"), "leave": (GREY, "不在"),
}  # fmt: skip
BLOCK, GAP, DAYHEAD = 88, 10, 94


def week(what: What) -> Canvas:
    """`days`: [weekday, date, off]; `rows`: [name, [[cell of a day: [time, words, state, clash]]]]. Team × day (R128)."""
    days: Sequence[tuple[str, str, bool]] = what["days"]
    rows: Sequence[tuple[str, Sequence[Sequence[tuple[str, str, str, bool]]]]] = what["rows"]
    name_w = 158
    wide = (WIDTH - 2 * 28 - name_w) / len(days)
    heights = [max(BLOCK + 2 * GAP, max((len(cell) for cell in cells), default=0) * (BLOCK + GAP) + GAP) for _, cells in rows]
    used = [s for s in STATES if any(e[2] == s for _, cells in rows for cell in cells for e in cell)]
    c = _sheet(what, DAYHEAD + sum(heights) + 40 + (110 if used else 0))
    top, left = c.y, 28 + name_w
    for i, (name, date, off) in enumerate(days):
        x = left + wide * i
        if off:
            c.draw.rectangle((x, top, x + wide, top + DAYHEAD + sum(heights)), fill="#F6F7F9")
        c.text((x + wide / 2, top + 4), name, BODY - 2, SOFT if off else INK, anchor="ma", bold=not off)
        c.text((x + wide / 2, top + 44), date, SMALL - 1, SOFT, anchor="ma")
    y = top + DAYHEAD
    for (name, cells), high in zip(rows, heights, strict=True):
        c.rule((28, y), (WIDTH - 28, y), LINE, 2)
        c.text((28, y + GAP + BLOCK / 2), fit(name, BODY - 2, name_w - 12), BODY - 2, INK, anchor="lm")
        for i, cell in enumerate(cells):
            for n, (time, words, state, clash) in enumerate(cell):
                x0, y0 = left + wide * i + 4, y + GAP + n * (BLOCK + GAP)
                colour = STATES[state][0]
                c.box((x0, y0, x0 + wide - 8, y0 + BLOCK), tint(colour, 0.14), radius=8, outline=RED if clash else "", width=4)
                c.draw.rectangle((x0, y0 + 8, x0 + 6, y0 + BLOCK - 8), fill=colour)
                c.text((x0 + 14, y0 + 3), time, SMALL - 1, INK)
                c.text((x0 + 14, y0 + 41), fit(words, SMALL - 1, wide - 26), SMALL - 1, INK)
        y += high
    c.rule((28, y), (WIDTH - 28, y), LINE, 2)
    c.y = y + 34
    if used:
        c.legend([STATES[s] for s in used])
        if any(e[3] for _, cells in rows for cell in cells for e in cell):
            c.text((MARGIN, c.y), "红框：时间重叠", SMALL, RED)
    return c


DRAW: Mapping[str, Callable[[What], Canvas]] = {
    "ranking": ranking, "purposes": purposes, "funnel": funnel, "trend": trend, "week": week,
}  # fmt: skip
