"""合并客户：同一家的两条记录合成一条，先预览、再确认，30 天内可以撤销；未知名称记为别名。"""

from dataclasses import dataclass, replace

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Customer
from domain.refusal import NotAllowed, NotFound, Refusal, Stale
from handlers import _approvals, _customers, _merging, _owners, _views, _who
from handlers._records import also
from storage.merges import record_of


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names of one firm, or two ids from a button."""

    customer: str | None = None
    customers: tuple[str, ...] = ()
    a: str = ""
    b: str = ""
    draft: str = ""


@command("customer.merge", Pair, group="客户", example="把鼎盛机械和鼎盛机电合并")
def merge(ask: Pair, turn: Turn) -> Reply:
    """Two known records: a preview and one 确认, by those who may. A known and an unknown name: an alias. Never by itself."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if ask.a and ask.b:
        first, second = _who.live(turn, ask.a), _who.live(turn, ask.b)
        if first is None or second is None:
            raise NotFound("其中一家已经不在系统里，没有改动")
        return preview(turn, first, second, chosen=True)
    if len(ask.customers) != 2:
        raise Refusal("请说出要合并的两家客户，没有改动", "例如：把鼎盛机械和鼎盛机电合并。")
    found = [_known(turn, ask, i) for i in (0, 1)]
    for i, hits in enumerate(found):
        if len(hits) > 1:
            return choose(turn, ask.customers[1 - i], found[1 - i], hits)
    if not found[0] and not found[1]:
        raise NotFound(f"「{ask.customers[0]}」和「{ask.customers[1]}」都没有找到，没有改动")
    if not found[0] or not found[1]:
        i = 0 if found[0] else 1
        return alias(turn, found[i][0], ask.customers[1 - i])
    if found[0][0].id == found[1][0].id:
        return Reply(Card(f"{ask.customers[0]}和{ask.customers[1]}在系统里就是同一家，没有改动", (Text(found[0][0].name),)))
    into = any(w in turn.said.text for w in ("合并到", "并到", "并入", "合到", "归到"))
    return preview(turn, found[1][0], found[0][0], chosen=True) if into else preview(turn, found[0][0], found[1][0])


def _known(turn: Turn, ask: Pair, i: int) -> list[Customer]:
    lists = turn.said.hints.get("customers_ids")
    ids = list(lists[i]) if isinstance(lists, list | tuple) and i < len(lists) else []
    named = [str(x) for x in ids] or list(turn.named(ask.customers[i]))
    return list(turn.tx.customers.many(named).values())


def choose(turn: Turn, other: str, known: list[Customer], hits: list[Customer]) -> Reply:
    """One of the names fits several: each pair is a button, nothing is guessed (D31)."""
    if len(known) != 1:
        raise NotFound(f"「{other}」{'有好几家' if known else '没有找到'}，没有改动", "请用全名说出两家客户。")
    buttons = tuple(Button(c.name[:16], says.write("customer.merge", a=known[0].id, b=c.id)) for c in hits[:5])
    return Reply(Card(f"{known[0].short}和哪一家合并？", (Items(tuple(c.name for c in hits[:5])),), buttons, Tone.WARN))


