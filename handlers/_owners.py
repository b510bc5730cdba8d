"""Ownership changes, each in one place: the customer's owner, its open visits and tasks, the letters to both sides (D20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.cards import Card, Facts, Items, Text, Tone
from bot.command import Turn
from domain.desk import Approval, Job
from domain.follow import CHANNEL_WORDS, Task
from domain.model import OFFICE, Customer, Member, Visit
from domain.refusal import NotAllowed, Refusal
from handlers import _after, _approvals, _tasks, _views
from handlers._rights import instead

FIRST_CONTACT = "first_contact"
"""The task a claim brings (35); the first valid contact does it."""
UNCLAIMED = "撤销认领"
"""Why a customer is released when its claim is undone: such a claim does not count for the day."""
AHEAD = timedelta(days=400)
STANDING = ("planned", "pending")
_OVER = ("released_from", "released_on", "pool_after", "pool_asked")
"""What is known about the way to the pool; a new owner begins without it."""


def today(turn: Turn) -> date:
    """The office's day."""
    return turn.now.astimezone(OFFICE).date()


def customer_chain(turn: Turn, customer: Customer) -> frozenset[str]:
    """The managers upwards of owner and co-owners."""
    people = [p for p in (customer.owner, customer.awaiting, *customer.co_owners) if p]
    return frozenset(x for p in people for x in _views.managers(turn, p))


def leads(turn: Turn, customer: Customer) -> bool:
    """The asker answers for the main owner: a manager upwards of him, a director or an admin."""
    if turn.me.role in ("director", "admin"):
        return True
    return customer.owner is not None and turn.me.id in _views.managers(turn, customer.owner)


def protect(turn: Turn, customer: Customer, owner: str) -> Customer:
    """The customer as owned by `owner` from today on, protected for `protect_days`."""
    until = today(turn) + timedelta(days=turn.rules.protect_days)
    others = tuple(p for p in customer.co_owners if p != owner)
    status = "active" if customer.status == "pool" else customer.status
    extra = {k: v for k, v in customer.extra.items() if k not in _OVER}
    return replace(customer, owner=owner, co_owners=others, status=status, protected_until=until, extra=extra)


# ---------------------------------------------------------------------- claiming
def claim(turn: Turn, customer: Customer) -> Customer:
    """Take a customer out of the pool; raises Refusal with the rule and the date when it can't be (D21)."""
    tx = turn.tx
    tx.lock(f"customer:{customer.id}", f"person:{turn.me.id}")
    fresh = tx.customers.get(customer.id)
    if fresh is None or fresh.status in ("merged", "void"):
        raise Refusal("这位客户已经不在系统里，没有认领")
    if fresh.awaiting:
        who = _views.name(turn, fresh.awaiting)
        raise NotAllowed(f"无权认领：{fresh.short}由{who}先报备，主管正在审核归属，没有认领", action="owner.claim", obj=fresh.id)
    if fresh.owner is not None:
        raise NotAllowed(*taken(turn, fresh), action="owner.claim", obj=fresh.id, ways=instead(turn, fresh))
    check_caps(turn, fresh, turn.me)
    saved = tx.customers.put(protect(turn, fresh, turn.me.id))
    turn.event("customer.claimed", customer=_views.customer_json(saved), by=turn.me.id)
    due = _tasks.end_of(turn.calendar.next_workday(today(turn), 2))
    title = f"首次联系{saved.short}（认领后）"
    task = _tasks.create(turn, Task("", title, turn.me.id, due, saved.id, "", FIRST_CONTACT, by=turn.me.id))
    turn.did("customer.claimed", customer=saved.id, version=saved.version, task=task.id)
    return saved


