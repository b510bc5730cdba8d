"""The doors of the time grammar: all expressions of a text, and the one that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from domain.text import fold
from nlp.times.grammar import values
from nlp.times.lexer import scan
from nlp.times.value import Value
from nlp.times.values import DAY, Context, Mode, TimeSpan, minutes_of, moment

_DAY_PARTS = frozenset(["clock", "part", "now"])
_SHIFTS = ("提前", "推迟", "延后", "延迟", "顺延", "推后", "往后", "晚", "早", "延长", "迟到")


def find(text: str, now: datetime, mode: Mode = Mode.BOOKING, blocked: Sequence[tuple[int, int]] = ()) -> list[TimeSpan]:
    """All time expressions of a raw text, left to right, not overlapping; `blocked` spans of the text are not read.

    `now` must be aware; its zone is the zone of the answers. Never raises for any text.
    """
    masked = text
    for start, end in blocked:
        masked = masked[:start] + "\0" * (end - start) + masked[end:]
    folded = fold(masked)
    tokens = scan(folded.text)
    if not tokens:
        return []
    at = minutes_of(now)
    context = Context(at, at // DAY, date.fromordinal(at // DAY), mode.value)
    found = values(folded.text, tokens, context)
    zone = now.tzinfo
    return [_span(text, folded.span(*value.at), value, zone) for value in found]


def _span(text: str, span: tuple[int, int], value: Value, zone: tzinfo | None) -> TimeSpan:
    p = value.point
    dated = value.kind == "recurrence" or (p is not None and not _DAY_PARTS.issuperset(p.t))
    wday = p.t.get("wday") if p is not None else None
    return TimeSpan(
        text[span[0] : span[1]],
        span,
        value.kind,
        None if value.start is None else moment(value.start, zone),
        None if value.end is None else moment(value.end, zone),
        value.minutes,
        value.recur,
        dated,
        value.clocked,
        value.part,
        value.bare,
        wday is not None and not wday.c and bool(wday.a),
        value.ambiguous,
        value.rolled,
        value.lasts,
    )


def combine(day: TimeSpan, clock: TimeSpan) -> TimeSpan | None:
    """明天 … 下午三点 said apart: the clock (or clock range) on the day of the date; None when they don't fit."""
    if day.has_clock or not day.has_date or clock.has_date or day.start is None or clock.start is None:
        return None
    if day.kind not in ("date", "range") or clock.kind not in ("instant", "range"):
        return None
    if day.kind == "range" and (day.end is None or (day.end - day.start).days > 1):
        return None
    start, end = clock.start, clock.end
    shift = day.start.date() - start.date()
    if clock.part_of_day in ("晚上", "半夜") and start.hour < 5:
        shift += timedelta(days=1)
    if day.part_of_day in ("下午", "晚上", "傍晚") and clock.bare_clock and start.hour < 12:
        shift += timedelta(hours=12)
    return replace(
        clock,
        start=start + shift,
        end=None if end is None else end + shift,
        has_date=True,
        part_of_day=clock.part_of_day or day.part_of_day,
        bare_weekday=day.bare_weekday,
        ambiguous=day.ambiguous,
        rolled=day.rolled,
    )


def best(text: str, now: datetime) -> dict[str, Any]:
    """The answer of `parse --times` for one text (contract.md section 5): `times`, and the best reading's kind/start/end."""
    spans = find(text, now, Mode.TIMES)
    if not spans:
        return {"times": [], "kind": "none", "start": None, "end": None}
    chosen = spans[0] if len(spans) == 1 else _choose(text, spans)
    readings = [_reading(span) for span in spans]
    times = [{"text": span.text, "span": list(span.span), **reading} for span, reading in zip(spans, readings, strict=True)]
    known = next((reading for span, reading in zip(spans, readings, strict=True) if span is chosen), None)
    return {"times": times, **(known or _reading(chosen))}


def _choose(text: str, spans: list[TimeSpan]) -> TimeSpan:
    for span in spans:
        if span.kind == "recurrence":
            return _timed(span, spans)
    solid = [s for s in spans if s.kind != "duration" and not (s.kind == "instant" and not s.has_clock)]
    if not solid:
        return next((s for s in spans if s.kind != "duration"), spans[0])
    first = solid[0]
    for other in solid[1:]:
        joined = combine(first, other) or combine(other, first)
        if joined is not None:
            first = joined
            break
    if first.kind == "instant" and first.has_clock and first.start is not None:
        return _lasting(text, first, spans)
    return first


def _timed(span: TimeSpan, spans: list[TimeSpan]) -> TimeSpan:
    """A recurrence takes a weekday or a clock said elsewhere in the sentence (每周提醒我周五下午三点写周报)."""
    if span.recur is None or span.recur.get("time"):
        return span
    if span.recur["freq"] == "WEEKLY" and not span.recur.get("byday"):
        for other in spans:
            if other.bare_weekday and other.start is not None:
                time = f"{other.start:%H:%M}" if other.has_clock else None
                recur = span.recur | {"byday": [other.start.isoweekday()]} | ({"time": time} if time else {})
                return replace(span, recur=recur, start=other.start)
    for other in spans:
        if other.has_clock and not other.has_date and other.start is not None and other.kind in ("instant", "range"):
            start = None if span.start is None else span.start.replace(hour=other.start.hour, minute=other.start.minute)
            recur = span.recur | {"time": f"{other.start:%H:%M}"}
            return TimeSpan(span.text, span.span, "recurrence", start, None, None, recur, True, True)
    return span


def _lasting(text: str, first: TimeSpan, spans: list[TimeSpan]) -> TimeSpan:
    """明天10点开会 … 预计1个半小时: a duration later in the sentence is the length, unless it is a lead or a delay."""
    for span in spans:
        if span.kind == "duration" and span.minutes and span.span[0] > first.span[1] and first.start is not None:
            before = text[max(0, span.span[0] - 3) : span.span[0]].strip()
            if before.endswith(_SHIFTS) or span.minutes >= DAY:
                continue
            end = moment(minutes_of(first.start) + span.minutes, first.start.tzinfo)
            return TimeSpan(
                first.text, first.span, "range", first.start, end, None, None, first.has_date, True, first.part_of_day
            )
    return first


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _reading(span: TimeSpan) -> dict[str, Any]:
    reading: dict[str, Any] = {"kind": span.kind, "start": _iso(span.start), "end": _iso(span.end)}
    if span.minutes is not None:
        reading["minutes"] = span.minutes
    if span.recur is not None:
        reading["recur"] = {"byday": [], "bymonthday": [], "time": None} | span.recur
    return reading
