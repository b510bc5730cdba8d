"""The confirmation to the customer (R95): by e-mail with an .ics, once the booking can no longer be undone."""

from collections.abc import Mapping
from datetime import timedelta

from bot.cards import Card, Facts, Text
from bot.command import Note, Turn
from bot.mail import NAME, invitation
from bot.message import Address
from domain.desk import Job
from domain.model import Customer, Visit
from handlers import _views

PLACE = "~mail"
"""What was last sent about a visit is kept beside its own fields; no field can be called so."""
OFF = "no_mail"
"""The mark of a customer that wants no confirmations."""


def later(turn: Turn, visit: Visit) -> None:
    """Plan the mail about a visit that was booked, moved or called off; the rep's minutes for an undo pass first."""
    if turn.mail:
        due = turn.now + timedelta(minutes=turn.rules.undo_min)
        turn.tx.jobs.plan(Job(f"mail-{visit.id}-{visit.version}", "customer_mail", f"mail:{visit.id}", due))


def sent(turn: Turn, visit: str) -> Mapping[str, object]:
    """{to, version} of the last mail about a visit; empty when there was none."""
    value = turn.tx.fields.values("visit", visit).get(PLACE)
    return value if isinstance(value, Mapping) else {}


def address(visit: Visit, customer: Customer) -> str:
    """The contact's own address, else the first one known."""
    people = sorted(customer.contacts, key=lambda c: c.name != visit.contact) if visit.contact else customer.contacts
    return next((c.email for c in people if c.email), next(iter(customer.emails), ""))


def send(turn: Turn, visit: Visit, customer: Customer) -> None:
    """Bring the customer's calendar up to date: a first invitation, a change, or the cancellation of one he has.

    Drafts and visits that wait for an approval are never sent, nor anything about a visit that has begun.
    """
    before = sent(turn, visit.id)
    to = str(before.get("to") or address(visit, customer))
    if not turn.mail or not to or customer.extra.get(OFF) or visit.start <= turn.now:
        return
    if visit.status not in ("planned", "cancelled") or before.get("start") == _state(visit):
        return
    if visit.status == "cancelled" and not before:
        return
    turn.tx.fields.set_value("visit", visit.id, PLACE, {"to": to, "start": _state(visit)})
    letter = Note(Address(user=to), card(turn, visit, customer, to, bool(before)), "push", f"mail:{visit.id}", "", "", NAME)
    turn.notes.append(letter)
    turn.event("mail.queued", visit=visit.id, to=to, status=visit.status)


def _state(visit: Visit) -> str:
    return f"{visit.status} {visit.start.isoformat()} {visit.end.isoformat()}"


def card(turn: Turn, visit: Visit, customer: Customer, to: str, again: bool) -> Card:
    """What the customer reads: time, place, agenda, and whom to answer."""
    rep = _views.name(turn, visit.rep)
    word = "拜访取消" if visit.status == "cancelled" else "拜访改期" if again else "拜访确认"
    place = visit.location or customer.address if visit.mode == "onsite" else _views.MODES.get(visit.mode, "")
    agenda = visit.agenda or visit.purpose
    rows = [
        ("时间", _views.span(visit.slot)),
        ("地点" if visit.mode == "onsite" else "方式", place),
        ("议程", agenda),
        ("联系人", rep),
    ]
    facts = Facts(tuple((n, v) for n, v in rows if v))
    text = Text("如时间不便，请直接联系我们改期。" if visit.status == "planned" else "给您带来不便，敬请谅解。")
    summary = f"{rep}拜访" + (f"：{agenda}" if agenda else "")
    words = "\n".join(f"{n}：{v}" for n, v in facts.rows)
    ics = invitation(visit, summary=summary, place=place, text=words, rep=rep, sender=turn.mail, to=to, at=turn.now)
    return Card(f"{word}：{_views.span(visit.slot)}", (facts, text, Text(ics)))
