"""客户归属：谁的客户、认领、释放、公海。"""

from dataclasses import dataclass
from datetime import timedelta

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import OFFICE, Customer
from domain.permissions import may_change_customer
from domain.refusal import NotAllowed, NotFound
from handlers import _owners, _resume, _views, _who


@dataclass(frozen=True, slots=True)
class Which:
    """A customer; `after` is a draft to go on with."""

    customer: str | None = None
    customer_id: str | None = None
    grade: str = ""
    city: str = ""
    after: str = ""
    draft: str = ""
    sure: bool = False


def one(ask: Which, turn: Turn, verb: str) -> Customer | Reply:
    """The one customer meant, a choice, or 没有找到."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), verb)
    if found:
        return found[0]
    noted = turn.tx.talk.noted(turn.me.id, "customer")
    if not ask.customer and noted and (last := turn.tx.customers.get(str(noted))):
        return last
    raise NotFound(f"没有找到客户「{ask.customer}」" if ask.customer else "请说出客户名称", "可以说：新建客户…，或换个叫法。")


@command("owner.show", Which, group="客户", example="宏远是谁在跟")
def show(ask: Which, turn: Turn) -> Reply:
    """Owner and stage, to any colleague and nothing more (R52)."""
    c = one(ask, turn, "查")
    if isinstance(c, Reply):
        return c
    turn.tx.talk.note(turn.me.id, "customer", c.id)
    rows = [("客户", c.name), ("阶段", c.stage)]
    if c.owner is None:
        buttons = (Button("认领", says.write("owner.claim", customer_id=c.id), "primary"),)
        return Reply(Card(f"{c.short}在公海，还没有负责人", (Facts(tuple(rows)),), buttons))
    if c.co_owners:
        rows.append(("协助", _views.names(turn, c.co_owners)))
    if not c.locked and c.protected_until and c.protected(_owners.today(turn)):
        rows.append(("保护期到", _views.day(c.protected_until)))
    if c.locked:
        rows.append(("状态", "已锁定"))
    name = _views.name(turn, c.owner) + ("（您）" if c.owner == turn.me.id and not turn.group else "")
    turn.because(f"{c.short}的负责人是{_views.name(turn, c.owner)}", *(f"{n}：{v}" for n, v in rows))
    return Reply(Card(f"{c.short}的负责人是{name}", (Facts(tuple((n, v) for n, v in rows if v)),)))


@command("owner.claim", Which, group="归属", example="鼎盛机电我来跟")
def claim(ask: Which, turn: Turn) -> Reply:
    """Out of the pool at once, with today's count, holding and protection (35); then what waited for it goes on."""
    c = one(ask, turn, "认领")
    if isinstance(c, Reply):
        return c
    if c.owner == turn.me.id:
        return Reply(Card(f"{c.short}已经是您的客户，没有改动"))
    saved = _owners.claim(turn, c)
    turn.tx.talk.note(turn.me.id, "customer", saved.id)
    start = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    count = _owners.claims_since(turn, turn.me.id, start) + 1
    holding = len(turn.tx.customers.owned_by(turn.me.id))
    rows = [
        ("客户", saved.name),
        ("今日认领", f"{count}/{turn.rules.claims_per_day}"),
        ("持有", f"{holding}/{turn.rules.holding_cap}"),
        ("保护期到", _views.day(saved.protected_until) if saved.protected_until else ""),
    ]
    if saved.last_followup and not turn.group:
        rows.append(("上次跟进", _views.day(saved.last_followup)))
    card = Card(
        f"已认领：{saved.short}",
        (Facts(tuple((n, v) for n, v in rows if v)),),
        (Button("撤销", says.write("dialog.undo")), Button("约拜访", says.write("visit.book", customer_id=saved.id))),
        Tone.DONE,
    )
    return Reply(card, then=_resume.after(turn, ask.after))


@command("owner.release", Which, group="归属", example="把恒信退回公海")
def release(ask: Which, turn: Turn) -> Reply:
    """Give a customer up; one with a visit ahead is kept until it is settled."""
    c = one(ask, turn, "释放")
    if isinstance(c, Reply):
        return c
    if c.owner is None:
        return Reply(Card(f"{c.short}已经在公海，没有改动"))
    if not may_change_customer(turn.me, c, _owners.customer_chain(turn, c)) or turn.me.id in c.co_owners:
        who = _views.name(turn, c.owner)
        raise NotAllowed(f"无权：{c.short}由{who}负责，没有改动", action="owner.release", obj=c.id)
    ahead = turn.tx.visits.at_customer_between(c.id, turn.now, turn.now + timedelta(days=400), statuses=("planned", "pending"))
    if ahead:
        lines = Items(tuple(_views.visit_line(turn, v, with_day=True) for v in ahead[:5]))
        raise_with = f"{c.short}还有 {len(ahead)} 次拜访，没有释放"
        return Reply(Card(raise_with, (lines, Text("请先取消或转交这些拜访。")), tone=Tone.WARN))
    saved = _owners.release(turn, c, "主动释放")
    turn.did("customer.released", customer=saved.id, version=saved.version, owner=c.owner)
    buttons = (Button("撤销", says.write("dialog.undo")),)
    return Reply(Card(f"已退回公海：{saved.short}", (Text("其他同事现在可以认领；跟进记录都保留。"),), buttons, Tone.DONE))


@command("pool.list", Which, group="归属", example="公海里有哪些客户")
def pool(ask: Which, turn: Turn) -> Reply:
    """What may be claimed."""
    found = turn.tx.customers.pool()
    found = [c for c in found if (not ask.grade or c.grade == ask.grade) and (not ask.city or ask.city in (c.city, c.address))]
    if not found:
        return Reply(Card("公海里现在没有客户"))
    lines = tuple(f"{c.name}（{'·'.join(x for x in (c.grade and c.grade + '类', c.city, c.stage) if x)}）" for c in found[:15])
    buttons = tuple(Button(f"认领{c.short}"[:10], says.write("owner.claim", customer_id=c.id)) for c in found[:3])
    more = (Text(f"还有 {len(found) - 15} 家，可以按城市或等级查。"),) if len(found) > 15 else ()
    return Reply(Card(f"公海里有 {len(found)} 家客户", (Items(lines), *more), buttons))
