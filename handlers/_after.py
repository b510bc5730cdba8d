"""What follows from a change of the calendar: events, jobs (reminder, missed-visit check), letters to everybody concerned.

Every door that changes a visit calls exactly one of these, inside the same transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Turn
from domain import reminders
from domain.desk import Job
from domain.model import Customer, Slot, Visit
from handlers import _confirm, _mails, _views


def plan_jobs(turn: Turn, visit: Visit) -> None:
    """The jobs a live visit needs: its reminder, and the look after its end. Older ones of the visit are dropped first."""
    tx = turn.tx
    if visit.version > 1:
        tx.jobs.drop(f"visit:{visit.id}")
    if visit.status not in ("planned", "pending"):
        return
    lead = lead_for(turn, visit)
    at = reminders.plan(visit, lead, turn.now)
    subject, state, jobs = f"visit:{visit.id}", _state(visit), []
    if at is not None:
        jobs.append(Job(f"reminder-{visit.id}-{visit.version}", "visit_reminder", subject, at, state))
    if visit.end >= turn.now:
        late = visit.end + timedelta(minutes=turn.rules.missed_after_min)
        jobs.append(Job(f"end-{visit.id}-{visit.version}", "visit_end", subject, visit.end, state))
        jobs.append(Job(f"missed-{visit.id}-{visit.version}", "visit_missed", subject, late, state))
    tx.jobs.plan_all(jobs)


def _state(visit: Visit) -> dict[str, object]:
    """What a job's visit looked like when the job was planned; another start makes the job void (D9)."""
    return {"version": visit.version, "start": visit.start.isoformat(), "end": visit.end.isoformat()}


def lead_for(turn: Turn, visit: Visit) -> int:
    """Minutes before the visit: the customer's setting, else the person's, else the company's (contract.md section 7b)."""
    settings = turn.tx.settings
    customer = settings.personal(visit.rep, f"lead:{visit.customer}")
    person = settings.personal(visit.rep, "lead")
    return reminders.lead(_minutes(customer), _minutes(person), turn.rules)


