"""What a customer's new stage or status brings: helpers by rule (R48), the credit of a deal (R66)."""

from dataclasses import replace

from bot.cards import Card, Text
from bot.command import Turn
from domain.model import Customer, Member
from handlers import _deals, _owners, _views


def won(turn: Turn, before: Customer, new: Customer) -> Customer:
    """A deal's credit is fixed on the day it is won, by the split in force then; a deal that is off has none."""
    if _deals.closed(new) == _deals.closed(before):
        return new
    extra = {k: v for k, v in new.extra.items() if k != "deal"}
    if _deals.closed(new):
        extra["deal"] = _deals.record(new, _owners.today(turn), turn.rules.split_main)
    return replace(new, extra=extra)


def entered(turn: Turn, before: Customer, saved: Customer) -> Customer:
    """The team or person of the new stage becomes co-owner, once for each customer, stage and rule; C takes none (R114)."""
    who = turn.rules.stage_assist.get(saved.stage, "") if saved.stage != before.stage else ""
    if not who or saved.grade == "C" or saved.owner is None:
        return saved
    if not turn.tx.jobs.once(f"stage-assist-{saved.id}-{saved.stage}-{who}"):
        return saved
    people = [m for m in _people(turn, who) if m.id not in (saved.owner, *saved.co_owners)]
    if not people:
        return saved
    fresh = turn.tx.customers.put(replace(saved, co_owners=(*saved.co_owners, *(m.id for m in people))))
    turn.event("customer.updated", customer=_views.customer_json(fresh), why=f"阶段到{fresh.stage}")
    text = Text(f"阶段到{fresh.stage}，按规则自动加入；可以登记跟进和预约。")
    for m in people:
        turn.tell(m.id, Card(f"您成为{fresh.short}的协助负责人", (text,)), subject=f"customer:{fresh.id}")
    if fresh.owner and fresh.owner != turn.me.id:
        card = Card(f"{fresh.short}新增协助负责人：{_views.listing(people)}", (text,))
        turn.tell(fresh.owner, card, subject=f"customer:{fresh.id}")
    return fresh


def _people(turn: Turn, who: str) -> list[Member]:
    """The reps of a team, or the one of that name."""
    team = [m for m in turn.tx.people.team(who) if not m.role.leads]
    return team or turn.tx.people.named(who)[:1]