def taken(turn: Turn, c: Customer) -> tuple[str, str]:
    """Why somebody else's customer can't be claimed: who has it, since when, until when it is protected; and what can be done."""
    who = _views.name(turn, c.owner)
    won = next((e for e in reversed(turn.tx.log.of_customer(c.id, ["customer.claimed"])) if e.data.get("by") == c.owner), None)
    since = f"（{_views.moment(won.at)} 认领）" if won is not None else ""
    if c.protected(today(turn)) and c.protected_until and not c.locked:
        until = _views.day(c.protected_until)
        return f"无权认领：{c.short}已归{who}{since}，保护期到 {until}，没有认领", f"{until} 之后可以申请转移。"
    return f"无权认领：{c.short}已归{who}{since}，没有认领", "可以申请协作，或申请转移。"


def check_caps(turn: Turn, customer: Customer, who: Member) -> None:
    """The claim rules: per day, holding, cool-down of the former owner. Raises Refusal naming rule and next date."""
    rules = turn.rules
    done = claims_today(turn, who.id)
    if done >= rules.claims_per_day:
        again = _views.day(today(turn) + timedelta(days=1))
        raise Refusal(f"今天已认领 {done} 家（每天上限 {rules.claims_per_day}），没有认领", f"{again} 可以再认领。")
    holding = len(turn.tx.customers.owned_by(who.id))
    if holding >= rules.holding_cap:
        raise Refusal(f"您已持有 {holding} 家（上限 {rules.holding_cap}），没有认领", "请先释放不再跟进的客户。")
    former, released = (str(customer.extra.get(k) or "") for k in ("released_from", "released_on"))
    if former == who.id and released:
        free = date.fromisoformat(released) + timedelta(days=rules.reclaim_cooldown_days)
        if today(turn) < free:
            raise Refusal(f"{customer.short}刚从您名下释放，冷却期到 {_views.day(free)}，没有认领", "冷却期内其他同事可以认领。")


def claims_today(turn: Turn, who: str) -> int:
    """How many customers somebody has claimed today; a claim that was undone does not count."""
    start = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    until = turn.now + timedelta(seconds=1)
    before = turn.tx.log.named(["customer.claimed", "customer.released"], start, until)
    logged: list[tuple[str, Mapping[str, object]]] = [(e.name, e.data) for e in before]
    count = 0
    for name, data in [*logged, *turn.events]:
        if name == "customer.claimed" and data.get("by") == who:
            count += 1
        elif name == "customer.released" and data.get("from") == who and data.get("why") == UNCLAIMED:
            count -= 1
    return max(count, 0)


# ---------------------------------------------------------------------- giving up
def release(turn: Turn, customer: Customer, why: str) -> tuple[Customer, list[str]]:
    """To the pool: owner cleared, history kept, cool-down noted (R55); also the ids of the tasks that ended with it."""
    turn.tx.lock(f"customer:{customer.id}")
    extra = {k: v for k, v in customer.extra.items() if k not in _OVER}
    extra |= {"released_from": customer.owner or "", "released_on": today(turn).isoformat()}
    gone = replace(customer, owner=None, co_owners=(), status="pool", protected_until=None, locked=False, extra=extra)
    saved = turn.tx.customers.put(gone)
    ended = [
        t.id
        for t in turn.tx.tasks.of_customer(customer.id)
        if t.assignee == customer.owner and t.kind != "report" and _tasks.close(turn, t, "cancelled")
    ]
    for approval in pending_about(turn, customer.id, ("cooperate", "transfer", "pool")):
        turn.tx.approvals.decide(approval.id, "withdrawn", turn.me.id, turn.now, why)
    turn.event("customer.released", customer=_views.customer_json(saved), **{"from": customer.owner}, why=why)
    return saved, ended


def pending_about(turn: Turn, customer: str, kinds: Sequence[str]) -> list[Approval]:
    """The pending requests of these kinds about a customer."""
    return [a for kind in kinds for a in turn.tx.approvals.pending(kind) if a.subject.get("customer") == customer]


