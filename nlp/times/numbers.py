"""Counts and durations: 三天, 一个半小时, 36天5小时30分."""

from __future__ import annotations

import re

from domain.text import SMALL, number
from nlp.times.lazy import Pattern
from nlp.times.values import Token

HAN = "零〇一二两三四五六七八九十百千廿卅"
_COUNT = rf"(?:\d{{1,5}}(?:\.\d{{1,2}})?|[二三四五六七八九]?十几|[{HAN}俩仨]{{1,7}}|[几数]|好几|若干)"
_UNITS: dict[str, tuple[int, int, int]] = {
    "秒": (0, 0, 0), "秒钟": (0, 0, 0), "分": (0, 1, 0), "分钟": (0, 1, 0), "min": (0, 1, 0), "mins": (0, 1, 0),
    "minute": (0, 1, 0), "minutes": (0, 1, 0), "刻": (0, 15, 0), "刻钟": (0, 15, 0),
    "小时": (0, 60, 1), "钟头": (0, 60, 1), "钟": (0, 60, 1), "h": (0, 60, 1), "hour": (0, 60, 1), "hours": (0, 60, 1),
    "天": (0, 1440, 2), "日": (0, 1440, 2), "晚": (0, 1440, 2), "宿": (0, 1440, 2), "工作日": (0, 1440, 6), "交易日": (0, 1440, 6),
    "周": (0, 10080, 3), "星期": (0, 10080, 3), "礼拜": (0, 10080, 3), "个星期": (0, 10080, 3),
    "月": (1, 0, 4), "个月": (1, 0, 4), "季度": (3, 0, 4), "季": (3, 0, 4), "年": (12, 0, 5), "载": (12, 0, 5),
}  # fmt: skip
_PIECE = Pattern(
    rf"(?P<n>{_COUNT}|半|大半|小半)?(?P<many>多|来)?\s{{0,2}}(?P<ge>个)?(?P<ba>把)?(?P<half>半)?(?P<many2>多)?\s{{0,2}}"
    r"(?P<unit>工作日|交易日|星期|礼拜|小时|钟头|分钟|刻钟|季度|秒钟|天|周(?![一二三四五六日末](?![次回趟])|[年边围期转])|年(?!级|底|初|末|会|轻|龄|货|限|度|份)"
    r"|月(?!份|底|初|末|中|亮|饼)|(?<=个)钟(?![头表情爱某总经])|(?<=半)钟(?![头表情爱某总经])|日(?!期)|分(?![店行公之子司部享配别期局])|秒|刻|晚(?![上餐饭点\d一二两三四五六七八九十])|hours?(?![a-z])|h(?![a-z])|min(?:ute)?s?(?![a-z]))"
    r"(?P<tail>半钟?(?!天|个|小时))?(?P<many3>多(?!少|家|个|人|云))?(?:时间|光景)?"
)
_SECONDS = Pattern(rf"零?(?:\d{{1,2}}|[{HAN}]{{1,3}})秒")
_BRANDS = Pattern(r"24小时(?:营业|便利|客服|在线|服务|热线|开放|店|值守|待命)|7天(?:酒店|连锁|无理由|优品)")
_GLUE = Pattern(r"(?:又|零|加|外加|余|\s){0,2}(?=[\d一二两三四五六七八九十半廿])")
_LOOSE = Pattern(
    rf"\s?(?P<n>\d{{1,3}}|[{HAN}俩仨]{{1,3}}|几)\s?个?"
    r"(?P<unit>[日分秒周刻](?!期)|月(?!份|底|初|末|中|\d|[一二三四五六七八九十]))"
)


def read_count(text: str) -> float | None:
    """Read a count; 几 is three, 三四 and 两三 are the larger of the two."""
    value = SMALL.get(text)
    if value is not None:
        return float(value)
    if text.endswith("十几"):
        return float(SMALL[text[:-1]])
    if text in ("几", "好几", "数", "若干"):
        return 3.0
    if len(text) == 2 and text[0] in "一两二三四五六七八" and text[1] in "二两三四五六七八九":
        return float(SMALL[text[1]])
    if len(text) == 3 and text[0] == "十" and text[1] in "一二三四五六七八" and text[2] in "二三四五六七八九":
        return 10.0 + SMALL[text[2]]
    return number(text)


