"""A report spoken in one breath, without punctuation (R84, R172): cut where a field begins, then read piece by piece.

People are found by surname and title; everything else by the words that open a field. What stands between the people met and
the first such word is what troubles the customer, when it sounds like trouble.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from nlp.times import TimeSpan, find
from nlp.words import alternation, words

LEAST = 25
"""A text shorter than this is an answer or a correction, no story."""
_TITLES = [
    "护士长",
    "老板娘",
    "工程师",
    "副经理",
    "总经理",
    "总监",
    "经理",
    "部长",
    "主任",
    "院长",
    "所长",
    "厂长",
    "园长",
    "店长",
    "科长",
    "处长",
    "站长",
    "校长",
    "会长",
    "行长",
    "局长",
    "组长",
    "队长",
    "馆长",
    "场长",
    "镇长",
    "村长",
    "博士",
    "院士",
    "教授",
    "老师",
    "师傅",
    "律师",
    "医生",
    "大夫",
    "会计",
    "书记",
    "主管",
    "助理",
    "老板",
    "小姐",
    "女士",
    "先生",
    "阿姨",
    "总工",
    "总",
    "工",
    "姐",
    "哥",
    "董",
    "叔",
    "嫂",
]
_ROLE = [
    "董事长",
    "总经理",
    "副总",
    "老总",
    "老板",
    "总监",
    "主管",
    "负责人",
    "部长",
    "厂长",
    "站长",
    "院长",
    "园长",
    "店长",
    "店员",
    "助手",
    "徒弟",
    "儿子",
    "女儿",
    "合伙人",
    "财务",
    "法务",
    "采购",
    "CTO",
    "CEO",
    "CFO",
    "CIO",
]
_NO_GIVEN = frozenset("时师板实结组说样段学区店票型吃伙孩米费看心气包车人户总家事白单满是出超漏程计成年于高老")
_NO_SURNAME = re.compile(r"(?:部门|大区|华东区|小区|项目)$")
_RARE = "裘狄芮奚钮宓缪阎邬栾鞠邝覃隋麻哈逄仝"
"""Surnames that are rare enough to be words elsewhere; before a title they are names."""
_NOT_TITLE = {
    "工": "作程商会业厂单资艺具地行人序期况", "总": "结部共体监经裁计数额金量", "姐": "妹夫", "哥": "们", "董": "事秘",
    "助理": "", "老师": "傅",
}  # fmt: skip
_BODY = r"(?:CEO|CTO|CFO|COO|董事长|总经理|老板)"
_FIELDS = {
    "pains": r"(?:主要|最大|核心)的?(?:痛点|困扰|麻烦)(?:就?是|在于)?|痛点(?:就?是|在于)?|(?:最大的?|主要)?问题(?:就?是|在于|出在)|最?头疼的?(?:就?是)?|关心的(?:就?是)?|困扰(?:的|他们)?(?:就?是)?|(?<!预算)主要是(?!嫌|担心|怕)|烦的(?:就?是)",
    "needs": r"(?:上头|总部|领导|集团|客户|他们|她们|他|她)?要求|希望(?:能够?)?|想要|(?<![不就也])想(?=装|换|找|做|上一|上个|买|建|搞|把|在|用|改|加|试用)|(?<!不)需要(?!我们)|需求(?:就?是|主要是)?|急着(?=找|要|换|上)|盼着",
    "objection": r"(?:最大的?|主要)?(?:顾虑|疑虑|异议)(?:就?是|在于)?(?:怕|担心)?|就?嫌弃?|担心|(?<!不用)(?<![恐哪])怕(?!是)|抱怨|吐槽|觉得|认为",
    "budget": r"(?:没有|没)?预算",
    "competitor": r"(?<!比)(?:竞争对手|竞品|(?<!竞争)(?<!比)对手|友商)|(?:他们)?(?:也|还|同时|正|现在|目前)?在(?:看|比较|对比|接触)(?!我们)|(?:现在|目前|正在)(?:在)?谈的?(?:还有)?|(?:现在|目前|原来|一直)用的?(?:是)?",
    "intent": r"(?<!合作)(?:客户)?意向|很?感兴趣|没(?:什么)?兴趣|兴趣",
    "other": r"然后|另外|最后|最终|不过|但是|客户没提|没提别家|走(?=公开|招标|集采)|价格比|质量(?=是|认可)|(?:他|她)(?:自己|老婆|爱人)|要(?=报到|上董事会|[\u4e00-\u9fff]{2,4}局)|(?:他|她)?说(?=以后|再)|问(?=能不能|可不可以)|我负责|(?<=贵)说|(?<=高)说|(?<=长)说",
}
_CUE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _FIELDS.items()))
_DOES = r"(?:先|再|要|会|来|就|得|去|也|一起|过去|过来|亲自|尽快)*(?:把|给|发|寄|送|约|带|陪|请|出|做|安排|提交|提|补|问|回(?!来|国|家)|去|签|联系|打|拜访|演示|上门|报|讲|测|试|装|上线|改|更新|准备|整理|确认|反馈|交|写|谈|聊|见|开|来(?=我们|公司|签|谈)|到我们|在[\u4e00-\u9fff]{2,6}(?:上线|试点|装))"
_ACTING = re.compile(
    rf"(?:之前|以前|前|之内|内|左右)?(?P<who>我们?|咱们|他们?|她们?|客户|\ue010)?(?:[和跟带同][\u4e00-\u9fff]{{2,6}}?)?{_DOES}"
)
_TROUBLE = re.compile(
    r"[慢漏坏乱贵丢断缺]|太[长久多少大高低难]|对不上|危险|出错|报废|断供|不良|靠人|靠纸|手写|人工|扯皮|通宵|超标|不彻底|严重|投诉|损耗|能耗高|漏损|率高|偏高|偏低|麻烦|来不及|跟不上|不准|不够|积压|停机|返工|难[管找查]|老是|经常|三天两头|故障|浪费|滞后|罚款|事故|跑冒|卡顿|崩|堵"
)
_PLEASED = re.compile(r"^(?:.{0,4}(?:不错|挺好|很好|可以|满意|靠谱|没问题|合适|认可|还行))")
_EMPTY = re.compile(r"^(?:和|也|都|还|不|没|暂时|是问题|定|待定)")
_NAME = r"(?P<n>[\u4e00-\u9fffA-Za-z0-9]{2,8}?)"
_NAME_END = r"(?=那边|的|也|觉得|认为|担心|希望|想要|要求|已经|价格|比|报|便宜|更|做|来|在|嫌|意向|预算|下下?周|下个?月|明|后天|今|这周|周|月底|[一二三四五六七八九十0-9]+[月号]|拍板|质量|方案|\ue010|\Z|[，,。；;])"
_RIVALS = (
    re.compile(rf"(?<!比)(?:竞争对手|竞品|(?<!竞争)(?<!比)对手|友商)(?:就?是|有|为|那边是)?{_NAME}{_NAME_END}"),
    re.compile(rf"(?:也|还|同时|正|现在|目前)?在(?:看|比较|对比|接触)(?:的是)?{_NAME}{_NAME_END}"),
    re.compile(rf"(?:现在|目前|正在)?(?:在)?谈的?还有{_NAME}{_NAME_END}"),
    re.compile(rf"(?:现在|目前|原来|一直)用的?是?{_NAME}{_NAME_END}"),
    re.compile(rf"说{_NAME}(?=那边|的方案|的价格|的系统|的产品|的设备|家的|比我们|更|便宜|价格低)"),
    re.compile(
        r"(?:^|\ue010|[，,。；;万])(?P<n>[\u4e00-\u9fffA-Za-z0-9]{2,6}?)(?=也(?:报了价|报价|在谈|来过|在跟|给了报价|送了样))"
    ),
)
_NO_RIVAL = frozenset(
    ("我们", "咱们", "他们", "别家", "同行", "其他", "几家", "两家", "别的", "没有", "客户", "方案", "样品", "合同", "价格")
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody mentioned: where, and how he is called."""

    start: int
    end: int
    name: str


