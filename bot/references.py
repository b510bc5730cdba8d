"""What a message points back to without naming it: 第二个 of a list, 他们, 叫上她, 同一天 (issue 3, point 4)."""

import re

from bot.choices import DIGITS
from bot.command import Turn, read_when, write_when
from domain.model import OFFICE, When
from nlp.said import Said
from nlp.times import find

_SAME_DAY = re.compile("同一天|同天|当天|那天|那一天|那日")
_NTH = re.compile(r"第([一二三四五六七八九十]|[0-9]{1,2})(?:个|次|场|条|家)")
_THEY = re.compile("他们|她们|他家|这家|那家|这个客户|那个客户|该客户")
_WITH_HIM = re.compile("(?:叫|带|拉|喊)(?:上|着)?[他她](?!们)|[和跟][他她](?!们)一[起道]")
_VISIT = frozenset({
    "visit.reschedule", "visit.update", "visit.cancel", "visit.invite", "visit.uninvite", "visit.substitute", "visit.prepare",
})  # fmt: skip
_CUSTOMER = frozenset({"visit.book", "customer.show", "owner.show", "followup.add", "visit.list", "customer.due"})
_ANSWERS_WHY = frozenset({"dialog.why", "kpi.show", "summary.show", "ranking.show", "unknown", "smalltalk"})


def resolved(turn: Turn, said: Said) -> Said:
    """The command with what it points back to; unchanged when it names everything itself."""
    if re.match("为什么|为啥|凭什么|为何", said.text.strip()) and said.intent not in _ANSWERS_WHY:
        return Said("dialog.why", text=said.text, why=("问的是为什么，不是要改",))
    return with_colleague(turn, same_day(turn, customer_of(turn, nth_visit(turn, said))))


def note_customer(turn: Turn, said: Said) -> None:
    """Keep the one customer a message named, for 他们."""
    ids = said.hints.get("customer_ids")
    if isinstance(ids, list | tuple) and len(ids) == 1:
        turn.tx.talk.note(turn.me.id, f"about:{turn.here}", ids[0])


def listed(turn: Turn, visits: list[str]) -> None:
    """Keep the order of the visits just shown, for 第二个."""
    turn.tx.talk.note(turn.me.id, f"listed:{turn.here}", visits[:20])


def nth_visit(turn: Turn, said: Said) -> Said:
    """第二个改到四点 after a list: the second visit of it."""
    m = _NTH.search(said.text)
    if m is None or said.intent not in _VISIT or said.slots.get("customer") or said.slots.get("visit_id"):
        return said
    shown = turn.tx.talk.noted(turn.me.id, f"listed:{turn.here}")
    n = int(m[1]) if m[1].isdigit() else DIGITS[m[1]]
    return said.with_slots(visit_id=str(shown[n - 1])) if isinstance(shown, list) and 0 < n <= len(shown) else said


def customer_of(turn: Turn, said: Said) -> Said:
    """约他们周五上午十点: the customer talked about last in this chat."""
    if said.intent not in _CUSTOMER or said.slots.get("customer") or not _THEY.search(said.text):
        return said
    about = turn.tx.talk.noted(turn.me.id, f"about:{turn.here}")
    customer = turn.tx.customers.get(str(about)) if about else None
    if customer is None:
        return said
    found = said.with_slots(customer=customer.short)
    return Said(found.intent, found.slots, hints={**said.hints, "customer_ids": [customer.id]}, text=said.text, why=said.why)


def with_colleague(turn: Turn, said: Said) -> Said:
    """叫上她一起去: the one colleague the last question was about."""
    if said.intent not in ("visit.book", "visit.invite") or said.slots.get("people") or not _WITH_HIM.search(said.text):
        return said
    kept = turn.tx.talk.noted(turn.me.id, f"query:{turn.here}")
    people = kept["hints"].get("people_ids") if isinstance(kept, dict) else None
    member = turn.tx.people.get(str(people[0][0])) if people and len(people) == 1 and len(people[0]) == 1 else None
    if member is None or member.id == turn.me.id:
        return said
    found = said.with_slots(people=[member.name])
    return Said(found.intent, found.slots, hints={**said.hints, "people_ids": [[member.id]]}, text=said.text, why=said.why)


def same_day(turn: Turn, said: Said) -> Said:
    """同一天下午三点再去趟华岳: the day of the visit talked about last."""
    time = said.slots.get("time")
    if said.intent != "visit.book" or not isinstance(time, dict) or not _SAME_DAY.search(said.text):
        return said
    if any(span.has_date for span in find(_SAME_DAY.sub("", said.text), turn.now)):
        return said
    visit = turn.tx.visits.get(str(turn.tx.talk.noted(turn.me.id, "visit") or ""))
    when = read_when(time)
    if visit is None or when.start is None or when.kind not in ("instant", "range"):
        return said
    shift = visit.start.astimezone(OFFICE).date() - when.start.astimezone(OFFICE).date()
    moved = When(when.kind, when.start + shift, when.end + shift if when.end else None)
    return said.with_slots(time=write_when(moved))
