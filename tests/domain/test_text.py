"""Folding keeps the way back; Chinese numerals are read as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import NUMBER, SMALL, fold, integer, number


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("下週三下午３點鐘", "下周三下午3点钟"),
        ("ＡＢＣ Linda", "abc linda"),
        ("明天，三點：半", "明天,三点:半"),
        ("宏遠機械㈱", "宏远机械(株)"),
        ("明\u200b天", "明天"),
        ("plain ASCII", "plain ascii"),
        ("全\u3000角", "全 角"),
        ("聽日禮拜二", "听日礼拜二"),
        ("①號線", "1号线"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text).text == folded


@given(st.text())
def test_a_folded_span_leads_back_into_the_text(text: str) -> None:
    folded = fold(text)
    assert folded.span(0, len(folded.text))[1] <= len(text)
    previous = 0
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert previous <= start < end <= len(text)
        previous = start


def test_the_way_back_over_characters_that_grow_and_vanish() -> None:
    folded = fold("㈱\u200b明天")
    at = folded.text.index("明")
    assert folded.span(at, at + 2) == (2, 4)
    assert folded.span(0, 3) == (0, 2)
    assert folded.span(2, 2) == (0, 0)
    assert folded.span(len(folded.text), len(folded.text)) == (4, 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15", 15), ("十五", 15), ("二十", 20), ("一百零五", 105), ("一百一十", 110), ("两千三", 2300),
        ("二百五", 250), ("一万零五", 10005), ("二零二六", 2026), ("二〇二六", 2026), ("零八", 8),
        ("廿三", 23), ("卅", 30), ("1.5", 1.5), ("三点五", 3.5), ("3万5", 35000),
        ("20w", 200000), ("5k", 5000), ("五十万", 500000), ("1.5个亿", 150000000),
        ("一亿二千万", 120000000), ("1,200", 1200), ("半", 0.5), ("个半", 1.5), ("两个半", 2.5),
        ("俩", 2), ("仨", 3), ("十", 10), ("07", 7), ("零", 0),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "万", "三个人", "点", "五点", "一二点x", "1" * 30])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


def test_whole_numbers() -> None:
    assert integer("二十三") == 23
    assert integer("一百二") == 120
    assert integer("1.5") is None
    assert integer("x") is None
    assert SMALL["十二"] == SMALL["一十二"] == SMALL["12"] == 12


@given(st.text(alphabet="零一二三四五六七八九十百千万亿半点个两廿0123456789.,wk", max_size=26))
def test_any_run_of_numerals_is_answered(text: str) -> None:
    number(text)


def test_the_fragment_finds_runs() -> None:
    assert [m.group() for m in re.finditer(NUMBER, "预算1.5个亿,先付20w,三十五万")] == ["1.5个亿", "20w", "三十五万"]
