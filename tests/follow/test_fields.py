"""Fields made in the chat: read, previewed, confirmed, filled, computed, taken back."""

import pytest

from domain.custom_fields import Field, compute, read_field, value_of
from tests.follow.conftest import Office, at


@pytest.mark.parametrize(
    ("text", "name", "options", "words"),
    [
        (
            "客户表加个字段 采购周期 单选 月度 季度 年度",
            "采购周期",
            ("月度", "季度", "年度"),
            "采购周期（单选：月度、季度、年度）",
        ),
        ("拜访表加个必填项：随访人数", "随访人数", (), "随访人数（数字，必填）"),
        ("纪要加一个日期字段 交货日", "交货日", (), "交货日（日期）"),
        ("客户加个多选字段 行业 机械 化工", "行业", ("机械", "化工"), "行业（多选：机械、化工）"),
        ("客户加个公式字段 年产值 = 台数*单价", "年产值", (), "年产值（公式：台数*单价）"),
    ],
)
def test_sentences_become_fields(text: str, name: str, options: tuple[str, ...], words: str) -> None:
    field = read_field(text, name, options)
    assert field.words() == words
    assert Field.read(field.of, name, field.spec()) == field


@pytest.mark.parametrize("kind", ["single", "multiple"])
def test_a_choice_needs_two_options(kind: str) -> None:
    with pytest.raises(ValueError, match="两个选项"):
        Field("customer", "周期", kind, ("一",))


@pytest.mark.parametrize("name", ["", "1号", "a b", "很" * 21, "a;drop", "__class__"])
def test_names_are_names(name: str) -> None:
    with pytest.raises(ValueError, match="字段名"):
        Field("customer", name)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Field("visit", "人数", "number"), "3人", 3),
        (Field("visit", "人数", "number"), "1,200.5", 1200.5),
        (Field("visit", "周期", "single", ("月度", "季度")), "季度", "季度"),
        (Field("visit", "行业", "multiple", ("机械", "化工")), "机械、化工", ["机械", "化工"]),
        (Field("visit", "交货", "date"), "2026-06-12", "2026-06-12"),
        (Field("visit", "备注"), " 好 ", "好"),
    ],
)
def test_values(field: Field, text: str, value: object) -> None:
    assert value_of(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field("visit", "人数", "number"), "很多"),
        (Field("visit", "周期", "single", ("月度", "季度")), "周度"),
        (Field("visit", "周期", "single", ("月度", "季度")), "月度、季度"),
        (Field("visit", "交货", "date"), "下周"),
        (Field("visit", "备注"), ""),
        (Field("visit", "和", "formula", formula="a+b"), "3"),
    ],
)
def test_wrong_values_are_refused(field: Field, text: str) -> None:
    with pytest.raises(ValueError, match=field.name):
        value_of(field, text)


def test_formulas() -> None:
    assert compute("台数*单价", {"台数": 3, "单价": 2.5}) == 7.5
    assert compute("（a＋b）÷2", {"a": 1, "b": 2}) == 1.5
    assert compute("-a+10", {"a": 4}) == 6
    assert compute("a/b", {"a": 1, "b": 0}) is None
    assert compute("a+b", {"a": 1}) is None
    assert compute("a+b", {"a": 1, "b": "2"}) is None


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a**9999", "f(1)", "'x'*9", "1 if a else 2", "[1]", "a and b", "(", "True+1"]
)
def test_formulas_hold_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="公式"):
        Field("visit", "和", "formula", formula=text)


async def test_preview_confirm_fill_and_undo(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("wuxin", "客户表加个字段 采购周期 单选 月度 季度 年度")
    assert "采购周期（单选：月度、季度、年度）" in text
    assert "谁能看到" in text
    assert not chat.named("field.added")
    await chat.press("wuxin", "确认")
    assert chat.named("field.added")[0]["field"]["name"] == "采购周期"
    assert "只能填" in await chat.reply("hanmei", "/field.value object=customer id=k1 name=采购周期 value=每天")
    await chat.says("hanmei", "/field.value object=customer id=k1 name=采购周期 value=季度")
    assert chat.named("customer.updated")[0]["value"] == "季度"
    assert "采购周期：季度" in await chat.reply("hanmei", "/visit.prepare customer_id=k1")
    assert (await chat.reply("fangyu", "/field.value object=customer id=k1 name=采购周期 value=月度")).startswith("无权")


async def test_only_an_admin_adds_fields(talk: Office) -> None:
    chat = await talk()
    assert (await chat.reply("qinlan", "/field.add field=周期")).startswith("无权")
    assert chat.named("access.denied")


async def test_a_report_fills_its_own_fields(talk: Office) -> None:
    chat = await talk()
    await chat.says("wuxin", "/field.add field=随访人数")
    chat.forget()
    await chat.says("wuxin", "纪要表加个必填项：随访人数")
    await chat.press("wuxin", "确认")
    await chat.advance(at(11, "14:30"))
    await chat.says("hanmei", "/report.file visit_id=w1 content=见了顾总，随访人数3人，意向中，下一步周五发合同")
    assert chat.named("report.filed")[0]["report"]["随访人数"] == 3
    assert "随访人数：3" in await chat.reply("hanmei", "/report.show visit_id=w1")


async def test_a_formula_needs_number_fields(talk: Office) -> None:
    chat = await talk()
    text = await chat.reply("wuxin", "客户表加个公式字段 年产值 = 台数*单价")
    if "年产值" in text or "公式" in text:
        assert not chat.named("field.added")
