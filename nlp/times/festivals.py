"""Festivals by name: each is a function from a year to its day."""

from __future__ import annotations

from collections.abc import Callable

from nlp.times import days

Rule = Callable[[int], int | None]


def _solar(month: int, dom: int) -> Rule:
    return lambda year: days.day(year, month, dom)


def _lunar(month: int, dom: int) -> Rule:
    return lambda year: days.lunar(year, month, dom)


def _eve(year: int) -> int | None:
    """The day before the lunar new year that follows in that lunar year."""
    first = days.lunar(year + 1, 1, 1)
    return None if first is None else first - 1


def _term(name: str) -> Rule:
    return lambda year: days.solar_term(year, days.TERMS[name])


def _weekday(month: int, weekday: int, nth: int, plus: int = 0) -> Rule:
    def find(year: int) -> int | None:
        at = days.nth_weekday(*days.month_span(year, month), weekday, nth)
        return None if at is None else at + plus

    return find


def _easter(offset: int) -> Rule:
    return lambda year: days.easter(year) + offset


def _islamic(month: int, dom: int) -> Rule:
    return lambda year: days.islamic(year, month, dom)


_GROUPS: list[tuple[str, Rule]] = [
    ("元旦 元旦节 阳历新年", _solar(1, 1)),
    ("情人节", _solar(2, 14)),
    ("妇女节 三八节 三八妇女节 女神节 国际妇女节", _solar(3, 8)),
    ("植树节", _solar(3, 12)),
    ("消费者权益日 315", _solar(3, 15)),
    ("白色情人节", _solar(3, 14)),
    ("愚人节", _solar(4, 1)),
    ("地球日 世界地球日", _solar(4, 22)),
    ("劳动节 五一劳动节 五一 五一节 国际劳动节", _solar(5, 1)),
    ("青年节 五四青年节 五四", _solar(5, 4)),
    ("护士节", _solar(5, 12)),
    ("儿童节 六一儿童节 六一 六一节 国际儿童节", _solar(6, 1)),
    ("建党节 七一建党节 七一", _solar(7, 1)),
    ("建军节 八一建军节 八一", _solar(8, 1)),
    ("教师节", _solar(9, 10)),
    ("国庆 国庆节 十一国庆节 十一国庆 国庆日", _solar(10, 1)),
    ("万圣夜 万圣节前夜 万圣节 万圣节前夕", _solar(10, 31)),
    ("双十一 双11 光棍节", _solar(11, 11)),
    ("双十二 双12", _solar(12, 12)),
    ("国家公祭日", _solar(12, 13)),
    ("平安夜 圣诞前夜 圣诞夜 圣诞节前夕", _solar(12, 24)),
    ("圣诞 圣诞节 耶诞节 圣诞日", _solar(12, 25)),
    ("节礼日", _solar(12, 26)),
    ("跨年夜 元旦前夜 新年夜 新年前夜 新年前夕 元旦前夕", _solar(12, 31)),
    ("地球一小时", _weekday(3, 6, -1)),
    ("春节 大年初一 年初一 农历新年 正月正时 正月朔日 旧历新年 华人新年 中国新年 过年", _lunar(1, 1)),
    ("元宵 元宵节 上元节 灯节 小正月", _lunar(1, 15)),
    ("龙抬头", _lunar(2, 2)),
    ("上巳节", _lunar(3, 3)),
    ("端午 端午节 龙舟节 端阳节 五月节", _lunar(5, 5)),
    ("七夕 七夕节 乞巧节", _lunar(7, 7)),
    ("中元 中元节 鬼节 盂兰节 盂兰盆节", _lunar(7, 15)),
    ("中秋 中秋节 团圆节 八月节", _lunar(8, 15)),
    ("重阳 重阳节 重九节 老人节 敬老节", _lunar(9, 9)),
    ("寒衣节", _lunar(10, 1)),
    ("下元节", _lunar(10, 15)),
    ("腊八 腊八节", _lunar(12, 8)),
    ("小年 小年夜 北方小年", _lunar(12, 23)),
    ("南方小年", _lunar(12, 24)),
    ("除夕 除夕夜 大年三十 大年夜 年三十 年夜 岁除", _eve),
    ("清明节 扫墓节", _term("清明")),
    ("冬至节 冬节", _term("冬至")),
    ("母亲节", _weekday(5, 7, 2)),
    ("父亲节", _weekday(6, 7, 3)),
    ("感恩节", _weekday(11, 4, 4)),
    ("黑色星期五 黑五", _weekday(11, 4, 4, 1)),
    ("网络星期一", _weekday(11, 4, 4, 4)),
    ("马丁路德金日 马丁·路德·金日", _weekday(1, 1, 3)),
    ("总统日", _weekday(2, 1, 3)),
    ("阵亡将士纪念日", _weekday(5, 1, -1)),
    ("劳工节", _weekday(9, 1, 1)),
    ("哥伦布日", _weekday(10, 1, 2)),
    ("复活节 复活节星期日 复活节星期天 复活主日", _easter(0)),
    ("复活节星期一 复活节翌日", _easter(1)),
    ("圣周六 复活节前夜 耶稣受难日翌日 主受难节翌日", _easter(-1)),
    ("受难节 受难日 主受难节 主受难日 耶稣受难节 耶稣受难日 圣周五 神圣星期五 沉默周五 圣星期五", _easter(-2)),
    ("濯足节 圣周四 濯足星期四 神圣星期四 圣星期四", _easter(-3)),
    ("棕枝主日 圣枝主日 棕榈主日 圣树节 棕树主日 基督苦难主日", _easter(-7)),
    ("圣灰星期三 圣灰日 圣灰节 圣灰礼仪日 大斋首日 灰日", _easter(-46)),
    ("忏悔节 忏悔日 煎饼星期二 煎饼日 忏悔星期二 忏悔火曜日", _easter(-47)),
    ("耶稣升天节 升天节 基督升天日 升天日 耶稣升天日", _easter(39)),
    ("五旬节 圣灵降临节 圣神降临节 圣灵降临日", _easter(49)),
    ("圣灵降临节星期一 五旬节庆日 圣灵节庆日", _easter(50)),
    ("圣三一主日 三一主日 天主圣三节 三一节 圣三节", _easter(56)),
    ("基督圣体节 圣体节 基督圣体圣血节", _easter(60)),
    ("犹太新年 吹角节 犹太历新年 岁首节", days.hebrew(0)),
    ("赎罪日 赎罪节", days.hebrew(9)),
    ("住棚节 结茅节 帐棚节 结庐节", days.hebrew(14)),
    ("圣会节 严肃会", days.hebrew(21)),
    ("妥拉节 诵经节 欢庆圣法节", days.hebrew(22)),
    ("光明节 烛光节 修殿节 哈努卡节 献殿节 净殿节", lambda year: days.hebrew(83 + _long_marheshvan(year))(year)),
    ("普珥节 普林节", days.hebrew(193, from_spring=True)),
    ("逾越节", days.hebrew(163, from_spring=True)),
    ("篝火节", days.hebrew(130, from_spring=True)),
    ("七七节 沙夫幽特节 沙勿幽特节", days.hebrew(113, from_spring=True)),
    ("开斋节", _islamic(10, 1)),
    ("古尔邦节 宰牲节 哈芝节", _islamic(12, 10)),
    ("伊斯兰新年 伊斯兰教新年 回历新年", _islamic(1, 1)),
    ("阿舒拉节 阿修罗节", _islamic(1, 10)),
    ("圣纪节 圣忌节", _islamic(3, 12)),
    ("登霄节 夜行登霄节", _islamic(7, 27)),
    ("斋月", _islamic(9, 1)),
]


