"""客户归属：谁的客户、认领、释放、公海。"""

from dataclasses import dataclass

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Customer
from domain.refusal import NotAllowed
from handlers import _asof, _owners, _resume, _shown, _views, _who
from handlers._rights import instead
from storage.merges import record_of


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


@command("owner.show", Which, group="客户", example="宏远是谁在跟")
def show(ask: Which, turn: Turn) -> Reply:
    """Owner and stage, to any colleague and nothing more (R52); asked for it, the owners before him (R65)."""
    c = _who.one_customer(turn, ask, "查")
    if isinstance(c, Reply):
        return c
    turn.tx.talk.note(turn.me.id, "customer", c.id)
    if (at := _asof.then(turn)) is not None:
        return _asof.owner_reply(turn, c, at)
    rows = [("客户", c.name), ("阶段", c.stage)]
    blocks: list[Block] = []
    if (not c.locked or _shown.of(turn, c).follower) and any(
        w in turn.said.text for w in ("历史", "换过", "以前", "历任", "变更记录")
    ):
        lines = [f"{_views.day(at)} {what}" for at, what in _owners.history(turn, c)][-8:]
        blocks = [Text("归属记录："), Items(tuple(lines))]
    if c.awaiting:
        rows.append(("录入", _views.moment(c.created) if c.created else ""))
        text = Text("主管审核后确定负责人；以最早录入为准。")
        return Reply(Card(f"{c.short}还没有负责人：{_views.owner(turn, c)}", (Facts(tuple(r for r in rows if r[1])), text)))
    if c.owner is None:
        buttons = (Button("认领", says.write("owner.claim", customer_id=c.id), "primary"),) if c.status == "pool" else ()
        return Reply(Card(f"{c.short}在公海，还没有负责人", (Facts(tuple(rows)), *blocks), buttons))
    if not c.locked:
        rows.append(("协助", _views.names(turn, c.co_owners)))
        if c.protected_until and c.protected(_owners.today(turn)):
            rows.append(("保护期到", _views.day(c.protected_until)))
    else:
        rows.append(("状态", "已锁定"))
    name = _views.name(turn, c.owner) + ("（您）" if c.owner == turn.me.id and not turn.group else "")
    turn.because(f"{c.short}的负责人是{_views.name(turn, c.owner)}", *(f"{n}：{v}" for n, v in rows if v))
    facts = Facts(tuple((n, v) for n, v in rows if v))
    return Reply(Card(f"{c.short}的负责人是{name}", (facts, *blocks), ways(turn, c)))


def ways(turn: Turn, c: Customer) -> tuple[Button, ...]:
    """What somebody who does not follow the customer may ask for."""
    follows = turn.me.id in (c.owner, *c.co_owners) or _owners.leads(turn, c)
    if turn.group or follows:
        return ()
    buttons = [] if c.grade == "C" else [Button("申请协作", says.write("owner.cooperate", customer_id=c.id))]
    if not c.protected(_owners.today(turn)) and not c.locked:
        buttons.append(Button("申请转移", says.write("owner.transfer", customer_id=c.id)))
    return tuple(buttons)


@command("owner.claim", Which, group="归属", example="鼎盛机电我来跟")
def claim(ask: Which, turn: Turn) -> Reply:
    """Out of the pool at once, with today's count, holding and protection (35); then what waited for it goes on."""
    c = _who.one_customer(turn, ask, "认领")
    if isinstance(c, Reply):
        return c
    if c.owner == turn.me.id:
        return Reply(Card(f"{c.short}已经是您的客户，没有改动"), then=_resume.after(turn, ask.after))
    saved = _owners.claim(turn, c)
    turn.tx.talk.note(turn.me.id, "customer", saved.id)
    holding = len(turn.tx.customers.owned_by(turn.me.id))
    firsts = turn.tx.tasks.of_customer(saved.id, kind=_owners.FIRST_CONTACT)[-1:]
    rows = [
        ("客户", saved.name),
        ("今日认领", f"{_owners.claims_today(turn, turn.me.id)}/{turn.rules.claims_per_day}"),
        ("持有", f"{holding}/{turn.rules.holding_cap}"),
        ("保护期到", _views.day(saved.protected_until) if saved.protected_until else ""),
        ("首次联系", "；".join(f"{_views.day(t.due)} 前，已建待办" for t in firsts if t.due)),
    ]
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v))]
    if not turn.group and (lines := _owners.contacts_lines(turn, saved, 3)):
        blocks += [Text("以前的联系："), Items(tuple(lines))]
    buttons = (Button("撤销", says.write("dialog.undo")), Button("约拜访", says.write("visit.book", customer_id=saved.id)))
    return Reply(Card(f"已认领：{saved.short}", tuple(blocks), buttons, Tone.DONE), then=_resume.after(turn, ask.after))


@command("owner.release", Which, group="归属", example="把恒信退回公海")
def release(ask: Which, turn: Turn) -> Reply:
    """Give a customer up; one with a visit ahead is kept until that is settled. Only the main owner and those above him."""
    c = _who.one_customer(turn, ask, "释放")
    if isinstance(c, Reply):
        return c
    if c.owner is None:
        return Reply(Card(f"{c.short}{'正在审核归属' if c.awaiting else '已经在公海'}，没有改动"))
    if c.owner != turn.me.id and not _owners.leads(turn, c):
        who = _views.name(turn, c.owner)
        refusal = f"无权：{c.short}由{who}负责，没有改动"
        raise NotAllowed(refusal, action="owner.release", obj=c.id, ways=instead(turn, c))
    if standing := _owners.ahead(turn, c):
        lines = Items(tuple(_views.visit_line(turn, v, with_day=True, with_rep=True) for v in standing[:5]))
        text = Text("请先取消或转交这些拜访。")
        return Reply(Card(f"{c.short}还有 {len(standing)} 次拜访，没有释放", (lines, text), tone=Tone.WARN))
    saved, ended = _owners.release(turn, c, "主动释放" if c.owner == turn.me.id else f"{turn.me.name}释放")
    turn.did("customer.released", customer=saved.id, version=saved.version, before=record_of(c), tasks=ended)
    for person in (c.owner, *c.co_owners):
        if person != turn.me.id:
            turn.tell(person, Card(f"{c.short}已退回公海（{turn.me.name}操作）"), subject=f"customer:{c.id}")
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
