"""归属变更：申请协作、申请转移、主管改派、交接；同意后拜访、待办、提醒一起走。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Customer, Member, Role
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from handlers import _approvals, _owners, _views, _who


@dataclass(frozen=True, slots=True)
class Wish:
    """Which customer, from whom to whom; `content` is the reason."""

    customer: str | None = None
    customer_id: str | None = None
    people: tuple[str, ...] = ()
    content: str = ""
    draft: str = ""
    id: str = ""
    to: str = ""
    sure: bool = False


def one(ask: Wish, turn: Turn, verb: str) -> Customer | Reply:
    """The customer meant."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), verb)
    if not found:
        raise NotFound(f"没有找到客户「{ask.customer}」，没有改动" if ask.customer else "请说出客户名称，没有改动")
    return found[0]


@command("owner.cooperate", Wish, intent="customer.update")
def cooperate(ask: Wish, turn: Turn) -> Reply:
    """申请协作: the owner decides; with his yes the asker is a co-owner (R45, R47)."""
    c = one(ask, turn, "协作")
    if isinstance(c, Reply):
        return c
    if c.owner is None:
        raise Refusal(f"{c.short}在公海，可以直接认领", "说「认领" + c.short + "」即可。")
    if turn.me.id in (c.owner, *c.co_owners):
        return Reply(Card(f"您已经是{c.short}的负责人，没有改动"))
    if c.grade == "C":
        raise Refusal(f"{c.short}是 C 类客户，按规定不设协助负责人，没有提交")
    rows = [("客户", c.name), ("原因", ask.content)]
    title = f"{turn.me.name}申请协作您的客户{c.short}"
    facts = [(n, v) for n, v in rows if v]
    _approvals.request(turn, "cooperate", [c.owner], {"customer": c.id, "to": turn.me.id}, title, facts, ask.content)
    who = _views.name(turn, c.owner)
    return Reply(Card(f"已向{who}申请协作{c.short}", (Text("对方同意后您就是协助负责人，会通知您。"),)))


@command("owner.transfer", Wish, group="归属", example="把星河科技转给李娜")
def transfer(ask: Wish, turn: Turn) -> Reply:
    """The owner's manager and above: a preview and one confirmation; anybody else: a request that changes nothing (R46)."""
    c = one(ask, turn, "转移")
    if isinstance(c, Reply):
        return c
    named = _who.people(turn, ask.people[-1:], turn.said.with_slots(draft=None)) if ask.people else []
    if isinstance(named, Reply):
        return named
    to = named[0] if named else turn.me
    if c.owner == to.id:
        return Reply(Card(f"{c.short}已经由{to.name}负责，没有改动"))
    if leads_owner(turn, c):
        return preview(turn, [c], to, ask.content, f"把{c.short}转给{to.name}")
    if to.id != turn.me.id and c.owner != turn.me.id:
        raise NotAllowed(f"无权：{c.short}由{_views.name(turn, c.owner)}负责，没有改动", action="owner.transfer", obj=c.id)
    if c.owner is None:
        raise Refusal(f"{c.short}在公海，可以直接认领")
    if c.owner != turn.me.id and c.protected(_owners.today(turn)) and c.protected_until:
        until = _views.day(c.protected_until)
        raise NotAllowed(f"无权：{c.short}在保护期内，到 {until} 之前不能申请转移", action="owner.transfer", obj=c.id)
    return ask_manager(turn, c, to, ask.content)


def leads_owner(turn: Turn, c: Customer) -> bool:
    """A manager of the owner upwards."""
    if turn.me.role in (Role.DIRECTOR, Role.ADMIN):
        return True
    return c.owner is not None and turn.me.id in _views.managers(turn, c.owner)


