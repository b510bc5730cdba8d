"""What a yes or a no means for the requests about owners: co-operation, transfer, dispute, pool, alias, follow-up in dispute."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot import says
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn
from domain.desk import Approval
from domain.follow import Followup, Task
from domain.model import Customer, Member
from domain.refusal import Refusal, Stale
from handlers import _assign, _followups, _gates, _owners, _tasks, _verdict, _views, _who
from handlers._records import also

MORE_DAYS = 7
"""延期7天: how much longer an A customer stays when its manager says so."""


def _about(turn: Turn, approval: Approval) -> Customer:
    """The customer of a request, also when it was merged meanwhile."""
    found = _who.live(turn, str(approval.subject.get("customer") or ""))
    if found is None or found.status == "void" or (found.owner is None and approval.kind != "ownership"):
        raise Refusal("客户已经有变动，没有生效")
    turn.tx.lock(f"customer:{found.id}")
    return turn.tx.customers.get(found.id) or found


def _person(turn: Turn, approval: Approval, key: str = "to") -> Member:
    found = turn.tx.people.get(str(approval.subject.get(key) or ""))
    if found is None or not found.active:
        raise Refusal("同事已经有变动，没有生效")
    return found


# ---------------------------------------------------------------------- yes
def approve(turn: Turn, approval: Approval, reason: str) -> str:
    """Carry out what was asked for, in the same transaction as the yes; what it comes to, in words."""
    if approval.kind == "dispute":
        return _dispute(turn, approval, _about(turn, approval), reason)
    return _YES[approval.kind](turn, approval, _about(turn, approval))


def _cooperate(turn: Turn, approval: Approval, c: Customer) -> str:
    to = _person(turn, approval)
    if c.grade == "C":
        raise Refusal(f"{c.short}现在是 C 类客户，按规定不设协助负责人，没有生效")
    if to.id == c.owner:
        return f"{to.name}已经是{c.short}的负责人"
    saved = turn.tx.customers.put(replace(c, co_owners=tuple(dict.fromkeys((*c.co_owners, to.id)))))
    turn.event("customer.updated", customer=_views.customer_json(saved))
    if c.owner != turn.me.id and c.owner:
        turn.tell(c.owner, Card(f"{to.name}成为{c.short}的协助负责人（{turn.me.name}同意）"), subject=f"customer:{c.id}")
    return f"{to.name}成为{saved.short}的协助负责人"


def _transfer(turn: Turn, approval: Approval, c: Customer) -> str:
    to, before = _person(turn, approval), approval.subject.get("from", c.owner)
    if c.owner != before:
        raise Stale(f"{c.short}的负责人已经换成{_views.name(turn, c.owner)}，没有生效", "需要的话请重新申请。")
    done = _owners.transfer(turn, c, to, approval.reason or "审批通过")
    _owners.tell_both(turn, c.owner, to, done, approval.reason or "审批通过", f"{turn.me.name}已同意")
    return f"{done.customer.short}转给{to.name}"


def _dispute(turn: Turn, approval: Approval, c: Customer, reason: str) -> str:
    winner = _person(turn, approval)
    _verdict.give(turn, c, winner, [str(approval.subject["against"])], reason or "主管裁定")
    return f"{c.short}由{winner.name}负责"


def _pool(turn: Turn, approval: Approval, c: Customer) -> str:
    if _owners.ahead(turn, c):
        raise Refusal(f"{c.short}还有待进行的拜访，没有释放", "请先取消或转交这些拜访。")
    _owners.release(turn, c, f"{turn.me.name}同意释放")
    return f"{c.short}已进公海"


def _price(turn: Turn, approval: Approval, c: Customer) -> str:
    turn.event("price.agreed", customer=_views.customer_json(c), visit=approval.subject.get("report"), by=turn.me.id)
    return f"{c.short}的特价"


def _alias(turn: Turn, approval: Approval, c: Customer) -> str:
    return _named(turn, c, str(approval.subject["alias"]))


def _named(turn: Turn, c: Customer, alias: str) -> str:
    saved = turn.tx.customers.put(replace(c, aliases=also(c, alias)))
    turn.event("customer.updated", customer=_views.customer_json(saved))
    return f"「{alias}」记为{saved.short}的别名"


def _ownership(turn: Turn, approval: Approval, c: Customer) -> str:
    if not c.awaiting:
        raise Stale(f"{c.short}的归属已经有变动，没有生效")
    saved = _assign.granted(turn, c, _person(turn, approval), "归属审核通过")
    return f"{saved.short}归{_views.name(turn, saved.owner)}，保护期到 {_views.day(saved.protected_until or turn.now)}"


# ---------------------------------------------------------------------- no
def reject(turn: Turn, approval: Approval, reason: str) -> None:
    """What a no brings beside the word itself: the owner hears of it, a later look is noted (38)."""
    c = _who.live(turn, str(approval.subject.get("customer") or ""))
    if c is not None and c.awaiting and approval.kind == "ownership":
        _assign.refused(turn, c)
    if c is None or c.owner is None:
        return
    if approval.kind == "pool":
        postpone(turn, c)
    elif approval.kind == "dispute" and approval.by != c.owner and (owner := turn.tx.people.get(c.owner)):
        _verdict.give(turn, c, owner, [approval.by], reason or "维持现负责人")
    elif approval.kind == "transfer" and c.owner not in (approval.by, turn.me.id):
        who = _views.name(turn, approval.by)
        turn.tell(c.owner, Card(f"{who}对{c.short}的转移申请已驳回，仍由您负责"), subject=f"customer:{c.id}")
    due = _tasks.due_of(None, reason, turn.now) if reason and approval.kind in ("transfer", "dispute") else None
    if due is not None and due > turn.now:
        _tasks.create(turn, Task("", f"复查{c.short}的归属：{reason[:40]}", turn.me.id, due, c.id, "", "todo", by=turn.me.id))


def postpone(turn: Turn, c: Customer) -> Customer:
    """延期7天: not to the pool before that day."""
    until = _owners.today(turn) + timedelta(days=MORE_DAYS)
    extra = {k: v for k, v in c.extra.items() if k != "pool_asked"} | {"pool_after": until.isoformat()}
    saved = turn.tx.customers.put(replace(c, extra=extra))
    turn.event("customer.updated", customer=_views.customer_json(saved), pool_after=until.isoformat())
    if saved.owner and saved.owner != turn.me.id:
        text = Text(f"请在 {_views.day(until)} 前跟进，否则进公海。")
        turn.tell(saved.owner, Card(f"{saved.short}延期到 {_views.day(until)} 再进公海", (text,)), subject=f"customer:{c.id}")
    return saved


_YES: dict[str, Callable[[Turn, Approval, Customer], str]] = {
    "cooperate": _cooperate, "transfer": _transfer, "pool": _pool, "alias": _alias, "ownership": _ownership,
    "stage": _gates.agreed,
    "special_price": _price,
}  # fmt: skip
KINDS = frozenset({*_YES, "dispute"})


def buttons(turn: Turn, approval: Approval) -> tuple[Button, ...]:
    """What the decider is asked afterwards: the cause of a collision."""
    c = _who.live(turn, str(approval.subject.get("customer") or ""))
    return _verdict.cause_buttons(c) if approval.kind == "dispute" and c is not None and c.extra.get("verdicts") else ()


# ---------------------------------------------------------------------- follow-ups in dispute
def disputed(turn: Turn) -> list[Followup]:
    """The 待裁定 that wait for this person's word: on customers whose owner he answers for."""
    if not turn.me.role.leads:
        return []
    rows = turn.tx.followups.disputed()
    known = turn.tx.customers.many(list({f.customer for f in rows}))
    return [f for f in rows if (c := known.get(f.customer)) and c.owner and _owners.leads(turn, c) and f.by != turn.me.id]


