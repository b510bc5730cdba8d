"""Cards as WeCom shows them: golden files, limits, and text that is cut nowhere inside a character."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Button, Card, Facts, Items, Text, Tone, plain
from bot.platforms.wecom import draw
from tests.fakes import wecom_cards

GOLDEN = Path(__file__).parent / "data" / "golden"
BOOKED = Card(
    "已预约：宏远",
    (
        Facts((("时间", "3月12日 周四 15:00–16:00"), ("客户", "宏远"), ("目的", "报价"), ("地点", ""))),
        Text("会前1小时提醒你。"),
    ),
    (
        Button("撤销", "撤销 访#12.1", "primary"),
        Button("改时间", "改时间 访#12.1"),
        Button("取消", "取消 访#12.1", "danger"),
    ),
    Tone.DONE,
)
LONG = Card(
    "本周安排",
    (Items(tuple(f"3月{d}日 15:00–16:00 拜访宏远机械股份有限公司（苏州工业园区）" for d in range(9, 15))),),
    (Button("下一页", "下一页"),),
)
PLAIN = Card("没找到客户“红远”", (Text("请把名字说全一点。"),), tone=Tone.WARN)
CARDS = {"booked": BOOKED, "long": LONG, "plain": PLAIN}


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("way", ["draw", "redraw", "notice", "markdown"])
def test_golden(name: str, way: str) -> None:
    card = CARDS[name]
    drawn: object
    match way:
        case "draw":
            drawing = draw.draw(card, "reply-17")
            drawn = {"texts": drawing.texts, "card": drawing.card}
        case "redraw":
            drawing = draw.redraw(card)
            drawn = {"texts": drawing.texts, "card": drawing.card}
        case "notice":
            drawn = draw.notice(Card(card.title, card.blocks, tone=card.tone), "https://visits.example/app")
        case _:
            drawn = draw.markdown(card)
    golden = GOLDEN / f"{name}.{way}.json"
    assert json.loads(json.dumps(drawn).replace(numbered(card), "NUMBERED")) == json.loads(golden.read_text())


def numbered(card: Card) -> str:
    """The twin's line of buttons, whose wording is bot/cards.py's business, as it stands in JSON."""
    return json.dumps(plain(card).split("\n")[-1])[1:-1] if card.buttons else "\0"


def test_rows_beyond_the_card_go_into_its_body() -> None:
    rows = tuple((f"行{i}", f"值{i}") for i in range(8))
    drawing = draw.draw(Card("t", (Facts(rows),), (Button("好", "好"),)), "k")
    assert drawing.card is not None
    assert len(drawing.card["horizontal_content_list"]) == 6  # type: ignore[arg-type]
    assert drawing.card["sub_title_text"] == "行6：值6\n行7：值7"
    assert drawing.texts == ()


def test_what_is_cut_goes_out_in_full_before_the_card() -> None:
    drawing = draw.draw(LONG, "k")
    assert "".join(drawing.texts) == plain(LONG)
    assert drawing.card is not None
    assert drawing.card["sub_title_text"] == "全文见另一条文字消息。"


@pytest.mark.parametrize("buttons", [(Button("甲", "同"), Button("乙", "同")), (Button("甲", ""),)])
def test_buttons_wecom_would_refuse_become_numbers(buttons: tuple[Button, ...]) -> None:
    drawing = draw.draw(Card("t", buttons=buttons), "k")
    assert drawing.card is None
    assert "1. 甲" in drawing.texts[0]
    again = draw.redraw(Card("t", buttons=buttons))
    assert "1. 甲" in again.texts[0]
    assert again.card is not None
    assert again.card["replace_text"] == "已处理"


def test_an_odd_key_becomes_a_task_id() -> None:
    assert draw.task_id("reply-17@a_b") == "reply-17@a_b"
    for key in ("", "中文", "a b", "x" * 129):
        assert wecom_cards.TASK_ID.match(draw.task_id(key))


def test_marks_show_nothing_and_tell_letters_apart() -> None:
    marks = {draw.invisible(f"letter-{i}") for i in range(50)}
    assert len(marks) == 50
    assert all(mark.translate(draw.MARKS) == "" and len(mark.encode()) == 36 for mark in marks)
    assert draw.invisible("a") == draw.invisible("a")


def test_typed_markup_is_shown_not_obeyed() -> None:
    (text,) = draw.split('客户 <a href="http://evil">点我</a> <@all> 1<2')
    assert text == '客户 ＜a href="http://evil">点我＜/a> ＜@all> 1<2'
    (text,) = draw.markdown(Card("**x** <@all>", (Text("# 大\n[点](http://evil) `c`"),)))
    assert text == "**＊＊x＊＊ ＜@all＞**\n＃ 大\n［点］(http://evil) ｀c｀"


names = st.text(min_size=1, max_size=60, alphabet=st.characters(exclude_categories=["Cs", "Cc"]))
cards = st.builds(
    Card,
    names.filter(lambda t: bool(t.strip())),
    st.lists(
        st.one_of(
            st.builds(Text, names),
            st.builds(Items, st.lists(names, max_size=12).map(tuple)),
            st.builds(Facts, st.lists(st.tuples(names, names), max_size=9).map(tuple)),
        ),
        max_size=4,
    ).map(tuple),
    st.lists(st.builds(Button, names, names), max_size=6).map(tuple),
    st.sampled_from(Tone),
)


@settings(max_examples=300, deadline=None)
@given(cards)
def test_every_card_is_one_that_wecom_takes(card: Card) -> None:
    for drawing, update in ((draw.draw(card, "k-1"), False), (draw.redraw(card), True)):
        assert all(0 < len(t.encode()) + 36 <= draw.TEXT_BYTES for t in drawing.texts)
        if drawing.card is not None:
            assert wecom_cards.fault(drawing.card, update=update) == 0
    assert all(len(t.encode()) <= draw.MARKDOWN_BYTES for t in draw.markdown(card))
    if notice := draw.notice(card, "https://x"):
        assert wecom_cards.fault(notice, webhook=True) == 0


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("约见客户😀b\n<"), max_size=3000))
def test_pieces_lose_nothing(text: str) -> None:
    pieces = draw.split(text, 200)
    assert all(len(piece.encode()) <= 164 for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_moments_on_buttons_stay_apart() -> None:
    """Two alternatives of one day must not read alike when a label has ten characters."""
    times = ["6月10日 周三 09:30", "6月10日 周三 10:30", "12月11日 周五 15:30"]
    card = Card("约在什么时间？", (), tuple(Button(t, f"/t at={i}") for i, t in enumerate(times)))
    drawing = draw.draw(card, "k")
    assert drawing.texts == ()
    assert drawing.card is not None
    assert [b["text"] for b in drawing.card["button_list"]] == ["6/10 09:30", "6/10 10:30", "11日 15:30"]  # type: ignore[attr-defined]


def test_a_long_title_goes_on_below_instead_of_being_said_twice() -> None:
    title = "已撤销：6月10日 周三 10:00 拜访飞燕模具有限公司，预约和提醒都已取消；没有通知过其他人"
    drawing = draw.draw(Card(title, (), (Button("改时间", "/a"),)), "k")
    assert drawing.texts == ()
    assert drawing.card is not None
    head = drawing.card["main_title"]
    assert head == {"title": "已撤销：6月10日 周三 10:00 拜访飞燕模具有限公司", "desc": "预约和提醒都已取消；没有通知过其他人"}
    assert draw.draw(Card("约" * 81, (), (Button("改时间", "/a"),)), "k").texts, "what fits nowhere is said in full"
