"""Lexical units that begin with a word: 明天, 下周三, 上个月, 下午, 月底, 最近三天, 第二周, 国庆假期 …"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nlp.times.festivals import OFF, RULES
from nlp.times.numbers import COUNT, UNIT_AFTER, duration, read_count
from nlp.times.values import Token

# name, first and last minute as a range; hours h < `noon` count from noon on (0 = never)
PARTS: dict[str, tuple[int, int]] = {
    "凌晨": (0, 360),
    "早上": (360, 540),
    "上午": (480, 720),
    "中午": (660, 780),
    "下午": (720, 1080),
    "傍晚": (1020, 1140),
    "晚上": (1080, 1440),
    "半夜": (1380, 1740),
    "白天": (480, 1080),
}
_PART_WORDS = {
    "凌晨": "凌晨 拂晓 破晓 黎明",
    "早上": "早上 早晨 早间 晨间 清晨 清早 大清早 一大早 大早上 一早 一清早 朝早 早朝 早晨间 清晨时分",
    "上午": "上午 午前 上昼 上午时分",
    "中午": "中午 正午 晌午 午间 中午时分 大中午",
    "下午": "下午 午后 下昼 后晌 下半晌 下午时分 晏昼",
    "傍晚": "傍晚 黄昏 傍黑 傍晚时分",
    "晚上": "晚上 晚间 夜晚 夜间 夜里 晚夜 夜晚间 大晚上 晚头 当晚",
    "半夜": "半夜 深夜 午夜 大半夜 半夜里 后半夜 深更半夜 三更半夜 子夜",
    "白天": "白天 大白天 日间",
}
_DAYS = {
    0: "今天 今日 今儿 今儿个 本日 今 是日 即日",
    1: "明天 明日 明儿 明儿个 听日 明 翌日 次日 第二天 隔天 隔日",
    2: "后天 后日 后儿 后儿个 后",
    3: "大后天 大后日 大后儿",
    4: "大大后天",
    -1: "昨天 昨日 昨儿 昨儿个 寻日 琴日 噚日 昨",
    -2: "前天 前日 前儿 前儿个 前",
    -3: "大前天 大前日 大前儿",
    -4: "大大前天",
}
_SHORT_PARTS = {"早": "早上", "晨": "早上", "晚": "晚上", "夜": "晚上", "朝": "早上", "早上": "早上", "晚上": "晚上", "午": "中午"}
_YEARS = {
    0: "今年 本年 本年度 今年度 这一年 这年 当年",
    1: "明年 下年 次年 来年 明年度 下一年 下年度 翌年 出年",
    2: "后年 下下年",
    3: "大后年",
    -1: "去年 上年 上一年 去年度 上年度 旧年 昨年",
    -2: "前年 上上年",
    -3: "大前年",
}
NOW = "现在 此时 此刻 目前 当前 眼下 而今 这会儿 而家 依家 当下 此时此刻 即刻 这时候 现时".split()
_EDGES = {
    "year": {"初": "年初 岁初 年头 年伊始", "末": "年底 年末 年终 年尾 岁末 年根 岁尾", "中": "年中", "内": "年内"},
    "month": {"初": "月初 月头", "末": "月底 月末 月尾", "中": "月中"},
    "quarter": {"初": "季初 季度初", "末": "季末 季度末 季度底 季底"},
    "week": {"初": "周初", "中": "周中"},
}
_TAILS = {"初": "初 伊始 之初 头", "末": "底 末 尾 末尾 月底 月末 年底 年末", "中": "中", "内": "内 之内 以内"}
_XUN = {"上旬": 1, "中旬": 2, "下旬": 3, "中下旬": 4, "上中旬": 5}

Entry = tuple[tuple[str, int, str], ...]


def _entries() -> Iterable[tuple[str, Entry]]:
    for part, names in _PART_WORDS.items():
        for name in names.split():
            yield name, (("part", 0, part),)
    for offset, names in _DAYS.items():
        for name in names.split():
            if len(name) > 1:
                yield name, ((("shift", 1, "next") if name in _NEXT else ("rday", offset, "")),)
            else:
                for short, part in _SHORT_PARTS.items():
                    if (name, short) not in _NOT_SHORT:
                        yield name + short, (("rday", offset, ""), ("part", 0, part))
    yield "听晚", (("rday", 1, ""), ("part", 0, "晚上"))
    yield "寻晚", (("rday", -1, ""), ("part", 0, "晚上"))
    yield "琴晚", (("rday", -1, ""), ("part", 0, "晚上"))
    yield "听朝", (("rday", 1, ""), ("part", 0, "早上"))
    for offset, names in _YEARS.items():
        for name in names.split():
            yield name, (("ryear", offset, ""),)
    for name in NOW:
        yield name, (("now", 0, ""),)
    for unit, table in _EDGES.items():
        for edge, names in table.items():
            for name in names.split():
                yield name, (("edge", 0, edge + unit),)
    for name, number in _XUN.items():
        yield name, (("xun", number, ""),)
    yield from _others()


def _others() -> Iterable[tuple[str, Entry]]:
    for name in RULES:
        yield name, (("feast", 0, name),)
    for name in OFF:
        for tail in "假期 期间 长假 小长假 放假 黄金周 假 假日 节期间 节假期".split():
            yield name + tail, (("daysoff", 0, name),)
    for name in ("农历", "阴历", "旧历", "老历", "古历"):
        yield name, (("lunar", 0, ""),)
    for name, month in (("正月", 1), ("冬月", 11), ("腊月", 12)):
        yield name, (("month", month, "lunar"),)
    for name in ("前一天", "前1天", "头天", "头一天", "前夜", "前夕"):
        yield name, (("shift", -1, "prev"),)
    for name in ("后一天", "后1天", "转天"):
        yield name, (("shift", 1, "next"),)
    for name in ("当天", "当日", "那天", "那一天", "同一天", "这天", "这一天"):
        yield name, (("shift", 0, "same"),)
    yield "当晚", (("shift", 0, "same"), ("part", 0, "晚上"))
    for name, offset in (("上半", 1), ("下半"), 2) if False else (("上半", 1), ("下半", 2)):
        for unit, size in (("年", "year"), ("月", "month"), ("周", "week"), ("个月", "month"), ("年度", "year")):
            yield name + unit, (("half", offset, size),)
    yield "前半年", (("half", 1, "year"),)
    yield "后半年", (("half", 2, "year"),)
    for name in ("首月", "头一个月"):
        yield name, (("nth", 1, "month"),)
    for name in ("首周", "头一周"):
        yield name, (("nth", 1, "week"),)
    for name in ("节后", "节前", "假后", "假前"):
        yield name, (("around", 1 if name[1] == "后" else -1, ""),)
    yield "年前", (("newyear", -1, ""),)
    yield "年后", (("newyear", 1, ""),)
    for name, season in (("春季", 3), ("夏季", 6), ("秋季", 9), ("冬季", 12), ("春天", 3), ("夏天", 6), ("秋天", 9), ("冬天", 12)):
        yield name, (("season", season, ""),)


_NEXT = frozenset("翌日 次日 第二天 隔天 隔日".split())
_NOT_SHORT = frozenset([("后", "朝"), ("前", "朝"), ("前", "夜"), ("后", "夜"), ("后", "早上"), ("前", "早上"), ("前", "午")])


def _lengths() -> dict[str, tuple[int, ...]]:
    table: dict[str, set[int]] = {}
    for name in WORDS:
        table.setdefault(name[0], set()).add(len(name))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in table.items()}


WORDS: dict[str, Entry] = dict(_entries())
LENGTHS = _lengths()
"""For each first character the lengths of the words that begin with it, the longest first."""


def lookup(s: str, at: int) -> tuple[int, Entry] | None:
    """The longest fixed word at this place: where it ends and its tokens."""
    for length in LENGTHS.get(s[at], ()):
        entry = WORDS.get(s[at : at + length])
        if entry is not None:
            return min(at + length, len(s)), entry
    return None


TAILS = sorted(((name, edge) for edge, names in _TAILS.items() for name in names.split()), key=lambda item: -len(item[0]))
