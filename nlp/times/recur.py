"""Recurrences: the head with its weekdays, days of the month, clock, and the first occurrence."""

from __future__ import annotations

from datetime import date
from typing import Any

from nlp.times import clock, days
from nlp.times.every import ALL_WORKDAYS, WEEKEND
from nlp.times.festivals import RULES
from nlp.times.point import JOIN, LIST, RANGE, Point
from nlp.times.values import DAY, Context, Token

_PARTS = frozenset(["lunar", "wday", "dom", "clock", "part", "month", "edge", "nth", "weekend", "workdays", "md", "feast", "dur"])
Found = tuple[dict[str, Any], int | None, int, int, int]


def recurrence(s: str, tokens: list[Token], at: int, early: Point | None, c: Context) -> Found:
    """The rule, its first occurrence (internal minutes), the span, and the index of the token after it."""
    start = tokens[at].start if early is None else early.start
    got: dict[str, list[Token]] = {}
    if early is not None:
        for kind, token in early.t.items():
            got.setdefault(kind, []).append(token)
        if early.to is not None and early.to.kind in got:
            _fill(early.to, got)
    end, after = _collect(s, tokens, at, got)
    head = got["every"][0] if "every" in got else Token("every", start, end, 1, name="WEEKLY")
    recur: dict[str, Any] = {"freq": head.name, "interval": head.a}
    _weekdays(head, got, recur)
    _monthdays(head, got, recur)
    _time(got, recur)
    return recur, _first(recur, got, c), start, end, after


_LINKS = JOIN | LIST | RANGE | {"都", "都是", "都要", "固定"}


def _collect(s: str, tokens: list[Token], at: int, got: dict[str, list[Token]]) -> tuple[int, int]:
    """Take the tokens that belong to the rhythm; a new moment behind a comma (每天9点，下周三…) does not."""
    end, first = tokens[at].end, at
    while at < len(tokens):
        token, kind = tokens[at], tokens[at].kind
        gap = s[end : token.start].strip() if at > first else ""
        if gap not in _LINKS or (kind not in _PARTS and kind != "every") or (kind == "every" and "every" in got):
            break
        ranged = gap in RANGE
        if (ranged and kind not in got) or (kind == "dur" and "clock" not in got) or _is_new(token, gap, got):
            break
        if ranged:
            _fill(token, got)
        elif gap != "," or kind not in got:
            got.setdefault(kind, []).append(token)
        end = token.end
        at += 1
    return end, at


def _is_new(token: Token, gap: str, got: dict[str, list[Token]]) -> bool:
    if token.kind == "wday" and token.c & 1:
        return True
    return gap == "," and "clock" in got and token.kind != "part" and token.kind not in got


def _fill(token: Token, got: dict[str, list[Token]]) -> None:
    """到 between two weekdays or days fills in what lies between; between clocks only the start counts."""
    if token.kind in ("wday", "dom"):
        last = got[token.kind][-1]
        got[token.kind] += [Token(token.kind, token.start, token.end, n) for n in range(last.a + 1, token.a + 1)]


def _weekdays(head: Token, got: dict[str, list[Token]], recur: dict[str, Any]) -> None:
    bits = head.b | sum(1 << (n - 1) for n in {t.a for t in got.get("wday", ()) if t.a})
    if "weekend" in got:
        bits |= WEEKEND
    if "workdays" in got:
        bits |= ALL_WORKDAYS
    if head.c or "workdays" in got:
        recur["workdays"] = True
    nth = got.get("nth")
    if nth and nth[0].name == "weekday":
        bits |= 1 << (nth[0].b - 1)
        recur["nth"] = nth[0].a
    if bits:
        recur["byday"] = [i + 1 for i in range(7) if bits >> i & 1]
        if recur["freq"] == "DAILY":
            recur["freq"] = "WEEKLY"


def _monthdays(head: Token, got: dict[str, list[Token]], recur: dict[str, Any]) -> None:
    found = [t.a for t in got.get("dom", ())]
    nth = got.get("nth")
    if nth and nth[0].name == "day":
        found.append(nth[0].a)
    if nth and nth[0].name == "workday":
        recur["workdays"], recur["nth"] = True, nth[0].a
    if "edge" in got and head.name == "MONTHLY":
        found.append(-1 if got["edge"][0].name[0] == "末" else 1)
    if "month" in got or "md" in got or "feast" in got:
        recur["freq"] = "YEARLY"
    elif found and recur["freq"] in ("MONTHLY", "DAILY", "WEEKLY"):
        recur["freq"] = "MONTHLY"
    if found and "month" not in got:
        recur["bymonthday"] = sorted(set(found))


def _time(got: dict[str, list[Token]], recur: dict[str, Any]) -> None:
    clocks = got.get("clock")
    if not clocks:
        return
    part = got["part"][0].name if "part" in got else None
    minute = clock.minutes(clocks[0], part, False) % DAY
    recur["time"] = f"{minute // 60:02d}:{minute % 60:02d}"


def _first(recur: dict[str, Any], got: dict[str, list[Token]], c: Context) -> int | None:
    """The first occurrence at or after now."""
    time = recur.get("time")
    minute = int(time[:2]) * 60 + int(time[3:]) if time else 0
    if recur["freq"] in ("HOURLY", "MINUTELY"):
        return c.now + int(recur["interval"]) * (60 if recur["freq"] == "HOURLY" else 1)
    for day in range(c.today, c.today + 1500):
        if _matches(day, recur, got, c) and (day * DAY + minute >= c.now or (not time and day == c.today)):
            return day * DAY + minute
    return None


def _matches(day: int, recur: dict[str, Any], got: dict[str, list[Token]], c: Context) -> bool:
    at = date.fromordinal(day)
    if recur["freq"] == "YEARLY":
        return _yearly(day, at, got)
    wanted, nth = recur.get("byday"), recur.get("nth")
    start, end = days.month_span(at.year, at.month)
    if wanted and nth:
        return days.nth_weekday(start, end, wanted[0], nth) == day
    if wanted:
        return (day - 1) % 7 + 1 in wanted
    if nth and recur.get("workdays"):
        return (days.workday(start - 1, nth) if nth > 0 else days.workday(end, nth)) == day
    monthdays = recur.get("bymonthday")
    return not monthdays or at.day in monthdays or at.toordinal() - end in monthdays


def _yearly(day: int, at: date, got: dict[str, list[Token]]) -> bool:
    if "feast" in got:
        return RULES[got["feast"][0].name](at.year) == day
    month = got["month"][0] if "month" in got else got["md"][0] if "md" in got else None
    if month is None:
        return True
    dom = got["dom"][0].a if "dom" in got else got["md"][0].b if "md" in got else 1
    if "lunar" in got or month.name == "lunar" or ("dom" in got and got["dom"][0].b == 1):
        return days.lunar(days.lunar_year(day), month.a, dom) == day
    return (at.month, at.day) == (month.a, dom)
