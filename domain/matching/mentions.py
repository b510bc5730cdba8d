"""Where a customer may be named in a sentence: what is left when the words around names are taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.matching.parts import Parts, trades
from domain.text import HAN_DIGITS, fold

_DATA = Path(__file__).parent / "data"
_N = rf"[\d{HAN_DIGITS}]"
_TIME = (
    rf"{_N}{{2,4}}年(?:{_N}{{1,3}}月)?(?:{_N}{{1,3}}[号日])?",
    rf"{_N}{{1,3}}月(?:份|底|初|中)?(?:{_N}{{1,3}}[号日]?)?",
    r"(?:(?:这|本|下下|上上|下|上)个?)?(?:周|星期|礼拜)(?:[一二三四五六日天末1-7](?:[早晚]上|上午|中午|下午|傍晚|晚上|晚|早)?)",
    r"(?:大前|大后|今|明|后|昨|前)(?:天|儿个?|日|晚|早)(?:早上|上午|中午|下午|傍晚|晚上)?",
    r"(?:凌晨|清晨|早晨|早上|上午|中午|午后|下午|傍晚|晚上|夜里|今晚|明晚|明早|今早)",
    rf"{_N}{{1,3}}(?:[:点时](?:{_N}{{1,3}}分?|半|一刻|三刻|整|钟)?)(?:到|至|-|~)?(?:{_N}{{1,3}}(?:[:点时](?:{_N}{{1,3}}分?|半|整)?))?",
    rf"{_N}{{1,3}}[号日]",
    rf"{_N}+个?半?(?:小时|分钟|天后|周后|个月|次)(?:后|前|内|左右)?",
    r"\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?",
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤常温康施牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴"
)
_TITLES = (
    "董事长|总经理|副总经理|总监|副总|总裁|总工|经理|副经理|主任|副主任|部长|厂长|院长|校长|所长|处长|科长|局长|会长|店长|行长|主管|老师|教授|博士|医生|"
    "工程师|老板|先生|女士|小姐|秘书|助理|书记|会计|师傅|队长|组长|课长|专员|顾问"
)
_BRIEF = "(?:工(?![业程艺具厂贸商会坊])|总(?![部公店会医])|董(?!事)|姐|哥)"
_PEOPLE = (
    rf"[{_SURNAMES}](?:(?!的)[一-鿿]){{0,2}}?(?:{_TITLES})",
    rf"[{_SURNAMES}]{_BRIEF}",
    rf"(?:老|小|阿)[{_SURNAMES}](?![一-鿿]{{2}})",
)
_FORM_END = re.compile(r"(?:有限(?:责任)?|股份|集团|控股|总)公司(?:[一-鿿]{2,8}?(?:分公司|办事处|营业部|分店|支行))?")
_NAMELY = re.compile(r"公司|集团|控股|股份|[()（）]|分行|支行|门店|事务所|工厂|医院|学院")
_MARKS = r"[\s,，。、；;：:！!？?~～…—\"“”'‘’《》<>#@*|/\\]+"
_SOFT_LEFT = frozenset("刚已正又再还完过好去到在跟和与同见约找给把从向对陪要是的来往访拜叫让为就上下进回聊谈送带等了")
_SOFT_RIGHT = frozenset("的那谈聊做见了吗呢去来等在有和跟说要是想都改约送拿签找讨商办里处上去前后也还就已将把再问催与及")
_MOST = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence that may be a name, and how it may be trimmed, the most likely way first."""

    text: str
    forms: tuple[str, ...]


@cache
def _frame() -> re.Pattern[str]:
    words = {
        w for line in (_DATA / "frame.txt").read_text("utf-8").splitlines() if not line.startswith("#") for w in line.split()
    }
    longer = sorted((w for w in words if len(w) > 1), key=lambda w: (-len(w), w))
    words_in_order = (re.escape(w) if w != "公司" else "(?<![限份任总分子])公司" for w in longer)
    return re.compile("|".join((_MARKS, *_TIME, *_PEOPLE, *words_in_order)))


