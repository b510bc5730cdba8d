"""Names nobody knows yet, cut out of a sentence: by what companies are called, by the verb before them, by what is left over."""

import re
from functools import cache
from typing import TYPE_CHECKING

from nlp.words import alternation, read, words

if TYPE_CHECKING:
    from nlp.scene import Scene

_NAME = r"[\u3400-\u9fffA-Za-z0-9&·.()（）\-]"
_VERBS = (
    "登门拜访|上门拜访|电话拜访|电话回访|去拜访|去走访|去回访|约见|约到|约上|约了|约好|会见|去见|面访|走访|拜访|回访|拜会|探访|跑一趟|跑趟|去一趟|去趟|跑一下|预约|安排|去|到|见|约|找|跑|飞|访|"
    "看望|对接|联系|跟进|见到|签到|抵达|上门|登门"
)
_PREPS = "跟|和|与|同|给|对|在|把|将|被|关于|从|向|帮|为|让|由"
_GLUE = "一下|一次|一趟|一家|一个|一位|那家|这家|那个|这个|我们|咱们|他们|客户那边|新客户|老客户|客户|公司叫|叫做|叫|名叫|名称是|名称|名字是|名字|有家|有个|家|个|趟|了|的|下|是|我|要|再|先|还|也|就|想|得|上午|下午|过|一|位"
_LEAD = re.compile(rf"^(?:{_VERBS}|{_PREPS}|{_GLUE})+")
_CALLED = re.compile(
    rf"(?:叫做|叫|名称(?:是|为|:|：|叫)?|名字(?:是|为|:|：|叫)?|客户名(?:称)?(?:是|为|:|：|叫)?|公司名(?:称)?(?:是|为|:|：|叫)?|新客户(?:是|:|：|，|,)?|客户(?:是|:|：|，|,)|公司(?:是|:|：)|单位(?:是|:|：))\s*({_NAME}{{2,26}})"
)
_AFTER_VERB = re.compile(rf"(?:{_VERBS})(?:{_GLUE})*({_NAME}{{2,26}})")
_AFTER_PREP = re.compile(rf"(?:{_PREPS}|约好|(?<=[\ue004])的)(?:{_GLUE})*({_NAME}{{2,26}})")
_PLAIN = re.compile(rf"{_NAME}{{2,30}}")
_STOP = re.compile(
    r"(?:的?(?:那边|这边|那里|那儿|那家|这家|这个|那个|那场|的会|公司的|拜访|行程|预约|日程|会议|见面|约会|单子|客户|资料|信息|情况|电话|手机|邮箱|地址|联系人|联系方式|老板|采购|技术|负责人|进展|阶段|报告|纪要|记录|订单|合同|项目|报价|方案|样品|需求|设备|产品|服务|年度|季度|新品|二期|一期|招标|投标|跟进|归属))"
    r"|聊|谈|讲|签|送|演示|对接|沟通|讨论|商量|调试|培训|见面|面谈|回访|拜访|走访|吃饭|参观|考察|交流|汇报|介绍|会面|碰|拿|取|收款|催|验收|测试|安装|维修|维护|处理|解决|了解|确认|推进|落实|敲定|开会|开个|开|做|看|过一|过去|过来|搞|认识|售后|初次|首次|"
    r"一起|顺便|然后|带上|叫上|拉上|喊上|视频|线上|线下|上门|现场|面对面|改|换|挪|推|延|提前|取消|作废|删|恢复|不去|不约|不见|退回|放回|释放|转给|转|移交|移|交给|给|归|由|录过|建过|在跟|跟的|跟过|谁|有没有|有人|没人|重复|是不是|是否|什么|怎么|哪|为什么|吗|吧|呢|啊|呀|哈|了|我|咱|他|她|你|这|那|的|很|挺|觉得|嫌|说|问|想|要|在|也|都|还|就|被|把|已经|升|降|标|加|会不会|能不能|撞单|等级|城市|来源|行业|大概|大约|预计|半小时|小时|分钟"
)
_ONLY = re.compile(
    r"^(?:答应|承诺|许诺|客户|公司|单位|拜访|会议|开会|会|大家|资料|今天|明天|系统|系统里|公海|报告|纪要|行程|日程|预约|待办|任务|规则|提醒|申请|审批|排行|数据|表|明细|报表|团队|同事|朋友|领导|老板|人|事|时间|地点|电话|方案|合同|报价|样品|产品|设备|项目|问题|见面|客户那边|对方|有个|有|没有|这家|这个|那个|"
    r"一家|一个|新客户|老客户|请帮我?|帮我?|占坑|占位|(?:先|帮我|给我)?(?:记|占|留|排|定|约|加|登记|安排)(?:一?下|一?个|上)?|记录|总共|一共|喝茶|喝咖啡|喝酒|吃个?饭|吃饭|打球|别人重?|人家|其他人|别家|客户拜访|登记|安排|午饭|晚饭|机票|航班|电影|重要|下午|上午|培训|出差|请假|meeting|visit|demo|call|onsite|online|help|zoom|ok|excel|todo|am|pm|同一家公司|一家公司|同一公司|这家公司|那家公司|他们公司|我们公司|咱们公司|总公司|分公司|子公司|哪家公司|同一家|客户公司|所有|全部|全部客户|所有客户|所有拜访|全部拜访|第一个|第二个|一下|帮忙|麻烦|周报|月报|日报|情况|进展|总结|汇总|刚才|刚刚|上次|下次|同一|原来|a类|b类|c类|d类|a|b|c|d)$"
)
_FUNCTION = frozenset("的了吗呢我你他她它们是不没这那哪谁很都也就把被让给吧啊呀")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(alternation(words().ends) + "+")


