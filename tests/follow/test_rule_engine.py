"""Rules by sentence: read, said back, previewed, confirmed, at work, taken back."""

import pytest

from domain.alert_rules import AlertRule, Change, read_changes, read_rule
from tests.follow.conftest import Office, at

SENTENCE = "A类客户超过10天没人跟进就提醒我和负责人"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (SENTENCE, ("silent", 10, "A", ("me", "owner"), False)),
        ("B级客户两周没联系就通知负责人和主管", ("silent", 14, "B", ("owner", "manager"), False)),
        ("客户一个月没拜访就提醒销售", ("silent", 30, "", ("owner",), False)),
        ("漏访就通知主管", ("missed", 0, "", ("manager",), False)),
        ("纪要超过48小时没交就告诉我", ("report_late", 48, "", ("me",), False)),
        ("意向高就通知经理并建个任务", ("intent_high", 0, "", ("manager",), True)),
    ],
)
def test_sentences_become_rules(text: str, rule: tuple[object, ...]) -> None:
    found = read_rule(text, "boss")
    assert found is not None
    assert (found.event, found.n, found.grade, found.notify, found.task) == rule
    assert AlertRule.read("r1", found.spec(), 2, True).spec() == found.spec()


@pytest.mark.parametrize("text", ["今天天气不错", "提醒我明天开会", "A类客户很多", "超过10天"])
def test_other_sentences_are_no_rule(text: str) -> None:
    assert read_rule(text, "boss") is None


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("保护期改成15天", [Change("protect_days", 15)]),
        ("A类跟进周期改成10天", [Change("cadence_days", 10, "A")]),
        ("跟进周期改成10天", []),
        ("B类公海回收改成两个月", [Change("pool_days", 60, "B")]),
        ("缓冲时间改成一小时", [Change("buffer_min", 60)]),
        ("每天最多拜访6个", [Change("visits_per_day", 6)]),
        ("纪要时限改成两天", [Change("report_due_hours", 48)]),
        ("签到范围改成1公里", [Change("check_in_radius_m", 1000)]),
        ("同一客户两周内第二个人去要报我审批", [Change("customer_window_days", 14), Change("teams_per_week_approval", 2)]),
    ],
)
def test_numbers(text: str, changes: list[Change]) -> None:
    assert read_changes(text) == changes


def test_a_rule_is_said_back_in_plain_words() -> None:
    rule = read_rule(SENTENCE, "boss")
    assert rule is not None
    assert rule.words() == "A类客户超过 10 天没有跟进时，提醒设规则的人、负责人"


async def test_preview_confirm_fire_once_and_undo(talk: Office) -> None:
    chat = await talk(customers={"k2": {"last_followup": "2026-06-01T10:00:00+08:00"}})
    text = await chat.reply("qinlan", SENTENCE)
    assert "今天会触发 0 家" in text
    assert not chat.named("rule.changed")
    await chat.press("qinlan", "确认")
    (event,) = chat.named("rule.changed")
    assert event["rule"]["words"].startswith("A类客户超过 10 天")
    await chat.advance(at(11, "12:00"))  # 10 days: not yet more than 10
    assert not [e for e in chat.named("alert.raised") if e["kind"] == "rule"]
    await chat.advance(at(12, "12:00"))
    (alert,) = [e for e in chat.named("alert.raised") if e["kind"] == "rule"]
    assert (alert["subject"], alert["to"]) == ({"customer": "k2"}, ["qinlan", "hanmei"])
    await chat.advance(at(16, "12:00"))
    assert len([e for e in chat.named("alert.raised") if e["kind"] == "rule"]) == 1


async def test_the_same_sentence_with_another_number_changes_the_rule(talk: Office) -> None:
    chat = await talk()
    await chat.says("qinlan", SENTENCE)
    await chat.press("qinlan", "确认")
    text = await chat.reply("qinlan", SENTENCE.replace("10", "12"))
    assert "会替换原来的" in text
    await chat.press("qinlan", "确认")
    first, second = chat.named("rule.changed")
    assert (first["rule"]["id"], second["rule"]["version"]) == (second["rule"]["id"], 2)
    assert "超过 12 天" in await chat.reply("hanmei", "/rule.list")


