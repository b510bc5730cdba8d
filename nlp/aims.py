"""What a visit is for, how it is held and where: the slots purpose, mode and location."""

import re
from functools import cache

from nlp.draft import Draft
from nlp.grammar import CUSTOMER
from nlp.pick import is_topic
from nlp.words import alternation, read


@cache
def _modes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((mode, re.compile("|".join(lines))) for mode, lines in read("slots.toml")["modes"].items())


_UNWANTED = re.compile(r"(?:不|别|不要|不用|不是|不在)[走去跑用开搞在]?$")


def mode(draft: Draft, start: int = 0) -> None:
    """On site, online or by phone: in a booking the first that is said, in a change the last (从现场改成线上)."""
    low = draft.scene.low
    said = [
        (found.start(), name)
        for name, pattern in _modes()
        for found in pattern.finditer(low, start)
        if not _UNWANTED.search(low[max(0, found.start() - 3) : found.start()])
    ]
    if said:
        draft.put("mode", (min if draft.intent == "visit.book" else max)(said)[1])


@cache
def _purpose_words() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {word: purpose for purpose, several in read("slots.toml")["purposes"].items() for word in (purpose, *several.split())}
    return re.compile(alternation(list(table))), table


_SAID_PURPOSE = re.compile(
    r"(?:(?:拜访|见面)?(?:目的|主题|议题|事由|内容|议程)(?:是|为|改成|改为|换成|:|：|，|,|就是|写|填)*|(?:主要|重点|顺便|想|去|要|一起|再)*"
    r"(?:聊一聊|谈一谈|聊聊|谈谈|聊一下|谈一下|聊下(?!半年|季度|个|周|月|一)|谈下(?!半年|季度|个|周|月|一)|碰一下|碰个|聊|谈一谈|谈|讲一下|讲讲|讲|沟通一下|沟通下|沟通|讨论一下|讨论下|讨论|商量一下|商量|洽谈|交流一下|交流|汇报一下|汇报|对接一下|对接|对一下|对一对|对下|过一遍|过一下|过下|走一遍|说说|说一下|敲定))"
)
_DOING = re.compile(
    r"(?:去|做一次|做个|做一个|做一场|做一下|做|搞个|搞一次|开个|开一个|开一场|开)(?=[\u4e00-\u9fffa-zA-Z])|"
    r"(?=(?:介绍|签|送|看|调试|安装|验收|培训|演示|测试|参观|考察|巡检|检修|维修|维护|催|收|拿|取|交付|盘点|对账|盘库|陈列|铺货|了解|确认|推进|解决|处理|落实|拜年|答谢|催款|收款|回款|勘察|踏勘|评审|投标|竞标|述标|开标|验货|验厂|审厂|审核|看货|提货|交货|换货|退货|理货|补货|巡店|踩点|慰问|盖章|开票|初验|终验|试车|投产|讲标|答疑|装机|割接|迁移|升级|部署|实施|驻场|驻厂|交流|指导|调研|送样|试用|试机|打样|看样))"
)
_PURPOSE_END = re.compile(
    r"[，,。;；!！?？\n“”\"—\ue001-\ue009]|(?:吧|呢|哈|啊|呀)(?:$|[，,。])|大概|大约|预计|估计|约莫|带上|叫上|拉上|喊上|记得|提醒|(?:地点|时间|联系人|地址)(?:在|是|:|：)|和我|跟我|在(?=[\u4e00-\u9fff]{2,8}(?:见|谈|碰|办公室|会议室|咖啡))"
)
_PURPOSE_NOISE = re.compile(
    r"^(?:一下子?|下(?!半年|季度|个|周|月)|个|一次|关于|有关|点|些|这个|那个|的|了(?!解)|着|我们的|咱们的|我们|咱们|他们的|他们|一个|一场|他|她)+|(?:的?(?:事儿|事情|相关事宜|事宜|事项|问题上|事)|一下|的|了|吧|呢|啊|哈|先|再|方面)+$"
)
_NO_PURPOSE = frozenset(
    [
        "事",
        "事情",
        "业务",
        "工作",
        "生意",
        "天",
        "话",
        "会",
        "面",
        "会议",
        "zoom",
        "teams",
        "腾讯会议",
        "视频",
        "线上",
        "meeting",
        "call",
        "拜访",
        "一下",
        "见面",
        "客户",
        "个会",
        "过去",
        "看看",
        "聊聊",
        "谈谈",
        "面谈",
        "一面",
        "线上会",
        "视频会",
        "电话会",
        "视频会议",
        "线上会议",
        "电话会议",
        "visit",
        "个",
        "一趟",
        "次",
        "公司",
        "情况",
        "电话",
        "呗",
        "好",
        "完",
        "了",
        "他",
        "她",
        "他们",
        "一次",
        "安排",
        "您",
    ]
)


