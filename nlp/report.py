"""What a spoken report holds: who was met, how keen they are, money, objection, rival, who decides, what comes next."""

import re

from nlp.draft import Draft, iso
from nlp.grammar import CONTACT, MONEY, PERSON
from nlp.marks import Mark
from nlp.scene import Scene
from nlp.times import TimeSpan

_LOW = re.compile(
    r"(?:意向|意愿|兴趣|积极性)(?:比较|很|较|非常|偏|有点|都|也|不算)*(?:低|不高|不大|不强|弱|不明显|不足|缺乏|不太高)|没(?:什么|啥|有)?(?:兴趣|意向|意愿)|不(?:太|怎么|大)?感兴趣|兴趣不大|低意向|意向\s?low|不太想|意向(?:级别|等级)?(?:是|为|:|：|，)?低|没戏|不看好|冷淡"
)
_MEDIUM = re.compile(
    r"(?:意向|意愿|兴趣)(?:级别|等级|度)?(?:是|为|:|：|，|,|还|比较|算)*(?:中等|中|一般|还行|还可以|尚可|普通|mid|medium)|一般般?意向|中等?意向|有点(?:儿)?(?:兴趣|意向)|有些(?:兴趣|意向)|兴趣一般|在?观望|还在(?:犹豫|考虑|比较)|态度一般|不冷不热|再考虑"
)
_HIGH = re.compile(
    r"(?:意向|意愿|兴趣)(?:级别|等级|度)?(?:是|为|:|：|，|,|都|也|还|比较|很|较|非常|特别|挺|相当|蛮|超|极|十分)*(?:高|强烈|强|大|明确|浓厚|浓|足|ok|不错|high)|(?:很|非常|特别|挺|十分|蛮|比较|相当|都|超)?感兴趣|(?:很|挺|蛮|非常|比较)?有(?:兴趣|意向|意愿)|高意向|基本(?:定了|敲定|同意|没问题)|想(?:尽快|马上|早点)?(?:签|下单|合作|订|采购|买)|准备(?:签|下单|采购)|愿意(?:合作|试用|签|下单)|(?:很|非常|挺)(?:积极|认可|看好|热情)|当场拍板"
)


def intent_level(text: str) -> str | None:
    """high, medium or low; the weakest that is said wins, because denials contain the words of the stronger."""
    for level, pattern in (("low", _LOW), ("medium", _MEDIUM), ("high", _HIGH)):
        if pattern.search(text):
            return level
    return None


_CUES = r"但是|不过|可是|然后|另外|而且|所以|因此|其他|拍板|决策|做主|说了算|预算|下一步|下步|接下来|后续|竞品|对手|友商|意向|想要|希望|要求|让我|要我|我(?:下|明|后|周|去|来|把|给|们)|同时|目前(?:用|在)|也在|回头|客户意向|约了|再约|联系人|要(?:8|九|八|7|七|折)|[\ue001-\ue009]|[，,。;；!！?？\n]"
_OBJECTION = re.compile(
    r"(?:嫌弃?|觉得|认为|担心|顾虑(?:主要)?(?:是|在于|在)?|抱怨|吐槽|卡在|卡点(?:是|在)?|(?:主要|最大的?|唯一)?(?:异议|疑虑|障碍|阻力|痛点|顾虑|问题|担忧)(?:点)?(?:主要)?(?:是|在于|在|就是|:|：|，)|提出(?=[^，,。]{1,8}(?:偏|太|过|有点|比较|不够))|反对|纠结(?:于)?|犹豫(?:的是)?|对(?=[^，,。]{2,8}(?:不满|有疑虑|有顾虑|不放心|有意见|有异议|没把握|存疑|不太满意|不满意))|不满意的?(?:是|在于)?)(?:的|是|在|，|,|:|：|我们的?|咱们的?|主要|目前|客户|比较|有点|还)*"
    rf"((?:(?!{_CUES}).){{2,24}})"
)
_PLEASED = re.compile(
    r"^(?:不错|可以|很好|还行|挺好|合适|靠谱|没问题|挺满意|很满意|满意|ok|好|行|值|有道理|能接受|方案(?:不错|可以|很好|挺好)|.{0,6}(?:不错|挺好|很好|可以|满意|没问题|合适|靠谱|认可)$)"
)
_LONE_OBJECTION = re.compile(
    r"((?:价格|报价|交期|账期|付款方式|售后|质量|服务|起订量|运费|稳定性|兼容性|精度)(?:还是|有点|有些|太|偏|比较|略|过|要|也|稍微|稍|不|明显)*(?:高|贵|长|短|慢|差|低|久|不够|不行|不灵活|跟不上|接受不了|不稳定|不达标))"
)


