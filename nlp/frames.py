"""What each command takes from its sentence: one filler per intent, made of the pickers."""

import re

from nlp import pick
from nlp.changes import cancel, correct, move, setting, task, update
from nlp.draft import Draft, Filler
from nlp.forward import forwarded
from nlp.grammar import CONTACT, CUSTOMER, PERSON, TIME
from nlp.report import budget, competitor, content, decision_maker, intent_level, masked_text, next_step, objection
from nlp.unknown import leftovers, residue
from nlp.words import alternation, read


def book(draft: Draft) -> None:
    """A booking: when, whom, with whom, what for, how, where (contract.md section 5)."""
    forwarded(draft)
    scene = draft.scene
    if "customer" not in draft.slots:
        pick.customer(draft)
    if "customer" not in draft.slots:
        spare = [name for name in leftovers(scene) if _terse_name(draft, name)]
        if spare and scene.times():
            pick.stranger(draft, spare[0])
    span = pick.when(draft)
    pick.duration(draft)
    pick.contacts(draft)
    companions(draft)
    pick.mode(draft)
    pick.purpose(draft)
    pick.location(draft)
    pick.phone(draft)
    pick.email(draft)
    _tail_purpose(draft)
    if "customer" not in draft.slots:
        draft.lack("customer")
    clocked = span is not None and (span.has_clock or (span.kind == "recurrence" and bool((span.recur or {}).get("time"))))
    if not clocked:
        draft.lack("time")


def _terse_name(draft: Draft, name: str) -> bool:
    return 2 <= len(name) <= 16 and name != draft.slots.get("purpose") and not re.search(r"(?:拜访|见面|会议|咖啡|会议室)", name)


def _tail_purpose(draft: Draft) -> None:
    """10月9日 张工 格睿电子 调试设备: what stands last after a blank is the purpose."""
    if "purpose" in draft.slots:
        return
    marks = [m for m in draft.scene.marks if m.kind in (CUSTOMER, CONTACT, TIME, PERSON)]
    if not marks:
        return
    tail = re.sub(r"[\s，,。]+$", "", draft.scene.text[marks[-1].end :])
    found = re.fullmatch(r"[\s，,]+([\u4e00-\u9fffA-Za-z0-9]{2,12})", tail)
    if found and found[1] not in (draft.slots.get("customer"), draft.slots.get("location")) and not _EMPTY_TAIL.search(found[1]):
        draft.put("purpose", found[1])


_EMPTY_TAIL = re.compile(r"约好了|已约|谢谢|帮忙|登记|拜访|预约|安排|上门|线上|视频|电话|见面|可以|提醒|过去|到时|记|约|辛苦|见|去|来|我|他|一小时|半小时")
_ALONG = re.compile(
    r"(?:叫上|带上|拉上|喊上|加上|算上|捎上|带着|约上|请上|叫|拉|带|喊|邀请|请|让|加|找|安排|和|跟|与|同|还有|以及|以及|连同|同行人?[:：是]?|参与人?[:：是]?|陪同人?[:：是]?|随行[:：]?|@|、|,|，|及|w/|with|join|代|帮|替|给)\s*$"
)


_TITLED = re.compile("(?:总|工|经理|主任|总监|老师|博士|主管|姐|哥)$")


def companions(draft: Draft) -> None:
    """Colleagues taken along or booked for; one who only reported the matter is not taken along."""
    marks = [m for m in draft.scene.of(PERSON) if m.ids != (draft.user,)]
    if not marks:
        return
    contacts = {c.end for c in draft.scene.of(CUSTOMER)}
    chosen, turned = [], []
    for mark in marks:
        if mark.start in contacts and _TITLED.search(mark.text):
            turned.append(mark)
        else:
            chosen.append(mark)
    if turned:
        draft.put("contact", turned[0].text)
    pick.people(draft, chosen)


def plain(draft: Draft) -> None:
    """Time, customer and people, whatever is there."""
    pick.customer(draft)
    pick.when(draft)
    people_or_contacts(draft)


def people_or_contacts(draft: Draft) -> None:
    """Colleagues and contacts of the sentence."""
    companions(draft)
    pick.contacts(draft)


def query(draft: Draft) -> None:
    """A look-up: period, people, team, known customer; no guessing at names."""
    pick.customer(draft, guess=False)
    pick.when(draft)
    pick.people(draft)
    pick.team(draft)


def listing(draft: Draft) -> None:
    """A list of customers by grade, stage, city, period, owner or team."""
    pick.grade(draft)
    pick.stage(draft)
    query(draft)
    _city(draft)


def _city(draft: Draft) -> None:
    known = {entry.city for entry in draft.office.book.customers() if entry.city} if len(draft.scene.low) < 60 else set()
    found = _PLACES.findall(draft.scene.low)
    for place in found:
        if place in known or draft.intent == "customer.create":
            draft.put("city", place)
            return
    if found and not draft.scene.of(CUSTOMER):
        draft.put("city", found[0])


