"""What a number at this place is: a date, a clock, a day, a month, a year, a duration, or nothing."""

from __future__ import annotations

import re

from domain.text import SMALL, integer
from nlp.times.clock import COUNTED, MEASURE, clock_of
from nlp.times.dates import bad, digital, month_day
from nlp.times.festivals import RULES
from nlp.times.lazy import Pattern
from nlp.times.numbers import HAN, duration
from nlp.times.offsets import settle
from nlp.times.values import Token

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_BORROW = Pattern(
    rf"\s?(?:-|~|到|至|—|–|ー|、|和){{1,2}}\s?(?P<n>\d{{1,2}}|[{HAN}]{{1,3}})\s?(?P<u>点|时(?![候间])|[号日]|月(?!份?饼)|年)"
)
_RUN = Pattern(rf"\d+(?:\.\d+)?|[{HAN}]+")
_NOT_DAY = Pattern(
    r"线|楼|门|馆|机|店|院|厂|仓|库|车|会议|桌|房|口|文件|文档|码|窗|航|选|样|产|项目|合同|订|客户|出口|地|井|柜|台|路|街|位|公馆|标|包|厅|坑|泵|炉|"
    r"方案|公司|单元|栋|室|梯|电|技师|床|墙|桥|岛|舱|会所|公寓|员工|选手|球员|种子|嘉宾|字|馆|令|作品|公告|议案|提案|模型|样品|仪|设备|卡|展|摊|铺|病|楼|座|站|池|屏|矿|课题|"
    r"贴|图|表|案|题|钢|汽油|柴油|片|针|药|档|键|箱|塔|宿舍|教|操场|校|馆|大街|胡同|院子|船|舰|艇|列车|高铁|地铁|轴|卫星"
)
_POINTS = Pattern(
    r"(?:点)?(?:意见|建议|要求|原因|问题|内容|说明|想法|理由|心得|体会|感受|启示|好处|优势|不足|结论|共识|水|一线|要点|需求|疑问|考虑|期望|诉求)"
)
_FEW = ("这", "哪", "共", "以下", "下面", "如下", "补充", "强调")
_FEASTS = ("五一", "六一", "七一", "八一", "十一", "五四", "三八节", "三八妇女节", "315")
_FEAST_STARTS = frozenset(name[:2] for name in _FEASTS)
_FEAST_END = Pattern(r"劳动节|儿童节|建党节|建军节|国庆节?|青年节|节(?!目|点|省|约|奏|日)")
_NOT_FEAST = Pattern(r"[点月号日个天时年分秒\d零〇一二三四五六七八九十百千万路广中小院人家位次条件楼层起]")
_ELEVEN = Pattern(r"国庆|假|长假|黄金周|期间|节|放假|之前|之后|前|后")
_OFF = Pattern(r"(?:小?长假|期间|假期|放假|黄金周|假日|假)")
_YEAR_GOES_ON = Pattern(
    r"度?(?:\s?(?:\d|[一二三四五六七八九十正腊冬]{1,2}月)|第|上半|下半|[上下]旬|底|初|末|中秋|春节|国庆|[一二三四]季|q\d|农历|阴历|起|全年|年[底初末])"
)
_VAGUE_BEFORE = frozenset(
    "早晚快慢大小多少高低好有差近远便宜贵轻重长短松紧细胖瘦强弱热冷亮暗厚薄深浅新旧急努稍微再往点这那差软硬甜咸辣容靠具体清楚点实惠满意认真详简单方真仔主积热舒灵放妥当提"
)
_VAGUE_AFTER = (
    "点",
    "儿",
    "也",
    "都",
    "没",
    "不",
    "吧",
    "时间",
    "东",
    "事",
    "问",
    "小",
    "意",
    "想",
    "建",
    "反",
    "信",
    "进",
    "了",
)
_FIRM_AFTER = Pattern(r"半|刻|钟|整|到|至|-|~|左右|前|之前|以前|后|之后|开|见|去|出发|碰|集合|[一二三四五]?十|零|\d|过")
_STANDALONE_YEAR = Pattern(r"\s*(?:$|[,.;!?。;)>]|至|到|[-–—~])")
_DECADE = Pattern(
    rf"(?:(?P<age>\d{{1,2}}|[{HAN}]{{1,3}})世纪)?(?:(?P<full>(?:1[5-9]|20)\d0)|(?P<ten>[1-9]0|[一二三四五六七八九]十))年代(?P<edge>初期?|末期?|[前早中后晚]期)?"
)
_AGE_BEFORE = {"上世纪": 1900, "本世纪": 2000, "上个世纪": 1900, "这个世纪": 2000}
_PAIR = Pattern(r"(十?)([一二两三四五六七八])([二三四五六七八九])$")
_GLUED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789#$¥第.")
_PLAIN = Pattern(r"(?:\d{1,2}|[零〇一二两三四五六七八九十廿卅]{1,3})(?=[点月号])")


