"""Lexical units that begin with a number: dates, clocks, durations, years, days of a month."""

from __future__ import annotations

import re

from domain.text import SMALL, number
from nlp.times.values import Token

HAN = "零〇一二两三四五六七八九十百千廿卅"
COUNT = rf"(?:\d{{1,5}}(?:\.\d{{1,2}})?|[{HAN}俩仨]{{1,7}}|[几数]|好几|若干)"
UNIT_AFTER = r"(?:工作日|星期|礼拜|小时|钟头|分钟|刻钟|季度|个月|天|周|年|月|日|时|分|秒钟?|h(?![a-z])|hours?|min(?:ute)?s?)"
_UNITS: dict[str, tuple[int, int, int]] = {
    "秒": (0, 0, 0), "秒钟": (0, 0, 0), "分": (0, 1, 0), "分钟": (0, 1, 0), "min": (0, 1, 0), "mins": (0, 1, 0),
    "minute": (0, 1, 0), "minutes": (0, 1, 0), "刻": (0, 15, 0), "刻钟": (0, 15, 0),
    "小时": (0, 60, 1), "钟头": (0, 60, 1), "钟": (0, 60, 1), "h": (0, 60, 1), "hour": (0, 60, 1), "hours": (0, 60, 1),
    "天": (0, 1440, 2), "日": (0, 1440, 2), "晚": (0, 1440, 2), "宿": (0, 1440, 2), "工作日": (0, 1440, 6),
    "周": (0, 10080, 3), "星期": (0, 10080, 3), "礼拜": (0, 10080, 3), "个星期": (0, 10080, 3),
    "月": (1, 0, 4), "个月": (1, 0, 4), "季度": (3, 0, 4), "季": (3, 0, 4), "年": (12, 0, 5), "载": (12, 0, 5),
}  # fmt: skip
_PIECE = re.compile(
    rf"(?P<n>{COUNT}|半|大半|小半)?(?P<many>多|来)?\s{{0,2}}(?P<ge>个)?(?P<ba>把)?(?P<half>半)?(?P<many2>多)?\s{{0,2}}"
    r"(?P<unit>工作日|星期|礼拜|小时|钟头|分钟|刻钟|季度|秒钟|天|周(?![一二三四五六日末](?![次回趟])|[年边围期转])|年(?!级|底|初|末|会|轻|龄|货|限|度)"
    r"|月(?!份|底|初|末|中|亮|饼)|日(?!期)|分(?![店行公之子司部享配别期局])|秒|刻|晚(?![上餐饭点\d一二两三四五六七八九十])|hours?(?![a-z])|h(?![a-z])|min(?:ute)?s?(?![a-z]))"
    r"(?P<tail>半(?!天|个|小时))?(?:时间|光景)?"
)
_SECONDS = re.compile(rf"零?(?:\d{{1,2}}|[{HAN}]{{1,3}})秒")
_BRANDS = re.compile(r"24小时(?:营业|便利|客服|在线|服务|热线|开放|店|值守|待命)|7天(?:酒店|连锁|无理由|优品)")
_GLUE = re.compile(r"(?:又|零|加|外加|\s){0,2}(?=[\d一二两三四五六七八九十半廿])")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


def read_count(text: str) -> float | None:
    """Read a count; 几 is three, 三四 and 两三 are the larger of the two."""
    value = SMALL.get(text)
    if value is not None:
        return float(value)
    if text in ("几", "好几", "数"):
        return 3.0
    if len(text) == 2 and text[0] in "一两二三四五六七八" and text[1] in "二两三四五六七八九":
        return float(SMALL[text[1]])
    if len(text) == 3 and text[0] == "十" and text[1] in "一二三四五六七八" and text[2] in "二三四五六七八九":
        return 10.0 + SMALL[text[2]]
    return number(text)


