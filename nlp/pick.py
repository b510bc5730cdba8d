"""Which of the things marked in a sentence fill which slot: customers, people, contacts, times, numbers."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache

from nlp.draft import Draft, flags, time_value
from nlp.grammar import CONTACT, CUSTOMER, DURATION, EMAIL, PERSON, PHONE, TEAM
from nlp.marks import Mark
from nlp.scene import Scene
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
    # a duplicate check is about the name as it was said, not about the one it sounds like
    as_said = draft.intent in ("customer.create", "customer.check")
    names = {
        (draft.scene.between(mark.start, mark.end) if as_said else mark.text).strip(): _narrowed(draft, mark) for mark in marks
    }
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


_ABSENT = re.compile(r"(?:今天|当时|刚好|正好|又|也|都)?(?:不在|没在|没见(?:到|着)|没来|没空见|出差了?|请假了?|有事没)")
"""蔡总不在，见的小庄: who was not there is not whom one saw."""


def contacts(draft: Draft, but: Iterable[str] = ()) -> None:
    """The customer's people: `contact` when one, `contacts` when several, with title where one was said."""
    left_out = set(but)
    marks = [m for m in draft.scene.of(CONTACT) if m.text not in left_out]
    marks = [m for m in marks if not _ABSENT.match(draft.scene.low, m.end)] or marks
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
    """How long: a duration beside the time, in minutes; and how often a series is repeated in all."""
    _series_count(draft)
    for mark in draft.scene.of(DURATION):
        before = draft.scene.low[max(0, mark.start - 3) : mark.start]
        if mark.time is not None and mark.time.minutes and not re.search(r"(?:提前|推迟|晚|早|迟到)[个了]?$", before):
            if mark.time.minutes >= DAY and _series_until(draft, mark.time.minutes):
                return
            draft.put("duration_min", mark.time.minutes)
            return
    if "duration_min" not in draft.slots and (whole := _WHOLE_DAY.search(draft.scene.low)):
        draft.put("duration_min", 240 if whole[0] == "半天" else 480)


_TIMES_IN_ALL = re.compile(r"(?:先|一?共|总共|连续)?(?:排|约|去|做)?(?:上|满)?([两二三四五六七八九十]|[0-9]{1,2})次")


def _series_count(draft: Draft) -> None:
    """每周三…，排四次: how often in all."""
    time, m = draft.slots.get("time"), _TIMES_IN_ALL.search(draft.scene.low)
    recur = time.get("recur") if isinstance(time, dict) else None
    if m and isinstance(time, dict) and isinstance(recur, dict) and not {"until", "count"} & set(recur):
        count = int(m[1]) if m[1].isdigit() else "两二三四五六七八九十".index(m[1]) + (2 if m[1] == "两" else 1)
        draft.slots["time"] = {**time, "recur": {**recur, "count": count}}


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


def schedule(draft: Draft) -> None:
    """A look at the calendar, also by the person one is to meet."""
    look_up(draft)
    contacts(draft)


def look_up(draft: Draft) -> None:
    """A question about a period, people, a team or a known customer; names are not guessed."""
    customer(draft, guess=False)
    when(draft)
    people(draft)
    team(draft)
