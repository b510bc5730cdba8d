"""Who gets a new customer (R44, R49–R51, R104): the company's mode decides, everybody concerned is told, nobody is passed over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Turn
from domain.intake import Candidate, Lead, mode_for, pick, territory_of
from domain.model import OFFICE, Customer, Member, Role
from handlers import _approvals, _deals, _owners, _views

REASON = "自动分配"


@dataclass(frozen=True, slots=True)
class Given:
    """What was decided: the owner (None while a manager decides, or when it is grabbed), how, and why in words."""

    mode: str
    owner: str | None
    why: str
    asked: tuple[str, ...] = ()


def lead_of(turn: Turn, c: Customer) -> Lead:
    """A new customer as the rules look at it."""
    text = {k: str(c.extra.get(k) or "") for k in ("kind", "source", "业务类型", "行业")}
    business = text["业务类型"] or text["行业"]
    sells = turn.me.role is Role.REP and turn.source == "chat"
    return Lead(c.name, text["kind"], c.grade, text["source"], c.city, c.address, business, sells)


def decide(turn: Turn, draft: Customer) -> Given:
    """Mode, owner and reason for a customer that is about to be entered by the asker."""
    lead = lead_of(turn, draft)
    mode, why = mode_for(lead, turn.rules)
    if mode == "first":
        return Given(mode, turn.me.id, why)
    if mode == "audit":
        asked = [p for p in _approvals.approvers_for(turn, "ownership", turn.me.id, None) if p != turn.me.id]
        if turn.me.role.leads or not asked:  # who answers for others reviews what he enters himself
            return Given("first", turn.me.id, why)
        return Given(mode, None, why, tuple(asked))
    if mode == "grab":
        return Given(mode, None, why, tuple(m.id for m in team_of(turn, lead)))
    if mode == "partner":
        owner = partner(turn, lead)
        return Given(mode, owner or boss(turn), why if owner else f"{why}；没有登记这家渠道，由主管分配")
    people, fallback = pool_of(turn, lead, mode)
    if mode == "territory" and len(people) == 1:
        return Given(mode, people[0].id, why)
    key = f"rotation:{lead.source or lead.kind or lead.grade or why}"
    last = turn.tx.talk.noted("system", key)
    chosen = pick("round_robin" if mode == "territory" else mode, candidates(turn, people), str(last or ""))
    if not chosen:
        return Given(mode, fallback, f"{why}；现在没有能接的同事，由主管分配")
    turn.tx.talk.note("system", key, chosen)
    return Given(mode, chosen, why)


def pool_of(turn: Turn, lead: Lead, mode: str) -> tuple[list[Member], str]:
    """The people a lead may go to, and the manager it falls to when none of them can take it."""
    people = team_of(turn, lead)
    above = [m for p in people[:1] for m in turn.tx.people.managers_above(p.id)[:1]]
    return people, above[0].id if above else boss(turn)


def team_of(turn: Turn, lead: Lead) -> list[Member]:
    """The reps of the lead's territory; without an entry those of the asker's own team, or everybody below him."""
    where = turn.rules.territory.get(territory_of(lead, turn.rules.territory), "")
    if where:
        named = turn.tx.people.team(where) or turn.tx.people.named(where) or [m for m in [turn.tx.people.get(where)] if m]
        reps = [m for m in named if m.role is Role.REP] or named
        if reps:
            return reps
    if lead.source or lead.kind or lead.grade in turn.rules.assign_grades:
        mine = turn.tx.people.team(turn.me.team) if turn.me.role is Role.REP else turn.tx.people.reports_of(turn.me.id)
        if turn.me.role in (Role.DIRECTOR, Role.ADMIN):
            mine = [m for m in turn.tx.people.all() if _sells(turn, m)]
        return [m for m in mine if m.role is Role.REP]
    return []


def _sells(turn: Turn, m: Member) -> bool:
    """A rep with customers or with colleagues in his team who have some: pre-sales and service people own none."""
    return m.role is Role.REP and any(turn.tx.customers.owned_by(x.id) for x in (m, *turn.tx.people.team(m.team)))


def boss(turn: Turn) -> str:
    """Who decides where no rule does: a manager or director himself, else who is above; never nobody (R104)."""
    if turn.me.role in (Role.MANAGER, Role.DIRECTOR):
        return turn.me.id
    above = turn.tx.people.managers_above(turn.me.id) or turn.tx.people.directors() or turn.tx.people.admins()
    return above[0].id if above else turn.me.id


def partner(turn: Turn, lead: Lead) -> str | None:
    """Who looks after the channel partner that is named in the lead, or the only one whose line or team is 渠道."""
    for name, member in turn.rules.partners.items():
        if name and (name in lead.name or name in lead.source):
            found = turn.tx.people.get(member) or next(iter(turn.tx.people.named(member)), None)
            if found and found.active:
                return found.id
    channel = [m for m in turn.tx.people.all() if m.role is Role.REP and ("渠道" in m.line or "渠道" in m.team)]
    return channel[0].id if len(channel) == 1 else None


def candidates(turn: Turn, people: Sequence[Member]) -> list[Candidate]:
    """What speaks for and against each: holding, got today, won this month, on leave, in a visit, at the cap."""
    local = turn.now.astimezone(OFFICE)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ids = [m.id for m in people]
    away = {x.member for x in turn.tx.leaves.of_many(ids, start, start + timedelta(days=1)) if x.kind != "开会"}
    busy = (
        {p for v in turn.tx.visits.of_people(ids, turn.now, turn.now + timedelta(seconds=1)) for p in v.people} if ids else set()
    )
    out = []
    for m in people:
        held = turn.tx.customers.owned_by(m.id)
        today = sum(1 for c in held if c.created and c.created >= start)
        won = sum(_deals.credit_of(c, m.id) for c in held if _deals.won_on(c) >= f"{local:%Y-%m}-01")
        full = len(held) >= turn.rules.holding_cap
        out.append(Candidate(m.id, len(held), today, won, m.id in away, m.id in busy, full))
    return out


def entered(turn: Turn, draft: Customer, given: Given) -> Customer:
    """The record as it is entered: protected for its owner, waiting for a manager's word, or in the pool to be grabbed."""
    if given.mode == "audit":
        return replace(draft, owner=None, status="active", extra={**draft.extra, "audit": {"by": turn.me.id}})
    if given.owner is None:
        return replace(draft, owner=None, status="pool")
    until = _owners.today(turn) + timedelta(days=turn.rules.protect_days)
    return replace(draft, owner=given.owner, status="active", protected_until=until)