def purpose(draft: Draft, start: int = 0, end: int | None = None) -> None:
    """What the visit is for: a configured purpose by any of its words, else the words after 聊/谈/讲/做…"""
    scene = draft.scene
    low = scene.low[start:end]
    pattern, table = _purpose_words()
    masked = low
    for mark in scene.marks:
        if start <= mark.start and mark.end <= start + len(low) and not is_topic(scene, mark):
            masked = masked[: mark.start - start] + mark.kind * (mark.end - mark.start) + masked[mark.end - start :]
    said = _object_of_talk(masked)
    for found in pattern.finditer(masked):
        known = table[found[0]]
        if known in draft.office.purposes and (
            said is None
            or (found.start() == said[0] and known in _DEEDS)
            or found.start() <= said[1] <= found.end() + 1
            or len(said[2]) <= len(found[0]) + 2
        ):
            draft.put("purpose", known)
            return
    if said is not None:
        draft.put("purpose", scene.text[start + said[0] : start + said[1]].strip())


_DEEDS = ("产品演示", "售后回访")
"""Purposes that are verbs themselves: 演示一下平台 is one with its object."""
_LED = re.compile(r"[，,\s、]([\u4e00-\u9fff]{1,4})$")


def _led_from(masked: str, verb: int) -> int:
    """What stands between the last pause and the verb belongs to it: 仓库盘点."""
    led = _LED.search(masked[:verb])
    return led.start(1) if led and not led[1].startswith(("去", "到", "帮", "给", "来", "我")) else verb


def _object_of_talk(masked: str) -> tuple[int, int, str] | None:
    for pattern in (_SAID_PURPOSE, _DOING):
        for found in pattern.finditer(masked):
            begin = found.end() if found[0] else _led_from(masked, found.start())
            stop = _PURPOSE_END.search(masked, begin)
            end = stop.start() if stop else len(masked)
            head = _PURPOSE_NOISE.match(masked[begin:end])
            if head and head.start() == 0:
                begin += head.end()
            words = masked[begin:end].strip()
            tail = _PURPOSE_NOISE.search(words)
            while tail and tail.end() == len(words) and tail.start() > 0:
                words = words[: tail.start()].rstrip()
                tail = _PURPOSE_NOISE.search(words)
            offset = begin + (len(masked[begin:end]) - len(masked[begin:end].lstrip()))
            if 1 < len(words) <= 24 and words not in _NO_PURPOSE and not words.startswith(("完", "过", "了")):
                return offset, offset + len(words), words
    return None


@cache
def _places() -> str:
    return alternation(read("slots.toml")["places"]["ends"].split())


@cache
def _place_patterns() -> tuple[re.Pattern[str], ...]:
    ends, stuff = _places(), r"[^，,。;；!！?？\n\ue001-\ue009 ]"
    return (
        re.compile(
            rf"(?:见面)?(?:地点|地址|位置|地方|见面地|碰头地点)(?!错|不对|搞错|没错|变了|有误)(?:改|换|变|调整|定)?(?:一下|下)?(?:成|到|在|去|是|为|就在|:|：|，|,|\s)*({stuff}{{2,24}})"
        ),
        re.compile(
            rf"(?<![现存正人都不实])(?:在|到|去|来|改在|换到|改到|约在|定在|过来)((?:我们|咱们|他们|你们|客户|对方|贵司|我司|公司)?(?:的)?{stuff}{{0,12}}?{ends}(?:{stuff}{{0,6}}?{ends})?(?:[\d一二三四五六七八九十]+[楼层号室]+)*)"
        ),
        re.compile(rf"在((?!线上|视频|一起|下午|上午){stuff}{{2,8}}?)(?:见面|碰面|碰头|喝茶|喝咖啡|吃饭|面谈|会面|见一面)"),
        re.compile(
            rf"(?:^|[，,、;；。 ])((?:我们|咱们|他们|你们|客户)?{stuff}{{0,14}}?{ends}(?:[\d一二三四五六七八九十]+[楼层号室]+)*)(?:见|碰头|碰面|集合|谈|聊|等)?(?=$|[，,;；。 ])"
        ),
    )


def location(draft: Draft, start: int = 0) -> None:
    """Where: 地点在…, 在…见, 来我们昆山工厂, or a stretch of its own that ends like a place."""
    scene = draft.scene
    masked = scene.low
    for mark in scene.marks:
        masked = masked[: mark.start] + mark.kind * (mark.end - mark.start) + masked[mark.end :]
    for pattern in _place_patterns():
        found = pattern.search(masked, start)
        if found:
            said = scene.text[found.start(1) : found.end(1)]
            said = re.sub(r"(?:见面|碰面|碰头|会面|见|吧|谈|聊|集合|开会)+$", "", said).strip()
            customers = [m for m in scene.of(CUSTOMER) if m.end == found.start(1)]
            if (len(said) > 1 and not said.startswith(("的", "有", "了")) and said not in ("公司", "客户", "现场", "厂里")) or (
                customers and said not in ("公司",)
            ):
                draft.put("location", said)
                return