def _long_marheshvan(year: int) -> int:
    """One day more before Hanukkah in a year whose second month has 30 days (355 or 385 days long)."""
    length = days.hebrew(0)(year + 1) - days.hebrew(0)(year)
    return 1 if length % 10 == 5 else 0


RULES: dict[str, Rule] = {name: rule for names, rule in _GROUPS for name in names.split()}
RULES |= {name: _term(name) for name in days.TERMS if name not in {"大雪", "小雪", "雨水"}}
RULES |= {f"{name}{tail}": _term(name) for name in days.TERMS for tail in ("节气", "当天")}
LUNAR_NAMED = frozenset(
    ["春节", "大年初一", "年初一", "元宵", "元宵节", "除夕", "除夕夜", "大年三十", "年三十", "腊八", "腊八节", "小年"]
)

OFF: dict[str, tuple[str, int]] = {
    "元旦": ("元旦", 1),
    "春节": ("除夕", 8),
    "过年": ("除夕", 8),
    "清明": ("清明", 3),
    "清明节": ("清明", 3),
    "五一": ("五一", 5),
    "五一节": ("五一", 5),
    "劳动节": ("五一", 5),
    "端午": ("端午", 3),
    "端午节": ("端午", 3),
    "中秋": ("中秋", 3),
    "中秋节": ("中秋", 3),
    "国庆": ("国庆", 7),
    "国庆节": ("国庆", 7),
    "十一": ("国庆", 7),
}
"""Festivals with official days off: the day they hang on and how many there are in a year without official data."""
