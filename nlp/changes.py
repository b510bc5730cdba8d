"""Fillers of commands that change something: moves, updates, cancellations, settings, to-dos, corrections."""

import re
from dataclasses import replace

from domain.text import integer
from nlp import aims, pick
from nlp.draft import Draft, time_value
from nlp.grammar import CONTACT, CUSTOMER, DURATION, PERSON, PHONE, TIME
from nlp.marks import Mark
from nlp.report import due_of
from nlp.times import TimeSpan
from nlp.words import alternation, read

_TO = re.compile(
    alternation(
        [
            *read("grammar.toml")["words"]["改到"].split("|"),
            "推",
            "延",
            "挪",
            "移",
            "改",
            "换",
            "定在",
            "约在",
            "安排在",
            "变成",
            "到",
        ]
    )
    + r"(?:了|在|到|成|至)?[，,\s]*$"
)
_LATER = re.compile(r"delay|postpone|推迟|延后|延迟|延期|顺延|往后|推后|后推|后移|拖后|拖|晚|推|延|迟")
_EARLIER = re.compile(r"提前|提早|往前|前移|早")
_SAME = re.compile(
    r"同一(?:个)?(?:时间|时段|钟点|时候)|(?:时间|钟点)(?:不变|照旧|一样|相同|还是一样)|老时间|原(?:来的?)?时间|同样的?时间|还是(?:那个|这个|原来的?)(?:点|时间)"
)


def move(draft: Draft) -> None:
    """A move: which visit (customer, old time), and to when (`new_time`) or by how much (`shift_min`)."""
    scene = draft.scene
    pick.customer(draft, several=len(scene.of(CUSTOMER)) > 1 and re.search(r"对调|互换|调换|换过来", scene.low) is not None)
    pick.contacts(draft)
    marks = pick.times(scene)
    shift = _shift(draft)
    if shift is not None and not any(_is_target(draft, m) for m in marks):
        draft.put("shift_min", shift)
        pick.when(draft)
    else:
        new = [m for m in marks if _is_target(draft, m)]
        if (
            not new
            and marks
            and (len(marks) > 1 or not re.match(r".{0,3}(?:那个|的|那场|跟|和|与|原定|见|去|有)", scene.low[marks[-1].end :]))
        ):
            new = marks[-1:]
        first = new[0].start if new else len(scene.low)
        new = [m for m in marks if m.start >= first]
        old = pick.when(draft, [m for m in marks if m.start < first])
        _new_time(draft, new, old)
    if _SAME.search(scene.low):
        target = draft.slots.get("new_time")
        if isinstance(target, dict):
            target["same_clock"] = True
    pick.people(draft)


def _new_time(draft: Draft, marks: list[Mark], old: TimeSpan | None) -> None:
    """The target; a clock alone stays on the day that was named for the visit."""
    span = pick.when(draft, marks, "new_time")
    if (
        span is not None
        and old is not None
        and old.has_date
        and not span.has_date
        and span.start is not None
        and old.start is not None
    ):
        moved = old.start.date() - span.start.date()
        end = None if span.end is None else span.end + moved
        draft.put("new_time", time_value(replace(span, start=span.start + moved, end=end)))
    if span is None and not draft.missing:
        draft.lack("new_time")


def _is_target(draft: Draft, mark: Mark) -> bool:
    return _TO.search(draft.scene.low[max(0, mark.start - 8) : mark.start]) is not None


def _shift(draft: Draft) -> int | None:
    """推迟半小时 = 30, 提前一小时 = -60, 顺延两天 = 2880, 推后一周 = 10080."""
    low = draft.scene.low
    for mark in draft.scene.of(DURATION, TIME):
        span = mark.time
        if span is None:
            continue
        minutes = span.minutes or span.duration_min
        if not minutes:
            continue
        before, after = low[max(0, mark.start - 6) : mark.start], low[mark.end : mark.end + 4]
        if _EARLIER.search(before) or re.match(r"(?:提前|早)", after):
            return -minutes
        if _LATER.search(before) or re.match(r"(?:再|之后|以后|后)", after):
            return minutes
    return None