async def test_a_managers_rule_covers_his_people_only(talk: Office) -> None:
    late = {"last_followup": "2026-05-20T10:00:00+08:00"}
    chat = await talk(customers={"k2": late, "k4": {**late, "locked": False}})
    assert "今天会触发 1 家" in await chat.reply("qinlan", SENTENCE)
    assert "今天会触发 2 家" in await chat.reply("songhe", SENTENCE)


async def test_a_rep_sets_no_rules(talk: Office) -> None:
    chat = await talk()
    assert (await chat.reply("hanmei", f"/rule.set content={SENTENCE}")).startswith("无权")
    assert chat.named("access.denied")


async def test_the_companys_numbers_are_a_directors(talk: Office) -> None:
    chat = await talk()
    assert (await chat.reply("qinlan", "/rule.set content=A类跟进周期改成5天")).startswith("无权")
    text = await chat.reply("songhe", "/rule.set content=A类跟进周期改成4天")
    assert "8 → 4 天" in text
    assert "逾期" in text
    await chat.press("songhe", "确认")
    assert chat.named("rule.changed")[0]["rule"]["value"] == 4
    assert "绿洲" in await chat.reply("hanmei", "/customer.due")
    await chat.says("songhe", "/dialog.undo")
    assert "绿洲" not in await chat.reply("hanmei", "/customer.due")


@pytest.mark.parametrize("text", ["保护期改成0天", "保护期改成9999天", "签到范围改成500公里"])
async def test_senseless_numbers_are_refused(talk: Office, text: str) -> None:
    chat = await talk()
    assert "只能在" in await chat.reply("songhe", f"/rule.set content={text}")
    assert not chat.named("rule.changed")


async def test_a_rule_on_missed_visits_and_switching_it_off(talk: Office) -> None:
    chat = await talk()
    await chat.says("qinlan", "/rule.set content=漏访就通知主管")
    await chat.press("qinlan", "确认")
    await chat.advance(at(11, "17:00"))
    assert any("规则提醒：金桥" in t for t in chat.to("qinlan"))
    rule = chat.named("rule.changed")[0]["rule"]["id"]
    assert (await chat.reply("shenbo", f"/rule.off id={rule}")).startswith("无权")
    await chat.says("qinlan", f"/rule.off id={rule}")
    assert chat.named("rule.changed")[-1]["rule"]["active"] is False


async def test_a_rule_about_reports_has_a_deadline_of_its_own(talk: Office) -> None:
    chat = await talk()
    await chat.says("qinlan", "/rule.set content=纪要超过2小时没交就告诉我")
    await chat.press("qinlan", "确认")
    got = await chat.advance(at(11, "17:00"))
    assert [g.at for g in got if g.to == "qinlan" and "规则提醒" in g.text] == [at(11, "17:00")]


async def test_a_managers_number_holds_for_his_own_people_only(talk: Office) -> None:
    chat = await talk(drop=("w1", "w2", "w3"))
    text = await chat.reply("qinlan", "每天最多拜访改成1个")
    assert "5 → 1 个" in text
    assert "只对您和下属 2 人生效" in text
    assert not chat.named("rule.changed")
    await chat.press("qinlan", "确认")
    assert (chat.named("rule.changed")[0]["rule"]["team"], chat.named("rule.changed")[0]["rule"]["value"]) == ("qinlan", 1)
    for who, first, second in (("hanmei", "k1", "k7"), ("fangyu", "k4", "k4")):
        await chat.says(who, f"/visit.book customer_id={first} time=2026-06-11T10:00:00+08:00")
        await chat.says(who, f"/visit.book customer_id={second} time=2026-06-11T14:00:00+08:00")
    assert [c["draft"]["rep"] for c in chat.named("conflict.found") if "overload" in c["kinds"]] == ["hanmei"]
    assert (await chat.reply("qinlan", "保护期改成15天")).startswith("无权"), "what is the company's stays the company's"
