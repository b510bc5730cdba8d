"""Which of the things marked in a sentence fill which slot: customers, people, contacts, times, purpose, mode, place."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from nlp.draft import Draft, flags, time_value
from nlp.grammar import CONTACT, CUSTOMER, DURATION, EMAIL, PERSON, PHONE, TEAM
from nlp.scene import Mark, Scene
from nlp.times import TimeSpan, combine
from nlp.times.values import DAY
from nlp.unknown import unknown_names
from nlp.words import alternation, read

# ---------------------------------------------------------------- customers
_DENIED = re.compile(r"(?:先别|别|不要|不用|不必|先不|暂时不|不|没)(?:约|去|见|拜访|找|跑|是)[了的]?$|(?:不是|而不是|而非|除了)$")


def denied(scene: Scene, mark: Mark) -> bool:
    """先别约A: the name is mentioned to leave it out."""
    return _DENIED.search(scene.low[max(0, mark.start - 8) : mark.start]) is not None


def named(draft: Draft, marks: Sequence[Mark], slot: str = "customer") -> None:
    """Fill `customer` (or `customers`) from marks of known names; several readings are all kept in the hints."""
    names = {mark.text.strip(): _narrowed(draft, mark) for mark in marks}
    if not names:
        return
    if len(names) == 1 or slot == "customer":
        name, ids = next(iter(names.items()))
        if not ids:
            stranger(draft, name)
            return
        draft.put("customer", name)
        draft.hints["customer_ids"] = list(ids)
        if len(ids) > 1:
            draft.doubt("customer")
        return
    draft.put("customers", list(names))
    draft.hints["customers_ids"] = [list(ids) for ids in names.values()]
    if any(len(ids) > 1 for ids in names.values()):
        draft.doubt("customer")


def _narrowed(draft: Draft, mark: Mark) -> tuple[str, ...]:
    """The candidates of a name; a contact that works at one of them only decides."""
    if len(mark.ids) < 2:
        return mark.ids
    for contact in draft.scene.of(CONTACT):
        here = set(draft.office.book.with_contact(contact.text.lower()))
        fitting = tuple(i for i in mark.ids if i in here)
        if len(fitting) == 1:
            return fitting
    return mark.ids


def customer(draft: Draft, *, several: bool = False, guess: bool = True) -> None:
    """The customer(s) of the sentence: known names, else a name cut out that nobody knows yet (spelling corrected)."""
    everyone = draft.scene.of(CUSTOMER)
    known = [mark for mark in everyone if not denied(draft.scene, mark)] or everyone
    if known:
        named(draft, known, "customers" if several else "customer")
        return
    if not guess:
        return
    names = unknown_names(draft.scene)
    if names:
        stranger(draft, names[0])
        if several and len(names) > 1:
            draft.slots.pop("customer", None)
            draft.put("customers", names[:2])


def stranger(draft: Draft, name: str) -> None:
    """A name that is not in the book as written: corrected when exactly one customer sounds or looks like it."""
    spelling, ids = draft.office.book.resembling(name)
    if draft.intent in ("customer.create", "customer.check"):
        draft.put("customer", name)
        draft.hints["customer_ids"] = list(draft.office.book.exactly(name) or ids)
        return
    if len(ids) == 1:
        draft.hints["read_as"] = [*draft.hints.get("read_as", ()), (name, spelling)]  # type: ignore[misc]
        draft.hints["customer_ids"] = list(ids)
        draft.put("customer", spelling)
        return
    draft.put("customer", name)
    draft.hints["customer_ids"] = list(ids)
    if len(ids) > 1:
        draft.doubt("customer")


# ---------------------------------------------------------------- people
def people(draft: Draft, marks: Iterable[Mark] | None = None) -> None:
    """The colleagues of the sentence in order; two of one name are told apart by a team named beside them, else asked."""
    chosen = list(draft.scene.of(PERSON) if marks is None else marks)
    names, ids = [], []
    for mark in chosen:
        if mark.text in names:
            continue
        candidates = _in_team(draft, mark)
        names.append(mark.text)
        ids.append(list(candidates))
        if len(candidates) > 1:
            draft.doubt("people")
    if names:
        draft.put("people", names)
        draft.hints["people_ids"] = ids


def _in_team(draft: Draft, mark: Mark) -> tuple[str, ...]:
    if len(mark.ids) < 2:
        return mark.ids
    for team in draft.scene.of(TEAM):
        fitting = tuple(i for i in mark.ids if (m := draft.office.book.member(i)) and team.text in (m.team, m.department))
        if len(fitting) == 1:
            return fitting
    return mark.ids


def contacts(draft: Draft, but: Iterable[str] = ()) -> None:
    """The customer's people: `contact` when one, `contacts` when several, with title where one was said."""
    left_out = set(but)
    marks = [m for m in draft.scene.of(CONTACT) if m.text not in left_out]
    names = list(dict.fromkeys(mark.text for mark in marks))
    if not names:
        return
    draft.put("contact", names[0])
    if len(names) > 1:
        draft.put("contacts", names)
    title = marks[0].value
    if isinstance(title, str) and title not in names[0]:
        draft.put("contact_title", title)


