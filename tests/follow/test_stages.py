"""Stages (R74, R76, R77): what a step demands, the manager's yes at 报价, and standing still."""

from datetime import date, datetime

import pytest

from domain import stages
from domain.model import OFFICE, Contact, Customer
from domain.rules import Rules
from tests.follow.conftest import Office, at

REQUIRED = Rules().stage_fields


def customer(stage: str, **more: object) -> Customer:
    created = datetime(2026, 6, 1, 9, tzinfo=OFFICE)
    return Customer("c", "测试有限公司", owner="a", stage=stage, grade="B", created=created, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after", "lacks"),
    [
        ("线索", "初步接触", []),
        ("初步接触", "深度沟通", ["联系人"]),
        ("深度沟通", "报价", ["联系人", "电话"]),
        ("合同谈判", "报价", []),
    ],
)
def test_a_step_up_demands_its_fields(before: str, after: str, lacks: list[str]) -> None:
    assert stages.missing(customer(before), after, REQUIRED) == lacks


def test_a_contacts_number_is_a_phone_and_an_own_field_can_be_demanded() -> None:
    known = customer("深度沟通", contacts=(Contact("王总", "", "13800001111"),))
    assert stages.missing(known, "报价", REQUIRED) == []
    assert stages.missing(known, "报价", {"报价": ("采购周期",)}) == ["采购周期"]


def test_the_fifteenth_day_is_too_long() -> None:
    assert stages.stale_on(customer("报价"), 14) == date(2026, 6, 16)
    assert stages.stale_on(customer("报价", extra={"stage_since": "2026-06-10"}), 14) == date(2026, 6, 25)
    assert stages.stale_on(customer("成交"), 14) is None
    assert stages.needs_review("深度沟通", "合同谈判")
    assert not stages.needs_review("报价", "合同谈判")


async def test_a_reps_step_to_a_quotation_waits_for_his_manager(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("hanmei", "把金桥的阶段改成报价")
    assert "待审" in text
    assert not chat.named("customer.updated")
    assert chat.named("approval.requested")[0]["approval"]["approvers"] == ["qinlan"]
    assert "阶段：深度沟通（报价待审）" in await chat.reply("hanmei", "金桥的资料")
    assert "没有重复提交" in await chat.reply("hanmei", "把金桥的阶段改成报价")
    await chat.press("qinlan", "同意")
    changed = chat.named("customer.updated")[0]
    assert (changed["customer"]["stage"], changed["stage_was"]) == ("报价", "深度沟通")
    assert any("同意" in t for t in chat.to("hanmei", "push"))


async def test_a_manager_needs_nobodys_yes_and_a_no_changes_nothing(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "把飞燕的阶段改成报价")
    await chat.press("qinlan", "驳回")
    assert "阶段：初步接触" in await chat.reply("hanmei", "飞燕的资料")
    await chat.says("qinlan", "把金桥的阶段改成报价")
    assert chat.named("customer.updated")[0]["customer"]["stage"] == "报价"


async def test_what_is_missing_is_named(talk: Office) -> None:
    chat = await talk(customers={"k7": {"contacts": []}})
    text = await chat.reply("hanmei", "把飞燕的阶段改成深度沟通")
    assert text.startswith("进入「深度沟通」还缺：联系人，没有改动")


async def test_standing_still_calls_the_owner_once_then_his_manager(talk: Office) -> None:
    chat = await talk()
    await chat.says("hanmei", "把飞燕的阶段改成深度沟通")
    await chat.advance(at(23, "23:00"))
    assert not [e for e in chat.named("reminder.sent") if e["kind"] == "stage"]
    await chat.advance(at(24, "9:00"))
    calls = [e for e in chat.named("reminder.sent") if e["kind"] == "stage"]
    assert [(e["customer"], e["to"]) for e in calls] == [("k7", "hanmei")]
    assert any("飞燕停在「深度沟通」15 天" in t for t in chat.to("hanmei", "push"))
    await chat.advance(at(9, "9:00", month=7))
    calls = [e for e in chat.named("reminder.sent") if e["kind"] == "stage"]
    assert [(e["customer"], e["to"]) for e in calls] == [("k7", "hanmei"), ("k7", "qinlan")]
