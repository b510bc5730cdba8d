"""What the command parser and `parse --times` get from the time grammar."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from nlp.times import Mode, best, combine, find
from nlp.times.cli import run
from nlp.times.values import TimeSpan
from tests.nlp.times.when import NOW, ZONE


def one(text: str, mode: Mode = Mode.BOOKING, now: datetime = NOW) -> TimeSpan:
    (span,) = find(text, now, mode)
    return span


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def test_a_span_tells_what_was_said() -> None:
    span = one("明天下午三点")
    assert (span.has_date, span.has_clock, span.part_of_day, span.bare_clock) == (True, True, "下午", False)
    bare = one("三点半")
    assert (bare.has_date, bare.has_clock, bare.part_of_day, bare.bare_clock) == (False, True, None, True)
    assert one("周五").bare_weekday
    assert not one("下周五").bare_weekday
    assert one("9点").rolled
    assert one("15:00").bare_clock is False


@pytest.mark.parametrize("text", ["周四3月13号", "明天周五", "3月13日周一"])
def test_weekday_and_date_disagree(text: str) -> None:
    assert one(text).ambiguous


@pytest.mark.parametrize("text", ["周四3月12号", "明天周四", "3月12日（周四）15:00", "2月10日 周三"])
def test_weekday_and_date_agree(text: str) -> None:
    assert not one(text).ambiguous


def test_a_duration_beside_an_instant_is_its_length_in_a_booking() -> None:
    span = one("从三点开始一个半小时")
    assert (span.kind, span.start, span.end, span.duration_min) == ("instant", at(3, 11, 15), None, 90)
    span = one("从三点开始一个半小时", Mode.TIMES)
    assert (span.kind, span.start, span.end) == ("range", at(3, 11, 15), at(3, 11, 16, 30))


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [("周二", 3, 10), ("周三", 3, 11), ("周五", 3, 6), ("3月20日", 3, 20), ("15号", 2, 15), ("本周一", 3, 9), ("上周五", 3, 6)],
)
def test_questions_about_the_past_look_back(text: str, month: int, day: int) -> None:
    year = 2025 if (month, day) == (3, 20) else 2026
    assert one(text + "拜访了谁", Mode.PAST).start == datetime(year, month, day, tzinfo=ZONE)


def test_a_part_of_day_in_the_past_is_today() -> None:
    span = one("上午聊完", Mode.PAST, NOW.replace(hour=15))
    assert (span.start, span.end) == (at(3, 11, 8), at(3, 11, 12))


def test_blocked_names_are_not_read() -> None:
    text = "明天下午三点去周三丰家具"
    (span,) = find(text, NOW, blocked=[(8, 12)])
    assert span.text == "明天下午三点"
    assert [s.text for s in find("五月花的王总周五来", NOW, blocked=[(0, 3)])] == ["周五"]


def test_spans_are_those_of_the_original_text() -> None:
    text = "㈱宏遠：下週三下午３點鐘見"
    (span,) = find(text, NOW)
    assert (span.text, text[slice(*span.span)]) == ("下週三下午３點鐘", "下週三下午３點鐘")


def test_a_date_and_a_clock_said_apart_combine() -> None:
    day, clock = find("明天帮我约张总下午三点", NOW)
    joined = combine(day, clock)
    assert joined is not None
    assert (joined.kind, joined.start, joined.has_date, joined.has_clock) == ("instant", at(3, 12, 15), True, True)
    assert combine(clock, day) is None
    week, late = find("下周约一下，下午三点", NOW)
    assert combine(week, late) is None


def test_a_rolled_clock_combines_with_its_day() -> None:
    day, clock = find("后天去宏远，大概约9点", NOW)
    joined = combine(day, clock)
    assert joined is not None
    assert joined.start == at(3, 13, 9)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("后天我去宏远，晚上两点到", at(3, 14, 2), None),
        ("明天我去宏远，晚上12点到", at(3, 13), None),
        ("明晚我去宏远，8点到9点", at(3, 12, 20), at(3, 12, 21)),
    ],
)
def test_night_hours_combine(text: str, start: datetime, end: datetime | None) -> None:
    day, clock = find(text, NOW)
    joined = combine(day, clock)
    assert joined is not None
    assert (joined.start, joined.end) == (start, end)


def test_recurrences_have_a_first_occurrence_and_extras() -> None:
    monday = one("每个工作日早上8点半")
    assert monday.recur is not None
    assert (monday.recur["workdays"], monday.start) == (True, at(3, 12, 8, 30))
    assert one("每月最后一个周五").start == at(3, 27)
    assert one("每年3月15日").start == at(3, 15)
    assert one("每两小时").start == NOW + timedelta(hours=2)
    assert one("每月31号").start == at(3, 31)


def test_the_best_reading_of_a_silent_text() -> None:
    assert best("打开导航", NOW) == {"times": [], "kind": "none", "start": None, "end": None}


def test_the_loop_answers_line_by_line() -> None:
    lines = [
        json.dumps({"id": "1", "text": "明天下午三点", "now": "2026-03-11T10:00:00"}),
        "not json",
        "[1]",
        "",
        json.dumps({"id": "2", "text": 5, "now": "2026-03-11T10:00:00"}),
        json.dumps({"id": "3", "text": "三点", "now": "yesterday"}),
        json.dumps({"id": "4", "text": "两小时", "now": "2026-03-11T02:00:00Z"}),
        json.dumps({"id": "5", "text": "半小时后", "now": "2026-03-11T02:00:00+00:00"}),
    ]
    out: list[str] = []
    run(lines, out.append)
    first, bad, array, typed, moment, length, later = map(json.loads, out)
    assert (first["id"], first["kind"], first["start"], first["end"]) == ("1", "instant", "2026-03-12T15:00:00+08:00", None)
    assert first["times"][0]["span"] == [0, 6]
    assert first["ms"] >= 0
    assert all("error" in answer for answer in (bad, array, typed, moment))
    assert (typed["id"], moment["id"]) == ("2", "3")
    assert (length["kind"], length["minutes"]) == ("duration", 120)
    assert later["start"] == "2026-03-11T10:30:00+08:00"