@dataclass(slots=True)
class Step:
    """Something to be done: its words, when, and the customer's person who does it ("" = us)."""

    text: str
    time: TimeSpan | None = None
    who: str = ""


@dataclass(slots=True)
class Heard:
    """What a dictated report says, by field; empty where it says nothing."""

    values: dict[str, object] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


@cache
def _people_pattern() -> re.Pattern[str]:
    known = words()
    surnames = "".join(sorted((set(known.surnames) | set(_RARE)) - set("和跟与")))
    double = alternation(list(known.compound_surnames))
    return re.compile(
        rf"(?:{double}|[{surnames}])(?P<title>{alternation(_TITLES)})|[小老阿](?P<small>[{surnames}亮强明军])|(?P<latin>(?<![A-Za-z])[A-Z][a-z]{{2,9}}(?![A-Za-z]))"
    )


def people(text: str) -> list[Person]:
    """Everybody named by surname and title, 小X / 老X, or a first name in Latin letters."""
    out = []
    for m in _people_pattern().finditer(text):
        after = text[m.end() : m.end() + 1]
        if m["title"] and ((after and after in _NOT_TITLE.get(m["title"], "")) or _NO_SURNAME.search(text[: m.start() + 1])):
            continue
        if m["small"] and (m["small"] in _NO_GIVEN or not _calls(text, m.start())):
            continue
        out.append(Person(m.start(), m.end(), m[0]))
    return [p for i, p in enumerate(out) if i + 1 == len(out) or out[i + 1].start != p.end]  # 仓储主管老邵 is one person