def ahead(turn: Turn, customer: Customer) -> list[Visit]:
    """Everybody's standing visits at a customer from now on."""
    return turn.tx.visits.at_customer_between(customer.id, turn.now, turn.now + AHEAD, statuses=STANDING)


# ---------------------------------------------------------------------- handing on
@dataclass(frozen=True, slots=True)
class Moved:
    """What a change of owner took along: the customer as it is now, visits that went over, visits that could not."""

    customer: Customer
    visits: tuple[Visit, ...]
    kept: tuple[Visit, ...]


def transfer(turn: Turn, customer: Customer, to: Member, why: str, *, force: bool = False) -> Moved:
    """Another owner: future visits and tasks of the old one go along (D20); telling both sides is `tell_both`'s.

    A visit that clashes in the receiver's calendar stays with the old owner, or goes over all the same with `force`: a
    leaver keeps nothing, and a handover is a manager's word.
    """
    old = customer.owner
    turn.tx.lock(f"customer:{customer.id}", f"person:{to.id}", *([f"person:{old}"] if old else []))
    saved = turn.tx.customers.put(protect(turn, customer, to.id))
    moved: list[Visit] = []
    kept: list[Visit] = []
    if old:
        turn.tx.tasks.hand_over(old, to.id, customer.id)
        for visit in open_visits(turn, old, customer):
            handed = hand_visit(turn, visit, to, force=force)
            (kept if handed is None else moved).append(handed or visit)
    for approval in pending_about(turn, customer.id, ("cooperate",)):
        turn.tx.approvals.pass_on(approval.id, (to.id,), approval.expires)
    for approval in pending_about(turn, customer.id, ("pool", "transfer", "dispute")):
        if approval.kind == "transfer" and approval.subject.get("to") == to.id:  # what was asked for happens
            turn.tx.approvals.decide(approval.id, "approved", turn.me.id, turn.now, why)
            turn.event("approval.approved", approval=_approvals.approval_json(replace(approval, status="approved")))
            continue
        turn.tx.approvals.decide(approval.id, "withdrawn", turn.me.id, turn.now, why)
        if approval.kind != "pool" and approval.by not in (to.id, turn.me.id):
            text = f"{saved.short}已由{turn.me.name}转给{to.name}，您的申请不再处理"
            turn.tell(approval.by, Card(text), subject=f"decided:{approval.id}")
    turn.event("customer.transferred", customer=_views.customer_json(saved), **{"from": old, "to": to.id}, why=why)
    return Moved(saved, tuple(moved), tuple(kept))


def tell_both(turn: Turn, old: str | None, to: Member, done: Moved, why: str, approved: str = "") -> None:
    """Both sides learn at once who has the customer now and which visits went along; the new owner sees its history (R42)."""
    c = done.customer
    rows = [("客户", c.name), ("原负责人", _views.name(turn, old) if old else "公海"), ("现负责人", to.name), ("原因", why)]
    rows.append(("审批", approved))
    if done.visits:
        rows.append(("转交拜访", "；".join(_views.span(v.slot) for v in done.visits)))
    if done.kept:
        rows.append(("需要改期", "；".join(_views.span(v.slot) for v in done.kept)))
    facts = Facts(tuple((n, v) for n, v in rows if v))
    if to.id != turn.me.id:
        blocks = (facts, Items(tuple(contacts_lines(turn, c, 5))), Text("请尽快联系客户。"))
        turn.tell(to.id, Card(f"{c.short}转到您名下", blocks, tone=Tone.DONE), subject=f"customer:{c.id}")
    if old and old != turn.me.id:
        turn.tell(old, Card(f"{c.short}已转给{to.name}", (facts,)), subject=f"customer:{c.id}")


def contacts_lines(turn: Turn, c: Customer, most: int) -> list[str]:
    """The last contacts for who follows the customer from now on: when, who, by what channel, with what result."""
    rows = turn.tx.followups.of_customer(c.id, limit=most)
    return [f"{_views.day(f.at)} {_views.name(turn, f.by)} {channel(f.channel)}：{f.result or '无反馈'}" for f in rows]


