"""Fields made in the chat: read, previewed, confirmed, filled, computed, taken back."""

import pytest

from domain.custom_fields import Field, compute, read_field, value_of
from domain.model import Member, Role
from nlp.said import Said
from tests.follow.conftest import Office, at
from tests.talking import Chat


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
    assert "只能填" in await chat.reply("hanmei", "金桥的采购周期改成每天")
    assert not chat.named("customer.updated")
    assert "采购周期：季度" in await chat.reply("hanmei", "把金桥的采购周期改成季度")
    assert chat.named("customer.updated")
    assert "采购周期：季度" in await chat.reply("hanmei", "金桥的采购周期是什么")
    assert "采购周期：季度" in await chat.reply("hanmei", "/visit.prepare customer_id=k1")
    assert (await chat.reply("fangyu", "金桥的采购周期改成月度")).startswith("无权")
    assert "采购周期：季度 → 年度" in await chat.reply("hanmei", "采购周期改成年度")
    await chat.says("hanmei", "撤销")
    assert "采购周期：季度" in await chat.reply("hanmei", "金桥的资料")


async def confirmed(chat: Chat, sentence: str) -> None:
    await chat.says("wuxin", sentence)
    await chat.press("wuxin", "确认")


async def test_customers_chosen_by_own_fields_and_formulas(talk: Office) -> None:
    chat = await talk()
    for sentence in ("客户表加个字段 年产值 数字", "客户表加个字段 员工数 数字", "客户表加个公式字段 人均产值=年产值/员工数"):
        await confirmed(chat, sentence)
    await chat.says("hanmei", "金桥年产值3000，员工数60")
    await chat.says("hanmei", "飞燕年产值500，员工数100")
    text = await chat.reply("hanmei", "人均产值大于40的客户有哪些")
    assert "人均产值大于40" in text.splitlines()[0]
    assert "金桥" in text
    assert "飞燕" not in text
    assert "没有员工数不少于200的客户" in await chat.reply("hanmei", "员工数200以上的客户")
    assert "公式算出" in await chat.reply("hanmei", "金桥的人均产值改成10")


async def test_a_visits_own_field_stands_on_its_card_and_reminder(talk: Office) -> None:
    chat = await talk()
    await confirmed(chat, "拜访表加个字段 随访设备 多选 样机 手册 投影")
    assert "随访设备：样机、手册" in await chat.reply("hanmei", "周四金桥的拜访随访设备改成样机、手册")
    assert (await chat.reply("duwei", "周四金桥的拜访随访设备改成投影")).startswith("无权")
    await chat.advance(at(11, "13:00"))
    assert any("随访设备：样机、手册" in t for t in chat.to("hanmei", "push"))


async def test_a_required_field_is_asked_for_before_a_customer_is_entered(talk: Office) -> None:
    chat = await talk()
    await confirmed(chat, "客户表加个必填字段 采购周期 单选 月度 季度")
    text = await chat.reply("hanmei", "新建客户瑞丰食品，联系人周经理13812345678")
    assert text.startswith("瑞丰食品的采购周期是？还没保存")
    assert "只能填" in await chat.reply("hanmei", "每天")
    assert not chat.named("customer.created")
    text = await chat.reply("hanmei", "新建客户瑞丰食品，联系人周经理13812345678，采购周期季度")
    assert "已新建客户：瑞丰食品" in text
    assert "采购周期：季度" in text


async def test_own_fields_come_in_with_a_table_and_go_out(talk: Office) -> None:
    chat = await talk()
    await confirmed(chat, "客户表加个字段 采购周期 单选 月度 季度")
    admin = Member("wuxin", "吴新", Role.ADMIN)
    out: list[object] = []
    rows = [
        {"kind": "customers", "place": n, "keys": [], "data": {"name": name, "owner": "hanmei", "more": {"采购周期": value}}}
        for n, (name, value) in enumerate([("秋水仪器有限公司", "季度"), ("春山食品有限公司", "每天")])
    ]
    await chat.app.perform(admin, Said("data.rows", {"rows": rows, "out": out}), "import")
    assert [r.state for r in out] == ["ok", "error"]  # type: ignore[attr-defined]
    assert "采购周期：季度" in await chat.reply("hanmei", "秋水仪器的资料")


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
    assert text.startswith("公式里的「单价、台数」不是客户的数字字段，没有添加")