def _minutes(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def booked(turn: Turn, visit: Visit, customer: Customer, near: Iterable[Visit] | None = None) -> None:
    """A new visit stands: `visit.booked` unless it still waits for a yes; the people taken along and the owner are told.

    `near`: the visits at this customer around it, where they are known already.
    """
    plan_jobs(turn, visit)
    if visit.status == "planned":
        _mails.later(turn, visit)
        turn.event("visit.booked", visit=_views.visit_json(visit))
        _invite(turn, visit, visit.participants, customer)
        _tell_owner(turn, visit, customer, near)


def became_planned(turn: Turn, visit: Visit, customer: Customer) -> None:
    """A pending visit was agreed to."""
    booked(turn, visit, customer)


def moved(turn: Turn, old: Visit, new: Visit, customer: Customer, *, by_customer: bool = False) -> None:
    """Another time: reminders move along, everybody concerned is told in the same moment (R17, R18)."""
    plan_jobs(turn, new)
    _mails.later(turn, new)
    _confirm.close(turn, new, "cancelled")
    turn.event("visit.rescheduled", visit=_views.visit_json(new), old_start=old.start.isoformat(), by_customer=by_customer)
    title = f"已改期：{customer.short} 改到 {_views.moment(new.start)}"
    facts = Facts((("原时间", _views.span(old.slot)), ("新时间", _views.span(new.slot)), ("负责人", _views.name(turn, new.rep))))
    _tell_people(turn, new, Card(title, (facts,)))
    turn.change_cards(f"visit:{new.id}", Card(f"{title}（此卡已更新）", (facts,), tone=Tone.DONE), but=turn.chat)
    free_slot(turn, new)


def cancelled(turn: Turn, visit: Visit, customer: Customer, *, quiet: bool = False) -> None:
    """Called off: no reminder, participants told without any private reason (contract.md section 7b)."""
    turn.tx.jobs.drop(f"visit:{visit.id}")
    _mails.later(turn, visit)
    _confirm.close(turn, visit, "cancelled")
    turn.event("visit.cancelled", visit=_views.visit_json(visit))
    free_slot(turn, visit)
    if quiet:
        return
    title = f"已取消：{_views.moment(visit.start)} 拜访{customer.short}"
    who = (("负责人", _views.name(turn, visit.rep)),)
    _tell_people(turn, visit, Card(title, (Facts(who),)))
    turn.change_cards(f"visit:{visit.id}", Card(f"{title}（此卡已更新）", tone=Tone.DONE), but=turn.chat)


def restored(turn: Turn, visit: Visit, customer: Customer, old: Visit | None = None) -> None:
    """Back again, or back at its earlier time."""
    plan_jobs(turn, visit)
    _mails.later(turn, visit)
    turn.event("visit.restored", visit=_views.visit_json(visit))
    title = f"已恢复：{_views.moment(visit.start)} 拜访{customer.short}"
    rows = [("时间", _views.span(visit.slot)), ("负责人", _views.name(turn, visit.rep))]
    if old is not None:
        rows.insert(0, ("刚才的时间", _views.span(old.slot)))
    _tell_people(turn, visit, Card(title, (Facts(tuple(rows)),)))


def people_changed(turn: Turn, old: Visit, new: Visit, customer: Customer, asked: tuple[str, ...] = ()) -> None:
    """Colleagues taken along or let go."""
    plan_jobs(turn, new)
    turn.event("visit.updated", visit=_views.visit_json(new))
    _invite(turn, new, [p for p in new.participants if p not in (*old.participants, *asked)], customer)
    for gone in (p for p in old.participants if p not in new.participants and p != turn.me.id):
        title = f"不用参加了：{_views.moment(new.start)} 拜访{customer.short}"
        turn.tell(gone, Card(title, (Text(f"{turn.me.name}已调整同行人员。"),)))


def _invite(turn: Turn, visit: Visit, people: Iterable[str], customer: Customer) -> None:
    for person in people:
        if person == turn.me.id:
            continue
        facts = [("时间", _views.span(visit.slot)), ("客户", customer.short), ("负责人", _views.name(turn, visit.rep))]
        if visit.purpose:
            facts.append(("目的", visit.purpose))
        buttons = (
            Button("接受", says.write("visit.answer", visit=visit.id, yes=True), "primary"),
            Button("婉拒", says.write("visit.answer", visit=visit.id, no=True)),
        )
        title = f"{turn.me.name}邀您同行：{_views.moment(visit.start)} 拜访{customer.short}"
        turn.tell(person, Card(title, (Facts(tuple(facts)),), buttons), subject=f"invite:{visit.id}")


def _tell_owner(turn: Turn, visit: Visit, customer: Customer, near: Iterable[Visit] | None) -> None:
    """The owner hears of a colleague's visit to his customer, and so does who holds a visit there in the window (R12, D28)."""
    around = window(turn, visit)
    if near is None:
        near = turn.tx.visits.at_customer_between(customer.id, around.start, around.end)
    concerned = {v.rep for v in near if v.id != visit.id and v.status in ("planned", "pending") and around.overlaps(v.slot)}
    if customer.owner:
        concerned.add(customer.owner)
    concerned -= {*visit.people, turn.me.id}
    if not concerned:
        return
    title = f"{_views.name(turn, visit.rep)}约了您的客户{customer.short}：{_views.moment(visit.start)}"
    for person in sorted(concerned):
        if person != customer.owner:
            other = f"{_views.name(turn, visit.rep)}也约了{customer.short}：{_views.moment(visit.start)}"
            turn.tell(person, Card(other, (Text("时间不冲突，请留意衔接。"),)), subject=f"visit:{visit.id}")
        else:
            turn.tell(person, Card(title, (Text("如需协调，可以直接联系对方。"),)), subject=f"visit:{visit.id}")


def window(turn: Turn, visit: Visit) -> Slot:
    """The days around a visit in which others at the same customer matter."""
    days = timedelta(days=turn.rules.customer_window_days)
    return Slot(visit.start - days, visit.end + days)


def _tell_people(turn: Turn, visit: Visit, card: Card) -> None:
    for person in visit.people:
        if person != turn.me.id:
            turn.tell(person, card, subject=f"visit:{visit.id}")


# ---------------------------------------------------------------------- conflicts that end
def settle_clash(turn: Turn, clash: str, how: str, visit: str) -> None:
    """Record how a conflict ended (R28) and change the cards of everybody who got one (R16)."""
    found = turn.tx.conflicts.get(clash) if clash else None
    if found is None or not turn.tx.conflicts.resolve(clash, how, visit, turn.now):
        return
    turn.event("conflict.resolved", kinds=list(found.kinds), by=how, visit=visit or None)
    words = {"dropped": "对方已放弃", "joined": "改为同行", "alternative": "已改到别的时间", "moved": "已改期"}
    card = Card("已解决：这次撞单已经处理", (Text(words.get(how, "已处理，无需再操作。")),), tone=Tone.DONE)
    turn.change_cards(f"conflict:{clash}", card, but=turn.chat)


def free_slot(turn: Turn, visit: Visit) -> None:
    """A visit went away from its slot: whoever was refused because of it hears so at once, and can book with one tap (R16, R101)."""
    stands = visit.status in ("planned", "pending")
    for clash in turn.tx.conflicts.open_between([visit.id]):
        draft = clash.draft
        wish = Slot(datetime.fromisoformat(str(draft["start"])), datetime.fromisoformat(str(draft["end"])))
        if clash.rep in visit.people or not clash.hard or wish.start < turn.now or (stands and wish.overlaps(visit.slot)):
            continue
        settle_clash(turn, clash.id, "moved", visit.id)
        customer = turn.tx.customers.get(clash.customer)
        title = f"{_views.name(turn, visit.rep)}已{'改期' if stands else '取消'}，{_views.span(wish)} 空出来了：{customer.short if customer else '客户'}"
        waiting = turn.tx.talk.noted(clash.rep, f"clash:{clash.id}")
        buttons = (Button("现在预约", says.write("visit.settle", draft=waiting, how="retry"), "primary"),) if waiting else ()
        turn.tell(clash.rep, Card(title, (Text("您的预约还没有保存。"),), buttons), subject=f"freed:{clash.id}")