_PLACES = re.compile(alternation(" ".join(read("words.toml")["places"][k] for k in ("provinces", "cities")).split()))
_CREATE_CITY = re.compile(r"城市(?:是|在|为|:|：|，|,)*\s*([\u4e00-\u9fff]{2,6}?)(?:市)?(?=[，,。;；、\s]|等级|来源|联系|电话|手机|$)")
_SOURCE = re.compile(r"来源(?:是|为|:|：|，|,)*\s*([\u4e00-\u9fffA-Za-z]{2,8}?)(?=[，,。;；、\s]|城市|等级|$)")


def create(draft: Draft) -> None:
    """A new customer: name, contact, phone, mail, grade, city, source."""
    scene = draft.scene
    shown = _shown_names(draft)
    found = _NAME_LABEL.search(shown) or _NEW_NAME.search(shown)
    if found:
        at = found.start(1)
        name = _tidy_name(scene.text[at : at + len(found[1])])
        if name:
            draft.put("customer", name)
            draft.hints["customer_ids"] = list(draft.office.book.exactly(name))
    if "customer" not in draft.slots:
        pick.customer(draft)
    pick.contacts(draft)
    pick.phone(draft)
    pick.email(draft)
    pick.grade(draft)
    pick.stage(draft)
    city = _CREATE_CITY.search(scene.low)
    if city:
        draft.put("city", city[1])
    source = _SOURCE.search(scene.low)
    if source:
        draft.hints["source"] = source[1]
    if "customer" not in draft.slots:
        draft.lack("customer")


_NAME_LABEL = re.compile(r"(?:(?<=[，,客户司])叫(?:做)?|(?:公司|客户|单位)?(?:名称|名字|全称|全名)(?:叫做|叫|是|为|:|：|，|,|\s)+)([^，,。;；:：、\s!！?？\n]{2,40})")
_NEW_NAME = re.compile(
    r"(?:(?:新建|新增|录入|录个|录一个|录|建个|建一个|建|加个|加一个|加|添加|添个|添|创建|登记|补录|报备|增加|开|存)(?:一下|个|一个|一家|下|一条|一位|家|新)*(?:新)?(?:客户档案|潜在客户|意向客户|客户|线索|档案)|新客户(?:报备|登记|录入|建档)?|客户新建|建档|报备(?:客户)?)"
    r"(?:名称|名字|名)?(?:叫做|叫|名叫|是|为|:|：|，|,|\s|的)*([A-Za-z][\w&.\-]*(?: [A-Za-z][\w&.\-]*)+|[^，,。;；:：、\s!！?？\n]{2,40})"
)


def _shown_names(draft: Draft) -> str:
    """The text with phones, mails and contacts overwritten, names left readable."""
    masked = draft.scene.text
    for mark in draft.scene.marks:
        if mark.kind not in (CUSTOMER, TIME):
            masked = masked[: mark.start] + "，" * (mark.end - mark.start) + masked[mark.end :]
    return masked


def _tidy_name(name: str) -> str:
    name = re.sub(r"(?:联系人|电话|手机|邮箱|等级|级别|来源|城市|地址|[A-Da-d][类级]).*$", "", name)
    name = re.sub(r"(?:吧|呢|一下|这家|这个|的资料|的)+$", "", name)
    return name.strip("()（） ") if len(name) > 1 and not re.fullmatch(r"(?:资料|信息|客户|一下)", name) else ""


def show(draft: Draft) -> None:
    """One customer looked up."""
    pick.customer(draft)
    _left_name(draft)
    pick.contacts(draft)


def check(draft: Draft) -> None:
    """A duplicate check by name, phone or mail."""
    pick.customer(draft)
    pick.phone(draft)
    pick.email(draft)
    pick.contacts(draft)
    if "phone" not in draft.slots and "email" not in draft.slots:
        _left_name(draft)


def _left_name(draft: Draft) -> None:
    """When no name was found by its looks, whatever the question leaves over is the name."""
    if "customer" not in draft.slots and (rest := residue(draft.scene)):
        pick.stranger(draft, rest[0])


def merge(draft: Draft) -> None:
    """Two customers that are one."""
    known = draft.scene.of(CUSTOMER)
    if len(known) >= 2:
        pick.named(draft, known[:3], "customers")
        return
    found = re.search(r"([\u4e00-\u9fffA-Za-z0-9()（） ]{2,30}?)(?:和|跟|与|同|并到|并入|合并到|合到|、)([\u4e00-\u9fffA-Za-z0-9()（） ]{2,30}?)(?=是|重复|合并|合成|并|其实|就是|都是|属于|应该|这两|两家|，|,|$)", draft.scene.text)
    if found:
        names = [re.sub(r"^(?:把|将|帮我|请|合并一下|合并|客户|\s)+", "", n).strip() for n in found.groups()]
        draft.put("customers", [n for n in names if len(n) > 1])
    elif known:
        pick.named(draft, known)