def channel(key: str) -> str:
    """A channel's word."""
    return CHANNEL_WORDS.get(key, "跟进")


def open_visits(turn: Turn, rep: str, customer: Customer) -> list[Visit]:
    """Standing visits ahead of one rep at one customer."""
    return [v for v in ahead(turn, customer) if v.rep == rep and v.start > turn.now]


def hand_visit(turn: Turn, visit: Visit, to: Member, *, force: bool = False) -> Visit | None:
    """Give a standing visit to another rep, with its reminder; None when his calendar does not allow it."""
    clash = bool(turn.tx.visits.busy([to.id], visit.slot, but=visit.id))
    if clash and not force:
        return None
    others = tuple(p for p in visit.participants if p != to.id)
    new = replace(visit, rep=to.id, participants=others, line=to.line, overlap_ok=visit.overlap_ok or clash)
    saved = turn.tx.visits.save(new, visit.version, at=turn.now, by=turn.me.id, why="handed over")
    if saved is not None:
        _after.plan_jobs(turn, saved)
        turn.event("visit.updated", visit=_views.visit_json(saved))
    return saved


# ---------------------------------------------------------------------- what others did
CALM = timedelta(minutes=30)
"""Touches of one customer that follow one another within this time reach its owner in one letter (D28)."""


def touched(turn: Turn, customer: Customer, title: str, lines: Sequence[str]) -> None:
    """Tell the owner of somebody else's change: the first at once, those that follow soon together (D28)."""
    if customer.owner is None or customer.owner == turn.me.id:
        return
    key = f"touched:{customer.id}"
    noted = turn.tx.talk.noted(customer.owner, key)
    last = datetime.fromisoformat(str(noted["at"])) if isinstance(noted, dict) else None
    if last is None or turn.now - last >= CALM:
        turn.tell(customer.owner, Card(title, (Items(tuple(lines)),)), subject=f"customer:{customer.id}")
        turn.tx.talk.note(customer.owner, key, {"at": turn.now.isoformat(), "lines": []})
        return
    waiting = noted["lines"] if isinstance(noted, dict) else []
    more = [f"{_views.clock(turn.now)} {turn.me.name}：{line}" for line in lines]
    turn.tx.talk.note(customer.owner, key, {"at": last.isoformat(), "lines": [*waiting, *more]})
    due = last + CALM
    job = Job(f"touched-{customer.id}-{due:%y%m%d%H%M}", "touched", f"customer:{customer.id}", due, {"owner": customer.owner})
    turn.tx.jobs.plan(job)


# ---------------------------------------------------------------------- history
CHANGES = ("customer.created", "customer.claimed", "customer.released", "customer.transferred", "customer.merged")


def history(turn: Turn, customer: Customer) -> list[tuple[datetime, str]]:
    """Each owner with from, to, by and why, oldest first (R65)."""
    out: list[tuple[datetime, str]] = []
    for e in turn.tx.log.of_customer(customer.id, CHANGES):
        who = _views.name(turn, e.who) if e.who not in ("", "system") else "系统"
        why = f"，{e.data['why']}" if e.data.get("why") else ""
        source = _views.name(turn, str(e.data["from"])) if e.data.get("from") else "公海"
        words = {
            "customer.created": f"{who}录入",
            "customer.claimed": f"{_views.name(turn, str(e.data.get('by') or e.who))}认领",
            "customer.released": f"从{source}名下回到公海{why}",
            "customer.transferred": f"{source} → {_views.name(turn, str(e.data.get('to') or ''))}（{who}）{why}",
            "customer.merged": f"{who}合并了重复记录",
        }
        out.append((e.at, words[e.name]))
    if customer.created and not any(e[1].endswith("录入") for e in out):
        out.insert(0, (customer.created, "录入"))
    return out
