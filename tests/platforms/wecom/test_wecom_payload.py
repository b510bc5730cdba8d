"""Recorded callbacks, read into values; and everything that is none."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.message import Message, Place
from bot.platforms.wecom import payload
from bot.platforms.wecom.crypto import WrongEnvelope
from bot.platforms.wecom.draw import invisible
from bot.platforms.wecom.payload import read, strip_mention
from bot.platforms.wecom.xml import cdata, parse

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "in"
KEY = "1000002:4561255354251345929"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def said(name: str) -> Message:
    message = read(recorded(name), NOW)
    assert isinstance(message, Message)
    return message


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", Message("wecom", "WangLei", KEY, NOW, text="明天下午3点拜访宏远，聊报价")),
        (
            "text_hostile",
            Message("wecom", "WangLei", KEY, NOW, text="<!DOCTYPE html> a]]></Content><MsgType>x  <@all>"),
        ),
        ("text_empty", Message("wecom", "WangLei", KEY, NOW, text="帮助")),
        ("image", Message("wecom", "WangLei", KEY, NOW, image="MEDIA_1")),
        ("location", Message("wecom", "WangLei", KEY, NOW, place=Place(31.38, 120.98, "昆山工厂"))),
        ("voice", payload.Unread("WangLei", "voice", payload.VOICE)),
        ("video", payload.Unread("WangLei", "video", payload.VIDEO)),
        ("link", payload.Unread("WangLei", "link", payload.LINK)),
        ("unheard", payload.Unread("WangLei", "hologram", payload.OTHER)),
        ("subscribe", payload.Joined("wanglei", False)),
        ("unsubscribe", payload.Joined("wanglei", True)),
        ("enter_agent", payload.Opened("wanglei")),
        ("view", payload.Opened("wanglei", "http://page")),
        ("location_event", payload.Located("wanglei", Place(23.104105, 113.320107), 65.0)),
        ("change_contact", payload.ContactChanged("update_user", "lina", "lina2")),
        ("change_party", payload.ContactChanged("create_party", "", "", "2")),
        ("modify_schedule", payload.ScheduleChanged("modify", "lina", "wc1", "s1")),
        ("delete_schedule", payload.ScheduleChanged("delete", "lina", "wc1", "s1")),
        ("respond_schedule", payload.ScheduleChanged("respond", "lina", "wc1", "s1")),
        ("inactive_alert", payload.AppWarned("inactive_alert", 1774000000)),
        ("approval", payload.ApprovalChanged("202603110001", 2, "wanglei")),
        ("unknown_event", payload.Unknown("taskcard_click")),
    ],
)
def test_recorded(name: str, expected: object) -> None:
    assert read(recorded(name), NOW) == expected


def test_card_click() -> None:
    click = said("card_click")
    assert (click.click, click.card_handle, click.sender, dict(click.values)) == ("撤销 v12", "RC-1", "wanglei", {})


def test_selected_items_one_and_many() -> None:
    assert dict(said("card_one").values) == {"purpose": "o1"}
    assert dict(said("card_many").values) == {"purpose": "o1", "who": ["a", "b"]}


def test_menus_click_too() -> None:
    assert said("menu_click").click == "我的日程"
    assert said("card_menu").click == "撤销 v12"


def test_place_from_the_menu() -> None:
    assert said("location_select").place == Place(23.0, 113.0, "鼎盛厂")


def test_a_repeat_has_the_same_key_and_nothing_else_has() -> None:
    names = ["card_click", "card_click_again", "card_one", "card_many", "card_menu", "menu_click", "location_select"]
    keys = [said(name).key for name in names]
    assert len(set(keys)) == len(keys)
    assert [said(name).key for name in names] == keys


def test_two_events_of_one_second_differ() -> None:
    other = recorded("menu_click").replace("我的日程".encode(), "本周汇总".encode())
    message = read(other, NOW)
    assert isinstance(message, Message)
    assert message.key != said("menu_click").key


def test_the_same_message_id_of_two_apps_is_two_messages() -> None:
    other = read(recorded("text").replace(b"1000002", b"1000003"), NOW)
    assert isinstance(other, Message)
    assert other.key != said("text").key


def test_marks_of_our_own_messages_vanish() -> None:
    copied = recorded("text").replace("报价".encode(), f"报价{invisible('k')}".encode())
    message = read(copied, NOW)
    assert isinstance(message, Message)
    assert message.text == "明天下午3点拜访宏远，聊报价"


GARBAGE = {
    "empty": b"",
    "json": b'{"a":1}',
    "utf16": "<xml><MsgType>text</MsgType></xml>".encode("utf-16"),
    "not utf-8": b"<xml><MsgType>\xff\xfe</MsgType></xml>",
    "unclosed": b"<xml><MsgType>text",
    "two roots": b"<xml></xml><xml></xml>",
    "other root": recorded("text").replace(b"<xml>", b"<html>").replace(b"</xml>", b"</html>"),
    "doctype": b'<!DOCTYPE x [<!ENTITY a "b">]>' + recorded("text"),
    "external": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + recorded("text"),
    "entity": recorded("text").replace(b"<Content>", b"<Content>&xxe;"),
    "deep": b"<xml>" * 60 + b"</xml>" * 60,
    "many": b"<xml>" + b"<a/>" * 2500 + b"</xml>",
    "no type": recorded("text").replace(b"MsgType", b"Kind"),
    "no sender": recorded("text").replace(b"WangLei", b""),
    "long sender": recorded("text").replace(b"WangLei", b"w" * 65),
    "no id": recorded("text").replace(b"4561255354251345929", b""),
    "odd id": recorded("text").replace(b"4561255354251345929", b"1e9"),
    "endless id": recorded("text").replace(b"4561255354251345929", b"1" * 5000),
    "no media": recorded("image").replace(b"MEDIA_1", b""),
    "no number": recorded("location").replace(b"31.38", b"north"),
    "not finite": recorded("location").replace(b"31.38", b"nan"),
    "off the earth": recorded("location").replace(b"31.38", b"131.38"),
    "no event": recorded("enter_agent").replace(b"enter_agent", b""),
    "endless click": recorded("menu_click").replace("我的日程".encode(), b"x" * 1025),
    "no place": recorded("location_select").replace(b"SendLocationInfo", b"Info"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused(name: str) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        read(GARBAGE[name], NOW)
    assert caught.value.status == 400
    if name in ("deep", "many"):
        assert caught.value.reason == "xml-size"


def test_a_click_without_words_gets_an_answer() -> None:
    empty = recorded("menu_click").replace("我的日程".encode(), b"")
    assert isinstance(read(empty, NOW), payload.Unread)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_message_never_raises_anything_else(data: st.DataObject) -> None:
    raw = bytearray(recorded(data.draw(st.sampled_from(["text", "card_many", "location", "approval"]))))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WrongEnvelope):
        read(bytes(raw), NOW)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200, alphabet=st.characters(exclude_categories=["Cs"])))
@example("a]]></Content><MsgType>x</MsgType>")
@example("]]]]>>")
def test_cdata_can_not_be_left(text: str) -> None:
    node = parse(f"<xml><Content>{cdata(text)}</Content></xml>".encode())
    assert [child.tag for child in node.children] == ["Content"]


NAMES = ("拜访助手", "Visit Bot")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@拜访助手 今天谁在外面", "今天谁在外面"),
        ("@拜访助手\u2005今天谁在外面", "今天谁在外面"),
        ("＠拜访助手，今天谁在外面", "今天谁在外面"),
        ("@拜访助手今天谁在外面", "今天谁在外面"),
        ("今天谁在外面 @拜访助手", "今天谁在外面"),
        ("@Visit Bot 帮助", "帮助"),
        ("@visit  bot /help", "/help"),
        ("@拜访助手 @Visit Bot 帮助", "帮助"),
        ("请 @拜访助手 查一下宏远", "请 查一下宏远"),
        ("@拜访助手", ""),
        ("@客户 张总明天来", "@客户 张总明天来"),
        ("@拜访助手 @李娜 明天一起去", "@李娜 明天一起去"),
        ("@拜访助手2号 帮助", "@拜访助手2号 帮助"),
        ("@Visit Bots 帮助", "@Visit Bots 帮助"),
        ("邮箱 a@拜访助手", "邮箱 a@拜访助手"),
        ("  明天拜访宏远 ", "明天拜访宏远"),
    ],
)
def test_strip_mention(text: str, expected: str) -> None:
    assert strip_mention(text, NAMES) == expected


def test_strip_mention_without_names() -> None:
    assert strip_mention(" @拜访助手 x ", ()) == "@拜访助手 x"
