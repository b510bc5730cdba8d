"""Names nobody knows yet, cut out of a sentence: by what companies are called, by the verb before them, by what is left over."""

import re
from functools import cache

from nlp.grammar import CONTACT, DURATION, PERSON, TIME
from nlp.scene import Scene
from nlp.words import alternation, read, words

_NAME = r"[\u3400-\u9fffA-Za-z0-9&·.()（）\-]"
_VERBS = (
    "登门拜访|上门拜访|电话拜访|电话回访|去拜访|去走访|去回访|约见|约到|约上|约了|约好|会见|去见|面访|走访|拜访|回访|拜会|探访|跑一趟|跑趟|去一趟|去趟|跑一下|预约|安排|去|到|见|约|找|跑|飞|访|"
    "看望|对接|联系|跟进|见到|签到|抵达|上门|登门"
)
_PREPS = "跟|和|与|同|给|对|在|把|将|被|关于|从|向|帮|为|让|由"
_GLUE = "一下|一次|一趟|一家|一个|一位|那家|这家|那个|这个|我们|咱们|他们|客户那边|新客户|老客户|客户|公司叫|叫做|叫|名叫|名称是|名称|名字是|名字|有家|有个|家|个|趟|了|的|下|是|我|要|再|先|还|也|就|想|得|上午|下午|过|一|位"
_LEAD = re.compile(rf"^(?:{_VERBS}|{_PREPS}|{_GLUE})+")
_CALLED = re.compile(rf"(?:叫做|叫|名称(?:是|为|:|：|叫)?|名字(?:是|为|:|：|叫)?|客户名(?:称)?(?:是|为|:|：|叫)?|公司名(?:称)?(?:是|为|:|：|叫)?|新客户(?:是|:|：|，|,)?|客户(?:是|:|：|，|,)|公司(?:是|:|：)|单位(?:是|:|：))\s*({_NAME}{{2,26}})")
_AFTER_VERB = re.compile(rf"(?:{_VERBS})(?:{_GLUE})*({_NAME}{{2,26}})")
_AFTER_PREP = re.compile(rf"(?:{_PREPS}|约好|(?<=[\ue004])的)(?:{_GLUE})*({_NAME}{{2,26}})")
_PLAIN = re.compile(rf"{_NAME}{{2,30}}")
_STOP = re.compile(
    r"(?:的?(?:那边|这边|那里|那儿|那家|这家|这个|那个|那场|的会|公司的|拜访|行程|预约|日程|会议|见面|约会|单子|客户|资料|信息|情况|电话|手机|邮箱|地址|联系人|联系方式|老板|采购|技术|负责人|进展|阶段|报告|纪要|记录|订单|合同|项目|报价|方案|样品|需求|设备|产品|服务|年度|季度|新品|二期|一期|招标|投标|跟进|归属))"
    r"|聊|谈|讲|签|送|演示|对接|沟通|讨论|商量|调试|培训|见面|面谈|回访|拜访|走访|吃饭|参观|考察|交流|汇报|介绍|会面|碰|拿|取|收款|催|验收|测试|安装|维修|维护|处理|解决|了解|确认|推进|落实|敲定|开会|开个|开|做|看|过一|过去|过来|搞|认识|售后|初次|首次|"
    r"一起|顺便|然后|带上|叫上|拉上|喊上|视频|线上|线下|上门|现场|面对面|改|换|挪|推|延|提前|取消|作废|删|恢复|不去|不约|不见|退回|放回|释放|转给|转|移交|移|交给|给|归|由|录过|建过|在跟|跟的|跟过|谁|有没有|有人|没人|重复|是不是|是否|什么|怎么|哪|为什么|吗|吧|呢|啊|呀|哈|了|我|咱|他|她|你|这|那|的|很|挺|觉得|嫌|说|问|想|要|在|也|都|还|就|被|把|已经|升|降|标|加|等级|城市|来源|行业|大概|大约|预计|半小时|小时|分钟"
)
_ONLY = re.compile(
    r"^(?:客户|公司|单位|拜访|会议|开会|会|大家|资料|今天|明天|系统|系统里|公海|报告|纪要|行程|日程|预约|待办|任务|规则|提醒|申请|审批|排行|数据|表|明细|报表|团队|同事|朋友|领导|老板|人|事|时间|地点|电话|方案|合同|报价|样品|产品|设备|项目|问题|见面|客户那边|对方|有个|有|没有|这家|这个|那个|"
    r"一家|一个|新客户|老客户|客户拜访|登记|安排|午饭|晚饭|机票|航班|电影|重要|下午|上午|培训|出差|请假|meeting|visit|demo|call|onsite|online|help|zoom|ok|excel|todo|am|pm|客户公司|所有|全部|全部客户|所有客户|所有拜访|全部拜访|第一个|第二个|一下|帮忙|麻烦|周报|月报|日报|情况|进展|总结|汇总|刚才|刚刚|上次|下次|同一|原来|a类|b类|c类|d类|a|b|c|d)$"
)
_FUNCTION = frozenset("的了吗呢我你他她它们是不没这那哪谁很都也就把被让给吧啊呀")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(alternation(words().ends) + "+")


