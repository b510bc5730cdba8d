"""What a spoken report says: amounts, intent, outcome, steps, deciders, channels."""

import pytest

from domain import spoken


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("预算五十万", 500_000),
        ("预算大概五十到六十万", [500_000, 600_000]),
        ("8万到10万之间", [80_000, 100_000]),
        ("预算3.5万", 35_000),
        ("八千块左右", 8_000),
        ("两百三十万", 2_300_000),
        ("预算是60万不是50万", 600_000),
        ("预算不是50万是60万", 600_000),
        ("三个人，两点见", None),
        ("没谈预算", None),
    ],
)
def test_budget(text: str, amount: object) -> None:
    assert spoken.budget(text) == amount


@pytest.mark.parametrize(
    ("value", "words"), [(500_000, "50万"), ([80_000, 100_000], "8万–10万"), (8_000, "8000元"), (35_500, "3.55万")]
)
def test_money_is_read_back(value: object, words: str) -> None:
    assert spoken.money(value) == words


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("意向高", "high"),
        ("客户意向很高", "high"),
        ("意向度一般", None),
        ("意向一般", "medium"),
        ("意向改成中吧", "medium"),
        ("意向从高改成中", "medium"),
        ("不是意向高是意向低", "low"),
        ("对方不感兴趣", "low"),
        ("很感兴趣", "high"),
        ("聊了聊", None),
    ],
)
def test_intent(text: str, level: str | None) -> None:
    assert spoken.intent(text) == level


@pytest.mark.parametrize(
    ("text", "name"),
    [("王总拍板", "王总"), ("拍板的是他们刘总", "刘总"), ("决策人是李董", "李董"), ("谁拍板还不清楚", ""), ("聊了聊", "")],
)
def test_decider(text: str, name: str) -> None:
    assert spoken.decider(text) == name


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("下一步周五发合同", ["周五发合同"]),
        ("下一步：周五前发纪要；张伟下周二准备环境", ["周五前发纪要", "张伟下周二准备环境"]),
        ("聊得不错。接下来我发方案，张伟准备演示", ["我发方案", "张伟准备演示"]),
        ("没有什么安排", []),
    ],
)
def test_steps(text: str, steps: list[str]) -> None:
    assert spoken.steps(text) == steps


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("扑空了，客户不在", "客户不在"),
        ("扑空了", ""),
        ("客户临时出差，扑空了", "客户临时出差"),
        ("白跑一趟，门卫说放假", "门卫说放假"),
    ],
)
def test_empty_run_and_its_reason(text: str, reason: str) -> None:
    assert spoken.is_empty_run(text)
    assert spoken.empty_reason(text) == reason


def test_no_empty_run() -> None:
    assert not spoken.is_empty_run("今天没有扑空，王总在")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("打了电话没人接", False),
        ("微信发了个早安", False),
        ("微信问候了一下，王总说下周再谈", True),
        ("打电话确认了合同条款", True),
        ("电话打不通", False),
    ],
)
def test_what_counts_as_a_follow_up(text: str, valid: bool) -> None:
    assert spoken.counts(spoken.channel(text), text, spoken.feedback(text)) is valid


def test_a_channel_left_out_by_the_company_does_not_count() -> None:
    assert not spoken.counts("wechat", "微信确认了合同条款", "", frozenset({"wechat"}))


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("微信上聊了", "wechat"),
        ("打了电话", "phone"),
        ("发邮件", "email"),
        ("视频会议", "online"),
        ("上门拜访", "visit"),
        ("聊了聊", "other"),
    ],
)
def test_channels(text: str, channel: str) -> None:
    assert spoken.channel(text) == channel


def test_answers_to_open_questions() -> None:
    both = ("decision_maker", "competitor")
    assert spoken.answers("王总拍板，没有竞品", both) == {"decision_maker": "王总", "competitor": "无"}
    assert spoken.answers("王总", both) == {"decision_maker": "王总"}
    assert spoken.answers("没有", ("competitor",)) == {"competitor": "无"}
    assert spoken.answers("王总，没有", both) == {"decision_maker": "王总", "competitor": "无"}