def ask_manager(turn: Turn, c: Customer, to: Member, reason: str) -> Reply:
    """A request with both histories; the owner stays until it is decided."""
    approvers = [p for p in _approvals.approvers_for(turn, "transfer", turn.me.id, c) if p != turn.me.id]
    rows = [("客户", c.name), ("现负责人", _views.name(turn, c.owner)), ("转给", to.name), ("原因", reason)]
    if c.last_followup:
        rows.append(("上次有效跟进", _views.day(c.last_followup)))
    title = f"请审批：{c.short}转给{to.name}"
    facts = [(n, v) for n, v in rows if v]
    _approvals.request(turn, "transfer", approvers, {"customer": c.id, "to": to.id}, title, facts, reason)
    who = _views.names(turn, approvers)
    return Reply(Card(f"已提交转移申请，等{who}审批", (Facts(tuple(facts)), Text("批准前负责人不变；结果会通知您。"))))


@command("owner.handover", Wish, group="归属", example="刘洋离职，客户全部交给李娜", role=Role.MANAGER)
def handover(ask: Wish, turn: Turn) -> Reply:
    """Everything of a leaver or mover: customers, open visits, tasks, clashes; runs after one 确认 (R64)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    named = _who.people(turn, ask.people, turn.said.with_slots(draft=None))
    if isinstance(named, Reply):
        return named
    if len(named) < 2:
        raise Refusal("请说清楚谁交给谁，没有改动", "例如：刘洋离职，客户全部交给李娜。")
    giver, to = named[0], named[-1]
    if turn.me.role is Role.MANAGER and turn.me.id not in _views.managers(turn, giver.id):
        raise NotAllowed(f"无权：{giver.name}不在您的团队，没有改动", action="owner.handover", obj=giver.id)
    customers = turn.tx.customers.owned_by(giver.id)
    if not customers:
        raise Refusal(f"{giver.name}名下没有客户，没有改动")
    return preview(turn, customers, to, f"{giver.name}交接", f"{giver.name}的 {len(customers)} 家客户交给{to.name}")


def preview(turn: Turn, customers: Sequence[Customer], to: Member, reason: str, what: str) -> Reply:
    """What will move, what clashes; nothing changes before 确认."""
    names = tuple(c.name for c in customers[:10])
    visits = [v for c in customers if c.owner for v in _owners.open_visits(turn, c.owner, c)]
    clash = [v for v in visits if turn.tx.visits.busy([to.id], v.slot, but=v.id)]
    givers = {c.owner for c in customers if c.owner}
    tasks = sum(len(turn.tx.tasks.open_of(g)) for g in givers) if len(customers) > 1 else 0
    holding = len(turn.tx.customers.owned_by(to.id)) + len(customers)
    rows = [("客户", f"{len(customers)} 家"), ("待进行拜访", f"{len(visits)} 次")]
    if tasks:
        rows.append(("待办", f"{tasks} 件"))
    rows.append(("接手后持有", f"{holding}/{turn.rules.holding_cap}" + ("，超过上限，建议分给几个人" if holding > turn.rules.holding_cap else "")))
    blocks: list[Block] = [Facts(tuple(rows)), Items(names)]
    if clash:
        blocks.append(Text(f"{to.name}的日程有 {len(clash)} 次冲突，会留给原负责人改期："))
        blocks.append(Items(tuple(_views.visit_line(turn, v, with_day=True) for v in clash[:5])))
    draft = turn.ask(turn.said, "confirm", customers=[c.id for c in customers], to=to.id, reason=reason, owners=[c.owner for c in customers])
    buttons = (
        Button("确认", says.write("owner.hand", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    return Reply(Card(f"{what}：确认后生效，现在还没有改动", tuple(blocks), buttons, Tone.WARN), subject=f"draft:{draft.id}")


@dataclass(frozen=True, slots=True)
class Hand:
    """The confirmed preview."""

    draft: str = ""


@command("owner.hand", Hand, intent="dialog.confirm")
def hand(ask: Hand, turn: Turn) -> Reply:
    """Carry the preview out in one transaction."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的操作，没有任何改动", action="owner.transfer", obj=ask.draft)
    if not turn.tx.talk.close(draft.id, "done"):
        raise Stale("这张卡片已经处理过了，没有重复操作")
    to = turn.tx.people.get(str(draft.data["to"]))
    if to is None:
        raise NotFound("接手的同事已经不在系统里，没有改动")
    ids, owners = list(draft.data["customers"]), list(draft.data["owners"])  # type: ignore[call-overload]
    moved, left = [], []
    givers: set[str] = set()
    for customer_id, owner in zip(ids, owners, strict=True):
        c = turn.tx.customers.get(str(customer_id))
        if c is None or c.owner != owner:
            left.append(c.short if c else str(customer_id))
            continue
        if owner:
            givers.add(str(owner))
            turn.tx.tasks.hand_over(str(owner), to.id, c.id)
        moved.append(_owners.transfer(turn, c, to, str(draft.data.get("reason") or ""), quiet=len(ids) > 1))
    if len(ids) > 1:
        for giver in givers:
            turn.tx.tasks.hand_over(giver, to.id)
    if not moved:
        raise Stale("这些客户的负责人刚刚有变动，没有改动")
    if len(ids) > 1:
        tell_both(turn, moved, to, givers)
    blocks: list[Block] = [Items(tuple(c.name for c in moved[:10])), Text("待进行的拜访、待办和提醒已一并转交，双方都已通知。")]
    if left:
        blocks.append(Items(tuple(f"{x}：负责人刚有变动，没有转" for x in left)))
    return Reply(Card(f"已转交{to.name}：{len(moved)} 家客户", tuple(blocks), tone=Tone.DONE))