def skip_run(s: str, at: int) -> int:
    """The end of the run of digits that begins here."""
    m = _RUN.match(s, at)
    return m.end() if m else at + 1


def number_led(s: str, at: int, out: list[Token]) -> int:
    """Read the unit that begins with a digit or a Chinese numeral; return where to go on."""
    char = s[at]
    before = s[at - 1] if at else ""
    if before not in _GLUED and (end := _plain(s, at, char, out)):
        return end
    if before != "第" and s.find("年代", at, at + 12) > 0 and (decade := _DECADE.match(s, at)) is not None:
        return _decade(decade, at, out)
    if char <= "9":
        after = _figures(s, at, before, out)
    elif before == "第":
        return skip_run(s, at)
    else:
        after = _numbered_feast(s, at, out) if s[at : at + 2] in _FEAST_STARTS else 0
    if after:
        return after
    m = _RUN.match(s, at)
    if m is None:
        return _duration(s, at, out) or at + 1
    run, end = m.group(0), m.end()
    borrowed = _BORROW.match(s, end)
    if borrowed and borrowed["u"] == "月" and (stop := _bare_dom(s, at, run, end, out)):
        return stop  # 1月3至2月10: the day, not another month
    if borrowed and not (char <= "9" and s[end : end + 1] == "."):
        return _with_unit(s, at, run, borrowed["u"], end, out, borrowed=True)
    if s[end : end + 1] == " ":
        end += 1
    unit = s[end : end + 1]
    if unit and unit in "年月日号点时":
        return _with_unit(s, at, run, unit, end, out, borrowed=False)
    if char <= "9" and (end := month_day(s, at, out)):
        return end
    end = m.end()
    return _bare_dom(s, at, run, end, out) or _duration(s, at, out) or _bare(s, at, run, end, out)


def _figures(s: str, at: int, before: str, out: list[Token]) -> int:
    """Dates and clocks in figures; a number glued to letters, a sign or a decimal point is passed over."""
    glued = before in _LETTERS and not (out and out[-1].end == at)
    if before and (glued or before in "#$¥第" or (before == "." and at > 1 and s[at - 2].isdigit())):
        return skip_run(s, at)
    return digital(s, at, out)


def _decade(m: re.Match[str], at: int, out: list[Token]) -> int:
    """90年代, 20世纪二十年代: ten years."""
    if m["full"]:
        year = int(m["full"])
    else:
        ten = SMALL.get(m["ten"], 0)
        age = SMALL.get(m["age"] or "", 0)
        before = next((base for said, base in _AGE_BEFORE.items() if m.string.endswith(said, 0, at)), 0)
        year = ten + (age * 100 - 100 if age else before or (1900 if ten >= 30 else 2000))
    out.append(Token("decade", at, m.end(), year, name=m["edge"] or ""))
    return m.end()


def _plain(s: str, at: int, char: str, out: list[Token]) -> int:
    """The short way for the usual 3点, 三月, 12号."""
    m = _PLAIN.match(s, at)
    if m is None:
        return 0
    end = m.end()
    return _with_unit(s, at, m.group(0), s[end], end, out, borrowed=False)