# ---------------------------------------------------------------- times
_NO_TIME = re.compile(r"^[我们他们客户对方都也又]{0,3}(?:没空|没时间|不行|不在|不方便|没法|来不了|去不了|有事|满了|排满|忙)")


_PERIOD = re.compile(r"季度|年度?$|半年|q[1-4]|月份?$|春节|国庆|中秋|元旦")
_TOPIC = re.compile(r"(?:聊聊|谈谈|聊|谈|讲|讨论|沟通|对接|对|过|汇报|介绍|确认|敲定|签)(?:一下|下|了|明)?$")


def is_topic(scene: Scene, mark: Mark) -> bool:
    """聊二季度订单: a period that is talked about, not when the talk takes place."""
    if mark.time is None or mark.time.has_clock or not _PERIOD.search(mark.text.lower()):
        return False
    return _TOPIC.search(scene.low[max(0, mark.start - 5) : mark.start]) is not None and scene.low[
        mark.end : mark.end + 1
    ] not in ("", "，", ",", "。")


def times(scene: Scene, start: int = 0, end: int | None = None) -> list[Mark]:
    """The times that begin inside a stretch, those waved away (节前没空) left out unless nothing else is there."""
    stop = len(scene.low) if end is None else end
    inside = [m for m in scene.times() if start <= m.start < stop and not is_topic(scene, m)]
    kept = [m for m in inside if not _NO_TIME.match(scene.low[m.end :])]
    return kept or inside


def one_time(marks: Sequence[Mark]) -> TimeSpan | None:
    """The time that several expressions make together: a recurrence, a date and a clock said apart, else the best single one."""
    spans = [mark.time for mark in marks if mark.time is not None]
    if not spans:
        return None
    for span in spans:
        if span.kind == "recurrence":
            return span
    for day in spans:
        for clock in spans:
            if day is not clock:
                joined = combine(day, clock)
                if joined is not None:
                    return joined
    clocked = [span for span in spans if span.has_clock and span.kind in ("instant", "range")]
    return clocked[0] if clocked else spans[0]


def when(draft: Draft, marks: Sequence[Mark] | None = None, slot: str = "time") -> TimeSpan | None:
    """Fill a time slot; a weekday and a date that disagree are asked about."""
    span = one_time(times(draft.scene) if marks is None else marks)
    if span is None:
        return None
    draft.put(slot, time_value(span))
    draft.hints["time_flags" if slot == "time" else "new_time_flags"] = flags(span)
    if span.rolled:
        draft.hints["rolled"] = True
    if span.ambiguous:
        draft.doubt("time")
    if span.duration_min:
        draft.put("duration_min", span.duration_min)
    return span


_WHOLE_DAY = re.compile(r"整天|全天|半天")


