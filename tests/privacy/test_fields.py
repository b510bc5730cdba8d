"""Who sees which field is the company's to say: the same in cards, lists, search, preparation, exports and API (R154), every read noted (R158)."""

from typing import Any

import pytest

from bot.sheets.tables import Filter
from bot.web.look import look, reading_turn
from domain.rules import Rules
from handlers._data_tables import TABLES
from handlers.data_api import LOOKS
from storage.store import Store
from tests.talking import NOW, Chat, office, start

PHONE, CONTACT_PHONE, ADDRESS, PERSON = "0512-61110001", "13900000001", "星湖街", "顾总"


async def begin(store: Store, **layers: str) -> Chat:
    return await start(store, office(), NOW, Rules(field_layers=layers))


async def doors(chat: Chat, who: str) -> dict[str, str]:
    """金桥 (owner 韩梅) through every door, as one member sees it."""
    me = await chat.app.store.read(lambda tx: tx.people.get(who))
    assert me

    def export(tx: Any) -> str:
        page = TABLES["customers"].page(reading_turn(chat.app, tx, me, "test"), Filter(), "")
        return str([r for r in page.rows if "金桥" in str(r)])

    return {
        "card": await chat.reply(who, "金桥的资料"),
        "prepare": await chat.reply(who, "/visit.prepare customer_id=k1"),
        "api": str(await look(chat.app, me, LOOKS["customer"], "api", {"id": "k1"})),
        "export": await chat.app.store.read(export),
    }


@pytest.mark.parametrize("who", ["duwei", "jiangtao", "hanmei", "qinlan"])
async def test_by_default_the_department_sees_contacts(store: Store, who: str) -> None:
    chat = await begin(store)
    inside = who != "jiangtao"
    for door, text in (await doors(chat, who)).items():
        assert (PERSON in text) is inside, door
        assert (ADDRESS in text) is inside, door
        if door != "prepare":
            assert (PHONE in text) is inside, door


async def test_a_field_closed_to_all_but_the_follower_is_closed_behind_every_door(store: Store) -> None:
    chat = await begin(store, phones="follower", address="follower")
    for door, text in (await doors(chat, "duwei")).items():
        assert PHONE not in text, door
        assert CONTACT_PHONE not in text, door
        assert ADDRESS not in text, door
        assert PERSON in text, door
    assert PHONE in (await doors(chat, "hanmei"))["card"]
    assert PHONE in (await doors(chat, "qinlan"))["api"]


async def test_a_field_opened_to_all_is_open_unless_the_customer_is_locked(store: Store) -> None:
    chat = await begin(store, address="all")
    for door, text in (await doors(chat, "jiangtao")).items():
        assert ADDRESS in text, door
        assert PERSON not in text, door
    await chat.says("hanmei", "锁定金桥")
    for door, text in (await doors(chat, "jiangtao")).items():
        assert ADDRESS not in text, door


async def test_the_policy_is_changed_by_sentence_and_holds_at_once(store: Store) -> None:
    chat = await begin(store)
    assert "无权" in await chat.reply("qinlan", "电话只给负责人看")
    text = await chat.reply("wuxin", "电话只给负责人看")
    assert "还没生效" in text
    assert PHONE in (await doors(chat, "duwei"))["card"]
    await chat.says("wuxin", "确认")
    assert PHONE not in (await doors(chat, "duwei"))["card"]
    await chat.says("wuxin", "撤销")
    assert PHONE in (await doors(chat, "duwei"))["card"]


async def test_a_locked_customers_visits_are_not_told_under_its_name(chat: Chat) -> None:
    await chat.says("fangyu", "/visit.book customer_id=k4 time=2026-06-17T10:00:00+08:00 purpose=x")
    assert "6月17日" in await chat.reply("fangyu", "星海的资料")
    assert "6月17日" not in await chat.reply("duwei", "星海的资料")


async def test_every_read_of_a_sensitive_field_is_noted(store: Store) -> None:
    chat = await begin(store)
    await doors(chat, "duwei")
    me = await store.read(lambda tx: tx.people.get("duwei"))
    assert me
    await look(chat.app, me, LOOKS["customers"], "api", {})
    rows = await store.read(lambda tx: [e for e in tx.log.after(0) if e.name == "audit.read"])
    assert [(e.who, e.source, e.data["action"]) for e in rows] == [
        ("duwei", "chat", "customer.show"), ("duwei", "chat", "visit.prepare"), ("duwei", "api", "api.customer"),
        ("duwei", "api", "api.customer"),
    ]  # fmt: skip
    assert len(rows[-1].data["objects"]) > 3  # type: ignore[arg-type]
    await doors(chat, "jiangtao")
    assert len(await store.read(lambda tx: [e for e in tx.log.after(0) if e.name == "audit.read"])) == 4, "he saw nothing of it"