def duration(s: str, at: int) -> Token | None:
    """Read a duration: a = months, b = minutes, c = its smallest unit (0 minute … 5 year, 6 workday), name = how it was put."""
    total = Token("dur", at, at, c=9)
    seconds, end = 0.0, at
    for _ in range(6):
        m = _PIECE.match(s, end)
        if m is None or (m["n"] is None and not (m["ge"] and (m["half"] or m["ba"]))) or (end != at and m["unit"] == "日"):
            break
        count, put = _amount(m)
        if count is None or count > _MOST or (end == at and not _stands_alone(s, m, m["unit"])):
            return None
        seconds += _add(total, m["unit"], count, first=end == at)
        total.name += put
        total.end = end = m.end()
        end = _next_piece(s, end, m["unit"])
        if not end:
            break
    if total.end == at:
        return None
    total.b += int(seconds / 60 + 0.5)
    if not total.a and not total.b and not seconds:
        return None
    if total.c == 2 and total.name == "halfday" and not total.a:
        total.b = 240
    return total


_MOST = 9999


def _add(total: Token, unit: str, count: float, first: bool) -> float:
    """Add one piece to the sum; returns the seconds that are no whole minutes."""
    months, minutes, rank = _UNITS[unit]
    if unit == "晚" and not first:
        minutes = 0
    whole = int(count)
    total.a += months * whole
    rest = count - whole
    if months and rest:
        total.a += int(months * rest) if months > 1 else 0
        total.b += 0 if months > 1 else round(30 * rest) * 1440
        rank = 4 if months > 1 else 2
        total.name += "h"
    total.c = min(total.c, rank)
    seconds = minutes * 60 * count + (count if unit[0] == "秒" else 0)
    total.b += int(seconds // 60)
    return seconds % 60


def _next_piece(s: str, at: int, unit: str) -> int:
    """Where the next, smaller piece begins (36天5小时, 一个星期又三天); 0 when there is none."""
    glue = _GLUE.match(s, at)
    m = _PIECE.match(s, glue.end()) if glue is not None else None
    if glue is None or m is None or m["n"] is None:
        return 0
    return glue.end() if _size(m["unit"]) < _size(unit) or m["unit"] == "晚" else 0


def _size(unit: str) -> int:
    months, minutes, _ = _UNITS[unit]
    return months * 43200 + minutes


def _amount(m: re.Match[str]) -> tuple[float | None, str]:
    raw = m["n"]
    count: float | None
    if m["ba"]:
        return 1.0, ""
    if raw in ("半", "大半", "小半"):
        count = 0.5
        return count, "halfday" if m["unit"] == "天" else ""
    count = 1.0 if raw is None else read_count(raw)
    if count is None:
        return None, ""
    if m["half"] or m["tail"]:
        count += 0.5
    return count, "many" if m["many"] or m["many2"] or m["many3"] else ""


def _stands_alone(s: str, m: re.Match[str], unit: str) -> bool:
    """A unit that is also something else (3月, 15日, 十分, 2026年) needs 个 or an 后/前/内 to be a duration."""
    if unit == "年" and m["n"] is not None and m["n"].isdigit() and len(m["n"]) >= 4:
        return False
    if unit in ("月", "季度", "季"):
        return bool(m["ge"] or m["n"] in ("半", "几", "数", "好几") or m["many"])
    follows = s[m.end() : m.end() + 2]
    if unit == "日":
        return follows[:1] in ("内", "后") or follows in ("之内", "之后", "以内", "以后", "游")
    if unit in ("秒", "秒钟"):
        return True
    if unit == "分" and _SECONDS.match(s, m.end()):
        return True
    if unit in ("天", "小时") and _BRANDS.match(s, m.start()):
        return False
    if unit in ("分", "刻") and not m["tail"]:
        return bool(follows) and (follows[0] in "内后前" or follows in ("之内", "之后", "以内", "以后", "之前", "以前"))
    return True


def loose_duration(s: str, at: int) -> Token | None:
    """After 近/前/后 a unit may stand without 个: 近三月, 近7日, 前5分."""
    m = _LOOSE.match(s, at)
    if m is None:
        return None
    count = 3.0 if m["n"] == "几" else read_count(m["n"])
    if count is None:
        return None
    months, minutes, rank = _UNITS[m["unit"]]
    return Token("dur", at, m.end(), months * int(count), minutes * int(count), rank)