def objection(masked: str, text: str) -> str | None:
    """What they dislike, in their words."""
    for found in _OBJECTION.finditer(masked):
        said = text[found.start(1) : found.end(1)].strip()
        said = re.sub(r"(?:的|了|吧|呢|啊|，)+$", "", said)
        said = re.sub(r"(?:不满意?|有疑虑|有顾虑|不放心|有意见|有异议|没把握|存疑|不太满意)$", "", said)
        if len(said) > 1 and not _PLEASED.match(said):
            return said
    lone = _LONE_OBJECTION.search(masked)
    return lone[1] if lone else None


_RIVAL_END = r"(?=的(?!确)|那边|家的|他们|价格|报价|方案|产品|设备|系统|软件|也|在|比|接触|谈|聊|合作|便宜|更|报|下|预算|拍板|决策|意向|，|,|。|;|；|、|\s|[\ue001-\ue009]|$)"
_RIVALS = (
    re.compile(
        rf"(?:竞品|竞争对手|竞对|对手|友商|竞争者)(?:方面|这块|目前|现在|主要)*(?:是|有|为|:|：|叫|，|,|看的是|在看|\s)*([^，,。;；\s\ue001-\ue009]{{2,12}}?){_RIVAL_END}"
    ),
    re.compile(
        rf"(?:也在|还在|同时在?|正在|目前在|现在在|在)(?:看|接触|谈|比较|对比|考察|试用|测|评估|用)(?:着|了)?(?:的是)?([^，,。;；\s\ue001-\ue009]{{2,10}}?){_RIVAL_END}"
    ),
    re.compile(
        r"(?:在跟|也在跟|还在跟|在和|也在和|也跟|正跟|同时跟|同时和)([^，,。;；\s\ue001-\ue009我]{2,10}?)(?:谈|接触|聊|对比|比较|比价|比|对接|合作|洽谈)"
    ),
    re.compile(
        rf"(?:目前|现在|之前|原来|一直|正在|\ue004)(?:在)?(?:使用|用|采购|合作)(?:的)?(?:是|着)?([^，,。;；\s\ue001-\ue009]{{2,10}}?){_RIVAL_END}"
    ),
    re.compile(
        r"(?:^|[，,。;；\s])([^，,。;；\s\ue001-\ue009我客他她嫌觉]{2,8}?)(?:也|已经|那边也?)(?:报了价|报价了|在接触|在谈|在跟|来过|在竞争|给了报价|送了样)"
    ),
)
_NO_RIVAL = frozenset(
    [
        "的价格",
        "价格更低",
        "是谁",
        "便宜",
        "更便宜",
        "比较多",
        "不多",
        "很多",
        "没有",
        "暂无",
        "未知",
        "还没",
        "比我们便宜",
        "我们",
        "咱们",
        "他们",
        "客户",
        "别人",
        "同行",
        "别家",
        "别的",
        "其他",
        "其他家",
        "一下",
        "价格",
        "方案",
        "预算",
        "其他供应商",
        "别的供应商",
        "几家",
        "两家",
        "这个",
        "那个",
        "比较",
        "考虑",
        "这边",
        "什么",
        "合同",
        "样品",
        "产品",
        "我们的",
        "看",
        "谈",
    ]
)


def competitor(masked: str) -> str | None:
    """The rival they also look at."""
    for pattern in _RIVALS:
        found = pattern.search(masked)
        if found:
            name = re.sub(r"^(?:的|是|了|一家|一下|叫|有)+", "", found[1]).strip()
            if len(name) > 1 and name not in _NO_RIVAL:
                return name
    return None