def followup_line(turn: Turn, f: Followup) -> str:
    """A follow-up in dispute in one line, without its text."""
    c = turn.tx.customers.get(f.customer)
    whose = f"{_views.name(turn, c.owner)}的{c.short}" if c else ""
    return f"待裁定：{_views.name(turn, f.by)} {_views.day(f.at)} 跟进了{whose}"


def settle_word(turn: Turn, *, yes: bool) -> Reply | None:
    """同意 / 驳回 with nothing else waiting means the follow-up in dispute; several are shown, never guessed."""
    found = disputed(turn)
    if not found or turn.tx.approvals.waiting_for(turn.me.id):
        return None
    if len(found) == 1:
        return settle(turn, found[0], yes=yes)
    word = "同意" if yes else "驳回"
    choices = tuple(Button(f"{word}第{i}条", says.write("followup.settle", id=f.id, yes=yes)) for i, f in enumerate(found[:6], 1))
    return Reply(
        Card(
            f"有 {len(found)} 条待裁定的跟进，{word}哪一条？", (Items(tuple(followup_line(turn, f) for f in found[:6])),), choices
        )
    )


def settle(turn: Turn, f: Followup, *, yes: bool) -> Reply:
    """A verdict on one follow-up; both sides are told."""
    c = turn.tx.customers.get(f.customer)
    if c is None:
        raise Refusal("这位客户已经不在系统里，没有裁定")
    _followups.settled(turn, f, yes)
    word = "有效" if yes else "不算"
    title = f"跟进裁定：{c.short} {_views.moment(f.at)} {_views.name(turn, f.by)}的跟进{word}"
    for person in dict.fromkeys(p for p in (f.by, c.owner) if p and p != turn.me.id):
        turn.tell(person, Card(title, tone=Tone.DONE), subject=f"followup:{f.id}")
    title = f"已裁定{word}：{c.short} {_views.name(turn, f.by)}的跟进"
    return Reply(Card(title, tone=Tone.DONE), subject=f"followup:{f.id}")
