"""Ownership changes, each in one place: the customer's owner, its open visits and tasks, the letters to both sides (D20)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.cards import Card, Facts, Text, Tone
from bot.command import Turn
from domain.model import OFFICE, Customer, Member, Visit
from domain.refusal import NotAllowed, Refusal
from handlers import _after, _views


def today(turn: Turn) -> date:
    """The office's day."""
    return turn.now.astimezone(OFFICE).date()


def customer_chain(turn: Turn, customer: Customer) -> frozenset[str]:
    """The managers upwards of owner and co-owners."""
    people = [p for p in (customer.owner, *customer.co_owners) if p]
    return frozenset(x for p in people for x in _views.managers(turn, p))


def snapshot(c: Customer) -> dict[str, object]:
    """What an undo needs to put a customer's data back (its owner and number are not data)."""
    return {
        "name": c.name, "aliases": list(c.aliases), "city": c.city, "grade": c.grade, "stage": c.stage, "status": c.status,
        "phones": list(c.phones), "emails": list(c.emails), "uscc": c.uscc, "address": c.address, "co_owners": list(c.co_owners),
        "contacts": [[x.name, x.title, x.phone, x.email] for x in c.contacts],
    }  # fmt: skip


def protect(turn: Turn, customer: Customer, owner: str) -> Customer:
    """The customer as owned by `owner` from today on, protected for `protect_days`."""
    until = today(turn) + timedelta(days=turn.rules.protect_days)
    others = tuple(p for p in customer.co_owners if p != owner)
    return replace(customer, owner=owner, co_owners=others, status="active" if customer.status == "pool" else customer.status,
                   protected_until=until)  # fmt: skip


def claim(turn: Turn, customer: Customer) -> Customer:
    """Take a customer out of the pool; raises Refusal with the rule and the date when it can't be (D21)."""
    tx = turn.tx
    tx.lock(f"customer:{customer.id}", f"person:{turn.me.id}")
    fresh = tx.customers.get(customer.id)
    if fresh is None:
        raise Refusal("这位客户已经不在系统里")
    if fresh.owner is not None:
        who, when = _views.name(turn, fresh.owner), ""
        if fresh.protected_until:
            when = f"，保护期到 {_views.day(fresh.protected_until)}"
        raise NotAllowed(f"无权认领：{fresh.short}已归{who}{when}", action="owner.claim", obj=fresh.id)
    check_caps(turn, fresh, turn.me)
    saved = tx.customers.put(protect(turn, fresh, turn.me.id))
    turn.event("customer.claimed", customer=_views.customer_json(saved), by=turn.me.id)
    turn.did("customer.claimed", customer=saved.id, version=saved.version)
    return saved


def check_caps(turn: Turn, customer: Customer, who: Member) -> None:
    """The claim rules: per day, holding, cool-down of the former owner."""
    rules, tx = turn.rules, turn.tx
    start = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    done = claims_since(turn, who.id, start)
    if done >= rules.claims_per_day:
        raise Refusal(f"今天已认领 {done} 家（每天上限 {rules.claims_per_day}），没有认领", f"{_views.day(today(turn) + timedelta(days=1))} 可以再认领。")
    holding = len(tx.customers.owned_by(who.id))
    if holding >= rules.holding_cap:
        raise Refusal(f"您已持有 {holding} 家（上限 {rules.holding_cap}），没有认领", "请先释放不再跟进的客户。")
    former = str(customer.extra.get("released_from") or "")
    released = str(customer.extra.get("released_on") or "")
    if former == who.id and released:
        free = date.fromisoformat(released) + timedelta(days=rules.reclaim_cooldown_days)
        if today(turn) < free:
            raise Refusal(f"{customer.short}刚从您名下释放，冷却期到 {_views.day(free)}，没有认领", "冷却期内其他同事可以认领。")


def claims_since(turn: Turn, who: str, start: datetime) -> int:
    """How many customers somebody claimed since a moment."""
    events = turn.tx.log.named(["customer.claimed"], start, turn.now + timedelta(seconds=1))
    return sum(1 for e in events if e.who == who)


def release(turn: Turn, customer: Customer, why: str) -> Customer:
    """To the pool: owner cleared, history kept, cool-down noted (R55)."""
    extra = {**customer.extra, "released_from": customer.owner or "", "released_on": today(turn).isoformat()}
    gone = replace(customer, owner=None, co_owners=(), status="pool", protected_until=None, locked=False, extra=extra)
    saved = turn.tx.customers.put(gone)
    turn.event("customer.released", customer=_views.customer_json(saved), **{"from": customer.owner}, why=why)
    return saved


def transfer(turn: Turn, customer: Customer, to: Member, why: str, *, quiet: bool = False) -> Customer:
    """Another owner: future visits of the old one go along, both sides are told (D20); `quiet` = the caller tells them."""
    old = customer.owner
    turn.tx.lock(f"customer:{customer.id}")
    saved = turn.tx.customers.put(protect(turn, customer, to.id))
    moved: list[Visit] = []
    kept: list[Visit] = []
    if old:
        for visit in open_visits(turn, old, customer):
            (moved if hand_visit(turn, visit, to) else kept).append(visit)
    turn.event("customer.transferred", customer=_views.customer_json(saved), **{"from": old, "to": to.id}, why=why)
    if quiet:
        return saved
    rows = [("客户", saved.name), ("原负责人", _views.name(turn, old) if old else "公海"), ("现负责人", to.name), ("原因", why)]
    if moved:
        rows.append(("转交拜访", "；".join(_views.span(v.slot) for v in moved)))
    if kept:
        rows.append(("需要改期", "；".join(_views.span(v.slot) for v in kept)))
    facts = Facts(tuple((n, v) for n, v in rows if v))
    turn.tell(to.id, Card(f"{saved.short}转到您名下", (facts, Text("请尽快联系客户。")), tone=Tone.DONE), subject=f"customer:{saved.id}")
    if old and old != turn.me.id:
        turn.tell(old, Card(f"{saved.short}已转给{to.name}", (facts,)), subject=f"customer:{saved.id}")
    return saved


def open_visits(turn: Turn, rep: str, customer: Customer) -> list[Visit]:
    """Standing visits ahead of one rep at one customer."""
    last = turn.now + timedelta(days=400)
    visits = turn.tx.visits.at_customer_between(customer.id, turn.now, last, statuses=("planned", "pending"))
    return [v for v in visits if v.rep == rep and v.start > turn.now]


def hand_visit(turn: Turn, visit: Visit, to: Member) -> bool:
    """Give a standing visit to another rep, with its reminder; False when his calendar does not allow it."""
    if turn.tx.visits.busy([to.id], visit.slot, but=visit.id):
        return False
    others = tuple(p for p in visit.participants if p != to.id)
    new = replace(visit, rep=to.id, participants=others, line=to.line)
    saved = turn.tx.visits.save(new, visit.version, at=turn.now, by=turn.me.id, why="handed over")
    if saved is None:
        return False
    _after.plan_jobs(turn, saved)
    turn.event("visit.updated", visit=_views.visit_json(saved))
    return True