def duration(s: str, at: int) -> Token | None:
    """Read a duration: a = months, b = minutes, c = its smallest unit (0 minute … 5 year, 6 workday), name = how it was put."""
    months = minutes = 0.0
    smallest, end, name = 9, at, ""
    for _ in range(6):
        m = _PIECE.match(s, end)
        if m is None or (m["n"] is None and not (m["ge"] and (m["half"] or m["ba"]))):
            break
        if end != at and m["unit"] == "日":
            break
        count, raw = _amount(m)
        if count is None:
            return None
        unit = m["unit"]
        if unit == "年" and count >= 1000:
            return None
        if end == at and not _stands_alone(s, m, unit):
            return None
        per_months, per_minutes, rank = _UNITS[unit]
        if unit == "晚" and "n" not in name and end != at:
            per_minutes = 0
        months += per_months * int(count)
        rest = count - int(count)
        if per_months and rest:
            months += int(per_months * rest) if per_months > 1 else 0
            minutes += 0 if per_months > 1 else round(30 * rest) * 1440
            rank = 4 if per_months > 1 else 2
            name += "h"
        minutes += per_minutes * count + (count / 60 if unit.startswith("秒") else 0)
        name += raw
        smallest, end = min(smallest, rank), m.end()
        glue = _GLUE.match(s, end)
        if glue is None:
            break
        end_of_piece, end = end, glue.end()
        nxt = _PIECE.match(s, end)
        if nxt is None or nxt["n"] is None or _UNITS[nxt["unit"]][2] > rank or (rank == 0 and _UNITS[nxt["unit"]][1] > 1):
            end = end_of_piece
            break
    if end == at:
        return None
    if smallest == 2 and name == "halfday" and not months:
        minutes = 240
    return Token("dur", at, end, int(months), int(minutes + 0.5), smallest, name)


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
    return count, "many" if m["many"] or m["many2"] else ""


def _stands_alone(s: str, m: re.Match[str], unit: str) -> bool:
    """A unit that is also something else (3月, 15日, 十分, 2026年) needs 个 or an 后/前/内 to be a duration."""
    if unit in ("月", "季度", "季"):
        return bool(m["ge"] or m["n"] == "半" or m["many"])
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


