"""拜访准备：一张卡看全最近联系、未兑现的承诺、关键人、阶段和这次的目标。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.follow import Task
from domain.model import Customer, Visit, When
from domain.permissions import Layer
from domain.refusal import NotFound
from handlers import _audit, _confirm, _customers, _fields, _gates, _prepare, _rights, _shown, _tasks, _views, _who
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Prepare:
    """For which customer or visit; the next one when nothing is said."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    draft: str = ""


@command("visit.prepare", Prepare, group="拜访", example="见蓝海之前帮我准备一下资料")
def prepare(ask: Prepare, turn: Turn) -> Reply:
    """One card; in a group only what everybody there may see, the rest in private (R79)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = subject(turn, ask)
    if isinstance(found, Reply):
        return found
    customer, visit = found
    card = card_for(turn, customer, visit)
    if turn.group and _customers.sees(turn, customer) < Layer.FOLLOWER:
        readers, turn.readers = turn.readers, [turn.me]
        private = card_for(turn, customer, visit)
        turn.readers = readers
        return Reply(replace(card, buttons=()), private=private)
    return Reply(card)


def subject(turn: Turn, ask: Prepare) -> tuple[Customer, Visit | None] | Reply:
    """The customer to prepare for, and the visit if there is one."""
    if ask.visit_id:
        visit = turn.tx.visits.get(ask.visit_id)
        customer = turn.tx.customers.get(visit.customer) if visit else None
        if visit is None or customer is None:
            raise NotFound("这次拜访已经找不到了")
        return customer, visit
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), "准备")
    if found:
        return found[0], _prepare.next_visit(turn, found[0])
    if ask.customer:
        raise NotFound(f"没有找到客户「{ask.customer}」")
    span = _who.day_range(ask.time)
    if span is not None:
        mine = turn.tx.visits.of_person(turn.me.id, *span, statuses=("planned", "pending"))
        visits = [v for v in mine if v.start >= turn.now]
        if len(visits) > 1:
            return _who.which_visit(turn, visits, turn.said.with_slots(draft=None), "准备哪一次拜访？")
        visit = visits[0] if visits else None
    else:
        visit = turn.tx.visits.next_of(turn.me.id, turn.now, statuses=("planned", "pending"))
    customer = turn.tx.customers.get(visit.customer) if visit else None
    if visit is None or customer is None:
        return Reply(Card("近期没有要准备的拜访", (Text("说出客户名称也可以，例如：准备一下宏远。"),)))
    return customer, visit


def card_for(turn: Turn, customer: Customer, visit: Visit | None) -> Card:
    """What the readers may see, in the order of use."""
    shown = _shown.of(turn, customer)
    seen = shown.level
    name = customer.name if seen >= Layer.NAME else customer.short
    rows: list[tuple[str, str]] = []
    if visit is not None:
        purpose = visit.purpose if _views.sees_details(turn, visit) else ""
        rows.append(("拜访", f"{_views.span(visit.slot)} {purpose}".strip()))
        if _views.sees_details(turn, visit):
            rows += [("目标", visit.agenda), ("客户确认", _confirm.words(turn, visit))]
    rows += [("阶段", _gates.words(turn, customer)), ("负责人", _views.owner(turn, customer))]
    if seen >= Layer.TEAM:
        rows += [("等级", customer.grade if shown.has("grade") else ""), ("跟进", _prepare.clock_words(turn, customer))]
    rows += [(n, v) for n, v in _fields.rows(turn, "customer", customer.extra) if shown.has(n)]
    if shown.has("contacts"):
        rows.append(("关键人", _prepare.people(turn, customer)))
    if shown.has("address"):
        rows.append(("地址", customer.address))
    if read := [f for f in ("contacts", "address", "last_touch") if shown.has(f)]:
        _audit.read(turn, "visit.prepare", customer.id, *read)
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v))]
    if seen >= Layer.TEAM and shown.has("last_touch"):
        private = seen >= Layer.FOLLOWER
        if lines := _prepare.contacts(turn, customer, private):
            blocks += [Text("最近联系："), Items(tuple(lines))]
        if private and (due := _prepare.promises(turn, customer)):
            blocks += [Text("还没办的："), Items(tuple(due))]
    checks = _prepare.CHECKLIST.get(visit.purpose, ()) if visit and _views.sees_details(turn, visit) else ()
    if checks:
        blocks.append(Text("要带：" + "、".join(checks)))
    return Card(f"拜访准备：{name}", tuple(blocks), tuple(_buttons(turn, customer, visit)))


def _buttons(turn: Turn, customer: Customer, visit: Visit | None) -> list[Button]:
    if visit is None:
        return [Button("约拜访", says.write("visit.book", customer_id=customer.id))]
    if visit.rep != turn.me.id:
        return []
    if visit.agenda:
        return [Button("改时间", says.write("visit.retime", visit=visit.id))]
    chips = [Button(o, says.write("visit.objective", visit_id=visit.id, text=o)) for o in _prepare.OBJECTIVES]
    return [*chips, Button("准备清单转待办", says.write("visit.checklist", visit_id=visit.id))][:6]


@dataclass(frozen=True, slots=True)
class Objective:
    """What a visit aims at, in words."""

    visit_id: str = ""
    text: str = ""
    draft: str = ""


@command("visit.objective", Objective, intent="visit.update")
def objective(ask: Objective, turn: Turn) -> Reply:
    """The objective stands on the reminder and the report (R78)."""
    visit = turn.tx.visits.get(ask.visit_id)
    if visit is None:
        raise NotFound("这次拜访已经找不到了")
    _rights.check_visit(turn, visit)
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if not ask.text:
        turn.ask(Said("visit.objective", {"visit_id": visit.id}), "words", 60, field="text")
        return Reply(Card("这次拜访的目标是什么？一句话即可"))
    saved = turn.tx.visits.save(replace(visit, agenda=ask.text[:200]), visit.version, at=turn.now, by=turn.me.id, why="objective")
    if saved is None:
        raise NotFound("这次拜访刚刚有变动，没有保存", "请再试一次。")
    turn.event("visit.updated", visit=_views.visit_json(saved))
    facts = Facts((("拜访", _views.span(saved.slot)), ("目标", saved.agenda)))
    return Reply(Card(f"已设目标：{_views.label(turn, saved)}", (facts,), (), Tone.DONE), subject=f"visit:{saved.id}")


@dataclass(frozen=True, slots=True)
class Checklist:
    """The visit whose preparation becomes tasks."""

    visit_id: str = ""


@command("visit.checklist", Checklist, intent="task.add")
def checklist(ask: Checklist, turn: Turn) -> Reply:
    """One task for each item, due when the visit begins; unfinished ones stand on its reminder (R80)."""
    visit = turn.tx.visits.get(ask.visit_id)
    if visit is None:
        raise NotFound("这次拜访已经找不到了")
    _rights.check_visit(turn, visit)
    items = _prepare.CHECKLIST.get(visit.purpose, ("资料", "报价方案"))
    known = {t.title for t in turn.tx.tasks.of_visit(visit.id, states=("open", "done"), kind="prep")}
    made = [
        _tasks.create(turn, Task("", f"准备{item}", visit.rep, visit.start, visit.customer, visit.id, "prep", by=turn.me.id))
        for item in items
        if f"准备{item}" not in known
    ]
    if not made:
        return Reply(Card("准备清单已经在待办里了，没有重复添加"))
    turn.did("task.created", tasks=[t.id for t in made])
    undo = Button("撤销", says.write("dialog.undo"))
    return Reply(Card(f"已加 {len(made)} 项准备待办", (Items(tuple(t.title for t in made)),), (undo,), Tone.DONE))