def pieces(text: str) -> list[Piece]:
    """The stretches of a sentence that no ordinary word, time or person accounts for, in order."""
    found: list[Piece] = []
    before = ""
    for run, gap in _cut(text):
        for part, sure in _ended(run):
            forms = _forms(part)
            if sure:
                # a name in full: the little word before it may be its beginning (到|达凌电子有限公司, not 到达|凌电子有限公司)
                forms = (part, *(before[-n:] + part for n in range(1, min(3, len(before) + 1))), *forms)
            if forms:
                found.append(Piece(part, tuple(dict.fromkeys(forms))))
            before = ""
        before = gap if not re.search(_MARKS, gap[-1:]) else ""
    return found[:_MOST]


def _ended(run: str) -> list[tuple[str, bool]]:
    """A stretch cut behind every legal form: what follows it is no part of the name; True for a name in full."""
    out: list[tuple[str, bool]] = []
    at = 0
    for match in _FORM_END.finditer(run):
        out.append((run[at : match.end()], True))
        at = match.end()
    return [*out, (run[at:], False)] if at < len(run) else out


def within(run: str, known: Parts) -> str:
    """The part of a stretch that says this customer, when what is beside it is no part of a longer name; "" when there is none.

    For sentences whose other words nobody foresaw: 京鹏电子|预算五十万. A bare brand of two characters is too little.
    """
    start = run.find(known.brand) if len(known.brand) > 1 else -1
    if start < 0:
        return ""
    end = start + len(known.brand)
    rest = known.text[known.text.find(known.brand) + len(known.brand) :]
    while end < len(run) and rest.startswith(run[start + len(known.brand) : end + 1]):
        end += 1
    for token in known.tokens:
        if token.kind == "P" and run[:start].endswith(token.text):
            start -= len(token.text)
            break
    left, right = run[:start], run[end:]
    if end - start < 3 or (left and left[-1] not in _SOFT_LEFT) or (right and _goes_on(right)):
        return ""
    return run[start:end]


def _goes_on(rest: str) -> bool:
    """Whether what follows may be more of a name: a trade, a legal form, a bracket, or a single character."""
    if len(rest) == 1:
        return rest not in _SOFT_RIGHT
    near = rest[:8]
    return bool(_NAMELY.search(near)) or any(near[i:j] in trades() for i in range(len(near)) for j in range(i + 2, len(near) + 1))


def joined(text: str) -> list[Piece]:
    """Two stretches and the word between them: for names that hold such a word (今天国际, 线上线下通讯)."""
    cut = _cut(text)
    found: list[Piece] = []
    for place, (run, gap) in enumerate(cut[:-1]):
        whole = run + gap + cut[place + 1][0]
        forms = _forms(whole)
        forms = tuple(f for f in forms if gap in f and len(f) >= len(gap) + 2)
        if forms and len(gap) >= 2 and not re.search(_MARKS, gap):
            found.append(Piece(whole, forms))
    return found[:_MOST]


def _cut(text: str) -> list[tuple[str, str]]:
    """The sentence as (stretch, what ends it)."""
    low = fold(text).text
    found: list[tuple[str, str]] = []
    at = 0
    for match in _frame().finditer(low):
        if at == match.start() and found:
            found[-1] = (found[-1][0], found[-1][1] + match.group())
        else:
            found.append((low[at : match.start()], match.group()))
        at = match.end()
    return [*found, (low[at:], "")]


def _forms(run: str) -> tuple[str, ...]:
    """The run without the little words at its ends, in every way that leaves a name; the barest first."""
    left = 0
    while left < len(run) - 1 and run[left] in _SOFT_LEFT:
        left += 1
    right = len(run)
    while right > left + 1 and run[right - 1] in _SOFT_RIGHT:
        right -= 1
    forms = [run[a:b] for a in range(left, max(-1, left - 4), -1) for b in range(right, min(len(run), right + 2) + 1)]
    return tuple(dict.fromkeys(f for f in forms if len(f) >= 2 and not f.isdigit()))
