"""Places as they stand in company names: province, city and county, long and short."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_LONG = {
    "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区", "西藏": "西藏自治区", "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区",
    "香港": "香港特别行政区", "澳门": "澳门特别行政区",
}  # fmt: skip
_DIRECT = ("北京", "天津", "上海", "重庆")
_WORLD = "中国 中华 亚洲 亚太 全球 大中华 大陆 华东 华南 华北 华中 西南 西北 东北 北美 欧洲 美国 日本 韩国 新加坡 德国 英国 法国 开曼 百慕大 英属维尔京群岛 澳洲 远东"
_BRAND_LIKE = "东方 江山 海城 都匀 新民 永安 兴化 高安 瑞安 德兴 平湖 临海 福安 福清 建德 乐平 凤城 海林 宁安 安达 永康 兴平 华蓥 新乐 新泰 荣成 海阳 龙口 明光 巢湖 长葛 天长 三河 建瓯 龙海 金坛"
"""Towns whose names are brands as well: places only with their suffix."""

Where = tuple[str, ...]
"""A place from the top down: province, city, county; () is nowhere."""


@cache
def _known() -> dict[str, tuple[Where, bool]]:
    """Every spelling → (province, city, county) down to what it names, and whether it may stand without its suffix
    where the rest of the name would then be no brand."""
    brand_like = _BRAND_LIKE.split()
    table: dict[str, tuple[Where, bool]] = {word: ((word,), False) for word in _WORLD.split()}
    for line in (_DATA / "places.txt").read_text("utf-8").splitlines():
        province, city, *counties = line.split(" ")
        top: Where = (province,)
        for name in (province, province + "省", province + "市", _LONG.get(province, province)):
            table[name] = (top, True)
        above = top
        if city != "-":
            above = (province, city)
            table.setdefault(city, (above, True))
            for suffix in ("市", "地区", "自治州", "州"):
                table.setdefault(city + suffix, (above, True))
        for county in counties:
            below = (*above, county[:-1])
            table.setdefault(county, (below, True))
            if county.endswith("市") and len(county) > 2 and county[:-1] not in brand_like:
                table.setdefault(county[:-1], (below, False))
    for name in ("江门", "吉林市"):
        table[name] = (("广东", "江门") if name == "江门" else ("吉林", "吉林"), True)
    table["浦东"] = table["浦东新区"]
    return table


@cache
def _longest() -> int:
    return max(map(len, _known()))


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """First two characters → how long the places are that begin with them, the longest first."""
    table: dict[str, set[int]] = {}
    for name in _known():
        table.setdefault(name[:2], set()).add(len(name))
    return {head: tuple(sorted(sizes, reverse=True)) for head, sizes in table.items()}


def at_start(text: str, below: Where = ()) -> tuple[str, Where, bool] | None:
    """The longest place that begins the text, inside `below`: its spelling, its path, and whether it is a sure one."""
    known = _known()
    for size in _lengths().get(text[:2], ()):
        found = known.get(text[:size]) if size <= len(text) else None
        if found and (not below or (found[0][: len(below)] == below and len(found[0]) > len(below))):
            return text[:size], *found
    return None


def at_end(text: str, *, small: bool = False) -> tuple[str, Where] | None:
    """The province or prefecture (or 中国 …) that ends the text; with `small` a county too."""
    known = _known()
    for size in range(min(len(text), _longest()), 1, -1):
        found = known.get(text[-size:])
        if found and (small or (len(found[0]) <= 2 and found[1])):
            return text[-size:], found[0]
    return None


def place(text: str) -> Where:
    """The path of a text that is a place and nothing else; () when it is none."""
    found = _known().get(text)
    return found[0] if found else ()


def agree(one: Where, other: Where) -> bool:
    """Whether one of two places lies in the other."""
    size = min(len(one), len(other))
    return one[:size] == other[:size]