def _calls(text: str, start: int) -> bool:
    """小X and 老X are names after a role, a joining word or at the beginning, not inside other words (老超标)."""
    before = text[:start]
    places = ("部", "办", "科", "室", "售前", "前台", "还有", "就是")
    return not before or before[-1] in "的和跟与给陪请约找叫让，,。 、是见" or before.endswith((*_ROLE, *places))


def read(text: str, now: datetime) -> Heard | None:
    """The fields of a story told without punctuation; None for a short or punctuated text, which is read otherwise."""
    if len(text) < LEAST or len(re.findall(r"[，,。；;！!\n]", text)) * 30 > len(text):
        return None
    found = people(text)
    masked = _masked(text, found)
    steps = _steps(text, masked, found, now)
    cuts = _cuts(masked, found, [s for s, _ in steps])
    heard = Heard(steps=[step for _, step in steps])
    pieces = [(kind, text[begin:end], masked[begin:end]) for kind, begin, end in cuts]
    values = heard.values
    for kind, piece, _ in pieces:
        if kind in ("pains", "needs", "objection") and kind not in values and (said := _content(kind, piece)):
            values[kind] = said
    first = next((begin for kind, begin, _ in cuts if kind not in ("head", "person")), len(text))
    if "pains" not in values and (trouble := _trouble(text, found, first)):
        values["pains"] = trouble
    met = _met(text, found, first)
    values["contacts"] = met
    values["competitor"] = _rival(masked, text)
    values["decision_maker"] = _decider(text, masked, found, met)
    values["influencers"] = [p.name for p in found if re.match(r"(?:是影响者|推荐权|有推荐权|影响力|能影响)", text[p.end :])]
    values["users"] = [
        p.name for p in found if re.match(r"(?:是(?:具体)?(?:用的人|使用者|使用人|操作的)|具体用|天天用)", text[p.end :])
    ]
    heard.values = {k: v for k, v in values.items() if v not in (None, "", [])}
    return heard


