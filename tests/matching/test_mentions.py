"""Customers named in a sentence."""

import pytest

from domain.matching import Index, Record
from domain.matching.mentions import pieces

NAMES = {
    "a": "苏州鼎盛机械有限公司", "b": "深圳市大疆创新科技有限公司", "c": "湖南华菱线缆股份有限公司", "d": "上海和辉光电股份有限公司",
    "e": "深圳市今天国际物流技术股份有限公司", "f": "无锡线上线下通讯信息技术股份有限公司", "g": "四川六九一二通信技术股份有限公司", "h": "通程控股股份有限公司",
    "i": "达凌(淮安)新材料集团股份有限公司", "j": "宁夏营罗集团股份有限公司", "k": "京鹏电子商务有限公司", "l": "金华华信石材有限公司",
}  # fmt: skip
BOOK = Index(Record(id_, name) for id_, name in NAMES.items())


@pytest.mark.parametrize(
    ("sentence", "id_"),
    [
        ("明天下午三点拜访鼎盛机械，聊报价", "a"),
        ("帮我记一下，苏州鼎盛机械有限公司，联系人王总", "a"),
        ("鼎盛机械有限公司的李工说下周二再来一次", "a"),
        ("刚从大疆出来，客户很满意", "b"),
        ("取消3月18号大疆创新的拜访", "b"),
        ("跟华菱线缆那边约个时间", "c"),
        ("和技术部吴工去华凌线缆做产品演示", "c"),
        ("去和辉光电送样", "d"),
        ("后天上午去今天国际", "e"),
        ("提醒我周五给线上线下通讯打电话", "f"),
        ("六九一二通信技术最近谁跟过", "g"),
        ("客户是通程控股，明天过去", "h"),
        ("下周一到达凌(淮安)新材料集团股份有限公司做产品演示", "i"),
        ("通程控股股份有限公司蓝图会谁参加", "h"),
        ("跟营罗的张经理约了周三", "j"),
        ("京鹏电子蓝图演练延期", "k"),
    ],
)
def test_the_customer_is_found(sentence: str, id_: str) -> None:
    assert [m.id for m in BOOK.mentions(sentence)][:1] == [id_]


@pytest.mark.parametrize(
    "sentence",
    [
        "你好", "再晚半小时", "看看明天的安排", "导出本周拜访记录", "王总电话是多少", "把下午两点半的会改到明天", "取消刚才那个", "",
        "明天拜访瑞嘉珠宝", "今天到穆枫食品回访", "下周二14:30约了溯联塑胶的孙小姐", "客户是鼎丰机械，明天过去",
        "明天去京鹏电子科技", "华信蓝图演练延期", "拜访新华信石材蓝图演练",
    ],
)  # fmt: skip
def test_nobody_is_made_up(sentence: str) -> None:
    assert BOOK.mentions(sentence) == []


def test_two_customers_in_one_sentence() -> None:
    assert {m.id for m in BOOK.mentions("上午去鼎盛机械，下午去大疆创新")} == {"a", "b"}


def test_the_little_words_at_the_ends_are_optional() -> None:
    (piece,) = pieces("明天去和辉光电")
    assert {"辉光电", "和辉光电"} <= set(piece.forms)


def test_a_long_text_is_read_in_bounded_time() -> None:
    assert BOOK.mentions("明天去" + "某某某某" * 2000 + "拜访") == []