_DIGITAL = re.compile(
    r"(?P<y>\d{4})\s?(?:(?P<by>[-/.])|年)\s?(?P<m>\d{1,2})\s?(?(by)[-/.]|月)\s?(?P<d>[0-3]?\d)(?:(?=\d{2}:\d)|(?=\d:\d)|(?!\d))[日号]?t?"
    r"|(?P<cy>(?:19|20)\d\d)(?P<cm>[01]\d)(?P<cd>[0-3]\d)(?![\d.])"
    r"|(?P<h>\d{1,2}):(?P<mi>\d{2})(?::\d{2}(?:\.\d+)?)?(?![\d:])(?:\s?(?P<ap>[ap])\.?(?:m\.?)?(?![a-z]))?"
    r"|(?P<h2>\d{1,2})\s?(?P<ap2>[ap])\.?m\.?(?![a-z])"
    r"|(?P<sy>(?:19|20)\d\d) (?P<sm>[01]\d) (?P<sd>[0-3]\d)(?!\d)"
    r"|(?P<uy>\d{1,2})[/](?P<um>\d{1,2})[/](?P<ud>(?:19|20)\d\d)(?!\d)"
    r"|(?P<my>(?:19|20)\d\d)[-/.](?P<mm>0?[1-9]|1[0-2])(?![\d.]|[-/]\d{1,2}(?!\d))"
)
_BORROW = re.compile(
    rf"\s?(?:-|~|到|至|—|–|ー|、|和){{1,2}}\s?(?P<n>\d{{1,2}}|[{HAN}]{{1,3}})\s?(?P<u>点|时(?![候间])|[号日]|月(?!份?饼)|年)"
)
_MONTH_DAY = re.compile(r"(?P<m>\d{1,2})(?P<sep>[-/.])(?P<d>\d{1,2})(?![\d/]|\.\d|-\d{3})[日号]?")
_NOT_MONTH_DAY = re.compile(
    r"\s?(?:[%‰°a-z万亿元块折个家人米里吨斤克倍度层楼次条台件套份份位版分寸代年周天小星礼种项名点期届成股倍号线]|公[里斤]|千|百|左右|-\d(?!\d?:))"
)
_RUN = re.compile(rf"\d+(?:\.\d+)?|[{HAN}]+")
_NOT_DAY = re.compile(
    r"线|楼|门|馆|机|店|院|厂|仓|库|车|会议|桌|房|口|文件|文档|码|窗|航|选|样|产|项目|合同|订|客户|出口|地|井|柜|台|路|街|位|公馆|标|包|厅|坑|泵|炉|"
    r"方案|公司|单元|栋|室|梯|电|技师|床|墙|桥|岛|舱|会所|公寓|员工|选手|球员|种子|嘉宾|字|馆|令|作品|公告|议案|提案|模型|样品|仪|设备|卡|展|摊|铺|病|楼|座|站|池|屏|矿|课题|"
    r"贴|图|表|案|题|钢|汽油|柴油|片|针|药|档|键|箱|塔|宿舍|教|操场|校|馆|大街|胡同|院子|船|舰|艇|列车|高铁|地铁|轴|卫星"
)
_MEASURE = frozenset("个位人名家台件份万块元号楼层次条吨米公斤套箱千百亿%栋间种项岁倍级页章班")
_COUNTED = frozenset("天周年小分星礼季个刻秒工多几来半")
_CLOCK = re.compile(
    r"\s?(?:钟|整(?!个|理|改|体)|正(?!式|常|好|在)|许|半(?!个|天|小时|年|月|价|场|导)|差(?P<less>[一二两三四五六七八九十\d]{1,3})分"
    r"|[过零〇又]?\s?(?P<q>[123一二两三])刻(?:钟(?![后前内之以]))?"
    rf"|[过又]?\s?(?P<min>\d{{1,2}}|[{HAN}]{{1,3}})\s?分(?!公司|店|行|部)(?:钟(?![后前内之以]))?(?:整|许)?(?:\s?(?:\d{{1,2}}|[{HAN}]{{1,3}})秒)?"
    rf"|[过又]?\s?(?P<two>[0-5]\d(?![\d.])|[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)(?P<after>.?)"
    r"|(?P<one>[1-9])(?P<after1>.?)"
    rf"|(?P<dec>[{HAN}])(?P<after2>.?))"
)
_POINTS = re.compile(r"(?:点)?(?:意见|建议|要求|原因|问题|内容|说明|想法|理由|心得|体会|感受|启示|好处|优势|不足|结论|共识|水|一线|要点|需求|疑问|考虑|期望|诉求)")
_FEW = frozenset("有提说讲列分这那哪几以下面共了充调第前头")


def clock_of(s: str, at: int, hour: int, start: int, han: bool) -> Token | None:
    """Read what follows N点; None when the number is a decimal or the clock impossible. b = minutes, c = bit 1 Arabic."""
    if hour > 24:
        return None
    m = _CLOCK.match(s, at)
    if m is None:
        return Token("clock", start, at, hour, 0)
    end, minute = m.end(), 0
    said = m.group(0).lstrip()
    if said.startswith("半"):
        minute = 30
    elif m["q"]:
        minute = 15 * SMALL[m["q"]]
    elif m["less"]:
        minute = -(SMALL.get(m["less"]) or 0)
    elif m["min"]:
        minute = SMALL.get(m["min"], 99)
    elif m["two"]:
        end = m.end("two")
        minute, end = (0, at) if m["after"] in _MEASURE and m["after"] else (SMALL[m["two"]], end)
    elif m["one"]:
        if han:
            return None
        end = m.end("one")
        minute, end = (0, at) if m["after1"] and (m["after1"] in _MEASURE or m["after1"] in "天点小分年月周日时-~:.到至") else (int(m["one"]), end)
    elif m["dec"]:
        if not (m["after2"] and (m["after2"] in (_MEASURE | _COUNTED) - set("%元块万吨米")) or m["after2"] in tuple("起下去次点")):
            return None
        end = at
    if minute > 59 or (hour == 24 and minute):
        return None
    if minute < 0:
        hour, minute = hour - 1, minute + 60
    return Token("clock", start, end, hour, minute)