def tell_both(turn: Turn, moved: Sequence[Customer], to: Member, givers: set[str]) -> None:
    """One card each for a whole handover."""
    names = Items(tuple(f"{c.name}（{c.stage or '未定阶段'}）" for c in moved[:15]))
    turn.tell(to.id, Card(f"{len(moved)} 家客户转到您名下", (names, Text("请按等级尽快联系；跟进历史都在。")), tone=Tone.DONE))
    for giver in givers - {turn.me.id, to.id}:
        turn.tell(giver, Card(f"您的 {len(moved)} 家客户已转给{to.name}", (names,)))


@command("owner.dispute", Wish, group="归属", example="蓝海是我先跟的，申请裁定")
def dispute(ask: Wish, turn: Turn) -> Reply:
    """撞单裁定: the facts of both sides go to the owner's manager; the customer stays with its owner until then (R58)."""
    c = one(ask, turn, "裁定")
    if isinstance(c, Reply):
        return c
    if c.owner is None:
        raise Refusal(f"{c.short}在公海，可以直接认领")
    if c.owner == turn.me.id:
        return Reply(Card(f"{c.short}的负责人就是您，不需要裁定", (Items(tuple(evidence(turn, c))),)))
    approvers = _approvals.approvers_for(turn, "transfer", turn.me.id, c)
    lines = evidence(turn, c)
    rows = [("客户", c.name), ("现负责人", _views.name(turn, c.owner)), ("申请人", turn.me.name), *(("事实", x) for x in lines)]
    title = f"撞单裁定：{c.short}，同意 = 归{turn.me.name}，驳回 = 维持{_views.name(turn, c.owner)}"
    subject = {"customer": c.id, "to": turn.me.id, "dispute": True}
    _approvals.request(turn, "transfer", approvers, subject, title, rows, ask.content)
    who = _views.names(turn, approvers)
    blocks = (Items(tuple(lines)), Text("裁定前仍由现负责人联系客户；可以继续发聊天记录或照片作为依据。"))
    return Reply(Card(f"已提交撞单裁定，等{who}处理", blocks))


def evidence(turn: Turn, c: Customer) -> list[str]:
    """Entries and contacts with dates, as anybody may know them: who, when, by what channel."""
    out = [f"录入：{_views.day(c.created)}"] if c.created else []
    since = turn.now - timedelta(days=365)
    rows = turn.tx.followups.of_customers([c.id], since, turn.now + timedelta(seconds=1))
    by: dict[str, list[datetime]] = {}
    for f in rows:
        by.setdefault(f.by, []).append(f.at)
    for person, times in by.items():
        out.append(f"{_views.name(turn, person)}：有效跟进 {len(times)} 次，最近 {_views.day(times[-1])}")
    return out
