"""The reminder of a visit: sent to each person once for a start, whoever sends it first."""

from bot import says
from bot.cards import Button, Card, Facts
from bot.command import Turn
from domain.model import Customer, Visit
from handlers import _confirm, _fields, _leads, _views


def send(turn: Turn, visit: Visit, customer: Customer, person: str, *, late: bool) -> bool:
    """Remind one person unless it was done, or he does not want it; True when it went out (contract promise 4)."""
    key = f"rem-{visit.id}-{visit.start:%y%m%d%H%M}-{person}"
    if turn.tx.mail.state_of(key) or _leads.is_muted(turn, person, "all", f"customer:{visit.customer}", f"visit:{visit.id}"):
        return False
    turn.tell(person, card(turn, visit, customer, person, late), subject=f"visit:{visit.id}", key=key)
    turn.event("reminder.sent", kind="visit", visit=visit.id, to=person, late=late)
    return True


def card(turn: Turn, visit: Visit, customer: Customer, person: str, late: bool) -> Card:
    """Who, when, where, what for (R94), with what is still open: as the reader may see it."""
    minutes = max(0, round((visit.start - turn.now).total_seconds() / 60))
    member = turn.tx.people.get(person)
    if member is not None:
        turn.readers = [member]
    name = _views.label(turn, visit, customer)
    mark = "【补发】" if late else ""
    ahead = f"{minutes} 分钟后" if minutes < 120 else f"{minutes // 60} 小时后" if minutes < 1440 else _views.day(visit.start)
    rows = [
        ("客户", name),
        ("时间", _views.span(visit.slot)),
        ("地点", visit.location or customer.address or customer.city or _views.MODES.get(visit.mode, "")),
        ("目的", visit.purpose or "未填写"),
        ("联系人", visit.contact),
        ("目标", visit.agenda),
        ("客户确认", _confirm.words(turn, visit) if person in visit.people else ""),
        *(_fields.rows_of_visit(turn, visit.id) if person in visit.people else ()),
        ("未办", _open_items(turn, visit) if person in visit.people else ""),
    ]
    buttons: tuple[Button, ...] = ()
    if person == visit.rep:
        buttons = (
            Button("改时间", says.write("visit.retime", visit=visit.id)),
            Button("取消拜访", says.write("visit.cancel", visit_id=visit.id)),
            Button("拜访准备", says.write("visit.prepare", visit_id=visit.id)),
        )
    title = f"{mark}拜访提醒：{ahead} {_views.clock(visit.start)} 拜访{name}"
    return Card(title, (Facts(tuple((n, v) for n, v in rows if v)),), buttons)


def _open_items(turn: Turn, visit: Visit) -> str:
    """What was promised to this customer, or is to be prepared, and is not done (R80, R83)."""
    tasks = [t for t in turn.tx.tasks.of_customer(visit.customer) if t.assignee in visit.people]
    kinds = ("promise", "question", "next_step", "prep", "confirm")
    return "；".join(t.title for t in tasks if t.kind in kinds)[:80]
