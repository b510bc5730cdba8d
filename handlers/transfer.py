"""归属变更：申请协作、申请转移、主管改派；同意后拜访、待办、提醒一起走。"""

import re
from dataclasses import dataclass

from bot import says
from bot.cards import Block, Button, Card, Facts, Text
from bot.command import Reply, Turn, command
from domain import cadence
from domain.model import Customer, Member
from domain.refusal import NotAllowed, NotFound, Refusal
from handlers import _approvals, _evidence, _handing, _owners, _proof, _views, _who
from handlers._rights import instead

_WISH = re.compile(r"客户.{0,6}(点名|主动|要求|指定|找我|想换|要我)")
"""The customer himself wants another rep (R57)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which customers, from whom to whom (`to`: an id from a button); `content` is the reason."""

    customer: str | None = None
    customers: tuple[str, ...] = ()
    customer_id: str | None = None
    people: tuple[str, ...] = ()
    content: str = ""
    draft: str = ""
    to: str = ""


@command("owner.cooperate", Wish, intent="customer.update")
def cooperate(ask: Wish, turn: Turn) -> Reply:
    """申请协作: the owner decides; with his yes the asker is a co-owner (R45, R47)."""
    c = _who.one_customer(turn, ask, "协作", "，没有改动")
    if isinstance(c, Reply):
        return c
    if c.owner is None:
        return pool_first(c)
    if turn.me.id in (c.owner, *c.co_owners):
        return Reply(Card(f"您已经是{c.short}的负责人，没有改动"))
    if c.grade == "C":
        raise Refusal(f"{c.short}是 C 类客户，按规定不设协助负责人，没有提交")
    if asked(turn, c, "cooperate"):
        return Reply(Card(f"您已经申请过协作{c.short}，等{_views.name(turn, c.owner)}答复，没有重复提交"))
    rows = [("客户", c.name), ("原因", ask.content)]
    title = f"{turn.me.name}申请协作您的客户{c.short}"
    facts = [(n, v) for n, v in rows if v]
    filed = _approvals.request(turn, "cooperate", [c.owner], {"customer": c.id, "to": turn.me.id}, title, facts, ask.content)
    who = _views.names(turn, filed.approvers)
    return Reply(Card(f"已向{who}申请协作{c.short}", (Text("对方同意后您就是协助负责人，会通知您。"),)))


def asked(turn: Turn, c: Customer, kind: str) -> bool:
    """Whether this person's request of this kind about the customer still waits."""
    return any(a.by == turn.me.id for a in _owners.pending_about(turn, c.id, (kind,)))


def pool_first(c: Customer) -> Reply:
    """A customer of the pool needs nobody's word; one that is being reviewed gets its manager's."""
    if c.awaiting:
        return Reply(Card(f"{c.short}正在审核归属，没有改动", (Text("主管审核后会通知报备人。"),)))
    button = Button("认领", says.write("owner.claim", customer_id=c.id), "primary")
    return Reply(Card(f"{c.short}在公海，可以直接认领，没有改动", (), (button,)))


@command("owner.transfer", Wish, group="归属", example="把星河科技转给李娜")
def transfer(ask: Wish, turn: Turn) -> Reply:
    """The owner's manager and above: a preview and one confirmation; anybody else: a request that changes nothing (R46)."""
    said = turn.said.with_slots(draft=None)
    customers = several(ask, turn)
    if isinstance(customers, Reply):
        return customers
    named = _handing.members(turn, ask.people, said)
    if isinstance(named, Reply):
        return named
    owners = {c.owner for c in customers}
    chosen = turn.tx.people.get(ask.to) if ask.to else None
    to = chosen or next((m for m in reversed(named) if m.id not in owners or alone(turn, named)), turn.me)
    if not to.active:
        raise Refusal(f"{to.name}已经离职，没有改动")
    left = [c for c in customers if c.owner != to.id]
    if not left:
        return Reply(Card(f"{customers[0].short}已经由{to.name}负责，没有改动"))
    if all(may_hand(turn, c, to) for c in left):
        what = f"把{left[0].short}转给{to.name}" if len(left) == 1 else f"{len(left)} 家客户转给{to.name}"
        return _handing.preview(turn, _handing.Plan(_handing.share(turn, left, [to]), ask.content), what)
    if len(left) > 1:
        foreign = next(c for c in left if not may_hand(turn, c, to))
        raise not_yours(turn, foreign, "请一家一家申请转移。")
    return request(turn, left[0], to, ask.content)


