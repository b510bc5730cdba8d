"""Answers to the open question: a draft completed or corrected by the next message (contract.md section 5, "the open question
decides first")."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta

from bot.choices import squeeze
from bot.command import read_when, write_when
from domain.desk import Draft
from domain.model import OFFICE, When
from nlp.said import Said
from nlp.times import TimeSpan, find

_CALL_OFF = frozenset({"取消", "取消吧", "取消掉"})
"""With a question open this drops the question; with none it asks which visit (sentence 20)."""
EDITS = frozenset({"visit.reschedule", "visit.update", "visit.invite", "visit.uninvite"})
"""Commands that, naming no visit of their own, change the draft that is being talked about."""
BARE = frozenset({"unknown", "visit.list", "visit.free_time", "customer.show", "customer.check", "owner.show", "dialog.choose"})
"""What a bare answer such as 下周二 or 鼎盛机电 may look like when it is read alone."""
MOST_RESIDUE = 3
_LITTLE = re.compile(r"[的吧呢啊了那就呀嘛哦行可以好天个也是约在改成到]")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}")
Named = Callable[[str], Sequence[str]]
"""The ids of the customers that a bare name means."""


def answer(draft: Draft, said: Said, text: str, now: datetime, named: Named, *, newer: bool = False) -> Said | None:
    """The draft's command completed or corrected by this message; None when the message is about something else.

    `newer`: something was done since the question was asked, so 改到四点 means that and not the draft.
    """
    base = draft_said(draft)
    if said.intent == "dialog.deny" or (said.intent == "visit.cancel" and not newer and squeeze(text) in _CALL_OFF):
        return Said("draft.drop", {"draft": draft.id}, text=text)
    if draft.question == "words" and said.intent in _free(draft, named=bool(said.slots.get("customer"))):
        field = str(draft.data.get("field", "content"))
        return _again(draft, base.with_slots(**{field: text}), said)
    spans = [s for s in find(text, now) if one_day(s)]
    if not _answers(draft, base, said, text, spans, newer):
        return None
    changes, hints = _changes(draft, base, said, text, spans, named)
    if not changes:
        return None
    done = base.with_slots(**changes)
    if before := {slot: base.slots[slot] for slot in changes if base.slots.get(slot) not in (None, changes[slot])}:
        hints["before"] = before
    return _again(draft, Said(done.intent, done.slots, hints={**_lasting(base), **hints}, text=text), said)


def _lasting(base: Said) -> dict[str, object]:
    """The hints of a draft without what one earlier correction changed, which was said then."""
    return {k: v for k, v in base.hints.items() if k != "before"}


def _answers(draft: Draft, base: Said, said: Said, text: str, spans: Sequence[TimeSpan], newer: bool) -> bool:
    """Whether the message speaks of the draft: an edit that names nothing else, or a bare answer."""
    theirs, ours = said.slots.get("customer"), base.slots.get("customer")
    if said.intent == "visit.book" and base.intent == "visit.book":
        other = bool(theirs and ours and theirs != ours)
        return not other or (draft.question == "customer" and not said.slots.get("time"))
    if said.intent == "visit.book" and not theirs:
        return bool(spans) and len(residue(text, spans)) <= MOST_RESIDUE
    if said.intent == "dialog.correct":
        return not newer
    if said.intent in EDITS:
        timed = bool(said.slots.get("time"))
        both = draft.question == "time" and base.intent == "visit.book" and not theirs  # 早上九点半吧，带上薛静
        return not newer and (not theirs or theirs == ours) and (both or not timed)
    if said.intent not in BARE:
        return False
    if draft.question == "customer" and not spans:
        return bool(theirs) or said.intent == "unknown"
    if draft.question == "phone":
        return bool(said.slots.get("phone") or _PHONE.search(text))
    most = MOST_RESIDUE if said.intent == "unknown" else 0  # 周五下午谁有空 is a question of its own
    return bool(spans) and len(residue(text, spans)) <= most


def one_day(span: TimeSpan) -> bool:
    """A time that can complete a booking: a moment, a day, a part of a day or clock range; 下周 is none."""
    if span.kind == "range":
        return span.start is not None and span.end is not None and span.end - span.start <= timedelta(days=1)
    return span.kind in ("instant", "date")


def residue(text: str, spans: Sequence[TimeSpan]) -> str:
    """What is left of an answer beside its times and little words."""
    return _LITTLE.sub("", squeeze(without(text, spans)))


def without(text: str, spans: Sequence[TimeSpan]) -> str:
    """A text without its times."""
    for span in sorted(spans, key=lambda s: -s.span[0]):
        text = text[: span.span[0]] + text[span.span[1] :]
    return text


def _free(draft: Draft, *, named: bool) -> tuple[str, ...]:
    """What a question for words takes as its answer; some commands only when they name no customer."""
    both = (draft.data.get("accepts"), None if named else draft.data.get("accepts_unnamed"))
    free = [str(x) for some in both if isinstance(some, list | tuple) for x in some]
    return ("unknown", "smalltalk", "dialog.confirm", *free)


def draft_said(draft: Draft) -> Said:
    """The command a draft will become."""
    ask = draft.ask
    slots, hints = ask.get("slots"), ask.get("hints")
    return Said(
        str(ask["intent"]),
        dict(slots) if isinstance(slots, Mapping) else {},
        hints=dict(hints) if isinstance(hints, Mapping) else {},
    )


def _again(draft: Draft, said: Said, answer_: Said) -> Said:
    """The same draft goes on: its id travels along so that the question is closed when the command is carried out."""
    slots = {"draft": draft.id, **said.slots} if draft.question == "words" else {**said.slots, "draft": draft.id}
    return Said(said.intent, slots, hints=said.hints, text=answer_.text, why=("接着刚才的问题",))


def _changes(
    draft: Draft, base: Said, said: Said, text: str, spans: Sequence[TimeSpan], named: Named
) -> tuple[dict[str, object], dict[str, object]]:
    """The slots that the message changes, and the hints that go with them."""
    out: dict[str, object] = {}
    hints: dict[str, object] = {}
    for slot, hint in (("customer", "customer_ids"), ("people", "people_ids")):
        if (value := said.slots.get(slot)) is not None:
            out[slot], hints[hint] = value, said.hints.get(hint, [])
            if slot == "customer":
                out["customer_id"] = None
    for slot in ("purpose", "contact", "mode", "location", "phone", "city", "grade", "email", "duration_min"):
        if (value := said.slots.get(slot)) is not None:
            out[slot] = value
    if draft.question == "customer" and "customer" not in out and not spans and (name := _bare_name(text)):
        out["customer"], hints["customer_ids"] = name, list(named(name))
    if draft.question == "phone" and "phone" not in out and (number := _PHONE.search(text)):
        out["phone"] = number[0]
    slot = "new_time" if base.intent == "visit.reschedule" else "time"
    if spans and (when := merged_time(base, slot, spans[-1])) is not None:
        out[slot] = write_when(when)
        hints["time_flags"] = ["has_date", "has_clock"] if when.kind == "instant" else span_flags(spans[-1])
        if spans[-1].duration_min:
            out["duration_min"] = spans[-1].duration_min
    if (shift := said.slots.get("shift_min")) is not None and base.intent == "visit.reschedule":
        out["shift_min"] = shift
    return out, hints


def span_flags(span: TimeSpan) -> list[str]:
    flags = {"has_date": span.has_date, "has_clock": span.has_clock, "part_of_day": bool(span.part_of_day)}
    return [name for name, there in flags.items() if there]


def _bare_name(text: str) -> str:
    """A short answer to 哪家客户 that is nothing but a name."""
    name = re.sub(r"^(?:是|去|拜访|客户是?)|(?:那家|的|吧|啊|公司那个|那个)$", "", text.strip("。！!，, "))
    return name if 1 < len(name) <= 20 and not _NO_NAME.search(name) else ""


_NO_NAME = re.compile(
    r"[吗么？?，,]|什么|哪|怎么|多少|谁|一下|[改换设]成|改到|意向|客户|提醒|通知|关掉|关闭|打开|取消|查一|看看|准备"
)
"""Words of a sentence that asks or orders something: whatever it means, it is no company's name."""