_NEW_CONTACT = re.compile(r"(?:联系人|对接人|接待人|接待的人?|见的人|对方)(?:换|改|变|是|为|成|到|:|：)+[^\ue003]{0,4}\ue003")


def update(draft: Draft) -> None:
    """A visit's mode, place, purpose, contact or length; what was said before the change finds the visit."""
    scene = draft.scene
    pick.customer(draft)
    marks = pick.times(scene)
    pick.when(draft, marks)
    change = re.search(r"改成|改为|换成|变成|转成|转为|改到|改在|换到|改|换|变|调整|补|加", scene.low)
    at = change.start() if change else 0
    aims.mode(draft)
    if re.search(r"目的|主题|议题|事由|内容|聊|谈", scene.low):
        aims.purpose(draft, _label(scene.low, "目的|主题|议题|事由|内容", at))
    if "mode" not in draft.slots or re.search(r"地点|地址|位置|地方|会议室|公司|工厂|咖啡", scene.low):
        aims.location(draft, 0 if re.search(r"地点|地址|位置|地方", scene.low) else at)
    people = scene.of(CONTACT)
    if people:
        found = _NEW_CONTACT.search(scene.skeleton)
        chosen = people[-1]
        if found:
            start = scene.back[found.end() - 1]
            chosen = next((m for m in people if m.start == start), chosen)
        draft.put("contact", chosen.text)
    pick.duration(draft)
    pick.people(draft)


def _label(low: str, words: str, otherwise: int) -> int:
    found = re.search(words, low)
    return found.start() if found else otherwise


def cancel(draft: Draft) -> None:
    """Which visit falls through, and why."""
    scene = draft.scene
    pick.customer(draft, several=len(scene.of(CUSTOMER)) > 1, guess=True)
    pick.when(draft)
    pick.contacts(draft)
    marks = [m for m in scene.of(PERSON) if m.ids != (draft.user,)]
    pick.people(draft, marks)
    reason = re.search(r"(?:因为|由于|[，,]\s*)((?:客户|对方|他们?|她|我)[^，,。]{2,24})(?:[，,。]|$)", scene.text)
    if reason and not re.search(r"取消|作废|删|不去|不约", reason[1]):
        draft.put("content", reason[1])


# ---------------------------------------------------------------- customers' values, reminders, rules
_FIELDS = {
    "电话": "电话|手机号码|手机号|手机|联系电话|号码|座机|联系方式", "邮箱": "邮箱|email|邮件地址|邮件", "地址": "地址|位置", "等级": "等级|级别|分级|评级", "阶段": "阶段|状态",
    "别名": "别名|简称|又名|也叫|又叫", "名称": "公司名称|公司名|客户名称|客户名|全称|名称|名字|改名|更名", "联系人": "联系人|对接人", "行业": "行业", "来源": "来源", "城市": "城市|所在地", "备注": "备注|标签",
    "税号": "税号|统一社会信用代码|信用代码", "协助负责人": "协助负责人|协作人|协同人|共同负责人|副负责人|协同负责人|协同", "职务": "职务|职位", "负责人": "负责人", "传真": "传真", "网址": "网址|官网", "规模": "规模",
}  # fmt: skip
_FIELD = {name: re.compile(words) for name, words in _FIELDS.items()}
_LOST = re.compile(r"流失|丢单|输单|战败|无效")
_WON = re.compile(r"赢单|成交|签单")
_VALUE = re.compile(
    r"(?:改成|改为|改到|换成|换为|更新为|更新成|更新|变更为|变更成|设为|设成|设置为|是|为|叫做|叫|:|：|成|到|搬到|换到|加上|加|补充|补|填|写)[\s，,]*([^，,。;；\n]{1,40})$"
)


def setting(draft: Draft) -> None:
    """Values of customers, reminders and rules: each intent takes what belongs to it."""
    if draft.intent == "customer.update":
        _customer_value(draft)
        return
    if draft.intent == "rule.set":
        draft.put("content", draft.scene.text.strip())
        pick.grade(draft)
        pick.people(draft)
        return
    pick.customer(draft, guess=draft.intent == "reminder.mute" and False)
    if draft.intent == "reminder.set":
        _lead(draft)
    pick.when(draft)
    pick.people(draft)