def _duration(s: str, at: int, out: list[Token]) -> int:
    token = duration(s, at)
    if token is None:
        return 0
    token = settle(s, token)
    out.append(token)
    return token.end


def _numbered_feast(s: str, at: int, out: list[Token]) -> int:
    for name in _FEASTS:
        if s.startswith(name, at):
            break
    else:
        return 0
    end = at + len(name)
    if name == "十一" and not (_ELEVEN.match(s, end) or s[at - 1 : at] == "过"):
        return 0
    if (at and s[at - 1] in "周期拜第零〇一二三四五六七八九十百") or (_NOT_FEAST.match(s, end) and name[-1] != "节"):
        return 0
    tail = _FEAST_END.match(s, end)
    end = tail.end() if tail else end
    off = _OFF.match(s, end)
    base = "国庆" if name == "十一" else name
    if off and base in ("五一", "国庆"):
        out.append(Token("daysoff", at, off.end(), name=base))
        return off.end()
    out.append(Token("feast", at, end, name=base if base in RULES else "妇女节"))
    return end


def _with_unit(s: str, at: int, run: str, unit: str, end: int, out: list[Token], borrowed: bool) -> int:
    stop = at + len(run) if borrowed else end + 1
    if unit == "年":
        return _year(s, at, run, stop, out)
    value = SMALL.get(run)
    if unit == "月":
        if not borrowed and s[stop : stop + 1] == "份":
            stop += 1
        if value is None or not 1 <= value <= 12:
            return bad(at, stop, out)
        out.append(Token("month", at, stop, value))
        return stop
    if unit in "日号":
        return _dom(s, at, value, unit, stop, out)
    return _clock(s, at, run, value, unit, stop, out, borrowed)


def _year(s: str, at: int, run: str, stop: int, out: list[Token]) -> int:
    value = integer(run) if len(run) > 1 else None
    said_singly = value is not None and "十" not in run and "百" not in run and "千" not in run and run[0] not in "廿卅"
    if value is None or not said_singly or len(run) not in (2, 4):
        if value is not None and 1900 <= value <= 2100:
            out.append(Token("year", at, stop, value))
            return stop
        return _duration(s, at, out) or stop
    if len(run) == 2:
        pair = run[0] in "一两二三四五六七八" and SMALL[run[1]] == SMALL[run[0]] + 1
        certain = run[0] in "0零〇" or value >= 50 or _YEAR_GOES_ON.match(s, stop) or (run[0] > "9" and not pair)
        certain = certain or (_alone(s, at, stop) and 15 <= value <= 40 and value % 5 != 0)
        counted = s[stop : stop + 1] in ("半", "前", "后", "内") or s[stop : stop + 2] in ("以前", "以后", "之内")
        if (counted or not certain) and run[0] not in "0零〇":
            return _duration(s, at, out) or stop
        value += 2000 if value < 70 else 1900
    if not 1000 <= value <= 2999:
        return _duration(s, at, out) or stop
    if s[stop : stop + 1] == "度":
        stop += 1
    out.append(Token("year", at, stop, value))
    return stop


def _alone(s: str, at: int, stop: int) -> bool:
    """24年 and nothing else is a year; people count years in round numbers."""
    return not s[:at].strip() and not s[stop:].strip()


def _dom(s: str, at: int, value: int | None, unit: str, stop: int, out: list[Token]) -> int:
    if unit == "号" and _NOT_DAY.match(s, stop):
        return stop
    if unit == "日" and s[stop : stop + 1] in ("本", "报", "常") and s[at - 1 : at] != "月":
        return stop
    after_month = bool(out) and out[-1].kind == "month" and out[-1].end >= at - 1
    if unit == "日" and not after_month and (end := _duration(s, at, out)):
        return end
    if value is None or not 1 <= value <= 31:
        return bad(at, stop, out)
    out.append(Token("dom", at, stop, value))
    return stop