def merged_time(base: Said, slot: str, span: TimeSpan) -> When | None:
    """A new time over an old one: what the answer leaves out (day, clock, part of day) stays as it was."""
    if span.start is None:
        return None
    old = read_when(v) if (v := base.slots.get(slot)) else None
    start, end = span.start, span.end
    if old and old.start:
        had = old.start.astimezone(OFFICE)
        if span.bare_weekday and not span.has_clock:
            # 不是周三是周四: the other day of the week that was spoken of, unless that has passed
            shift = to_week(start, had)
            start, end = start + shift, end + shift if end else None
        if not span.has_date and span.has_clock:
            clock = _in_part(start.timetz().replace(tzinfo=None), old, span)
            start = datetime.combine(had.date(), clock, OFFICE)
            end = start + (span.end - span.start) if span.end else None
        elif span.has_date and not span.has_clock and span.part_of_day is None and old.kind == "instant":
            start = datetime.combine(start.date(), had.time(), OFFICE)
            return When("instant", start, None)
        elif span.part_of_day and not span.has_date:
            shift = timedelta(days=(had.date() - start.date()).days)
            start, end = start + shift, end + shift if end else None
    elif (clock_hint := base.hints.get("clock")) and span.has_date and not span.has_clock:
        start = datetime.combine(start.date(), time.fromisoformat(str(clock_hint)), OFFICE)
        return When("instant", start, None)
    if span.kind == "date" and end is None:
        end = start + timedelta(days=1)
    return When(span.kind, start, end)  # type: ignore[arg-type]


def to_week(day: datetime, other: datetime) -> timedelta:
    """How far to move a day so that it falls into the other day's week (Monday first); never back."""
    mine, theirs = (d.date() - timedelta(days=d.weekday()) for d in (day, other))
    return max(theirs - mine, timedelta(0))


def _in_part(clock: time, old: When, span: TimeSpan) -> time:
    """三点 after 周四下午 is 15:00, after 周四上午 … 9 stays 9: the bare clock goes into the part of day said before."""
    if not span.bare_clock or old.kind != "range" or old.end is None or old.start is None:
        return clock
    first, last = old.start.astimezone(OFFICE), old.end.astimezone(OFFICE)
    for hour in (clock.hour, (clock.hour + 12) % 24):
        moment = datetime.combine(first.date(), clock.replace(hour=hour), OFFICE)
        if first <= moment < last:
            return clock.replace(hour=hour)
    return clock