def _masked(text: str, found: Sequence[Person]) -> str:
    """Every person as so many signs, so that names hide no cue and places stay the same."""
    for p in found:
        text = text[: p.start] + "\ue010" * (p.end - p.start) + text[p.end :]
    return text


def _steps(text: str, masked: str, found: Sequence[Person], now: datetime) -> list[tuple[int, Step]]:
    """Every future time that somebody's deed follows, with the place where it begins."""
    starts: list[tuple[int, int, TimeSpan]] = []
    for span in find(masked, now):
        last = span.end or span.start
        if span.kind not in ("instant", "date", "range") or last is None or last <= now:
            continue
        begin, end = span.span
        if _ACTING.match(_short(masked[end:])) is None or re.search(r"(?:要求|希望|需要)$", masked[:begin]):
            continue
        starts.append((begin, end, span))
    out = []
    for i, (begin, end, span) in enumerate(starts):
        stop = starts[i + 1][0] if i + 1 < len(starts) else len(text)
        tail = masked[end:stop]
        cut = re.search(r"(?<=.{4})(?:然后|另外|最后|最终|意向|预算|嫌|担心|我负责|我们?$|[，,。；;])", tail)
        words_ = text[end : end + cut.start()] if cut else text[end:stop]
        words_ = re.sub(r"^(?:之前|以前|前|之内|内|左右)", "", words_)
        actor = next((p for p in found if words_.startswith(p.name)), None)
        words_ = re.sub(r"^(?:我们?|咱们)(?=[^和跟带同])", "", words_)
        words_ = re.sub(r"^我(?=[和跟带同])", "", words_).strip("，,。的了吧 ")
        if len(words_) >= 2:
            lead = re.search(r"(?:我们?|咱们|让我|约好)$", masked[:begin])
            out.append((begin - len(lead[0]) if lead else begin, Step(words_, span, actor.name if actor else "")))
    return out


def _short(masked: str) -> str:
    """Each person as one sign."""
    return re.sub("\ue010+", "\ue010", masked[:24])


def _cuts(masked: str, found: Sequence[Person], steps: Sequence[int]) -> list[tuple[str, int, int]]:
    """The text in pieces: (kind, begin, end); a piece begins at a cue, at a step, or at a person who does not belong to the piece."""
    marks: dict[int, tuple[str, int]] = {}
    inside = steps[0] if steps else len(masked)
    for m in _CUE.finditer(masked):
        if m.start() < inside or m.lastgroup in ("intent", "budget", "objection", "competitor"):
            marks[m.start()] = (str(m.lastgroup), m.end())
    for begin in steps:
        marks[begin] = ("step", begin)
    for p in found:
        bound = re.search(
            r"(?:给|和|跟|与|找|让|陪|请|约|把|对|由|要|被|他们|的|还有|见|部|是|财务|法务|采购|老板|副总|老总)$",
            masked[: p.start],
        )
        if p.start < inside and not bound and p.start not in marks:
            marks[p.start] = ("person", p.start)
    places = sorted(marks)
    out = [("head", 0, places[0] if places else len(masked))]
    for i, at in enumerate(places):
        end = places[i + 1] if i + 1 < len(places) else len(masked)
        out.append((marks[at][0], at, end))
    return out


def _content(kind: str, piece: str) -> str:
    """What a piece says behind its cue; "" when that is nothing, or praise."""
    m = _CUE.match(piece)
    said = piece[m.end() :] if m else piece
    said = re.sub(r"^(?:的|是|就是|在于|我们的?|咱们的?|他们|有个?|，|,)+", "", said)
    said = re.sub(r"(?:他们|她们|他|她|的|了|吧|，|,|目前|现在|说|就|我们)+$", "", said).strip()
    if len(said) < 1 or _EMPTY.match(said) or (kind == "objection" and _PLEASED.match(said)):
        return ""
    return said if len(said) >= 2 or kind == "objection" else ""