def alone(turn: Turn, named: list[Member]) -> bool:
    """The only one named gets it, unless 把郭强的华岳转给我 says that he has it."""
    has = [m for m in named if f"{m.name}的" in turn.said.text or f"从{m.name}" in turn.said.text]
    return len(named) == 1 and not has


def several(ask: Wish, turn: Turn) -> list[Customer] | Reply:
    """The customers meant; each name must fit one."""
    if not ask.customers:
        c = _who.one_customer(turn, ask, "转移", "，没有改动")
        return c if isinstance(c, Reply) else [c]
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    lists = turn.said.hints.get("customers_ids")
    ids = [list(map(str, x)) for x in lists] if isinstance(lists, list | tuple) else []
    out: list[Customer] = []
    for i, spoken in enumerate(ask.customers):
        known = turn.tx.customers.many(ids[i] if i < len(ids) else [])
        if len(known) != 1:
            problem = f"有 {len(known)} 家" if known else "没有找到"
            raise NotFound(f"「{spoken}」{problem}，没有改动", "请用全名一家一家说。")
        out += known.values()
    return out


def may_hand(turn: Turn, c: Customer, to: Member) -> bool:
    """A manager hands on his people's customers, and those of the pool to his people; directors and admins all."""
    if _owners.leads(turn, c):
        return True
    below = {turn.me.id, *(m.id for m in turn.tx.people.reports_of(turn.me.id))}
    return c.owner is None and turn.me.role.leads and to.id in below and to.id != turn.me.id


def not_yours(turn: Turn, c: Customer, *hints: str) -> NotAllowed:
    """Somebody else's customer."""
    text = (
        f"无权：{c.short}由{_views.name(turn, c.owner)}负责，没有改动"
        if c.owner
        else f"无权：{c.short}在公海，由主管分配，没有改动"
    )
    return NotAllowed(text, *hints, action="owner.transfer", obj=c.id, ways=instead(turn, c))


def request(turn: Turn, c: Customer, to: Member, reason: str) -> Reply:
    """Ask the owner's manager; refused inside protection (with its date) and lock unless the owner himself asks."""
    if c.owner is None and to.id == turn.me.id:
        return pool_first(c)
    for_own = turn.me.role.leads and turn.me.id in _views.managers(turn, to.id)
    if c.owner != turn.me.id and to.id != turn.me.id and not for_own:
        raise not_yours(turn, c)
    if c.owner != turn.me.id:
        if c.locked:
            text = f"无权：{c.short}已锁定，由{_views.name(turn, c.owner)}负责，不能申请转移"
            raise NotAllowed(text, action="owner.transfer", obj=c.id)
        if c.protected(_owners.today(turn)) and c.protected_until:
            until = _views.day(c.protected_until)
            text = f"无权：{c.short}由{_views.name(turn, c.owner)}负责，在保护期内，{until} 之前不能申请转移"
            raise NotAllowed(text, action="owner.transfer", obj=c.id, ways=instead(turn, c))
    if asked(turn, c, "transfer"):
        return Reply(Card(f"您已经提交过{c.short}的转移申请，没有重复提交"))
    return ask_manager(turn, c, to, reason)


def ask_manager(turn: Turn, c: Customer, to: Member, reason: str) -> Reply:
    """A request with both histories; the owner stays until it is decided (R46, R56)."""
    approvers = [p for p in _approvals.approvers_for(turn, "transfer", turn.me.id, c) if p != turn.me.id]
    rows = [("客户", c.name), ("现负责人", _views.name(turn, c.owner)), ("转给", to.name), ("原因", reason)]
    facts = [(n, v) for n, v in rows if v]
    last = cadence.contact_day(c)
    facts.append(("最近有效跟进", _views.day(last) if c.last_followup and last else "没有记录"))
    histories = [("事实", x) for x in _evidence.sides(turn, c, [p for p in (c.owner, to.id) if p])]
    title = f"请审批：{c.short}转给{to.name}"
    subject = {"customer": c.id, "to": to.id, "from": c.owner}
    filed = _approvals.request(turn, "transfer", approvers, subject, title, [*facts, *histories], reason)
    who = _views.names(turn, filed.approvers)
    blocks: list[Block] = [Facts(tuple(facts)), Text("批准前负责人不变；结果会通知您。")]
    buttons: tuple[Button, ...] = ()
    if _WISH.search(reason) or _WISH.search(turn.said.text):
        words = _proof.ask(turn, filed.id)
        blocks.append(Text("客户意愿需要依据：请回复客户联系人姓名、说明聊天记录或发截图，会补给审批人。"))
        buttons = (Button("跳过", says.write("draft.drop", draft=words.id)),)
    return Reply(Card(f"已提交转移申请，等{who}审批", tuple(blocks), buttons))