def tell(turn: Turn, c: Customer, given: Given) -> None:
    """The manager is asked, the grabbers are called, who got it and his manager hear of it."""
    rows = [("客户", c.name), ("城市", c.city), ("等级", c.grade), ("分配方式", given.why), ("录入", turn.me.name)]
    facts = [(n, v) for n, v in rows if v]
    if given.mode == "audit":
        title = f"请审核归属：{turn.me.name}报备的{c.name}"
        rows = [*facts, ("录入时间", _views.moment(c.created or turn.now))]
        _approvals.request(turn, "ownership", given.asked, {"customer": c.id, "to": turn.me.id}, title, rows)
        return
    if given.mode == "grab":
        button = (Button("认领", says.write("owner.claim", customer_id=c.id), "primary"),)
        for person in given.asked:
            if person != turn.me.id:
                turn.tell(
                    person,
                    Card(f"抢单：{c.name}，先认领先得", (Facts(tuple(facts)),), button, Tone.WARN),
                    subject=f"customer:{c.id}",
                )
        return
    if given.owner and given.owner != turn.me.id:
        first = Button("约拜访", says.write("visit.book", customer_id=c.id))
        text = Text("请尽快联系客户；需要改派时告诉主管。")
        turn.tell(
            given.owner,
            Card(f"新客户分给您：{c.name}", (Facts(tuple(facts)), text), (first,), Tone.DONE),
            subject=f"customer:{c.id}",
        )


def granted(turn: Turn, c: Customer, to: Member, why: str) -> Customer:
    """A manager's word on a new customer (R50): its owner from now on, entry time unchanged."""
    extra = {k: v for k, v in c.extra.items() if k != "audit"}
    saved = turn.tx.customers.put(_owners.protect(turn, replace(c, extra=extra), to.id))
    turn.event("customer.transferred", customer=_views.customer_json(saved), **{"from": None, "to": to.id}, why=why)
    return saved


def refused(turn: Turn, c: Customer) -> Customer:
    """Not granted: the entry stays on record, in the pool, with nobody's claim on it."""
    extra = {k: v for k, v in c.extra.items() if k != "audit"}
    saved = turn.tx.customers.put(replace(c, owner=None, status="pool", extra=extra))
    turn.event("customer.released", customer=_views.customer_json(saved), **{"from": c.awaiting}, why="归属审核未通过")
    return saved
