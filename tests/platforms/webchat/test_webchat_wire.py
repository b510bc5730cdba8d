"""Letters on the page: new, changed in place, forgotten; pages that listen."""

from dataclasses import replace

import pytest

from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.clock import VirtualClock
from bot.platform import Delivery
from bot.platforms.webchat import wire as module
from bot.platforms.webchat.wire import MAX_EVENTS, MAX_ITEMS, MAX_WAITING, WebWire, card_json
from bot.sample import START

CARD = Card("已预约：明天 15:00", (Facts((("客户", "宏远"), ("地点", ""))),), (Button("撤销", "/undo id=1"),), Tone.DONE)


def delivery(key: str, card: Card = CARD, user: str = "lina", **more: str) -> Delivery:
    return Delivery(key, user, "", card, **more)


@pytest.fixture
def wire() -> WebWire:
    return WebWire(VirtualClock(START))


def cards(wire: WebWire) -> list[tuple[str, str]]:
    return [(item["chat"], item["card"]["title"]) for item in wire.items]


def test_a_card_is_plain_data() -> None:
    blocks = (Text("字"), Facts((("甲", "乙"), ("空", ""))), Items(("一", "二")))
    card = Card("题目", blocks, CARD.buttons, Tone.WARN, (("a.xlsx", "/x"),))
    got = card_json(card)
    assert got["blocks"] == [
        {"kind": "text", "text": "字"},
        {"kind": "facts", "rows": [["甲", "乙"]]},
        {"kind": "items", "lines": ["一", "二"]},
    ]
    assert got["buttons"] == [{"text": "撤销", "action": "/undo id=1", "style": "default"}]
    assert (got["tone"], got["files"]) == ("warn", ["a.xlsx"])


async def test_letters_stand_in_their_chats(wire: WebWire) -> None:
    assert await wire.send(delivery("a")) == "a"
    await wire.send(Delivery("b", "", "east", CARD))
    assert cards(wire) == [("u:lina", CARD.title), ("g:east", CARD.title)]


async def test_the_same_letter_again_is_not_shown_twice(wire: WebWire) -> None:
    await wire.send(delivery("a"))
    await wire.send(delivery("a"))
    assert len(wire.items) == 1


async def test_an_update_changes_the_card_in_place_again_and_again(wire: WebWire) -> None:
    listener = wire.listen([])
    await wire.send(delivery("a"))
    await wire.send(delivery("other"))
    handle = await wire.send(delivery("b", Card("已解决"), why="update", replaces="a"))
    assert handle == "a"
    # the third letter knows the second one's own key only (its handle was not written down yet)
    assert await wire.send(delivery("c", Card("已取消"), why="update", replaces="b")) == "a"
    assert cards(wire) == [("u:lina", "已取消"), ("u:lina", CARD.title)]
    assert wire.items[0]["updated"] == START.isoformat()
    pushed = [listener.queue.get_nowait() for _ in range(4)]
    assert [p["type"] for p in pushed if p] == ["item", "item", "update", "update"]


async def test_an_update_never_lands_in_somebody_elses_chat(wire: WebWire) -> None:
    await wire.send(delivery("a"))
    await wire.send(delivery("b", Card("已解决"), user="wanglei", why="update", replaces="a"))
    assert cards(wire) == [("u:lina", CARD.title), ("u:wanglei", "已解决")]


async def test_an_update_of_a_forgotten_card_is_a_new_card(wire: WebWire) -> None:
    assert await wire.send(delivery("b", Card("已解决"), why="update", replaces="gone")) == "b"
    assert cards(wire) == [("u:lina", "已解决")]


async def test_memory_is_bounded(wire: WebWire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ITEMS", 50)
    for n in range(120):
        card = replace(CARD, files=(("a", "/a"),))
        await wire.send(delivery(f"k{n}", card))
        await wire.send(delivery(f"u{n}", card, why="update", replaces=f"k{n}"))
        wire.said("u:lina", "lina", "text", "好", "wecom")
    assert len(wire.items) == 50
    assert max(len(wire._cards), len(wire._files), len(wire._aka)) <= 50
    for _ in range(MAX_EVENTS + 5):
        wire.event(START, "visit.booked", {})
    assert len(wire.events) == MAX_EVENTS
    assert MAX_ITEMS >= 1000


async def test_a_page_that_lags_is_hung_up_and_others_go_on(wire: WebWire) -> None:
    slow = wire.listen([])
    for n in range(MAX_WAITING + 1):
        wire.push({"n": n})
    assert slow.queue.get_nowait() is None
    fresh = wire.listen([{"type": "state"}])
    wire.push({"n": 1})
    assert [fresh.queue.get_nowait(), fresh.queue.get_nowait()] == [{"type": "state"}, {"n": 1}]
    wire.leave(fresh)
    wire.push({"n": 2})
    assert fresh.queue.empty()


async def test_open_pages_go_over_to_the_next_office(wire: WebWire) -> None:
    listener = wire.listen([])
    after = WebWire(VirtualClock(START))
    wire.hand_over(after)
    wire.push({"from": "old"})
    after.push({"from": "new"})
    assert listener.queue.get_nowait() == {"from": "new"}


async def test_the_label_of_a_pressed_button_is_found_in_its_own_chat(wire: WebWire) -> None:
    await wire.send(delivery("a"))
    assert wire.label_of("u:lina", "/undo id=1") == "撤销"
    assert wire.label_of("u:wanglei", "/undo id=1") == ""
