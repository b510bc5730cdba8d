"""Recorded and documented payloads (payloads/*.json) → messages, hints, alarms; and nothing whatever raises."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.message import Message
from bot.platforms.dingtalk import payload
from bot.platforms.dingtalk.frames import Frame, answer, read_frame
from bot.platforms.dingtalk.payload import Hint, Said, Trouble, read_bot, read_click
from domain.model import OFFICE

HERE = Path(__file__).parent / "payloads"
AT = datetime(2026, 3, 11, 10, 0, tzinfo=OFFICE)
KEY = "dingoxxxx:msgrK2=="


def frame(name: str) -> Frame:
    return Frame("CALLBACK", "t", "mid1", (HERE / f"{name}.json").read_text("utf-8"))


def content(message: Message) -> dict[str, object]:
    """What is set in a message, without what every one of these has."""
    kept = ("text", "voice", "image", "file", "group", "quoted", "click", "card_handle", "key", "values")
    return {k: v for k, v in asdict(message).items() if k in kept and v}


SAID: dict[str, list[dict[str, object]]] = {
    "text_private": [{"text": "明天下午三点拜访华为", "key": KEY}],
    "text_group": [{"text": "明天下午三点拜访华为", "key": KEY, "group": "cid6EUx=="}],
    "text_quoting": [{"text": "改到四点", "key": KEY, "quoted": "明天下午三点拜访华为"}],
    "text_quoting_rich": [{"text": "改到四点", "key": KEY, "quoted": "三点"}],
    "audio": [{"voice": "明天下午三点拜访华为", "key": KEY}],
    "picture": [{"image": "c2", "key": KEY}],
    "rich_text": [
        {"text": "华为门头，已到", "key": KEY, "group": "cid6EUx=="},
        {"image": "c3", "key": KEY + "#1", "group": "cid6EUx=="},
        {"image": "p4", "key": KEY + "#2", "group": "cid6EUx=="},
    ],
    "rich_pictures": [{"image": "c3", "key": KEY}, {"image": "c4", "key": KEY + "#2"}],
    "file": [{"file": "客户.xlsx", "key": KEY}],
    "no_ids": [{"text": "你好", "key": "fallback:mid1"}],
}

HINTS = {
    "text_only_mention": payload.EMPTY,
    "audio_unheard": payload.NO_WORDS,
    "video": payload.NO_VIDEO,
    "unknown": payload.NO_KIND,
    "future_type": payload.NO_KIND,
    "outsider": payload.NOT_KNOWN,
}

CLICKS: dict[str, dict[str, object]] = {
    "click_content": {},
    "click_value": {},
    "click_decoded": {},
    "click_group": {"group": "cidEast=="},
    "click_group_space": {"group": "cidEast=="},
    "click_form": {
        "click": "/visit.book",
        "values": {"customer": "c1", "when": "2026-11-22 15:00", "type": "1", "who": "a,c", "n": 3},
    },
}


@pytest.mark.parametrize("name", SAID)
def test_what_people_say(name: str) -> None:
    got = read_bot(frame(name), "fallback", AT)
    assert all(isinstance(g, Said) for g in got)
    assert [content(g.message) for g in got if isinstance(g, Said)] == SAID[name]
    for g in got:
        assert isinstance(g, Said)
        assert (g.message.sender, g.message.platform, g.message.at) == ("01478602", "dingtalk", AT)
        assert (g.origin.user, g.origin.nick, g.origin.union) == ("01478602", "小钉", "uni1")
        assert g.origin.until == 1708332604.316
        assert g.origin.webhook.endswith("session=abc")
        assert bool(g.code) == bool(g.message.image or g.message.file)


@pytest.mark.parametrize("name", HINTS)
def test_what_is_answered_at_once(name: str) -> None:
    (got,) = read_bot(frame(name), "fallback", AT)
    assert isinstance(got, Hint)
    assert (got.text, got.key) == (HINTS[name], KEY)


@pytest.mark.parametrize("name", ["over_quota", "over_quota_event_names"])
def test_over_quota_is_the_operators_affair(name: str) -> None:
    (got,) = read_bot(frame(name), "fallback", AT)
    assert isinstance(got, Trouble)
    assert "用完" in got.text
    assert "受调用量超量影响" in got.text


@pytest.mark.parametrize("name", CLICKS)
def test_clicks(name: str) -> None:
    got = read_click(frame(name), AT)
    assert isinstance(got, Said)
    expected = {"click": "/undo deed=d1", "card_handle": "visit-123-v1", "key": "click:mid1", **CLICKS[name]}
    assert content(got.message) == expected
    assert got.message.sender == "01478602"


def test_a_click_that_says_nothing_is_answered() -> None:
    got = read_click(frame("click_nothing"), AT)
    assert isinstance(got, Hint)
    assert got.text == payload.LOST_CARD


def test_every_payload_is_in_a_table() -> None:
    named = {*SAID, *HINTS, *CLICKS, "over_quota", "over_quota_event_names", "click_nothing"}
    assert {p.stem for p in HERE.glob("*.json")} == named


def test_two_robots_mentioned_in_one_message_have_keys_of_their_own() -> None:
    data = json.loads(frame("text_group").data)
    other = Frame("CALLBACK", "t", "m", json.dumps({**data, "robotCode": "other"}))
    keys = {g.message.key for f in (frame("text_group"), other) for g in read_bot(f, "r", AT) if isinstance(g, Said)}
    assert len(keys) == 2


def test_half_characters_and_nul_are_gone_before_anything_is_stored() -> None:
    data = json.dumps({**json.loads(frame("text_private").data), "text": {"content": "拜\x00访\ud800"}})
    (got,) = read_bot(Frame("CALLBACK", "t", "m", data), "r", AT)
    assert isinstance(got, Said)
    assert got.message.text == "拜访?"
    got.message.text.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "text",
        "content",
        "value",
        "senderStaffId",
        "msgtype",
        "msgId",
        "richText",
        "repliedMsg",
        "params",
        "form",
        "cardPrivateData",
        "conversationType",
        "sessionWebhookExpiredTime",
        "userId",
        "says",
        "errorCode",
        "downloadCode",
    ]
)
NAMED = st.recursive(
    JSON | st.sampled_from(["text", "richText", "audio", "picture", "2", "u1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.dictionaries(FIELDS, NAMED, max_size=8) | JSON)
def test_no_payload_raises(data: Any) -> None:
    text = json.dumps(data)
    for got in (*read_bot(Frame("CALLBACK", "t", "m", text), "r", AT), read_click(Frame("CALLBACK", "t", "m", text), AT)):
        if isinstance(got, Said):
            got.message.words.encode()
            assert got.message.sender
    read_frame(json.dumps({"type": "CALLBACK", "headers": data, "data": data}))


def test_an_answer_is_what_the_protocol_page_shows() -> None:
    text = '{"specVersion":"1.0","type":"CALLBACK","headers":{"messageId":"212ca","topic":"/x","time":"1"},"data":"{}"}'
    read = read_frame(text)
    assert read is not None
    assert json.loads(answer(read, 200, {"response": None})) == {
        "code": 200,
        "message": "OK",
        "headers": {"messageId": "212ca", "contentType": "application/json"},
        "data": '{"response":null}',
    }
