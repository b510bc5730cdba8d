"""The one way the bot writes a time: 3月12日 周四 15:00; `find` reads it back to the same value."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from nlp.times.values import TimeSpan

_WEEKDAYS = "一二三四五六日"


def say(value: datetime | date | tuple[datetime, datetime] | TimeSpan, now: datetime) -> str:
    """Write an instant, a day or a range [start, end); the year only where `now` would not give it back."""
    if isinstance(value, TimeSpan):
        if value.start is None or value.kind not in ("instant", "date", "range") or (value.kind == "range" and value.end is None):
            raise ValueError(f"nothing to say for {value.kind}")
        if value.kind == "date":
            return _day(value.start.date(), now)
        return _instant(value.start, now) if value.end is None else _range(value.start, value.end, now)
    if isinstance(value, tuple):
        return _range(value[0], value[1], now)
    return _instant(value, now) if isinstance(value, datetime) else _day(value, now)


def _day(day: date, now: datetime) -> str:
    today = now.date()
    soon = today <= day and (day.year == today.year or (day - today).days < 300) and (day.month, day.day) != (2, 29)
    year = "" if soon else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def _instant(at: datetime, now: datetime) -> str:
    return f"{_day(at.date(), now)} {at:%H:%M}"


def _range(start: datetime, end: datetime, now: datetime) -> str:
    whole = (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if whole:
        last = end.date() - timedelta(days=1)
        return _day(start.date(), now) if last == start.date() else f"{_day(start.date(), now)}至{_day(last, now)}"
    if start.date() == end.date():
        return f"{_instant(start, now)}–{end:%H:%M}"
    if end.date() - start.date() == timedelta(days=1) and (end.hour, end.minute) == (0, 0):
        return f"{_instant(start, now)}–24:00"
    return f"{_instant(start, now)}至{_instant(end, now)}"