def report(draft: Draft) -> None:
    """A visit report: everything that R84 and R86 ask for and the sentence says."""
    scene = draft.scene
    masked = masked_text(scene)
    pick.customer(draft, guess=not scene.of(CUSTOMER))
    decides = decision_maker(scene)
    if decides:
        draft.put("decision_maker", decides[0])
    pick.contacts(draft, but=[decides[0]] if decides else [])
    draft.put("intent_level", intent_level(scene.low))
    draft.put("budget", budget(scene))
    draft.put("objection", objection(masked, scene.text))
    draft.put("competitor", competitor(masked))
    step = next_step(draft)
    if step:
        draft.put("next_step", step)
    ahead = draft.hints.pop("next_span", (len(scene.low), 0))
    begin, end = ahead if isinstance(ahead, tuple) else (0, 0)
    visit = [
        m for m in scene.times()
        if m.time is not None and m.time.start is not None and m.time.start <= scene.now and not begin <= m.start < end
    ]  # fmt: skip
    if visit:
        pick.when(draft, visit[:1])
    draft.put("content", content(scene))


def followup(draft: Draft) -> None:
    """A call, message or mail noted: customer, contact, what was said, what comes next."""
    scene = draft.scene
    pick.customer(draft)
    pick.contacts(draft)
    draft.put("content", content(scene))
    draft.put("intent_level", intent_level(scene.low))
    draft.put("budget", budget(scene))
    draft.put("objection", objection(masked_text(scene), scene.text))
    step = next_step(draft)
    draft.hints.pop("next_span", None)
    if step:
        draft.put("next_step", step)
    for channel, pattern in _CHANNELS:
        if re.search(pattern, scene.low):
            draft.hints["channel"] = channel
            break
    if draft.hints.get("channel") == "phone":
        draft.put("mode", "phone")


_CHANNELS = (("wechat", "微信|企微|朋友圈"), ("email", "邮件|邮箱|email"), ("phone", "电话|来电|去电|致电|电联|call|通话|短信"), ("online", "视频|线上|腾讯会议"))


def figures(draft: Draft) -> None:
    """A number, a ranking or a summary: metric, period, people, team."""
    query(draft)
    pick.grade(draft)
    metric(draft)


def metric(draft: Draft) -> None:
    """The figure asked for, the longest name first."""
    low = draft.scene.low
    table = read("slots.toml")["metrics"]
    best = max(((len(w), name) for name, several in table.items() for w in several.split() if w in low), default=None)
    if best and not (draft.intent in ("ranking.show", "summary.show") and best[1] == "visits" and "拜访" not in low and "跑" not in low):
        draft.put("metric", best[1])


def ownership(draft: Draft) -> None:
    """A customer and the colleagues it goes from and to."""
    scene = draft.scene
    draft.hints.setdefault("customer_ids", [])
    pick.customer(draft, several=len(scene.of(CUSTOMER)) > 1)
    me = re.search(r"转给我|转到我|给我|归我|移交给我|划给我|到我名下|我来接手|我接手|转过来|转我", scene.low)
    if not me or draft.intent == "owner.handover":
        pick.people(draft)
    pick.team(draft)
    reason = re.search(r"(?:因为|原因是?|理由是?|：|:|，|,)\s*((?:客户|对方|他|她|我|离)[^，,。]{2,30})$", scene.text)
    if reason and draft.intent != "owner.handover":
        draft.put("content", reason[1])
    if draft.intent == "owner.handover":
        pick.when(draft)


def dispute(draft: Draft) -> None:
    """Whose customer it is, argued about: customer, rival colleague, the argument."""
    pick.customer(draft)
    pick.people(draft)
    draft.put("content", draft.scene.text.strip())


def approval(draft: Draft) -> None:
    """A decision: whose request, which one of several, why."""
    scene = draft.scene
    pick.people(draft)
    pick.customer(draft, guess=False)
    chosen = ordinal(scene.low)
    if chosen:
        draft.put("choice", chosen)
    reason = re.search(r"(?:，|,|：|:|因为|理由是?|原因是?)\s*([^，,]{2,40}(?:[，,].{2,40})?)$", scene.text)
    if reason and draft.intent == "approval.reject":
        draft.put("content", reason[1].strip())


