"""What is certain, what is likely, what is of the same group (contract.md section 6, R31, R33)."""

import pytest

from domain.matching import Index, Match, Query, Record, Verdict

ONE, OTHER = "91350100M000100Y43", "91110000100000001W"


def ask(records: list[Record], query: Query, **more: object) -> list[Match]:
    return Index(records).find(query, **more)  # type: ignore[arg-type]


def said(matches: list[Match]) -> list[tuple[str, Verdict]]:
    return [(m.id, m.verdict) for m in matches]


def test_an_own_key_is_certain_whatever_the_name() -> None:
    book = [Record("a", "鼎盛机械有限公司", phones=("0512-66881234",), emails=("li@dingsheng.cn",), uscc=ONE)]
    for query in (
        Query("王总公司", phones=("(0512) 6688 1234",)),
        Query(emails=("LI@dingsheng.cn",)),
        Query("甲", uscc=ONE.lower()),
    ):
        assert said(ask(book, query)) == [("a", Verdict.DUPLICATE)]
    assert ask(book, Query(phones=("0512-66881235",))) == []


def test_the_reasons_are_told_in_words() -> None:
    book = [Record("a", "鼎盛机械有限公司", phones=("13800001111",))]
    (match,) = ask(book, Query("鼎盛机械", phones=("+86 138-0000-1111",)))
    assert match.why[0] == "电话相同"
    assert "字号相同" in match.why
    assert ask(book, Query("鼎晟机械"))[0].why == ("同音字",)


def test_a_number_that_several_share_names_none_of_them() -> None:
    book = [Record("a", "甲乙机械有限公司", phones=("13800001111",)), Record("b", "丙丁食品有限公司", phones=("13800001111",))]
    assert said(ask(book, Query(phones=("13800001111",)))) == [("a", Verdict.POSSIBLE), ("b", Verdict.POSSIBLE)]
    assert said(ask(book, Query("丙丁食品", phones=("13800001111",))))[0] == ("b", Verdict.DUPLICATE)


def test_the_companys_own_domain_makes_it_likely_and_free_mail_says_nothing() -> None:
    book = [Record("a", "鼎盛机械有限公司", emails=("li@dingsheng.cn",)), Record("b", "永安食品有限公司", emails=("1@qq.com",))]
    assert said(ask(book, Query(emails=("wang@dingsheng.cn",)))) == [("a", Verdict.POSSIBLE)]
    assert ask(book, Query(emails=("2@qq.com",))) == []


def test_another_credit_code_rules_certainty_out() -> None:
    book = [Record("a", "鼎盛机械有限公司", phones=("13800001111",), uscc=ONE)]
    for query in (Query("鼎盛机械有限公司", uscc=OTHER), Query("鼎盛机械有限公司", phones=("13800001111",), uscc=OTHER)):
        assert all(m.verdict is not Verdict.DUPLICATE for m in ask(book, query))
    assert ask(book, Query("鼎晟机械有限公司", uscc=OTHER)) == []
    assert said(ask(book, Query("鼎盛机械有限公司", uscc="1" * 18))) == [("a", Verdict.DUPLICATE)]


def test_a_short_form_that_fits_two_names_neither_for_certain() -> None:
    book = [Record("a", "苏州宏远科技有限公司"), Record("b", "宏远食品股份有限公司"), Record("c", "永安机械有限公司")]
    assert said(ask(book, Query("宏远"))) == [("b", Verdict.POSSIBLE), ("a", Verdict.POSSIBLE)]
    assert said(ask(book, Query("宏远科技"))) == [("a", Verdict.POSSIBLE)]


def test_the_very_name_beats_the_look_alikes() -> None:
    book = [Record("a", "天晟新材料股份有限公司"), Record("b", "天晟新材料集团股份有限公司")]
    assert said(ask(book, Query("天晟新材料股份有限公司"))) == [("a", Verdict.DUPLICATE), ("b", Verdict.RELATED)]


def test_two_records_with_one_name_fit_equally() -> None:
    book = [Record("a", "鼎盛机械有限公司"), Record("b", "鼎盛機械有限公司")]
    assert said(ask(book, Query("鼎盛机械有限公司"))) == [("a", Verdict.POSSIBLE), ("b", Verdict.POSSIBLE)]


@pytest.mark.parametrize("name", ["鼎盛机械有限公司昆山分公司", "鼎盛机械有限公司第二门店", "鼎盛机械昆山办事处"])
def test_a_branch_is_related_both_ways(name: str) -> None:
    assert said(ask([Record("a", "鼎盛机械有限公司")], Query(name))) == [("a", Verdict.RELATED)]
    assert said(ask([Record("a", name)], Query("鼎盛机械有限公司"))) == [("a", Verdict.RELATED)]
    assert said(ask([Record("a", name)], Query(name))) == [("a", Verdict.DUPLICATE)]


def test_different_trade_or_place_is_another_company() -> None:
    book = [Record("a", "苏州鼎盛机械有限公司")]
    for name in ("苏州鼎盛机电有限公司", "无锡鼎盛机械有限公司", "苏州鼎丰机械有限公司"):
        assert ask(book, Query(name)) == []


def test_a_learned_nickname_is_the_name_but_not_the_beginning_of_one() -> None:
    book = [Record("a", "苏州鼎盛机械有限公司", aliases=("老鼎",))]
    assert said(ask(book, Query("老鼎"))) == [("a", Verdict.DUPLICATE)]
    assert ask(book, Query("老鼎食品有限公司")) == []


def test_the_name_a_company_had_finds_it() -> None:
    book = [Record("a", "永盛新材料有限公司（原宏远塑胶有限公司）")]
    assert said(ask(book, Query("宏远塑胶有限公司"))) == [("a", Verdict.DUPLICATE)]
    assert said(ask(book, Query("永盛新材料有限公司"))) == [("a", Verdict.DUPLICATE)]


def test_pairs_declared_different_stay_apart() -> None:
    book = [Record("a", "鼎盛机械有限公司"), Record("b", "鼎盛機械有限公司")]
    query = Query("鼎盛機械有限公司", id="b")
    assert said(ask(book, query)) == [("a", Verdict.DUPLICATE)]
    for pair in (("a", "b"), ("b", "a")):
        assert ask(book, query, apart=frozenset({pair})) == []


def test_the_city_decides_between_equals() -> None:
    book = [Record("a", "宏远科技有限公司", city="深圳"), Record("b", "宏远食品有限公司", city="苏州")]
    assert ask(book, Query("宏远", city="苏州市"))[0].id == "b"


def test_nothing_is_asked_nothing_is_found() -> None:
    book = [Record("a", "鼎盛机械有限公司")]
    for query in (Query(), Query("  "), Query("（）"), Query("有限公司"), Query("。"), Query("\ud83c"), Query("🏢" * 3)):
        assert ask(book, query) == []
