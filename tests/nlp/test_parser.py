"""What holds for every message: an answer, in linear time, with names known at that moment."""

import time
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.model import OFFICE, Customer, Member
from nlp.book import Book
from nlp.cli import PURPOSES
from nlp.grammar import Grammar, GrammarError, grammar
from nlp.parser import Parser
from tests.nlp.judge import parser

NOW = datetime(2026, 3, 11, 10, tzinfo=OFFICE)
PIECES = st.sampled_from(
    [
        "明天",
        "下午",
        "三点",
        "周五",
        "鼎盛",
        "宏远",
        "王总",
        "取消",
        "改到",
        "不是",
        "提醒我",
        "拜访",
        "张伟",
        "和",
        "，",
        "。",
        "？",
        "20万",
        "13812345678",
        "a@b.cn",
        "@",
        "第二个",
        "的",
        "了",
        "提前",
        "两小时",
        "公海",
        "报告",
        "转给",
        "🙂",
        "（",
        "】",
        "\n",
    ]
)


@given(st.text(max_size=60) | st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_an_answer(text: str) -> None:
    said = parser().parse(text, NOW, user="wanglei", group="east")
    assert said
    assert all(one.intent in grammar().entries for one in said)


@pytest.mark.parametrize(
    "piece",
    [
        "取消",
        "明天下午三点去",
        "周",
        "一",
        "1",
        "改到",
        "（",
        "@",
        "不是是",
        "鼎盛",
        "的的",
        "聊",
        "公司",
        "王总",
        "，",
        "a",
        "下周",
    ],
)
def test_time_grows_linearly(piece: str) -> None:
    def spent(size: int) -> float:
        text = (piece * size)[:size]
        return min(_timed(text) for _ in range(3))

    spent(200)
    assert spent(1600) < 24 * spent(200) + 0.05


def _timed(text: str) -> float:
    begun = time.thread_time()
    parser().parse(text, NOW)
    return time.thread_time() - begun


@pytest.mark.parametrize("entry", list(grammar().labels()), ids=lambda entry: entry.intent)
def test_examples_mean_their_own_command(entry) -> None:  # type: ignore[no-untyped-def]
    assert parser().parse(entry.example, NOW)[0].intent == entry.intent


def test_a_line_that_cannot_be_compiled_is_named() -> None:
    raw = {"words": {}, "visit.book": {"label": "", "example": "", "says": ["(约|{人物}"]}}
    with pytest.raises(GrammarError, match="人物"):
        Grammar(raw)


def _parser(book: Book) -> Parser:
    return Parser(book, purposes=PURPOSES)


def test_names_are_learnt_and_forgotten_while_running() -> None:
    book = Book()
    ear = _parser(book)
    text = "明天下午三点推墙"
    assert ear.parse(text, NOW)[0].intent == "unknown"
    book.update_customer(Customer(id="c1", name="杭州推墙网络科技有限公司"))
    said = ear.parse(text, NOW)[0]
    assert (said.intent, said.slots["customer"], said.hints["customer_ids"]) == ("visit.book", "推墙", ["c1"])
    book.update_customer(Customer(id="c1", name="杭州拆墙网络科技有限公司"))
    assert ear.parse(text, NOW)[0].intent == "unknown"
    book.remove("c1")
    assert list(book.customers()) == []


def test_a_name_that_fits_two_is_asked_about() -> None:
    book = Book(
        [Customer(id="a", name="苏州鼎盛机械有限公司", city="苏州"), Customer(id="b", name="上海鼎盛机电有限公司", city="上海")]
    )
    both = _parser(book).parse("后天去趟鼎盛", NOW)[0]
    assert both.ambiguous == ("customer",)
    assert sorted(both.hints["customer_ids"]) == ["a", "b"]  # type: ignore[call-overload]
    one = _parser(book).parse("后天去趟上海鼎盛", NOW)[0]
    assert one.hints["customer_ids"] == ["b"]
    assert not one.ambiguous


@pytest.mark.parametrize(("said", "read"), [("宏元电子", "宏远电子"), ("弘远电子", "宏远电子"), ("宏原点子", "宏远电子")])
def test_one_candidate_corrects_the_spelling(said: str, read: str) -> None:
    book = Book([Customer(id="c", name="宏远电子(昆山)有限公司", aliases=("宏远", "宏远电子"))])
    answer = _parser(book).parse(f"明天下午三点拜访{said}", NOW)[0]
    assert answer.slots["customer"] == read
    assert (said, read) in answer.hints["read_as"]  # type: ignore[operator]


@pytest.mark.parametrize("text", ["明天下午三点拜访宏达电子", "查一下宏源电子录过没", "新建客户宏源电子"])
def test_another_company_is_not_a_misspelling(text: str) -> None:
    book = Book([Customer(id="c", name="宏远电子(昆山)有限公司", aliases=("宏远电子",))])
    assert _parser(book).parse(text, NOW)[0].slots["customer"] in ("宏达电子", "宏源电子")


def test_two_people_of_one_name_are_told_apart_by_team() -> None:
    people = [Member(id="x", name="张伟", team="售前技术部"), Member(id="y", name="张伟", team="华南一组")]
    book = Book([Customer(id="c", name="恒信建材")], people)
    asked = _parser(book).parse("明天下午三点去恒信建材，带上张伟", NOW)[0]
    assert asked.ambiguous == ("people",)
    told = _parser(book).parse("明天下午三点去恒信建材，带上华南一组的张伟", NOW)[0]
    assert told.hints["people_ids"] == [["y"]]


def test_somebody_who_left_is_not_known_any_more() -> None:
    member = Member(id="x", name="许朗朗", team="")
    book = Book(members=[member])
    assert book.member_names.get("许朗朗") == ("x",)
    book.update_member(replace(member, active=False))
    assert book.member_names.get("许朗朗") == ()


def test_words_to_a_colleague_in_a_group_are_not_for_the_bot() -> None:
    assert parser().parse("@李娜 你周五取消一下宏远", NOW, group="east")[0].intent == "unknown"
    assert parser().parse("@拜访助手 取消周五的宏远", NOW, group="east")[0].intent == "visit.cancel"
