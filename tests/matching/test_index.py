"""The index as a store: adding, removing, packing, the cache file; the same answers however it was filled."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.matching import Index, Query, Record, Verdict
from domain.matching.compare import compare
from domain.matching.pairs import SOUND, prepare, stem_keys
from domain.matching.parts import bare, take_apart, tidy
from domain.matching.segment import Builder, Live

NAMES = [
    "苏州鼎盛机械有限公司", "鼎晟机械有限公司", "宏远电子（昆山）有限公司", "宏远电子集团有限公司", "西门子（中国）有限公司", "TCL科技集团股份有限公司",
    "中国移动通信集团江苏有限公司", "永辉云创科技有限公司", "二六三网络通信股份有限公司", "Bosch Rexroth (China) Ltd.", "鼎盛机械有限公司无锡分公司",
    "通程控股股份有限公司", "无锡先导智能装备股份有限公司", "無錫先導智能裝備", "𠮷田食品有限公司", "小李烧烤店", "华为", "A", "国药控股（原甲乙药业）有限公司",
]  # fmt: skip
BOOK = [Record(f"c{n}", name, phones=(f"138{n:08d}",)) for n, name in enumerate(NAMES)]
ASKED = [*NAMES, "鼎盛", "宏远", "西门子", "先导智能", "dingsheng jixie", "江苏移动", "263网络", "甲乙药业", "云创"]
text = st.text(st.sampled_from("苏州上海鼎盛晟宏远华新机械电子科技食品集团股份有限公司分()（中国）ABc 1"), max_size=16)


def answers(index: Index) -> list[list[tuple[str, float, Verdict]]]:
    return [[(m.id, m.score, m.verdict) for m in index.find(Query(name))] for name in ASKED]


def test_the_order_of_adding_does_not_matter() -> None:
    mixed = list(BOOK)
    random.Random(4).shuffle(mixed)
    assert answers(Index(BOOK)) == answers(Index(mixed))


def test_a_new_customer_is_found_at_once_and_a_removed_one_no_more() -> None:
    index = Index(BOOK)
    index.add(Record("new", "闻所未闻精密仪器有限公司", phones=("13912345678",)))
    assert index.find(Query("闻所未闻"))[0].id == index.find(Query(phones=("13912345678",)))[0].id == "new"
    assert len(index) == len(BOOK) + 1
    index.remove("new")
    index.remove("never there")
    assert index.find(Query("闻所未闻")) == index.find(Query(phones=("13912345678",))) == []
    assert len(index) == len(BOOK)
    assert "new" not in index


def test_a_changed_customer_is_known_by_its_new_state_only() -> None:
    index = Index(BOOK)
    index.add(Record("c0", "彻底改名贸易有限公司"))
    assert len(index) == len(BOOK)
    assert index.find(Query("彻底改名贸易"))[0].id == "c0"
    assert all(m.id != "c0" for m in index.find(Query("苏州鼎盛机械有限公司")))


def packed(records: list[Record], monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setattr("domain.matching.index._SMALL", 4)
    monkeypatch.setattr("domain.matching.index._SEGMENT", 8)
    return Index(records)


def test_packed_and_live_parts_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    live = answers(Index(BOOK))
    index = packed(BOOK, monkeypatch)
    assert len(index) == len(BOOK)
    assert answers(index) == live


def test_the_last_record_of_an_id_counts_in_packed_parts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [
        *BOOK,
        *(Record(r.id, f"第{n}号新名称贸易有限公司") for n, r in enumerate(BOOK[:9])),
        Record("c1", "最后的名称有限公司"),
    ]
    index = packed(twice, monkeypatch)
    assert len(index) == len(BOOK)
    assert index.find(Query("苏州鼎盛机械有限公司"))[0].id != "c0"
    assert index.find(Query("最后的名称有限公司"))[0].id == "c1"
    index.remove("c1")
    assert index.find(Query("最后的名称有限公司")) == []


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_both_parts_have_the_same_keys(names: list[str]) -> None:
    records = [prepare(Record(str(n), name)) for n, name in enumerate(names)]
    live, builder = Live(), Builder()
    for record in records:
        live.add(record)
        builder.add(record)
    pack = builder.pack()
    for record in records:
        for key in {*record.keys, *(k for stem in record.stems for k in stem_keys(stem)), SOUND | 1}:
            if "\0" not in "".join(record.stems):
                assert list(live.postings(key)) == list(pack.postings(key))


def test_the_cache_file_gives_the_same_index_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = packed(BOOK, monkeypatch)
    index.add(Record("late", "迟到的客户有限公司"))
    index.remove("c3")
    before = answers(index)
    index.save(tmp_path / "index.bin", "rev 7")
    loaded = Index.load(tmp_path / "index.bin", "rev 7")
    assert loaded is not None
    assert len(loaded) == len(index) == len(BOOK)
    assert answers(loaded) == before
    loaded.add(Record("later", "更晚的客户有限公司"))
    assert loaded.find(Query("更晚的客户"))[0].id == "later"
    loaded.save(tmp_path / "index.bin", "rev 8")
    again = Index.load(tmp_path / "index.bin", "rev 8")
    assert again is not None
    assert answers(again) == before
    assert [path.name for path in tmp_path.iterdir()] == ["index.bin"]


def test_a_cache_of_another_state_or_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "index.bin"
    assert Index.load(path, "1") is None
    Index(BOOK).save(path, "1")
    assert Index.load(path, "2") is None
    whole = path.read_bytes()
    for damaged in (b"", whole[:20], whole[:-3], whole[:100] + b"\xff" + whole[101:], b"x" * 500):
        path.write_bytes(damaged)
        assert Index.load(path, "1") is None


@given(text, text)
@settings(max_examples=300, deadline=None)
def test_likeness_is_the_same_both_ways(one: str, other: str) -> None:
    a, b = take_apart(one), take_apart(other)
    assert compare(a, b) == compare(b, a)
    assert 0 <= compare(a, b).score <= 1


@given(text)
@settings(max_examples=200, deadline=None)
def test_what_is_added_is_found_by_its_own_name(name: str) -> None:
    index = Index([*BOOK, Record("mine", name)])
    found = index.find(Query(name), limit=50)
    if len(take_apart(name).text) >= 1 and len(bare(tidy(name))) >= 1:
        assert any(m.id == "mine" for m in found)


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(anything: str) -> None:
    index = Index(BOOK)
    for matches in (index.find(Query(anything, (anything,), (anything,), anything, anything)), index.mentions(anything)):
        assert len(matches) <= 5
        assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)