_WHO = r"(?:他们|客户|对方|公司|他们的|那边)?(?:的)?(\ue003|\ue002|(?:[\u4e00-\u9fff]{0,4}(?:老板娘?|总经理|董事长|总裁|厂长|院长|采购总监|总监|主任|老总|部长|校长|一把手|集团总部|总部|总公司|采购部|财务|董事会|副总|经理|处长|局长|领导|院办|采购)))"
_DECIDES = (
    re.compile(
        rf"(?:拍板|决策|做主|做决定|说了算|最终决定|定夺|最后定|最终拍板|最后拍板|管事)(?:人|者|的人|权|的)?(?:就)?(?:是|在|为|归|:|：|，|,|的是|看|要看|得看|还是)*{_WHO}"
    ),
    re.compile(
        rf"(?:由|要|得|等|还要|还得|需要|必须|最终|最后|都是|都得|还是)(?:等|找|看|由|是|过)?{_WHO}(?:来)?(?:拍板|做主|决定|点头|签字|批|定|说了算|同意|审批|过目|决策)"
    ),
    re.compile(
        rf"{_WHO}(?:来|一个人|本人|才|那边|这边|最后|最终|就|自己|说)*(?:拍板|说了算|做主|能定|决定|能拍板|可以拍板|能做主|定夺)"
    ),
)


def decision_maker(scene: Scene) -> tuple[str, Mark | None] | None:
    """Who decides there: a person marked in the sentence, or a title."""
    for pattern in _DECIDES:
        found = pattern.search(scene.skeleton)
        if not found:
            continue
        if found[1] in (CONTACT, PERSON):
            at = scene.back[found.start(1)]
            mark = next((m for m in scene.marks if m.start == at), None)
            if mark:
                return mark.text, mark
        elif found[1]:
            return re.sub(r"^(?:是|要|由|得|等|还|最|后|终|的|他们|我们)+", "", found[1]) or found[1], None
    return None


def budget(scene: Scene) -> object:
    """Money in yuan (or [low, high]) that follows 预算, or stands alone with 费用/总价/盘子."""
    money = scene.of(MONEY)
    for mark in money:
        if re.search(
            r"(?:预算|budget|总价|盘子|费用|投入|资金|采购额|金额)[^，,。;；]{0,10}$",
            scene.low[max(0, mark.start - 14) : mark.start],
        ):
            return mark.value
    for mark in money:
        if re.match(r"(?:左右|上下|以内)?的?预算", scene.low[mark.end :]):
            return mark.value
    return None


_ACTS = r"重新|报|把|发|给|寄|送|约|准备|出|做|安排|提交|报价|报个|提供|联系|打|回复|再|去|拜访|带|签|补|催|确认|跟进|整理|拿|演示|上门|回访|沟通|对接|落实|复访|修改|改|更新|走|汇报|邀请|请|测试|试|收|下单|敲|推|谈|聊|见|开|反馈|交|写|看|答复"
_NEXT_LABEL = re.compile(
    r"(?:下一步(?:计划|动作|安排|行动)?|下步(?:计划)?|接下来|后续(?:计划|动作|安排)?|next step|行动项|后面|跟进计划|下次|下阶段|回头)(?:是|就是|要|我要|我|计划|打算|安排|，|,|:|：|需要|得|准备|\s)*"
)