@cache
def _noise() -> re.Pattern[str]:
    listed = [w for several in read("grammar.toml")["words"].values() for w in several.split("|")]
    return re.compile(alternation([w for w in listed if len(w) > 1]))


def unknown_names(scene: Scene) -> list[str]:
    """Names of companies that are not in the book, the likeliest first; empty when nothing looks like one."""
    for way in (_by_label, _by_ending, _by_verb, _by_place):
        names = way(scene)
        if names:
            return names
    return []


def leftovers(scene: Scene) -> list[str]:
    """The stretches between marks and pauses that could be a name, in order (for terse messages)."""
    found = []
    for piece in _pieces(scene):
        name = _clean(piece)
        if name:
            found.append(name)
    return found


def _pieces(scene: Scene) -> list[str]:
    return [p for p in re.split(r"[\ue001-\ue009\s,，。;；:：!！?？、\n\"“”'【】\[\]@/|]+", _shown(scene)) if len(p) > 1]


def _shown(scene: Scene) -> str:
    """The skeleton with the capitals of the message."""
    return "".join(
        scene.text[at] if char < "\ue000" and at < len(scene.text) else char
        for char, at in zip(scene.skeleton, scene.back, strict=False)
    )


def _by_label(scene: Scene) -> list[str]:
    found = _CALLED.search(_shown(scene))
    name = _clean(found[1], lead=False) if found else ""
    return [name] if name else []


def _by_ending(scene: Scene) -> list[str]:
    names = []
    for piece in _pieces(scene):
        last = None
        for found in _ends().finditer(piece.lower()):
            last = found
            if piece[found.end() : found.end() + 1] in ("", "的", "谈", "聊"):
                break
        if last is None:
            continue
        head = piece[: last.end()]
        lead = _LEAD.match(head)
        begin = lead.end() if lead else 0
        while begin and last.start() - begin < 2:
            begin -= 1
        name = head[begin:]
        for cut in re.finditer(rf"(?:{_VERBS.split('|去|')[0]}|去|见|约|跟|和|把|给)", head[begin : last.start()]):
            if last.start() - begin - cut.end() >= 2 and begin + cut.end() > 4 and not lead:
                name = head[begin + cut.end() :]
        if last.start() - begin >= 2 or len(last[0]) > 2 and last.start() - begin >= 1:
            if not _ONLY.match(name.lower()) and not set(name[:1]) & _FUNCTION:
                names.append(name)
    return names


def _by_verb(scene: Scene) -> list[str]:
    shown = _shown(scene)
    for pattern in (_AFTER_VERB, _AFTER_PREP):
        for found in pattern.finditer(shown):
            name = _clean(found[1], lead=False)
            if name:
                return [name]
    return []


def _by_place(scene: Scene) -> list[str]:
    names = []
    for name in leftovers(scene):
        if any(name.startswith(place) and len(name) > len(place) + 1 for place in (name[:2], name[:3]) if place in words().places):
            names.append(name)
    return names


def _clean(piece: str, *, lead: bool = True) -> str:
    """A stretch without what surrounds a name; "" when nothing of a name is left."""
    if lead:
        found = _LEAD.match(piece)
        if found and len(piece) - found.end() >= 2:
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


NAME_KINDS = (CONTACT, PERSON, TIME, DURATION)