_ORDINAL = re.compile(r"第\s*([0-9一二三四五六七八九十两]{1,3})\s*(?:个|条|项|号|家|位|种|份|单|次|场)?|(?:选项|方案|编号|选|no\.?)\s*([0-9一二三四五六七八九十]{1,3})|^[就选要那我约用按定还是]*([0-9一二三四五六七八九十两]{1,3})(?:号|个)?[吧呢好了行。.!！]*$|([0-9]{1,2})号(?:方案|选项)")
_LAST = re.compile(r"(?:最后|末尾?|最下面|后面|下面)(?:一)?(?:那)?(?:个|条|家|位)|后者")


def ordinal(low: str) -> int | None:
    """第二个, 选3, 就4吧 → the number; 最后一个 → -1."""
    from domain.text import integer

    found = _ORDINAL.search(low.strip())
    if found:
        return integer(next(g for g in found.groups() if g))
    if re.search(r"前者|前面那个|上面那个|最上面|头一个|首个", low):
        return 1
    if re.search(r"中间那?个", low):
        return 2
    return -1 if _LAST.search(low) else None


def choose(draft: Draft) -> None:
    """The number of the choice; words that name it otherwise are left to the dialogue."""
    chosen = ordinal(draft.scene.low)
    if chosen is not None:
        draft.put("choice", chosen)
    else:
        query(draft)


def field_add(draft: Draft) -> None:
    """A new field: its name and its options."""
    text = re.sub(r"[：:]", " ", draft.scene.text)
    found = re.search(r"(?:字段|必填项|选填项|选项|一列|一栏|栏位|属性|列|栏|项)(?:叫做|叫|名称|名字|名|是|为|:|：|，|,|\s)*([\u4e00-\u9fffA-Za-z0-9]{2,12})", text)
    name = found[1] if found else None
    if not name:
        found = re.search(r"(?:加|新增|添加|增加|建|新建|补)(?:上|个|一个|一下)?(?:自定义|必填|选填)?(?:的)?([\u4e00-\u9fffA-Za-z0-9]{2,12}?)(?:这个|这一|的)?(?:字段|列|栏|必填项|选项|属性|项)", text)
        name = found[1] if found else None
    if name:
        draft.put("field", re.split(r"(?:单选|多选|文本|数字|日期|下拉|必填|选填|吧$)", name)[0] or name)
    options = re.search(r"(?:单选|多选|下拉|选项)(?:为|是|有|:|：|\s|，|,)*(.+)$", text)
    if options:
        draft.put("value", [w for w in re.split(r"[\s,，、/]+", options[1].strip()) if w])


def nothing(draft: Draft) -> None:
    """A command without slots."""


def when_only(draft: Draft) -> None:
    """A period and people."""
    pick.when(draft)
    pick.people(draft)


def absence(draft: Draft) -> None:
    """Leave: when, how long, who, what kind."""
    pick.when(draft)
    pick.duration(draft)
    pick.people(draft)
    kind = re.search(r"年假|病假|事假|婚假|产假|陪产假|丧假|调休|出差|培训|体检|团建|请假|休假|外出|开会|休息", draft.scene.low)
    if kind and draft.intent == "leave.add":
        draft.put("content", kind[0])


def invite(draft: Draft) -> None:
    """Who joins or leaves which visit."""
    pick.customer(draft, guess=bool(re.search(r"那个|那场|的会|的拜访", draft.scene.low)))
    pick.when(draft)
    companions(draft)
    if "people" not in draft.slots:
        draft.lack("people")


FILLERS: dict[str, Filler] = {
    "visit.book": book, "visit.reschedule": move, "visit.update": update, "visit.cancel": cancel, "visit.restore": plain,
    "visit.list": query, "visit.free_time": query, "visit.check_in": plain, "visit.invite": invite, "visit.uninvite": invite,
    "visit.substitute": plain, "visit.route": query, "visit.prepare": plain,
    "report.file": report, "report.pending": query, "report.show": plain, "followup.add": followup,
    "task.add": task, "task.list": query, "task.done": task,
    "customer.create": create, "customer.check": check, "customer.show": show, "customer.update": setting,
    "customer.merge": merge, "customer.list": listing, "customer.due": listing,
    "owner.show": show, "owner.claim": show, "owner.release": show, "owner.transfer": ownership, "owner.handover": ownership,
    "owner.dispute": dispute, "pool.list": listing,
    "approval.list": query, "approval.approve": approval, "approval.reject": approval,
    "summary.show": figures, "ranking.show": figures, "kpi.show": figures, "conflict.list": query,
    "leave.add": absence, "leave.cancel": when_only, "leave.list": query,
    "reminder.set": setting, "reminder.mute": setting, "rule.set": setting, "rule.list": nothing, "field.add": field_add,
    "data.export": query, "data.import": nothing,
    "dialog.choose": choose, "dialog.correct": correct,
}  # fmt: skip
"""Intents without an entry take nothing from their sentence."""
