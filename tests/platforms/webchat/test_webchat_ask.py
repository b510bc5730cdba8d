"""What the page may ask, and what it is told when it may not."""

from datetime import timedelta
from typing import Any

import pytest

from bot.message import Place
from bot.platforms.webchat.ask import LONGEST_MOVE, MAX_TEXT, BadAsk, read_clock, read_say
from bot.sample import START


def test_a_message_of_each_kind() -> None:
    assert read_say({"from": "lina", "text": "好"}).content == "好"
    assert read_say({"from": "lina", "text": "好"}).platform == "wecom"
    assert read_say({"from": "lina", "voice": "好", "platform": "dingtalk"}).how == "voice"
    click = read_say({"from": "lina", "click": "/x", "values": {"a": 1}, "group": "east", "more": "ignored"})
    assert (click.how, click.content, click.values, click.group) == ("click", "/x", {"a": 1}, "east")
    place = read_say({"from": "lina", "location": {"lat": 31.5, "lng": "120.5", "label": "昆山"}})
    assert (place.place, place.content) == (Place(31.5, 120.5, "昆山"), "昆山")
    assert len(read_say({"from": "lina", "text": "长" * 9000}).content) == MAX_TEXT


@pytest.mark.parametrize(
    "data",
    [
        None, [], "x", 1, {}, {"text": "好"}, {"from": ""}, {"from": "lina"}, {"from": 3, "text": "好"},
        {"from": "lina", "text": ""},
        {"from": "lina", "text": "  \n"}, {"from": "lina", "text": 1}, {"from": "lina", "text": "好", "voice": "好"},
        {"from": "lina", "text": "好", "platform": "telegram"}, {"from": "lina", "text": "好", "group": 1},
        {"from": "lina", "click": "/x", "values": [1]}, {"from": "lina", "location": "昆山"},
        {"from": "lina", "location": {"lat": 1}},
        {"from": "lina", "location": {"lat": 99, "lng": 0}}, {"from": "lina", "location": {"lat": float("nan"), "lng": 0}},
        {"from": "lina", "location": {"lat": [], "lng": 0}},
    ],
)  # fmt: skip
def test_everything_else_is_refused_in_words(data: Any) -> None:
    with pytest.raises(BadAsk, match=r"\S"):
        read_say(data)


def test_where_the_clock_goes() -> None:
    assert read_clock({"minutes": 10}, START) == START + timedelta(minutes=10)
    assert read_clock({"to": "2026-03-12T08:30:00+08:00"}, START) == START.replace(day=12, hour=8, minute=30)
    assert read_clock({"to": "2026-03-12T08:30"}, START) == START.replace(day=12, hour=8, minute=30)
    assert read_clock({"minutes": 0}, START) == START


@pytest.mark.parametrize(
    "data",
    [
        None, {}, {"to": "bald"}, {"to": 5}, {"to": "2026-03-11T09:59:00+08:00"},
        {"minutes": -1}, {"minutes": "10"}, {"minutes": True},
        {"minutes": 10**12}, {"minutes": 10**40}, {"to": (START + LONGEST_MOVE + timedelta(minutes=1)).isoformat()},
    ],
)  # fmt: skip
def test_the_clock_only_goes_forward_and_not_too_far(data: Any) -> None:
    with pytest.raises(BadAsk, match=r"\S"):
        read_clock(data, START)
