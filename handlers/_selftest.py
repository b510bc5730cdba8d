"""Are the guards against collisions on and working (R109): once a week every admin gets a card, each guard with a trial of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.cards import Card, Items, Text, Tone
from bot.command import Turn
from domain.collisions import Touch, collision
from domain.model import Customer, Member, Role
from domain.permissions import may_change_customer
from domain.refusal import Refusal
from handlers import _customers, _daily, _followups, _owners, _views
from handlers._daily import Morning


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: is it switched on, when did it act last, what a trial showed."""

    name: str
    on: bool
    fired: str
    trial: str
    good: bool

    @property
    def line(self) -> str:
        state = "开" if self.on and self.good else "关闭" if not self.on else "异常"
        mark = "" if self.on and self.good else "【红】"
        return f"{mark}{self.name}：{state}；上次触发 {self.fired or '还没有'}；试验：{self.trial}"


def guards(turn: Turn) -> list[Guard]:
    """Every guard, tried on a real customer; nothing is changed."""
    owned = next((c for m in turn.tx.people.all() for c in turn.tx.customers.owned_by(m.id)[:1]), None)
    other = _outsider(turn, owned) if owned else None
    return [
        _tried("查重", True, fired(turn, "customer.duplicate_found"), lambda: _finds(turn, owned)),
        _tried("归属锁定", True, fired(turn, "access.denied", '"action":"customer.update"'), lambda: _keeps_out(turn, owned, other)),
        _tried("保护期", turn.rules.protect_days > 0, fired(turn, "access.denied", '"action":"owner.'), lambda: _protects(turn, owned, other)),
        _tried("跟进同步（待裁定）", True, fired(turn, "followup.added", '"state":"disputed"'), lambda: _disputes(turn, owned, other)),
        _tried("撞单预警", turn.rules.collision_days > 0, fired(turn, "alert.raised", '"kind":"collision"'), lambda: _warns(turn, owned)),
        _tried("同客户近期拜访提醒", turn.rules.customer_window_days > 0, fired(turn, "conflict.found", '"customer_window"'), lambda: ""),
        _tried("公海回收", bool(turn.rules.pool_days), fired(turn, "customer.released"), lambda: ""),
        _tried("日志防篡改", True, "", lambda: _sealed(turn)),
    ]  # fmt: skip


def _tried(name: str, on: bool, when: str, trial: Callable[[], str]) -> Guard:
    """A trial says "" when it went well, else what is wrong; a guard that is off is not tried."""
    problem = trial() if on else "没有试验"
    return Guard(name, on, when, "通过" if on and not problem else problem, not problem)


def fired(turn: Turn, name: str, holding: str = "") -> str:
    """The day on which an event of this name (with this in its data) was last seen."""
    at = turn.tx.log.last(name, holding)
    return _views.day(at) if at else ""


def _outsider(turn: Turn, c: Customer) -> Member | None:
    """A rep who has nothing to do with a customer."""
    chain = _owners.customer_chain(turn, c)
    return next(
        (m for m in turn.tx.people.all() if m.role is Role.REP and not may_change_customer(m, c, chain) and m.id != c.owner), None
    )


def _finds(turn: Turn, c: Customer | None) -> str:
    if c is None:
        return ""
    found = _customers.check(turn, Customer("", c.name, phones=c.phones[:1]))
    return "" if any(m.id == c.id for m in found) else f"{c.short}没有被查出"


def _keeps_out(turn: Turn, c: Customer | None, other: Member | None) -> str:
    if c is None or other is None:
        return ""
    return f"{other.name}能改{c.short}" if may_change_customer(other, c, _owners.customer_chain(turn, c)) else ""


def _protects(turn: Turn, c: Customer | None, other: Member | None) -> str:
    if c is None or other is None:
        return ""
    fresh = _owners.protect(turn, c, c.owner or "")
    day = _owners.today(turn) + timedelta(days=turn.rules.protect_days)
    return "" if fresh.protected(day) and not fresh.protected(day + timedelta(days=1)) else "保护期的天数不对"


def _disputes(turn: Turn, c: Customer | None, other: Member | None) -> str:
    if c is None or other is None:
        return ""
    me, turn.me = turn.me, other
    try:
        return "" if _followups.disputed(turn, c) else f"{other.name}跟进{c.short}不会待裁定"
    finally:
        turn.me = me


def _warns(turn: Turn, c: Customer | None) -> str:
    if c is None:
        return ""
    day, r = _owners.today(turn), turn.rules
    touches = [Touch(day, f"?{i % r.collision_reps}") for i in range(max(r.collision_touches, r.collision_reps))]
    return "" if collision(touches, c, r, day) else "试验的撞单没有报出"


def _sealed(turn: Turn) -> str:
    problems = turn.tx.log.broken(1, newest=2000)
    return problems[0] if problems else ""


def card(turn: Turn) -> Card:
    """The weekly card; red when a guard is off or its trial failed."""
    found = guards(turn)
    bad = [g for g in found if not (g.on and g.good)]
    title = (
        f"防撞单自检：{len(found)} 项都正常"
        if not bad
        else f"防撞单自检：{len(bad)} 项要处理（{'、'.join(g.name for g in bad)}）"
    )
    text = (
        Text("关闭的项可以一句话打开，例如：保护期改成30天。") if bad else Text("每周第一个工作日自动检查，也可以随时说：自检。")
    )
    return Card(title, (Items(tuple(g.line for g in found)), text), tone=Tone.WARN if bad else Tone.DONE)


def check(turn: Turn, morning: Morning) -> None:
    """On the week's first workday, to every admin; without one to the directors."""
    monday = morning.day - timedelta(days=morning.day.weekday())
    if not morning.last < monday <= morning.day:
        return
    people: Sequence[Member] = turn.tx.people.admins() or turn.tx.people.directors()
    if not people:
        return
    try:
        shown = card(turn)
    except Refusal as e:
        shown = Card(f"防撞单自检没有做完：{e.text}", tone=Tone.WARN)
    for person in people:
        turn.tell(person.id, shown, key=f"selftest-{morning.day}-{person.id}")
        turn.event("summary.sent", kind="selftest", period=morning.day.isoformat(), to=person.id)


_daily.CHECKS.append(check)
