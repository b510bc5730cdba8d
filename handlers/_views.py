"""How visits, people and times look, wherever they are shown. One rendering gate: what a reader may not see is never formatted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from bot.command import Turn, read_when
from bot.message import Address
from domain.model import OFFICE, Customer, Member, Slot, Visit
from domain.permissions import audience, sees_visit, visit_label
from handlers import _fields

WEEK = "一二三四五六日"
MODES = {"onsite": "上门", "online": "线上", "phone": "电话"}
STATUSES = {"planned": "", "pending": "待确认", "done": "已完成", "cancelled": "已取消", "missed": "漏访", "empty": "扑空"}


def day(d: date | datetime) -> str:
    """6月11日 周四 (with the year when it is not the usual one is never needed: visits are near)."""
    local = d.astimezone(OFFICE).date() if isinstance(d, datetime) else d
    return f"{local.month}月{local.day}日 周{WEEK[local.weekday()]}"


def clock(t: datetime) -> str:
    local = t.astimezone(OFFICE)
    return f"{local.hour:02}:{local.minute:02}"  # a third of what %H:%M takes


def span(slot: Slot) -> str:
    """6月11日 周四 10:00–11:00."""
    return f"{day(slot.start)} {clocks(slot)}"


def clocks(slot: Slot) -> str:
    """10:00–11:00; midnight at the end reads 24:00; another day's end carries its date."""
    start, end = slot.start.astimezone(OFFICE), slot.end.astimezone(OFFICE)
    if end.date() == start.date():
        return f"{clock(start)}–{clock(end)}"
    if (end.hour, end.minute) == (0, 0) and (end.date() - start.date()).days == 1:
        return f"{start:%H:%M}–24:00"
    return f"{start:%H:%M}–{day(end)} {end:%H:%M}"


def moment(t: datetime) -> str:
    """6月11日 周四 10:00."""
    return f"{day(t)} {clock(t)}"


def visit_json(visit: Visit) -> dict[str, object]:
    """`data.visit` of contract.md section 7."""
    return {
        "id": visit.id,
        "customer": visit.customer,
        "customer_name": visit.customer_name,
        "rep": visit.rep,
        "participants": list(visit.participants),
        "start": visit.start.astimezone(OFFICE).isoformat(),
        "end": visit.end.astimezone(OFFICE).isoformat(),
        "mode": visit.mode,
        "purpose": visit.purpose,
        "contact": visit.contact,
        "location": visit.location,
        "status": visit.status,
        "version": visit.version,
    }


def customer_json(c: Customer) -> dict[str, object]:
    """`data.customer` of contract.md section 7."""
    return {
        "id": c.id,
        "code": c.code,
        "name": c.name,
        "owner": c.owner,
        "grade": c.grade,
        "stage": c.stage,
        "status": c.status,
        "protected_until": c.protected_until.isoformat() if c.protected_until else None,
    }


def names(turn: Turn, ids: Iterable[str]) -> str:
    """People's names, joined by 、."""
    return "、".join(name(turn, i) for i in ids)


def name(turn: Turn, member: str | None) -> str:
    """A person's name; an unknown id shows as 同事."""
    found = turn.tx.people.get(member) if member else None
    return found.name if found else "同事"


def owner(turn: Turn, c: Customer) -> str:
    """Whose a customer is, in words: a name, 公海, or 待审核 with who entered it (R50)."""
    if c.owner:
        return name(turn, c.owner)
    return f"待审核，{name(turn, c.awaiting)}报备" if c.awaiting else "公海"


def label(turn: Turn, visit: Visit, customer: Customer | None = None) -> str:
    """The customer of a visit as all readers of this reply may see it (R157: 客户 when locked)."""
    customer = customer or turn.tx.customers.get(visit.customer)
    if customer is None:
        return visit.customer_name
    chain = managers(turn, visit.rep) | (managers(turn, customer.owner) if customer.owner else frozenset())
    shown = {visit_label(who, visit, customer, chain) for who in turn.readers} or {customer.short}
    return shown.pop() if len(shown) == 1 else "客户"


def sees_details(turn: Turn, visit: Visit) -> bool:
    """Whether every reader of this reply may see purpose, contact and place: who takes part, who follows the customer, and
    the managers upwards of either."""
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        return False
    chain = managers(turn, visit.rep) | (managers(turn, customer.owner) if customer.owner else frozenset())
    return audience(turn.readers, lambda reader: sees_visit(reader, visit, customer, chain))


def managers(turn: Turn, member: str) -> frozenset[str]:
    """The ids of somebody's managers, upwards."""
    return frozenset(m.id for m in turn.tx.people.managers_above(member))


def visit_line(turn: Turn, visit: Visit, *, with_day: bool = False, with_rep: bool = False) -> str:
    """One visit in one line: 14:00–15:00 华岳（上门·产品演示）."""
    when = span(visit.slot) if with_day else clocks(visit.slot)
    who = f"{name(turn, visit.rep)} " if with_rep else ""
    details = []
    if sees_details(turn, visit):
        details = [MODES.get(visit.mode, ""), visit.purpose]
        others = [p for p in visit.participants if p != turn.me.id]
        if others:
            details.append("同行 " + names(turn, others))
    details.append(STATUSES.get(visit.status, ""))
    inside = "·".join(d for d in details if d)
    return f"{who}{when} {label(turn, visit)}" + (f"（{inside}）" if inside else "")


def visit_rows(turn: Turn, visit: Visit, customer: Customer) -> tuple[tuple[str, str], ...]:
    """The facts of a visit for a card."""
    rows = [("时间", span(visit.slot)), ("客户", label(turn, visit, customer))]
    if sees_details(turn, visit):
        place = visit.location or (customer.address if visit.mode == "onsite" else "")
        with_ = names(turn, [p for p in visit.participants if p != turn.me.id])
        rows += [
            ("方式", MODES.get(visit.mode, visit.mode)),
            ("目的", visit.purpose),
            ("联系人", visit.contact),
            ("地点", place),
            ("同行", with_),
            *_fields.rows_of_visit(turn, visit.id),
        ]
    return tuple((n, v) for n, v in rows if v)


def corrected(turn: Turn) -> list[str]:
    """What the answer just given changed of the open question: 3月18日 周三 → 3月19日 周四 (sentence 13)."""
    before = turn.said.hints.get("before")
    if not isinstance(before, Mapping):
        return []
    lines = []
    for slot, old in before.items():
        was, now = _as_said(turn, old), _as_said(turn, turn.said.slots.get(slot))
        if was != now and not now.startswith(was):  # a day that got its clock was completed, not changed
            lines.append(f"已改：{was} → {now}")
    return lines


def _as_said(turn: Turn, value: object) -> str:
    if isinstance(value, Mapping):
        when = read_when(value)
        if when.start is None:
            return "待定"
        return moment(when.start) if when.kind == "instant" else day(when.start)
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return MODES.get(str(value), f"{value} 分钟" if isinstance(value, int) else str(value))


def heard(turn: Turn, visit: Visit) -> str:
    """Who besides the asker knew of a visit and hears of its end; nobody outside the company ever does (sentence 18)."""
    letters = [x for subject in (f"visit:{visit.id}", f"invite:{visit.id}") for x in turn.tx.mail.about(subject)]
    readers = [user for x in letters if (user := Address.read(x.to).user)]
    told = dict.fromkeys(p for p in (*visit.people, *readers) if p != turn.me.id)
    return f"；已通知{names(turn, told)}" if told else "；没有通知过其他人"


def listing(people: Sequence[Member]) -> str:
    """Names of members, joined."""
    return "、".join(m.name for m in people)
