"""Alert rules at work: whom a rule covers today, and telling them once (R105)."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot import says
from bot.cards import Button, Card, Text, Tone
from bot.command import Turn
from domain import cadence
from domain.alert_rules import AlertRule
from domain.follow import Task
from domain.model import OFFICE, Customer, Role
from handlers import _daily, _tasks, _views
from handlers._daily import Morning


def covers(turn: Turn, rule: AlertRule, customer: Customer) -> bool:
    """A manager's rule holds for the customers of his people, a director's or admin's for all."""
    maker = turn.tx.people.get(rule.by)
    if maker is None or not maker.active or customer.owner is None or rule.grade not in ("", customer.grade):
        return False
    if maker.role in (Role.DIRECTOR, Role.ADMIN):
        return True
    return customer.owner == maker.id or maker.id in _views.managers(turn, customer.owner)


def silent(turn: Turn, rule: AlertRule) -> list[Customer]:
    """The customers a rule about silence hits today: more than `n` days without contact."""
    today = turn.now.astimezone(OFFICE).date()
    until = datetime.combine(today - timedelta(days=rule.n), time(0), OFFICE)
    grades = (rule.grade,) if rule.grade else ("A", "B", "C", "D", "")
    found = turn.tx.customers.many(turn.tx.followups.silent(grades, None, until))
    return [c for c in found.values() if covers(turn, rule, c)]


def targets(turn: Turn, rule: AlertRule, customer: Customer, rep: str = "") -> list[str]:
    """Who is told: in the order of the rule, each once."""
    person = rep or customer.owner or ""
    above = turn.tx.people.managers_above(person) if person else []
    who = {
        "me": [rule.by],
        "owner": [person] if person else [],
        "manager": [m.id for m in above[:1]],
        "director": [m.id for m in above if m.role is Role.DIRECTOR][:1],
    }
    return list(dict.fromkeys(p for t in rule.notify for p in who[t]))


def fire(turn: Turn, event: str, customer: Customer, incident: str, what: str, rep: str = "") -> None:
    """Tell everybody the rules on this event name, once per incident and rule version."""
    for rule in turn.tx.alert_rules.all():
        if rule.event == event and covers(turn, rule, customer):
            _fire_one(turn, rule, customer, incident, what, rep)


def _fire_one(turn: Turn, rule: AlertRule, customer: Customer, incident: str, what: str, rep: str = "") -> None:
    if not turn.tx.jobs.once(f"rule-{rule.id}-{rule.version}-{incident}"):
        return
    to = targets(turn, rule, customer, rep)
    if to:
        turn.event("alert.raised", kind="rule", subject={"customer": customer.id}, to=to, rule=rule.id)
    for person in to:
        own = (Button("约拜访", says.write("visit.book", customer_id=customer.id)),) if person == customer.owner else ()
        card = Card(f"规则提醒：{customer.short} {what}", (Text(f"规则：{rule.words()}"),), own, Tone.WARN)
        turn.tell(person, card, subject=f"customer:{customer.id}")
    if rule.task and customer.owner:
        due = _tasks.end_of(turn.calendar.next_workday(turn.now.astimezone(OFFICE).date(), 2))
        title = f"跟进{customer.short}（{what}）"
        _tasks.create(turn, Task("", title, rep or customer.owner, due, customer.id, "", "todo", by="system"))


def check_silent(turn: Turn, morning: Morning) -> None:
    """The morning's rules about silence."""
    rules: Sequence[AlertRule] = [r for r in turn.tx.alert_rules.all() if r.event == "silent"]
    for rule in rules:
        for customer in silent(turn, rule):
            last = cadence.contact_day(customer)
            days = (morning.day - last).days if last else 0
            _fire_one(turn, rule, customer, f"{customer.id}-{last}", f"{days} 天没有跟进")


_daily.CHECKS.append(check_silent)