@cache
def _noise() -> re.Pattern[str]:
    listed = [w for several in read("grammar.toml")["words"].values() for w in several.split("|")]
    return re.compile(alternation([w for w in listed if len(w) > 1]))


Stretch = tuple[int, int, bool]
"""Where a time stands, and whether it has a clock."""
_SEGMENT = re.compile(r"[^\s,，。;；:：!！?？、\n\"“”'‘’【】\[\]@/|<>《》]+")
_OPENERS = re.compile(
    rf"(?:{_VERBS}|{_PREPS}|{_GLUE}|系统里|系统|库里|客户库|有没有|有无|查一查|查一下|查查|查下|查|看一下|看看|看|搜一下|搜|烦请|劳烦|请问|请|麻烦|核查一下|核查|核实|帮我|帮忙|新建|新增|录入|录个|录|建个|加个|加一个|添加|登记|报备|合并|取消|撤掉|恢复|申请|准备|"
    r"可以|能不能|能否|能|今天|刚刚|刚才|刚|已经|已|然后|另外|顺便|因为|关于|把|将|那|这|有|叫|是|的|了|都|原来|之前|之后|以后|还有|以及|或者|或)"
)
_OPENED = re.compile(rf"(?:{_OPENERS.pattern})+")
_CLOSERS = re.compile(
    r"$|[的那这谈聊做看签送讲要有在是归能录建重查谁我他她怎什哪约跟和与同对给从也都还被，,（(]|" + _STOP.pattern
)
_TALKED = re.compile(
    r"(?:聊聊|聊|谈谈|谈|讲|做|讨论|沟通|了解|介绍|交流|推荐|推|卖|买|签|演示|展示|整理|用|发|送|需要|关于)(?:一下|下|个|的)?$"
)
_LEGAL_END = re.compile("(?:公司|集团|厂|医院|学校|大学|银行|酒店|研究院|研究所|事务所|幼儿园|养老院)$")