def _clock(s: str, at: int, run: str, hour: int | None, unit: str, stop: int, out: list[Token], borrowed: bool) -> int:
    if unit == "时" and not borrowed and s[stop : stop + 1] in tuple("间候长效代期段常刻光隔尚机而不速"):
        return stop
    if hour is None and (pair := _PAIR.match(run, 0)) is not None and unit == "点":
        return _vague(s, pair, at, stop, out)
    if hour is None or "." in run:
        return bad(at, stop, out) if hour is None and "." not in run else stop
    touches = bool(out) and out[-1].end >= at - 1 and out[-1].kind in ("part", "rday", "wday", "dom", "ymd", "feast", "shift")
    if not touches and unit == "点" and not borrowed and _no_clock(s, at, run, stop):
        return stop + 1 if s[stop : stop + 1] in ("点", "儿") else stop
    if borrowed:
        if hour > 24:
            return bad(at, stop, out)
        out.append(Token("clock", at, stop, hour, 0))
        return stop
    token = clock_of(s, stop, hour, at, run[0] > "9")
    if token is None:
        return bad(at, stop, out)
    out.append(token)
    return token.end


def _vague(s: str, pair: re.Match[str], at: int, stop: int, out: list[Token]) -> int:
    """两三点, 十一二点: between the one and the other."""
    first, second = SMALL[pair[1] + pair[2]], SMALL[pair[1] + pair[3]]
    if second != first + 1:
        return bad(at, stop, out)
    out.append(Token("clock", at, at + 1, first))
    stop += s.startswith("钟", stop)
    out.append(Token("clock", at + 1, stop, second, name="pair"))
    return stop


def _no_clock(s: str, at: int, run: str, stop: int) -> bool:
    """一点 = a little, 三点意见 = three points, 半点, 早一点."""
    before = s[at - 1 : at]
    if run in ("一", "1") and ((before in _VAGUE_BEFORE and before) or s.startswith(_VAGUE_AFTER, stop)):
        return not (before not in "早晚" and before == "") or s.startswith(("点", "儿"), stop)
    if run == "一" and not _FIRM_AFTER.match(s, stop) and before and before not in "到至-~约改在从于,. ":
        return True
    return run in "一二两三四五六七八" and bool(_POINTS.match(s, stop) or s.endswith(_FEW, 0, at))


def _bare_dom(s: str, at: int, run: str, end: int, out: list[Token]) -> int:
    """The day right behind a month, without 日 or 号 (十月31, 八月十五)."""
    last, value = out[-1] if out else None, SMALL.get(run)
    if last is None or last.kind != "month" or s[last.end : at].strip() or value is None or not 1 <= value <= 31:
        return 0
    after = s[end : end + 1]
    if after and (after in MEASURE or after in COUNTED):
        return 0
    out.append(Token("dom", at, end, value, 1 if run[0] in "廿卅" else 2))
    return end


def _bare(s: str, at: int, run: str, end: int, out: list[Token]) -> int:
    """A number without a unit: the day after a month, a lunar day, a lone year, or nothing."""
    value = SMALL.get(run)
    last = out[-1] if out else None
    after = s[end : end + 1]
    close = last is not None and last.end >= at - 1 and s[last.end : at].strip() == ""
    if run[0] in "廿卅" and value is not None and value <= 31 and after not in MEASURE:
        out.append(Token("dom", at, end, value, 1))
        return end
    if close and last is not None and last.kind == "part" and len(run) >= 3 and run[0] <= "9":
        return bad(at, end, out)
    if len(run) == 4 and run.isdigit() and run[:2] in ("19", "20") and _STANDALONE_YEAR.match(s, end):
        before = s[:at].rstrip()
        if not before or before[-1] in "=在于到至从自年," or (before[-1] == "-" and last is not None and last.end >= at - 2):
            out.append(Token("year", at, end, int(run)))
    return end