def _lead(draft: Draft) -> None:
    """提前两小时 = 120; 提前一天 = 1440."""
    for mark in draft.scene.of(DURATION, TIME):
        span = mark.time
        minutes = (span.minutes or span.duration_min) if span else None
        if span and not minutes and mark.text.endswith("前") and span.kind == "instant" and span.start is not None:
            minutes = int((draft.scene.now - span.start).total_seconds() // 60)
        if (
            span
            and not minutes
            and span.kind == "range"
            and mark.text.startswith(("之前", "前", "以前"))
            and span.start
            and span.end
        ):
            minutes = int((span.end - span.start).total_seconds() // 60)
        if minutes:
            draft.put("before_min", minutes)
            return
    found = re.search(
        r"(?:提前|早|前)\s*([0-9一二三四五六七八九十两半]+)\s*(分钟|分|小时|个小时|个钟头|个钟|钟头|天)", draft.scene.low
    )
    if found:
        unit = {"分钟": 1, "分": 1, "天": 1440}.get(found[2], 60)
        count = 0.5 if found[1] == "半" else integer(found[1])
        if count:
            draft.put("before_min", int(count * unit))
    elif re.search(r"提前一天|头一?天|前一[天晚]", draft.scene.low):
        draft.put("before_min", 1440)


def _customer_value(draft: Draft) -> None:
    """Which `field` of a customer gets which `value`; phone, mail, grade, stage and contact stand in their own slots too."""
    for fill in (pick.customer, pick.phone, pick.email, pick.grade, pick.stage, pick.contacts, pick.people):
        fill(draft)
    field = _field_of(draft)
    draft.put("field", field)
    if field == "状态":
        draft.put("value", "流失" if _LOST.search(draft.scene.low) else "成交")
    elif field in _SLOT_OF and _SLOT_OF[field] in draft.slots:
        said = draft.slots[_SLOT_OF[field]]
        draft.put("value", said[0] if isinstance(said, list) else said)
    elif found := _VALUE.search(draft.scene.text):
        draft.put("value", found[1].strip())


_SLOT_OF = {"电话": "phone", "邮箱": "email", "等级": "grade", "阶段": "stage", "协助负责人": "people", "联系人": "contact"}


def _field_of(draft: Draft) -> str | None:
    """The field by the value that was said, else by its name."""
    low = draft.scene.low
    named = next((name for name, pattern in _FIELD.items() if pattern.search(low)), None)
    for field in ("电话", "邮箱", "等级"):
        if _SLOT_OF[field] in draft.slots:
            return field
    if "people" in draft.slots and named != "负责人":
        return "协助负责人"
    if _LOST.search(low) or (_WON.search(low) and "stage" not in draft.slots):
        return "状态"
    return "阶段" if "stage" in draft.slots else named


# ---------------------------------------------------------------- to-dos
_TASK_HEAD = re.compile(
    r"^(?:烦请|劳烦|劳驾|请|麻烦|帮我|帮忙|给我|你|[\s，,])*(?:(?:(?:布置|安排|派|派发|下发|分配|交代|指派|加|新建|建|新增|添加|创建|发布|记录?|添)(?:个|一个|一项|条|一条|下|一下)*(?:任务|待办事项|待办|todo|活|工作|备忘|事)?(?:给(?=[\ue002@]))?|提醒(?:一下)?(?:我)?|要求|通知|麻烦|让|叫|要|记得|别忘了?|不要忘了?|务必|任务|待办|todo|记住|记着)(?:[:：，,\s]|我|是|叫|提醒(?:一下)?我|记得|要(?=[把给去发交买做写催]))*){0,2}"
)


def task(draft: Draft) -> None:
    """A dated to-do: what (`content`), by when (`time`), who does it (`people`)."""
    scene = draft.scene
    pick.customer(draft, guess=False)
    pick.contacts(draft)
    skeleton, back = scene.skeleton, scene.back
    head = _TASK_HEAD.match(skeleton)
    begin = head.end() if head else 0
    assignees = []
    while begin < len(skeleton):
        if skeleton[begin] == PERSON:
            mark = next(m for m in scene.marks if m.start == back[begin])
            assignees.append(mark)
        elif skeleton[begin] == TIME:
            pass
        elif skeleton.startswith(("之前", "以前"), begin):
            begin += 1
        elif skeleton[begin] in "给和" and skeleton[begin + 1 : begin + 2] != PERSON:
            break  # 给铭泰打电话: part of what is to be done
        elif skeleton[begin] not in "给让叫请@:：，, 、和前要在于":
            break
        begin += 1
    assignees = assignees or [m for m in scene.of(PERSON) if scene.low.startswith(("负责", "来负责", "你负责"), m.end)]
    pick.people(draft, [m for m in assignees if m.ids != (draft.user,)])
    marks = pick.times(scene)
    span = pick.when(draft, marks)
    if span is not None and draft.intent == "task.add":
        after = scene.low[marks[0].end : marks[0].end + 2] if marks else ""
        draft.hints["due"] = due_of(span, after)
    start = back[begin] if begin < len(back) else len(scene.low)
    words = scene.text[start:]
    for mark in reversed(marks):
        if mark.start >= start:
            cut = mark.end + (2 if scene.low.startswith("之前", mark.end) else 1 if scene.low.startswith("前", mark.end) else 0)
            words = words[: mark.start - start] + words[cut - start :]
    words = (
        re.sub(
            r"(?:这个|那个)?(?:任务|待办|todo)?(?:已经|已)?(?:完成|做完|搞定|办完|弄完|标记完成)(?:了|啦)?[。!！]*$", "", words
        )
        if draft.intent == "task.done"
        else words
    )
    words = re.sub(r"^(?:任务|待办|这个|[:：，,\s])+|[，,。\s]+$|(?:的任务|的待办)$", "", words)
    draft.put("content", words)


# ---------------------------------------------------------------- corrections
_NOT = re.compile(r"(?:不是|而不是|并不是|并非|不在|不要|不约)\s*$")


def correct(draft: Draft) -> None:
    """不是周三是周四: the value after the correction, in the slot it belongs to."""
    scene = draft.scene
    wrong = [m for m in scene.marks if _NOT.search(scene.low[max(0, m.start - 4) : m.start])]
    right = [m for m in scene.marks if m not in wrong]
    marks = [m for m in right if m.kind == TIME]
    if marks:
        pick.when(draft, marks)
    for mark in right:
        if mark.kind == DURATION and mark.time is not None and mark.time.minutes:
            draft.put("duration_min", mark.time.minutes)
        elif mark.kind == CONTACT:
            draft.put("contact", mark.text)
        elif mark.kind == PHONE:
            draft.put("phone", mark.value)
    customers = [m for m in right if m.kind == CUSTOMER]
    if customers:
        pick.named(draft, customers[-1:])
    people = [m for m in right if m.kind == PERSON]
    if people:
        pick.people(draft, people)
    at = max((m.end for m in wrong), default=0)
    aims.mode(draft, at)
    if "地" in scene.low or "在" in scene.low:
        aims.location(draft, at)
    if not draft.slots:
        _corrected_word(draft)


def _corrected_word(draft: Draft) -> None:
    """A correction whose right side is a name or place that is not marked."""
    text = draft.scene.text
    found = re.search(r"(?:应该是|应是|是|改成|换成|叫|为)\s*([^，,。是不]{2,20}?)(?:才对|吧|，不是.*|而不是.*|不是.*)?$", text)
    if not found:
        return
    said = found[1].strip()
    if re.search(r"地点|地址|位置|地方", text) or re.search(r"(?:厅|室|楼下|大厦|工厂|总部|酒店|园区|公司)$", said):
        draft.put("location", said)
    elif re.search(r"目的|主题|议题|事由", text):
        draft.put("purpose", said)
    elif re.search(r"联系人|对接人", text):
        draft.put("contact", said)
    else:
        pick.stranger(draft, said)