def strangers(low: str, taken: list[tuple[int, int]], times: list[Stretch], known: bool) -> list[tuple[int, int]]:
    """Spans that are built like a company's name (…有限公司, 锐镭激光, 明天会更好养老院) though nobody knows it.

    Times inside such a name are part of it when another time stands before it; with a known customer in the
    sentence only unmistakable names count.
    """
    found: list[tuple[int, int]] = []
    for segment in _SEGMENT.finditer(low):
        for begin, end in _free(segment.start(), segment.end(), taken):
            span = _company(low, begin, end, times)
            if span and (not known or _LEGAL_END.search(low[span[0] : span[1]])):
                found.append(span)
    return found


def _free(begin: int, end: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a stretch that no mark covers."""
    parts = []
    for start, stop in sorted(taken):
        if stop <= begin or start >= end:
            continue
        if start - begin > 2:
            parts.append((begin, start))
        begin = max(begin, stop)
    if end - begin > 2:
        parts.append((begin, end))
    return parts


def _company(low: str, begin: int, end: int, times: list[Stretch]) -> tuple[int, int] | None:
    last = None
    for ending in _ends().finditer(low, begin, end):
        if _CLOSERS.match(low[ending.end() : end]) or any(t[0] == ending.end() for t in times):
            last = ending
            if ending[0].endswith(("公司", "集团", "厂", "院", "店")):
                break
    if last is None:
        return None
    start = _name_start(low, begin, last.start(), times)
    brand = low[start : last.start()]
    if len(brand) < (1 if len(last[0]) > 3 else 2) or len(brand) > 14 or _TALKED.search(low[begin:start]):
        return None
    if (
        _OPENED.fullmatch(brand)
        or brand in words().places
        or set(brand) & _FUNCTION
        or _ONLY.match(low[start : last.end()])
        or brand.isdigit()
        or _TALKED.match(brand)
    ):
        return None
    return start, last.end()


def _name_start(low: str, begin: int, limit: int, times: list[Stretch]) -> int:
    """Behind the times, verbs and small words that open the stretch, as long as two characters of brand are left."""
    at, timed, verbal = begin, any(stop <= begin for _, stop, _ in times), False
    while True:
        time = next((t for t in times if t[0] <= at < t[1]), None)
        if time is not None and time[1] <= limit and (time[2] or limit - time[1] >= 2) and (not verbal or not timed):
            at, timed = time[1], True
            continue
        opener = _OPENERS.match(low, at, limit)
        if opener is None or limit - opener.end() < 2:
            break
        at, verbal = opener.end(), True
    for cut in _INNER.finditer(low, at, limit):
        inside_time = any(start < cut.end() and cut.start() < stop for start, stop, _ in times)
        if limit - cut.end() >= 2 and not (timed and inside_time):
            at = cut.end()
    return at


_INNER = re.compile(
    r"的|拜访|走访|回访|约见|会见|叫(?:做)?(?=[\u4e00-\u9fff]{3})|(?:一起|单独|亲自|准备|打算|计划|要|想|得|该)?(?:去|到)(?!哪)|跟(?!进)|和(?=[\u4e00-\u9fff]{4})|给"
)


def unknown_names(scene: "Scene") -> list[str]:
    """Names of companies that are not in the book, the likeliest first; empty when nothing looks like one."""
    for way in (_by_label, _by_verb, _by_place):
        names = way(scene)
        if names:
            return names
    return []


_ASKED = re.compile(
    r"有没有|有无|是不是|是否|在不在|能不能|会不会|撞单|一家叫|叫|重不重|录过|建过档?|登记过|报备过|存在|录入|系统里?面?|客户库|库里|我们|咱们|公司里|里面|这家|这个|那家|客户|公司|查一下|查一查|查查|查重|查|看一下|看看|检查|核对|核实|确认|搜索|搜|一下|没有|已经|"
    r"重复|谁在跟|在跟|跟进|负责人|负责|归属|谁的|有人|没人|没有人|同事|建档|资料|情况|信息|详情|介绍|档案|电话|地址|联系人|联系方式|邮箱|等级|阶段|进展|释放|放回公海|退回公海|公海|认领|取消|恢复|拜访|行程|预约|报告|纪要|记录|合并|转给|移交|转移|归谁|谁|哪位|哪个|现在|目前|最近|什么|怎么样|多少|哪里|我来|我要|我想|帮我|麻烦|请|给我|签到|到了|打卡|烦请|劳烦|请问|问一下|问|核查|和别人的?|别人的?|准备|之前|提醒"
)
_EDGE = "的了吗呢吧啊呀么没有是在把将被给跟和与就也都还过里有个家下去来到我你他她它谁不要想请帮查看建录加那这"


def residue(scene: "Scene") -> list[str]:
    """What is left of a question when its own words are taken away (绿源农资 of 咱们有没有录过绿源农资), the longest first."""
    shown = _ASKED.sub("，", _shown(scene))
    shown = re.sub(r"(?<=[A-Za-z]) (?=[A-Za-z])", "\u00a0", shown)
    parts = re.split(r"[^\u3400-\u9fffA-Za-z0-9&·()（）.\-\u00a0]+", shown)
    chunks = [part.replace("\u00a0", " ").strip(_EDGE + "()（）-. ") for part in parts]
    names = [
        c for c in chunks if 2 <= len(c) <= 20 and not _ONLY.match(c.lower()) and not c.isdigit() and not set(c) <= _FUNCTION
    ]
    return sorted(names, key=len, reverse=True)


def leftovers(scene: "Scene") -> list[str]:
    """The stretches between marks and pauses that could be a name, in order (for terse messages)."""
    found = []
    for piece in _pieces(scene):
        name = _clean(piece)
        if name:
            found.append(name)
    return found


def _pieces(scene: "Scene") -> list[str]:
    return [p for p in re.split(r"[\ue001-\ue009\s,，。;；:：!！?？、\n\"“”'【】\[\]@/|]+", _shown(scene)) if len(p) > 1]


def _shown(scene: "Scene") -> str:
    """The skeleton with the capitals of the message."""
    return "".join(
        scene.text[at] if char < "\ue000" and at < len(scene.text) else char
        for char, at in zip(scene.skeleton, scene.back, strict=False)
    )


def _by_label(scene: "Scene") -> list[str]:
    found = _CALLED.search(_shown(scene))
    name = _clean(found[1], lead=False) if found else ""
    return [name] if name else []


def _by_verb(scene: "Scene") -> list[str]:
    shown = _shown(scene)
    for pattern in (_AFTER_VERB, _AFTER_PREP):
        for found in pattern.finditer(shown):
            name = _clean(found[1], lead=False)
            if name:
                return [name]
    return []


def _by_place(scene: "Scene") -> list[str]:
    names = []
    for name in leftovers(scene):
        if any(
            name.startswith(place) and len(name) > len(place) + 1 for place in (name[:2], name[:3]) if place in words().places
        ):
            names.append(name)
    return names


def _clean(piece: str, *, lead: bool = True) -> str:
    """A stretch without what surrounds a name; "" when nothing of a name is left."""
    found = _LEAD.match(piece)
    if found and (lead or found.end() == len(piece) or _ONLY.match(piece[found.end() :].lower())):
        if len(piece) - found.end() < 2:
            return ""
        piece = piece[found.end() :]
    piece = piece.strip("()（）-. ")
    ending = None
    for found in _ends().finditer(piece.lower()):
        ending = found.end()
    stop = _STOP.search(piece, ending or 0)
    while stop and stop.start() < 2 and stop.end() < len(piece) and stop.start() == 0:
        return ""
    if stop:
        piece = piece[: stop.start()]
    noise = _noise().search(piece)
    if noise and not (ending and noise.end() <= ending):
        piece = piece[: noise.start()]
    piece = piece.strip("()（）-. ")
    if len(piece) < 2 or _ONLY.match(piece.lower()) or piece.isdigit() or set(piece) <= _FUNCTION:
        return ""
    return piece
