"""The fixed words: which tokens they stand for. An office person can read and extend the tables."""

from __future__ import annotations

from collections.abc import Iterable

from nlp.times.festivals import OFF, RULES
from nlp.times.lazy import Pattern
from nlp.times.values import bag

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
"""Parts of day as minutes from 00:00 (contract.md section 5)."""

Entry = tuple[tuple[str, int, str], ...]

_PART_WORDS = {
    "凌晨": "凌晨 拂晓 破晓 黎明",
    "早上": "早上 早晨 早间 晨间 清晨 清早 大清早 一大早 大早上 一早 一清早 朝早 早朝 早晨间 清晨时分",
    "上午": "上午 午前 上昼 上午时分",
    "中午": "中午 正午 晌午 午间 中午时分 大中午",
    "下午": "下午 午后 下昼 后晌 下半晌 下午时分 晏昼",
    "傍晚": "傍晚 黄昏 傍黑 傍晚时分",
    "晚上": "晚上 晚间 夜晚 夜间 夜里 晚夜 夜晚间 大晚上 晚头",
    "半夜": "半夜 深夜 午夜 大半夜 半夜里 后半夜 深更半夜 三更半夜 子夜",
    "白天": "白天 大白天 日间",
}
_DAYS = {
    0: "今天 今日 今儿 今儿个 本日 是日 即日",
    1: "明天 明日 明儿 明儿个 听日",
    2: "后天 后日 后儿 后儿个",
    3: "大后天 大后日 大后儿",
    4: "大大后天",
    -1: "昨天 昨日 昨儿 昨儿个 寻日 琴日 噚日",
    -2: "前天 前日 前儿 前儿个",
    -3: "大前天 大前日 大前儿",
    -4: "大大前天",
}
_SHORT_DAYS = {"今": 0, "明": 1, "后": 2, "昨": -1, "前": -2, "听": 1, "寻": -1, "琴": -1}
_SHORT_PARTS = dict.fromkeys(("早", "晨", "朝", "早上"), "早上") | dict.fromkeys(("晚", "夜", "晚上"), "晚上") | {"午": "中午"}
_NOT_SHORT = bag("后朝 前朝 前夜 后夜 后早上 前早上 前午 寻午 听午 琴午 寻夜 琴朝 琴夜 听晨 寻晨 琴晨")
_YEARS = {
    0: "今年 本年 本年度 今年度 这一年 这年 当年",
    1: "明年 下年 次年 来年 明年度 下一年 下年度 翌年 出年",
    2: "后年 下下年",
    3: "大后年",
    -1: "去年 上年 上一年 去年度 上年度 旧年 昨年",
    -2: "前年 上上年",
    -3: "大前年",
}
_EDGES = {
    "初year": "年初 岁初 年头 年伊始",
    "末year": "年底 年末 年终 年尾 岁末 年根 岁尾",
    "中year": "年中",
    "内year": "年内",
    "初month": "月初 月头",
    "末month": "月底 月末 月尾",
    "中month": "月中",
    "初quarter": "季初 季度初",
    "末quarter": "季末 季度末 季度底 季底",
    "初week": "周初",
    "中week": "周中",
}
_SIMPLE: dict[tuple[str, int, str], str] = {
    ("now", 0, ""): "现在 此时 此刻 目前 当前 眼下 而今 这会儿 而家 依家 当下 此时此刻 即刻 这时候 现时",
    ("lunar", 0, ""): "农历 阴历 旧历 老历 古历",
    ("month", 1, "lunar"): "正月",
    ("month", 11, "lunar"): "冬月",
    ("month", 12, "lunar"): "腊月",
    ("shift", -1, "prev"): "前一天 前1天 头天 头一天 前夜 前夕",
    ("shift", 1, "next"): "后一天 后1天 转天 翌日 次日 第二天 隔天 隔日",
    ("shift", 0, "same"): "当天 当日 那天 那一天 同一天 这天 这一天",
    ("half", 1, "year"): "上半年 上半年度 前半年",
    ("half", 2, "year"): "下半年 下半年度 后半年",
    ("half", 1, "month"): "上半月 上半个月",
    ("half", 2, "month"): "下半月 下半个月",
    ("half", 1, "week"): "上半周",
    ("half", 2, "week"): "下半周",
    ("nth", 1, "month"): "首月 头一个月",
    ("nth", 1, "week"): "首周 头一周",
    ("years", 0, "2"): "今明两年",
    ("years", -1, "2"): "去今两年",
    ("years", 1, "2"): "明后两年",
    ("days", 0, "2"): "今明两天 今明两日 今明 今明天",
    ("days", 0, "3"): "今明后三天 今后三天",
    ("days", 1, "2"): "明后两天 明后两日 明后天 明后",
    ("days", -1, "2"): "昨今两天 昨今两日",
    ("skip", 0, ""): "明日之星 今日头条 今日说法 每日优鲜 每日一淘 每日经济 天天向上 清明上河图 一年四季 年年有余 过年好 新年好",
    ("weekend", 0, ""): "双休日",
    ("around", 1, ""): "节后 假后",
    ("around", -1, ""): "节前 假前",
    ("newyear", -1, ""): "年前",
    ("newyear", 1, ""): "年后",
    ("season", 3, ""): "春季 春天",
    ("season", 6, ""): "夏季 夏天",
    ("season", 9, ""): "秋季 秋天",
    ("season", 12, ""): "冬季 冬天",
    ("season", 7, "2"): "暑假 暑期",
    ("season", 1, "2"): "寒假",
    ("xun", 1, ""): "上旬",
    ("xun", 2, ""): "中旬",
    ("xun", 3, ""): "下旬",
    ("xun", 4, ""): "中下旬",
    ("xun", 5, ""): "上中旬",
}
WISH = Pattern(r"快乐|愉快|安康|吉祥|大吉|好(?=$|[,.!;~])")
"""A greeting, not a date: 周末愉快, 国庆快乐."""
_OFF_TAILS = ("假期", "期间", "长假", "小长假", "放假", "黄金周", "假", "假日", "节期间", "节假期")
_TAILS = {"初": "初 伊始 之初 头", "末": "底 末 尾 末尾 月底 月末 年底 年末", "中": "中", "内": "内 之内 以内"}