def duration(draft: Draft) -> None:
    """How long: a duration beside the time, in minutes."""
    for mark in draft.scene.of(DURATION):
        before = draft.scene.low[max(0, mark.start - 3) : mark.start]
        if mark.time is not None and mark.time.minutes and not re.search(r"(?:提前|推迟|晚|早|迟到)[个了]?$", before):
            if mark.time.minutes >= DAY and _series_until(draft, mark.time.minutes):
                return
            draft.put("duration_min", mark.time.minutes)
            return
    if "duration_min" not in draft.slots and (whole := _WHOLE_DAY.search(draft.scene.low)):
        draft.put("duration_min", 240 if whole[0] == "半天" else 480)


def _series_until(draft: Draft, minutes: int) -> bool:
    """每月第一个周一…，先排三个月: days or longer beside a recurrence are how long it goes on, not how long a visit takes."""
    time = draft.slots.get("time")
    recur = time.get("recur") if isinstance(time, dict) else None
    if not isinstance(time, dict) or not isinstance(recur, dict) or "until" in recur or "count" in recur:
        return False
    last = datetime.fromisoformat(str(time["start"])) + timedelta(minutes=minutes - DAY)
    draft.slots["time"] = {**time, "recur": {**recur, "until": last.date().isoformat()}}
    return True


# ---------------------------------------------------------------- numbers and addresses
def phone(draft: Draft) -> None:
    """A telephone number as digits."""
    marks = draft.scene.of(PHONE)
    if marks:
        draft.put("phone", marks[0].value)


def email(draft: Draft) -> None:
    """A mail address."""
    marks = draft.scene.of(EMAIL)
    if marks:
        draft.put("email", marks[0].text)


_GRADE = re.compile(
    r"(?:等级|级别|评级|分级)(?:是|为|改成|改为|调成|调到|升到|降到|:|：|，|,)*\s*([a-d])(?![a-z])|(?<![a-z])([a-d])\s*(?:类|级|档)|(?:升|降|调|改|评|定|设)(?:为|成|到|至)\s*([a-d])(?![a-z])"
)


def grade(draft: Draft) -> None:
    """A customer's grade; of two the last one is meant (从B升到A)."""
    found = [m[1] or m[2] or m[3] for m in _GRADE.finditer(draft.scene.low)]
    if found:
        draft.put("grade", found[-1].upper())


@cache
def _stage_words() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {word: stage for stage, several in read("slots.toml")["stages"].items() for word in (stage, *several.split())}
    return re.compile(alternation(list(table))), table


def stage(draft: Draft) -> None:
    """A stage of the pipeline, by its own or a usual name."""
    pattern, table = _stage_words()
    found = pattern.findall(draft.scene.low)
    if found:
        draft.put("stage", table[found[-1]])


def team(draft: Draft) -> None:
    """A team's name."""
    marks = draft.scene.of(TEAM)
    if marks:
        draft.put("team", marks[0].text)


# ---------------------------------------------------------------- mode, purpose, place
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
    r"(?=(?:介绍|签|送|看|调试|安装|验收|培训|演示|测试|参观|考察|巡检|检修|维修|维护|催|收|拿|取|交付|盘点|对账|盘库|陈列|铺货|了解|确认|推进|解决|处理|落实|拜年|答谢|催款|收款|回款|勘察|踏勘|评审|投标|竞标|述标|交流|指导|调研|送样|试用|试机|打样|看样))"
)
_PURPOSE_END = re.compile(
    r"[，,。;；!！?？\n\ue001-\ue009]|(?:吧|呢|哈|啊|呀)(?:$|[，,。])|大概|大约|预计|估计|约莫|带上|叫上|拉上|喊上|记得|提醒|(?:地点|时间|联系人|地址)(?:在|是|:|：)|和我|跟我|在(?=[\u4e00-\u9fff]{2,8}(?:见|谈|碰|办公室|会议室|咖啡))"
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
        "腾讯会议",
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
            said is None or found.start() <= said[1] <= found.end() + 1 or len(said[2]) <= len(found[0]) + 2
        ):
            draft.put("purpose", known)
            return
    if said is not None:
        draft.put("purpose", scene.text[start + said[0] : start + said[1]].strip())


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


def look_up(draft: Draft) -> None:
    """A question about a period, people, a team or a known customer; names are not guessed."""
    customer(draft, guess=False)
    when(draft)
    people(draft)
    team(draft)
