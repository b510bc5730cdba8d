"""The customer's nod before a visit (R82, M20): a ready text with a four-digit code, and what he answered, kept with the visit."""

import secrets
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from bot import says
from bot.cards import Button
from bot.command import Turn
from domain.follow import Task
from domain.model import OFFICE, Customer, Visit
from handlers import _daily, _views
from handlers._daily import Morning

PLACE = "~confirm"
"""Where the answer is kept beside the visit's own fields; no field can be called so."""
HOW = {"yes": "已确认", "changed": "要改时间", "silent": "没有回复"}
HEADING = "请先和客户确认"


def state(turn: Turn, visit: str) -> Mapping[str, object]:
    """{code, how, at} as far as known; empty before anybody was asked."""
    value = turn.tx.fields.values("visit", visit).get(PLACE)
    return value if isinstance(value, Mapping) else {}


def words(turn: Turn, visit: Visit) -> str:
    """已确认 3月11日 周三 15:20, for cards; "" when nothing is known."""
    known = state(turn, visit.id)
    if not known.get("how"):
        return ""
    at = datetime.fromisoformat(str(known["at"]))
    proof = "（确认码）" if known.get("proof") else ""
    return f"{HOW[str(known['how'])]}{proof} {_views.moment(at)}"


def code(turn: Turn, visit: Visit) -> str:
    """The visit's four digits, made when first asked for; another start makes new ones."""
    known = state(turn, visit.id)
    start = visit.start.isoformat()
    if known.get("code") and known.get("start") == start:
        return str(known["code"])
    new = f"{secrets.randbelow(9000) + 1000}"
    turn.tx.fields.set_value("visit", visit.id, PLACE, {"code": new, "start": start})
    return new


def text(turn: Turn, visit: Visit, customer: Customer) -> str:
    """What the rep sends to the customer by message or mail; no more in it than the customer knows himself."""
    who = visit.contact or (customer.contacts[0].name if customer.contacts else "")
    what = f"，聊聊{visit.purpose}" if visit.purpose else ""
    place = visit.location or customer.address if visit.mode == "onsite" else _views.MODES.get(visit.mode, "")
    where = f"，{'地点' if visit.mode == 'onsite' else '方式'}：{place}" if place else ""
    me = _views.name(turn, visit.rep)
    return (
        f"{who or '您'}好，我是{me}。和您确认 {_views.moment(visit.start)} 的拜访{what}{where}。"
        f"时间合适的话请回复确认码 {code(turn, visit)}；需要改时间请直接告诉我，谢谢！"
    )


def record(turn: Turn, visit: Visit, how: str, *, proof: bool = False) -> None:
    """Keep the answer with the visit and tick off the task; a code proves one answer only."""
    known = dict(state(turn, visit.id))
    if proof:
        known.pop("code", None)
    known |= {"how": how, "at": turn.now.isoformat(), "by": turn.me.id, "proof": proof, "start": visit.start.isoformat()}
    turn.tx.fields.set_value("visit", visit.id, PLACE, known)
    close(turn, visit, "done")
    turn.event("visit.updated", visit={**_views.visit_json(visit), "confirmed": how, "proof": proof})


def close(turn: Turn, visit: Visit, state: str) -> None:
    """The errand is over: done with an answer, cancelled when the visit moved, fell through or began.

    It is no `task.*` event: those count what the visit itself brings (contract.md section 7b).
    """
    for task in turn.tx.tasks.of_visit(visit.id, kind="confirm"):
        turn.tx.tasks.close(task.id, state, turn.now)


def moved(turn: Turn, visit: Visit) -> bool:
    """The answer was to another time than the visit has now."""
    known = state(turn, visit.id)
    return bool(known) and known.get("start") != visit.start.isoformat()


def check(turn: Turn, morning: Morning) -> None:
    """On the last workday before it, every planned visit gets a task for its rep to confirm it with the customer."""
    begin = datetime.combine(morning.day + timedelta(days=1), time(0), OFFICE)
    following = turn.calendar.next_workday(morning.day)
    end = datetime.combine(following + timedelta(days=1), time(0), OFFICE)
    for visit in turn.tx.visits.between(begin, end, ("planned",)):
        customer = turn.tx.customers.get(visit.customer)
        known = state(turn, visit.id)
        if visit.start < begin or customer is None or (known.get("how") == "yes" and not moved(turn, visit)):
            continue
        if turn.tx.tasks.of_visit(visit.id, states=("open",), kind="confirm"):
            continue
        due = datetime.combine(morning.day, turn.rules.work_end, OFFICE)
        title = f"和{customer.short}确认 {_views.moment(visit.start)} 的拜访"
        task = Task("", title, visit.rep, due, customer.id, visit.id, "confirm", by="system")
        turn.event("visit.confirm_asked", visit=_views.visit_json(visit), task=turn.tx.tasks.add(task, turn.now).id)
        line = f"{_views.moment(visit.start)} 拜访{customer.short}：点按钮取现成的话术"
        button = Button(f"确认{customer.short}"[:10], says.write("visit.confirm", visit_id=visit.id))
        morning.add(visit.rep, HEADING, line, button)


_daily.CHECKS.append(check)