_SPEECH = re.compile(
    r"^(?:都?在(?!岗)|都到了|也在|一起|一块儿?|接待的?|见到?了|见的(?:是)?|去了|聊(?:了|完|的|得)[^他她]{0,8}?|谈(?:了|完|的|得)[^他她]{0,8}?|开完会|线上|电话里|说|讲|反映|(?:挺|很)(?:热情|客气)的?|[一二三四五六七八九十两0-9]+(?:个)?(?:多)?(?:分钟|小时)|就被叫走了|聊得(?:挺|很)?好|(?:他|她)们?(?=说)|现在|目前|，|,)+"
)


def _trouble(text: str, found: Sequence[Person], first: int) -> str:
    """What stands between the people and the first cue, when it sounds like trouble."""
    begin = max((p.end for p in found if p.end <= first), default=0)
    region = re.sub(r"(?:他们|她们|他|她)+$", "", text[begin:first])
    if (cut := max(region.rfind("他们"), region.rfind("她们"))) >= 0:
        region = region[cut + 2 :]
    region = re.sub(r"^(?:现在|目前)", "", _SPEECH.sub("", region))
    return region if len(region) >= 4 and _TROUBLE.search(region) else ""


def _met(text: str, found: Sequence[Person], first: int) -> list[str]:
    """The people met: those of the beginning, without who was away or is only spoken of."""
    out: list[str] = []
    away = {p.name for p in found if re.match(r"(?:不在|没在|没来|出差|没见|团队|请假|休假)", text[p.end : p.end + 4])}
    for p in found:
        if p.start >= first and out:
            break
        if p.name not in away:
            out.append(p.name)
    return list(dict.fromkeys(out))


def _rival(masked: str, text: str) -> str:
    """The competitor that is named first."""
    best: tuple[int, str] | None = None
    for pattern in _RIVALS:
        for m in pattern.finditer(masked):
            name = text[m.start("n") : m.end("n")]
            if name not in _NO_RIVAL and "\ue010" not in m["n"] and (best is None or m.start("n") < best[0]):
                best = m.start("n"), name
                break
    return best[1] if best else ""


_NODS = r"(?:来|自己|就|才|一个人|那边|最后|最终)*(?:说了算|拍板|做主|定(?!制|做|期|金|价|下|好|了|的是)|能定|点头|签字|批(?!评|发|量))"
_SAID_WHO = re.compile(r"(?:拍板|决策|做主|说了算|管钱|定)的?(?:人|者)?(?:就?是|要看|得看|归)[^\ue010，,。]{0,8}(?P<p>\ue010+)")
_WHO_NODS = re.compile(rf"(?P<p>\ue010+){_NODS}")
_BODY_NODS = re.compile(
    rf"(?:最后|最终|都)?(?:是|由|要|得)?(?P<b>{_BODY}){_NODS}|(?:最后|最终)(?:是|由|要|得|归)(?P<c>[\u4e00-\u9fffA-Za-z]{{2,6}}?)(?:来)?(?:定|拍板|说了算|批)"
)
_SELF = re.compile(r"(?:他|她)(?:自己|一个人|本人)?就?(?:能定|说了算|拍板|做主|能拍板)")


def _decider(text: str, masked: str, found: Sequence[Person], met: Sequence[str]) -> str:
    """Who decides: a person, an office, or the one just met (她自己就能定)."""
    for pattern in (_SAID_WHO, _WHO_NODS):
        for m in pattern.finditer(masked):
            at = m.start("p")
            named = [p.name for p in found if at <= p.start < m.end("p")]
            if named:
                return named[-1]
    if (m2 := _BODY_NODS.search(masked)) is not None and "\ue010" not in (m2["c"] or ""):
        return m2["b"] or m2["c"]
    return met[0] if met and _SELF.search(masked) else ""
