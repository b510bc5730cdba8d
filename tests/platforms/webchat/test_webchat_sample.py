"""The sample office, and the disaster of S0 played with the whole bot."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.clock import VirtualClock
from bot.platforms.webchat.ask import BadAsk, read_say
from bot.platforms.webchat.playground import Playground
from bot.sample import START, THREE_TEAMS, sentences, stories, team
from bot.script import play
from tests.platforms.webchat.kit import real_office


def cards(playground: Playground, who: str) -> list[dict[str, Any]]:
    return [i["card"] for i in playground.wire.items if i["kind"] == "card" and i["chat"] == f"u:{who}"]


async def act(playground: Playground, who: str, way: dict[str, Any]) -> None:
    """Do a step of a story as the page does: press the button meant, else say the words."""
    buttons = [b for card in cards(playground, who) for b in card["buttons"] if b["text"] == way.get("press")]
    what = {"click": buttons[-1]["action"]} if buttons else {"text": way["text"]}
    await playground.say(read_say({"from": who, **what}))


def test_the_team_is_the_one_of_the_documents() -> None:
    data = team()
    people = {m["id"]: m for m in data["members"]}
    assert people["wanglei"]["team"] == people["lina"]["team"] == "华东一组"
    assert people["zhangwei"]["name"] == people["zhangwei2"]["name"] == "张伟"
    assert (people["chenjing"]["role"], people["zhaozong"]["role"], people["admin"]["role"]) == ("manager", "director", "admin")
    customers = {c["name"]: c for c in data["customers"]}
    assert customers["鼎盛机械有限公司"]["created"].startswith("2026-02-20")
    assert customers["上海鼎盛机电设备有限公司"]["owner"] is None
    assert customers["蓝海医药集团"]["locked"] is True
    assert customers["恒信建材"]["last_followup"].startswith("2026-02-01")
    assert not any("瑞丰" in name for name in customers)
    visits = {(v["rep"], v["customer"], v["start"][:16]) for v in data["visits"]}
    assert {("wanglei", "c3", "2026-03-12T14:00"), ("lina", "c1", "2026-03-13T15:00")} <= visits
    assert START.isoformat() == "2026-03-11T10:00:00+08:00"
    assert {m["team"] for m in data["members"] if m["role"] == "rep"} >= {"华东一组", "华南组", "大客户组"}
    assert set(sentences()) == {"rep", "manager", "group"}


@pytest.mark.parametrize(("word", "status"), [("同意", "planned"), ("驳回", "cancelled")])
async def test_three_teams_meet_at_one_customer(real: Playground, word: str, status: str) -> None:
    *steps, last = stories()[0].steps
    for step in steps:
        await act(real, step["from"], dict(step))
    assert "已预约" in cards(real, "zhangwei2")[-1]["title"]
    asked = cards(real, "hejun")[-1]
    assert "3月17日" in asked["text"]  # the manager sees both earlier visits
    assert "王磊" in asked["text"]
    assert "3月18日" in asked["text"]
    assert "张伟" in asked["text"]
    visits = await real.app.store.read(lambda tx: tx.visits.at_customer_between("c7", START, START.replace(month=4)))
    assert [(v.rep, v.status) for v in visits] == [("wanglei", "planned"), ("zhangwei2", "planned"), ("sunyue", "pending")]
    way = last if last["press"] == word else last["or"]
    await act(real, last["from"], dict(way))
    third = await real.app.store.read(lambda tx: tx.visits.get(visits[2].id))
    assert third is not None
    assert third.status == status
    assert any(word in card["text"] for card in cards(real, "sunyue"))
    await real.say(read_say({"from": "wanglei", "text": "我明天几个拜访？"}))  # it stays usable
    assert "宏远" in cards(real, "wanglei")[-1]["text"]


async def test_the_story_is_a_scenario_too(tmp_path: Path) -> None:
    """`chat --script bot/sample/three_teams.jsonl` plays it as well (X8)."""
    out = io.StringIO()
    clock = VirtualClock(START)
    async with real_office(tmp_path)(clock) as app:
        await play(app, clock, io.StringIO(THREE_TEAMS.read_text("utf-8")), out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    names = [line["name"] for line in lines if line["type"] == "event"]
    assert names.count("visit.booked") == 3
    assert names.index("approval.requested") < names.index("approval.approved")
    assert not [line for line in lines if line["type"] == "error"]


async def test_a_reminder_comes_when_the_clock_is_moved(real: Playground) -> None:
    await real.move(START.replace(day=12, hour=12, minute=59))
    assert not [c for c in cards(real, "wanglei") if "提醒" in c["title"]]
    await real.move(START.replace(day=12, hour=13, minute=0))
    assert [c["title"] for c in cards(real, "wanglei") if "宏远" in c["title"]]


async def test_the_first_sentence_of_the_documents(real: Playground) -> None:
    await real.say(read_say({"from": "wanglei", "text": "明天下午3点拜访鼎盛机械，聊二期报价"}))
    card = cards(real, "wanglei")[-1]
    assert card["tone"] == "warn"
    assert "李娜" in card["text"]
    assert cards(real, "lina") == []


async def test_nobody_unknown_speaks(real: Playground) -> None:
    with pytest.raises(BadAsk):
        await real.say(read_say({"from": "ghost", "text": "好"}))
