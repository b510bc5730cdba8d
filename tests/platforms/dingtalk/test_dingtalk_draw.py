"""Cards as DingTalk gets them (golden/*.json), its limits, and words that can't become markup."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.platform import Delivery
from bot.platforms.dingtalk import draw
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.errors import Kind, judge
from bot.platforms.dingtalk.markdown import CARD_BREAK, MESSAGE_BREAK, cut, escape

GOLDEN = Path(__file__).parent / "golden"
CONFIG = DingTalkConfig(client_id="dingapp", client_secret="s")
OWN = DingTalkConfig(
    client_id="dingapp",
    client_secret="s",
    robot_code="robot",
    card_template_id="own.schema",
    card_prefix="db1_",
    var_title="head",
    var_body="body",
    var_buttons="btns",
    var_menu="",
    var_status="status",
)
CARD = Card(
    "已预约：明天 15:00 宏远",
    (
        Text("聊报价\n带样品"),
        Facts((("客户", "宏远*机械*_新_[A]<b>"), ("时间", "3月12日 15:00-16:00"), ("空", ""))),
        Items(("# 王磊 同行", "https://example.cn/a_b_c?x=1 看地图")),
    ),
    (
        Button("撤销", "/undo deed=d1", "danger"),
        Button("改时间", "/visit.move visit=v1", "primary"),
        Button("加同事", "/visit.join visit=v1"),
    ),
    Tone.DONE,
)
PRIVATE = Delivery("m1", "u1", "", CARD)
GROUP = Delivery("m1", "", "cidEast==", CARD, mention="u1")

CASES: dict[str, Any] = {
    "create_private": draw.create(PRIVATE, CONFIG),
    "create_group": draw.create(GROUP, CONFIG, nick="小钉"),
    "create_own_template": draw.create(PRIVATE, OWN),
    "update": draw.update("m1", Card("已撤销"), CONFIG),
    "in_ack": draw.in_ack(CARD, CONFIG, "cidEast=="),
    "message_private": draw.message(CARD, private=True),
    "message_group": draw.message(CARD, private=False),
    "message_line": draw.message(Card("已撤销"), private=True),
    "webhook_group": draw.webhook(CARD, private=False, mention="u1"),
    "webhook_line": draw.webhook(Card("已撤销"), private=False, mention="u1"),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    """A changed look is a decision: look at the difference, then write the file anew."""
    expected = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
    assert json.loads(json.dumps(CASES[name])) == expected


def test_every_variable_is_text_within_the_limit() -> None:
    for card in (CARD, Card("x"), Card("x", buttons=CARD.buttons)):
        values = draw.variables(card, CONFIG)
        assert values is not None
        assert all(isinstance(v, str) and len(v.encode()) <= 1024 for v in values.values())
        assert all(len(k.encode()) <= 100 for k in values)


@pytest.mark.parametrize(
    "card",
    [
        Card("长" * 400),
        Card("x", (Text("长" * 400),)),
        Card("x", buttons=(Button("按", "/a b=" + "长" * 300),) * 2),
    ],
)
def test_what_does_not_fit_is_no_card(card: Card) -> None:
    assert draw.variables(card, CONFIG) is None
    assert draw.create(Delivery("k", "u", "", card), CONFIG) is None
    assert draw.update("k", card, CONFIG) is None
    assert draw.in_ack(card, CONFIG) is None
    roomy = DingTalkConfig(card_value_bytes=20_000)
    assert draw.variables(card, roomy) is not None


def test_six_ordinary_buttons_fit() -> None:
    buttons = tuple(Button("仍然预约", f"/visit.settle draft=d{i}12345 how=anyway", "primary") for i in range(6))
    assert draw.variables(Card("撞期了", (Text("3月12日 15:00 已有拜访"),), buttons), CONFIG, "cidABCDEFGHIJKLM==") is not None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.text(min_size=1, max_size=400), max_size=60),
    st.lists(st.text(min_size=1, max_size=300), max_size=6),
    st.text(min_size=1, max_size=6000).filter(lambda t: bool(t.strip())),
)
def test_a_message_always_fits_and_keeps_its_menu(lines: list[str], says: list[str], title: str) -> None:
    buttons = tuple(Button(f"第{i}个", s) for i, s in enumerate(says) if len(s.encode()) <= 1000)
    card = Card(title, (Items(tuple(lines)),) if lines else (), buttons)
    _, param = draw.message(card, private=True)
    assert len(param.encode()) <= draw.MAX_MESSAGE_BYTES
    text = json.loads(param).get("text", "")
    assert all(b.text in text for b in buttons)


def test_a_long_list_says_how_much_is_missing() -> None:
    card = Card("清单", (Items(tuple(f"{i:04d} 一家名字相当长的客户有限公司" for i in range(1000))),), CARD.buttons)
    key, param = draw.message(card, private=False)
    text = json.loads(param)["text"]
    shown = text.count("有限公司")
    assert key == "sampleMarkdown"
    assert f"还有 {1000 - shown} 行" in text
    assert text.endswith("3、加同事")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("客户#7 *急*", "客户#7 ＊急＊"),
        ("# 标题", "＃ 标题"),
        ("- 一项", "－ 一项"),
        ("+86 138", "+86 138"),
        ("---", "－－－"),
        ("<b>&lt;x&#60;</b>", "＜b＞＆lt;x＆#60;＜/b＞"),
        ("[点我](https://a.cn/x_y)", "［点我］(https://a.cn/x_y)"),
        ("~~删~~ 15~16", "～～删～～ 15~16"),
        ("  两边   空白 ", "两边 空白"),
        ("A&B 公司", "A&B 公司"),
        ("`x` | y \\ z", "｀x｀ ｜ y ＼ z"),
    ],
)
def test_escape(line: str, shown: str) -> None:
    assert escape(line) == shown


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(alphabet="拜a1 *_[]()<>#`|\\~-+=&;!.:/@\"'", max_size=40))
def test_no_word_becomes_markup(text: str) -> None:
    """By an independent parser: one paragraph of text, whatever a customer is called (links apart)."""
    line = escape(text)
    for token in MarkdownIt("commonmark").enable("strikethrough").parse(f"x{CARD_BREAK}\n\n{line}")[3:]:
        if token.type in ("paragraph_open", "paragraph_close"):
            continue
        if token.type in ("ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"):
            continue  # "1." at the start shows as it stands
        assert token.type == "inline", (line, token)
        assert {c.type for c in token.children or []} <= {"text"}, (line, token.children)


def test_cut_keeps_whole_characters() -> None:
    assert cut("拜访客户", 12) == "拜访客户"
    assert cut("拜访客户", 11) == "拜访…"
    assert cut("拜访客户😀", 15).encode().decode() == "拜访客户…"


def test_breaks() -> None:
    values = draw.variables(CARD, CONFIG)
    assert values is not None
    assert "聊报价<br>带样品\n\n客户：" in values["markdown"]
    assert MESSAGE_BREAK in json.loads(draw.message(CARD, private=True)[1])["text"]


DENIED = '{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":["A.B","C"]}}'


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (200, "{}", None),
        (200, '{"errcode":0,"errmsg":"ok"}', None),
        (200, '{"success":true,"result":true}', None),
        (200, "", None),
        (200, '{"errcode":300001,"errmsg":"session 不存在"}', Kind.REFUSED),
        (200, '{"errcode":40014}', Kind.TOKEN),
        (400, '{"code":"InvalidAuthentication"}', Kind.TOKEN),
        (403, '{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}', Kind.QPS),
        (403, '{"code":"Forbidden.AccessDenied.QpsLimitForApi"}', Kind.QPS),
        (200, '{"errcode":90018}', Kind.QPS),
        (200, '{"errcode":88,"sub_code":"90018"}', Kind.QPS),
        (200, '{"errcode":88,"errmsg":"auth"}', Kind.SCOPE),
        (403, '{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg"}', Kind.QUOTA),
        (200, '{"errcode":90020}', Kind.QUOTA),
        (403, DENIED, Kind.SCOPE),
        (200, '{"errcode":60011}', Kind.SCOPE),
        (200, '{"errcode":60020}', Kind.SCOPE),
        (200, '{"status":1111,"wait":5,"punish":"deny"}', Kind.BANNED),
        (403, "<html>", Kind.BANNED),
        (200, "<html>", Kind.BANNED),
        (500, '{"code":"system.busy"}', Kind.BUSY),
        (400, '{"code":"idempotencyProcessing"}', Kind.BUSY),
        (429, "", Kind.BUSY),
        (504, '{"code":"x"}', Kind.UNCLEAR),
        (502, "<html>", Kind.UNCLEAR),
        (200, "hello", Kind.UNCLEAR),
        (302, "", Kind.REFUSED),
        (404, "", Kind.REFUSED),
        (400, '{"code":"param.cardAlreadyExist"}', Kind.REFUSED),
        (200, '{"errcode":50002}', Kind.REFUSED),
    ],
)
def test_what_an_answer_means(status: int, text: str, kind: Kind | None) -> None:
    fault = judge(status, text)
    assert (fault.kind if fault else None) == kind


def test_the_missing_scope_is_found_in_either_case() -> None:
    fault = judge(403, DENIED)
    assert fault is not None
    assert fault.scope == "A.B, C"
    fault = judge(403, DENIED.replace("requiredScopes", "RequiredScopes"))
    assert fault is not None
    assert fault.scope == "A.B, C"