def preview(turn: Turn, a: Customer, b: Customer, *, chosen: bool = False) -> Reply:
    """What becomes of the counts; `chosen`: the first one stays whatever the rule says."""
    _merging.check_right(turn, a, b)
    if a.id == b.id:
        return Reply(Card("这两个名称已经是同一家，没有改动"))
    kept, merged = (a, b) if chosen else _merging.which_stays(turn, a, b)
    rows = [
        ("保留", f"{kept.name}（{_owner(turn, kept)}）"),
        ("并入", f"{merged.name}（{_owner(turn, merged)}）"),
        ("一起过来", _counts(turn, merged)),
        ("合并后客户数", "少 1 家，统计按一家算"),
    ]
    blocks: list[Block] = [Facts(tuple(rows))]
    if merged.owner and merged.owner != kept.owner:
        role = "不再负责（C 类不设协助负责人）" if kept.grade == "C" else "成为协助负责人"
        blocks.append(Text(f"{_views.name(turn, merged.owner)}{role}，负责人是{_owner(turn, kept)}。"))
    blocks.append(Text(f"确认后生效，{_merging.UNDO_DAYS} 天内可以撤销；现在还没有改动。"))
    draft = turn.ask(turn.said.with_slots(draft=None), "confirm", kept=kept.id, merged=merged.id)
    buttons = (
        Button("确认", says.write("customer.join", draft=draft.id), "primary"),
        Button(f"改为保留{merged.short}"[:12], says.write("customer.merge", a=merged.id, b=kept.id)),
        Button("不是同一家", says.write("customer.distinct", draft=draft.id)),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    return Reply(Card(f"把{merged.short}并入{kept.short}？", tuple(blocks), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def _owner(turn: Turn, c: Customer) -> str:
    return _views.owner(turn, c)


def _counts(turn: Turn, c: Customer) -> str:
    first, last = turn.now - 20 * _owners.AHEAD, turn.now + _owners.AHEAD
    visits = len(
        turn.tx.visits.at_customer_between(c.id, first, last, statuses=("planned", "pending", "done", "missed", "empty"))
    )
    followups = len(turn.tx.followups.of_customer(c.id, limit=500))
    tasks = len(turn.tx.tasks.of_customer(c.id))
    return f"拜访 {visits} 次、跟进 {followups} 条、待办 {tasks} 件"


@dataclass(frozen=True, slots=True)
class Join:
    """The confirmed preview."""

    draft: str = ""


@command("customer.join", Join, intent="dialog.confirm")
def join(ask: Join, turn: Turn) -> Reply:
    """Merge; rights and records are looked at again."""
    kept, merged = _pair(turn, ask.draft)
    _merging.check_right(turn, kept, merged)
    turn.tx.talk.close(ask.draft, "done")
    note = _merging.merge(turn, kept, merged)
    moved = f"拜访 {note.count('visits')} 次、跟进 {note.count('followups')} 条、待办 {note.count('tasks')} 件已并入。"
    buttons = (Button("撤销合并", says.write("customer.unmerge", merge=note.id)),)
    title = f"已合并：{merged.name}并入{kept.name}"
    text = Text(f"{moved}{_merging.UNDO_DAYS} 天内可以撤销。")
    return Reply(Card(title, (text,), buttons, Tone.DONE), subject=f"customer:{kept.id}")


def _pair(turn: Turn, id_: str) -> tuple[Customer, Customer]:
    draft = turn.tx.talk.get(id_)
    if draft is None or draft.person != turn.me.id:
        raise NotAllowed("无权：这是别人的操作，没有任何改动", action="customer.merge", obj=id_)
    kept, merged = (turn.tx.customers.get(str(draft.data[k])) for k in ("kept", "merged"))
    if draft.state != "open" or kept is None or merged is None:
        raise Stale("这张卡片已经处理过了，没有重复操作")
    return kept, merged


@command("customer.distinct", Join, intent="dialog.deny")
def distinct(ask: Join, turn: Turn) -> Reply:
    """不是同一家: remembered on both, so that the duplicate check stays silent about this pair."""
    kept, merged = _pair(turn, ask.draft)
    turn.tx.talk.close(ask.draft, "done")
    _merging.check_right(turn, kept, merged)
    _customers.keep_apart(turn, kept.id, merged.id)
    return Reply(Card(f"已记住：{kept.short}和{merged.short}不是同一家，没有合并", tone=Tone.DONE))


@dataclass(frozen=True, slots=True)
class Back:
    """A merge by its id, or the last one of a customer."""

    merge: str = ""
    customer: str | None = None


@command("customer.unmerge", Back, intent="dialog.undo")
def unmerge(ask: Back, turn: Turn) -> Reply:
    """Within 30 days both records are as they were."""
    notes = [m.id for c in _who.candidates(turn, ask.customer) for m in turn.tx.merges.of(c.id)]
    if not (ask.merge or notes):
        return Reply(Card("没有可以撤销的合并，没有任何改动"))
    return _merging.undone(turn, ask.merge or notes[0])


# ---------------------------------------------------------------------- another name
def alias(turn: Turn, c: Customer, name: str) -> Reply:
    """A name nobody knows: kept at once by owner or manager, else the owner is asked (33)."""
    name = name.strip()
    if name in (c.name, *c.aliases):
        return Reply(Card(f"「{name}」已经是{c.short}的名称，没有改动"))
    if turn.me.id == c.owner or _owners.leads(turn, c):
        saved = turn.tx.customers.put(replace(c, aliases=also(c, name)))
        turn.event("customer.updated", customer=_views.customer_json(saved))
        turn.did("customer.updated", customer=saved.id, before=record_of(c), after=record_of(saved))
        return Reply(Card(f"「{name}」已记为{c.short}的别名", (), (Button("撤销", says.write("dialog.undo")),), Tone.DONE))
    if c.owner is None:
        raise NotAllowed(f"无权：{c.short}在公海，请先认领", action="customer.merge", obj=c.id)
    rows = [("客户", c.name), ("别名", name)]
    title = f"{turn.me.name}提议：「{name}」和{c.short}是一家"
    filed = _approvals.request(turn, "alias", [c.owner], {"customer": c.id, "alias": name}, title, rows)
    who = _views.names(turn, filed.approvers)
    return Reply(Card(f"已提议把「{name}」记为{c.short}的别名，等{who}同意", (Text("在此之前没有改动；不会自动合并。"),)))