def next_step(draft: Draft) -> dict[str, object] | None:
    """{text, due, who}: what is labelled as next, else the clause with a future time and a thing to do."""
    scene = draft.ahead
    label = _NEXT_LABEL.search(scene.low)
    begin = label.end() if label else None
    clock: Mark | None = None
    if begin is None:
        for mark in scene.times():
            span = mark.time
            if (
                span is None
                or _past(span, scene)
                or not re.match(
                    rf"(?:之?前|以前|内)?(?:我们?|咱们|先|就(?=[把给发寄送])|要|得|需要|来|再|会|准备|打算|计划|[\ue001-\ue009])*(?:{_ACTS})(?!了|过|完|到了)",
                    _after(scene, mark.end),
                )
            ):
                continue
            clock, begin = mark, mark.end
            lead = re.search(r"(?:我们?|咱们|客户|对方|他们|[\ue002\ue003])(?:说|答应|承诺|要|约好)?$", scene.low[: mark.start])
            if lead and lead[0].startswith(("客户", "对方", "他们")):
                begin = mark.end
            break
    if begin is None:
        return None
    end = _clause_end(scene, begin, clock)
    inside = [m for m in scene.times() if begin <= m.start < end and m.time is not None]
    clock = clock or (inside[0] if inside else None)
    text = scene.text[begin:end]
    if clock is not None and begin <= clock.start < end:
        text = scene.text[begin : clock.start] + scene.text[clock.end : end]
    text = re.sub(r"^(?:之?前|以前|[，,、\s]|我们?(?=[把发给寄送约准出做安提联打再去带补催确整拿]))+", "", text)
    text = re.sub(r"(?:[，,、。\s]|吧|了(?=$))+$", "", text)
    text = re.sub(r"^(?:我们?|就|要|得|会)+(?=[把发给寄送约准出做安提联打再去带补催确整拿])", "", text)
    if len(text) < 2:
        return None
    step: dict[str, object] = {"text": text}
    if clock is not None and clock.time is not None:
        due = due_of(clock.time, scene.low[clock.end : clock.end + 2])
        if due:
            step["due"] = due
    draft.hints["next_span"] = (begin if clock is None else min(begin, clock.start), end)
    people = [
        m.text
        for m in scene.of(PERSON)
        if begin <= m.start < end and scene.low[max(0, m.start - 1) : m.start] not in ("给", "约", "找")
    ]
    step["who"] = people[0] if people else "我"
    return step


def due_of(span: TimeSpan, after: str = "") -> str | None:
    """By when: the end of a day or period, the moment itself; 下午前 = noon, X之前 of a day = its end (contract.md section 5)."""
    if span.kind == "instant" or (
        span.start is not None and span.part_of_day and span.kind == "range" and after.startswith(("前", "之前", "以前"))
    ):
        return iso(span.start)
    return iso(span.end or span.start)


def _after(scene: Scene, at: int) -> str:
    """The skeleton from a place of the text on."""
    for index, back in enumerate(scene.back):
        if back >= at:
            return scene.skeleton[index:]
    return ""


def _past(span: TimeSpan, scene: Scene) -> bool:
    """A time that is over (the visit itself), today's date alone included."""
    last = span.end or span.start
    return (
        last is None or last <= scene.now or (span.start is not None and span.start <= scene.now and span.part_of_day is not None)
    )


def _clause_end(scene: Scene, begin: int, clock: Mark | None) -> int:
    stop = re.search(
        r"[。;；!！?？\n]|[，,](?=(?:意向|预算|决策|拍板|竞品|对手|嫌|联系人|客户意向|异议|另外|对了|拜访))", scene.low[begin:]
    )
    end = begin + stop.start() if stop else len(scene.low)
    if clock is not None:
        comma = re.search(r"[，,]", scene.low[begin:end])
        if comma and comma.start() > 3:
            end = begin + comma.start()
    return end


_HEADER = re.compile(
    r"^(?:(?:补|写|录|记|提交|填|登记|新建|交)(?:一下|个|一个|一份|下)?)?[\ue001-\ue009]*(?:那边|的)?(?:拜访|会议|访谈|见面)?(?:的)?(?:报告|纪要|小结|记录|总结|跟进记录|跟进|情况|日报)(?:如下|补一下|登记一下)?[：:，,。\s]+"
)


def content(scene: Scene) -> str:
    """The report itself, without its heading."""
    head = _HEADER.match(scene.skeleton)
    begin = scene.back[head.end()] if head else 0
    return scene.text[begin:].strip("，,：: 。\n") or scene.text.strip()


def masked_text(scene: Scene) -> str:
    """The low text with every mark overwritten by its sign, so that places stay the same."""
    masked = scene.low
    for mark in scene.marks:
        masked = masked[: mark.start] + mark.kind * (mark.end - mark.start) + masked[mark.end :]
    return masked