def _entries() -> Iterable[tuple[str, Entry]]:
    tables: list[tuple[str, tuple[str, int, str]]] = [(names, entry) for entry, names in _SIMPLE.items()]
    tables += [(names, ("part", 0, part)) for part, names in _PART_WORDS.items()]
    tables += [(names, ("rday", offset, "")) for offset, names in _DAYS.items()]
    tables += [(names, ("ryear", offset, "")) for offset, names in _YEARS.items()]
    tables += [(names, ("edge", 0, edge)) for edge, names in _EDGES.items()]
    tables += [(name, ("feast", 0, name)) for name in RULES]
    tables += [(name + tail, ("daysoff", 0, name)) for name in OFF for tail in _OFF_TAILS]
    for names, entry in tables:
        for name in names.split():
            yield name, (entry,)
    for day, offset in _SHORT_DAYS.items():
        for short, part in _SHORT_PARTS.items():
            if day + short not in _NOT_SHORT:
                yield day + short, (("rday", offset, ""), ("part", 0, part))
    yield "当晚", (("shift", 0, "same"), ("part", 0, "晚上"))


def _lengths() -> dict[str, tuple[int, ...]]:
    table: dict[str, set[int]] = {}
    for name in WORDS:
        table.setdefault(name[0], set()).add(len(name))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in table.items()}


WORDS: dict[str, Entry] = dict(_entries())
LENGTHS = _lengths()
"""For each first character the lengths of the words that begin with it, the longest first."""
TAILS = sorted(((name, edge) for edge, names in _TAILS.items() for name in names.split()), key=lambda item: -len(item[0]))
"""What may follow a period directly (8月初, 明年底), the longest first."""


def lookup(s: str, at: int) -> tuple[int, Entry] | None:
    """The longest fixed word at this place: where it ends and its tokens."""
    for length in LENGTHS.get(s[at], ()):
        entry = WORDS.get(s[at : at + length])
        if entry is not None:
            return min(at + length, len(s)), entry
    return None
