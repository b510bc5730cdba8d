"""The AI bot's JSON, in the several spellings it comes in."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.message import Message
from bot.platforms.wecom import aibot_payload as payload
from bot.platforms.wecom.crypto import WrongEnvelope
from bot.platforms.wecom.payload import VIDEO, Unread

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
NAMES = ("拜访助手",)


def body(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "msgid": "m1",
        "aibotid": "bot-1",
        "chattype": "single",
        "from": {"userid": "wanglei"},
        "msgtype": kind,
    } | more


def in_group(kind: str, **more: Any) -> dict[str, Any]:
    return body(kind, chattype="group", chatid="wr1", **more)


def seen(value: object, handle: str = "") -> payload.Seen:
    return (
        payload.read_json(json.dumps(value).encode(), NAMES, NOW) if not handle else payload.read_body(value, NAMES, NOW, handle)
    )


def heard(value: object, handle: str = "") -> payload.Heard:
    found = seen(value, handle)
    assert isinstance(found, payload.Heard)
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (body("text", text={"content": "明天拜访宏远"}), {"text": "明天拜访宏远"}),
        (in_group("text", text={"content": "@拜访助手 今天谁在外面"}), {"text": "今天谁在外面", "group": "wr1"}),
        (in_group("text", text={"content": "＠拜访助手"}), {"text": "帮助", "group": "wr1"}),
        (in_group("text", text={"content": "@拜访助手 @客户 张总"}), {"text": "@客户 张总", "group": "wr1"}),
        (body("voice", voice={"content": "明天下午拜访宏远"}), {"voice": "明天下午拜访宏远"}),
        (body("image", image={"url": "https://f/1"}), {"image": "https://f/1"}),
        (body("file", file={"url": "https://f/2"}), {"file": "https://f/2"}),
        (
            body("text", text={"content": "改到四点"}, quote={"msgtype": "text", "text": {"content": "已预约 #12"}}),
            {"text": "改到四点", "quoted": "已预约 #12"},
        ),
        (
            body(
                "text",
                text={"content": "x"},
                quote={"msgtype": "mixed", "mixed": {"msg_item": [{"msgtype": "text", "text": {"content": "甲"}}]}},
            ),
            {"text": "x", "quoted": "甲"},
        ),
    ],
)
def test_said(value: dict[str, Any], expected: dict[str, str]) -> None:
    assert heard(value).messages == (Message("wecom", "wanglei", "bot-1:m1", NOW, **expected),)  # type: ignore[arg-type]


def test_text_and_pictures_together_are_several_messages() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "@拜访助手 到了"}},
        {"msgtype": "image", "image": {"url": "https://f/1", "aeskey": "K1"}},
        {"msgtype": "image", "image": {"url": "https://f/2"}},
    ]
    found = heard(in_group("mixed", mixed={"msg_item": items}))
    assert [(m.text, m.image, m.key) for m in found.messages] == [
        ("到了", "", "bot-1:m1"),
        ("", "https://f/1", "bot-1:m1#1"),
        ("", "https://f/2", "bot-1:m1#2"),
    ]
    assert found.aes_keys == {"https://f/1": "K1"}
    assert found.chat == "wr1"


CLICKS = [
    {
        "eventtype": "template_card_event",
        "template_card_event": {
            "card_type": "multiple_interaction",
            "event_key": "撤销 #12",
            "task_id": "t1",
            "selected_items": {
                "selected_item": [
                    {"question_key": "q1", "option_ids": {"option_id": ["a"]}},
                    {"question_key": "q2", "option_ids": {"option_id": ["b", "c"]}},
                ]
            },
        },
    },
    {
        "eventtype": "template_card_event",
        "template_card_event": {
            "cardtype": "multiple_interaction",
            "eventkey": "撤销 #12",
            "taskid": "t1",
            "selecteditems": {
                "selecteditem": [
                    {"questionkey": "q1", "optionids": {"optionid": "a"}},
                    {"questionkey": "q2", "optionids": {"optionid": ["b", "c"]}},
                ]
            },
        },
    },
    {
        "eventtype": "template_card_event",
        "EventKey": "撤销 #12",
        "TaskId": "t1",
        "SelectedItems": {
            "SelectedItem": [
                {"QuestionKey": "q1", "OptionIds": {"OptionId": ["a"]}},
                {"QuestionKey": "q2", "OptionIds": {"OptionId": ["b", "c"]}},
            ]
        },
    },
]


@pytest.mark.parametrize("event", CLICKS)
def test_a_click_in_every_spelling(event: dict[str, Any]) -> None:
    found = heard(in_group("event", event=event, response_url="https://x.weixin.qq.com/r"), "req-7")
    (message,) = found.messages
    assert (message.click, message.card_handle, message.group) == ("撤销 #12", "bot:req-7", "wr1")
    assert dict(message.values) == {"q1": "a", "q2": ["b", "c"]}
    assert (found.task, found.answer_url) == ("t1", "https://x.weixin.qq.com/r")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (body("event", event={"eventtype": "enter_chat"}), payload.Entered("wanglei")),
        (
            body("event", event={"eventtype": "feedback_event", "feedback_event": {"type": 2, "content": "不准"}}),
            payload.Rated("wanglei", 2, "不准"),
        ),
        (body("event", event={"eventtype": "party"}), payload.Silent("party")),
        ({"msgtype": "event", "event": {"eventtype": "disconnected_event"}}, payload.Kicked()),
        ({"msgtype": "stream", "stream": {"id": "s1"}}, payload.Poll("s1")),
        (body("video", video={"url": "u"}), Unread("wanglei", "video", VIDEO)),
        (body("voice", voice={"content": " "}), Unread("wanglei", "voice", payload.EMPTY_VOICE)),
    ],
)
def test_everything_else(value: dict[str, Any], expected: object) -> None:
    assert seen(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {},
        {"msgtype": "text"},
        body("text", msgid=""),
        body("text", msgid={"a": 1}),
        body("text", **{"from": "wanglei"}),
        body("text", **{"from": {"userid": "w" * 65}}),
        in_group("text") | {"chatid": "c" * 300},
        body("event", event={"eventtype": "template_card_event"}),
        body("event", event={"eventtype": "template_card_event", "template_card_event": {"event_key": "x" * 1025}}),
    ],
)
def test_garbage_is_refused(value: object) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        seen(value)
    assert caught.value.status == 400


@pytest.mark.parametrize("raw", [b"", b"\xff", b"{", b"[" * 100_000])
def test_what_is_no_json(raw: bytes) -> None:
    with pytest.raises(WrongEnvelope):
        payload.read_json(raw, NAMES, NOW)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "msgid",
                    "from",
                    "userid",
                    "msgtype",
                    "event",
                    "eventtype",
                    "text",
                    "content",
                    "mixed",
                    "msg_item",
                    "image",
                    "url",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(anything, st.sampled_from(["text", "mixed", "event", "voice", "image", "stream", "template_card_event"]))
def test_any_json_gives_a_value_or_a_refusal(value: object, kind: str) -> None:
    for made in (value, body(kind) | (value if isinstance(value, dict) else {kind: value})):
        try:
            seen(made)
        except WrongEnvelope:
            continue
