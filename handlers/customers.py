"""客户：新建前先查重，查档案、改资料、看名单；看得到多少由权限决定。"""

from dataclasses import dataclass, replace

from bot import says
from bot.answers import draft_said
from bot.cards import Button, Card, Items, Text
from bot.command import Reply, Turn, build, command
from domain import intake
from domain.field_words import Condition
from domain.model import Customer
from domain.permissions import Layer
from domain.refusal import NotFound, Refusal, Stale
from handlers import _customers, _fields, _resume, _shown, _views, _who

REQUIRED = {"name": "客户名称", "phone": "电话", "city": "城市", "contact": "联系人", "grade": "等级", "email": "邮箱"}


@dataclass(frozen=True, slots=True)
class Create:
    """A new customer as said; `after` is a booking that waits for it, `apart` = known customers it is not (不是同一家)."""

    customer: str | None = None
    contact: str = ""
    contact_title: str = ""
    phone: str = ""
    email: str = ""
    city: str = ""
    grade: str = ""
    stage: str = ""
    location: str = ""
    kind: str = ""
    source: str = ""
    after: str = ""
    draft: str = ""
    apart: tuple[str, ...] = ()


@command("customer.create", Create, group="客户", example="新建客户瑞丰食品，联系人周经理13812345678")
def create(ask: Create, turn: Turn) -> Reply:
    """Check, ask for what must be there, then enter at once with an undo (R31, R195)."""
    return enter(ask, turn)


def enter(ask: Create, turn: Turn) -> Reply:
    """The entry gate, for 新建客户 and for 不是同一家."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    text = turn.said.text
    kind, source = ask.kind or intake.kind_in(text), ask.source or intake.source_in(text)
    said = turn.said.with_slots(draft=None, kind=kind or None, source=source or None)
    ask = replace(ask, kind=kind, source=source, customer=intake.without_kind(ask.customer or "") or None)
    if not ask.customer:
        draft = turn.ask(said, "customer")
        return Reply(Card("新建哪家客户？", (Text("请回复客户全称。"),)), subject=f"draft:{draft.id}")
    draft_customer = wish(ask, own_values(turn))
    matches = [m for m in _customers.check(turn, draft_customer) if m.verdict in ("duplicate", "possible")]
    if matches:
        kept = turn.ask(said, "duplicate", matches=[m.id for m in matches], sure=any(m.verdict == "duplicate" for m in matches))
        return _customers.duplicate_reply(turn, draft_customer, matches, kept.id)
    missing = [f for f in turn.rules.required_customer_fields if not _has(ask, f)]
    if missing:
        kept = turn.ask(said, missing[0])
        word = REQUIRED.get(missing[0], missing[0])
        return Reply(
            Card(f"{ask.customer}的{word}是多少？还没保存", (Text(f"必填：{word}。直接回复即可。"),)), subject=f"draft:{kept.id}"
        )
    if own := _fields.missing(turn, "customer", draft_customer.extra):
        kept = turn.ask(said, "words", field=f"{OWN}{own[0]}")
        return Reply(
            Card(f"{ask.customer}的{own[0]}是？还没保存", (Text(f"必填：{own[0]}。直接回复即可。"),)), subject=f"draft:{kept.id}"
        )
    saved = _customers.create(turn, draft_customer)
    reply = _customers.created_reply(turn, saved)
    return replace(reply, then=_resume.after(turn, ask.after, saved.id))


def _has(ask: Create, field: str) -> bool:
    return bool({"name": ask.customer}.get(field) or getattr(ask, field, ""))


OWN = "own_"
"""The slot that answers the question for a required field made in the chat begins so."""


def own_values(turn: Turn) -> dict[str, object]:
    """What the sentence, or an answer, says for fields made in the chat (R187)."""
    out = _fields.heard(turn, "customer", turn.said.text)
    for field in turn.tx.fields.of("customer"):
        if answer := turn.said.slots.get(OWN + field.name):
            out[field.name] = _fields.checked(turn, field, str(answer))
    return out


def wish(ask: Create, own: dict[str, object]) -> Customer:
    """The customer as it would be entered."""
    contacts = _customers.contacts_of(
        ask.contact, ask.contact_title, ask.phone if ask.contact else "", ask.email if ask.contact else ""
    )
    phones = (ask.phone,) if ask.phone else ()
    emails = (ask.email,) if ask.email else ()
    extra = {"apart": list(ask.apart), "kind": ask.kind, "source": ask.source}
    return Customer(
        "", str(ask.customer), city=ask.city, grade=ask.grade, stage=ask.stage, phones=phones, emails=emails, contacts=contacts,
        address=ask.location, extra={**own, **{k: v for k, v in extra.items() if v}},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Apart:
    """不是同一家: the draft whose match was only possible."""

    draft: str = ""
    content: str = ""


@command("customer.apart", Apart, intent="dialog.choose")
def apart(ask: Apart, turn: Turn) -> Reply:
    """Another firm after all: remembered, and entered. A certain duplicate stays one."""
    draft = turn.tx.talk.get(ask.draft)
    if draft is None or draft.person != turn.me.id or draft.state != "open":
        raise Stale("这张卡片已经处理过了，没有重复操作")
    if draft.data.get("sure"):
        raise Refusal("电话、邮箱或名称完全相同，不能当作另一家，没有新建", "如确实不同，请先核对号码，或请主管处理。")
    base = draft_said(draft)
    turn.tx.talk.close(draft.id, "done")
    known = draft.data.get("matches")
    turn.said = base.with_slots(apart=list(known) if isinstance(known, list | tuple) else [])
    return enter(build(Create, turn.said.slots), turn)


@dataclass(frozen=True, slots=True)
class Look:
    """A customer, or a key to look for."""

    customer: str | None = None
    customer_id: str | None = None
    phone: str = ""
    email: str = ""
    draft: str = ""


@command("customer.check", Look, group="客户", example="系统里有没有瑞丰食品")
def check(ask: Look, turn: Turn) -> Reply:
    """查重: every record is searched; the answer shows owner and stage only (R34)."""
    if not (ask.customer or ask.phone or ask.email):
        raise Refusal("请说出客户名称、电话或邮箱")
    draft = Customer("", ask.customer or "", phones=(ask.phone,) if ask.phone else (), emails=(ask.email,) if ask.email else ())
    matches = _customers.check(turn, draft)
    what = ask.customer or ask.phone or ask.email
    if not matches:
        button = (Button("新建客户", says.write("customer.create", customer=ask.customer, phone=ask.phone, email=ask.email)),)
        return Reply(Card(f"没有重复：系统里没有{what}", (Text("已按名称、电话、邮箱查过。"),), button if ask.customer else ()))
    lines = tuple(filter(None, (_customers.match_line(turn, m) for m in matches)))
    sure = any(m.verdict == "duplicate" for m in matches)
    turn.tx.talk.note(turn.me.id, "customer", matches[0].id)
    turn.because(*lines)
    best = turn.tx.customers.get(matches[0].id)
    buttons: tuple[Button, ...] = ()
    if best is not None and best.status == "pool":
        buttons = (Button(f"认领{best.short}"[:10], says.write("owner.claim", customer_id=best.id)),)
    elif best is not None and best.owner not in (None, turn.me.id):
        buttons = (Button("申请协作", says.write("owner.cooperate", customer_id=best.id)),)
    return Reply(Card(f"{'已有' if sure else '疑似已有'}：{what}", (Items(lines),), buttons))


@command("customer.show", Look, group="客户", example="宏远的资料")
def show(ask: Look, turn: Turn) -> Reply:
    """One customer's card; in a group what the least privileged reader may see."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), "查")
    if not found:
        raise NotFound(f"没有找到客户「{ask.customer}」" if ask.customer else "请说出客户名称")
    c = found[0]
    turn.tx.talk.note(turn.me.id, "customer", c.id)
    title = f"{c.short}：{c.stage or '未定阶段'}"
    shown = _customers.blocks_for(turn, c)
    whole = _customers.own_view(turn, c) if turn.group else None
    if whole is not None and whole != shown:
        return Reply(Card(title, (*shown, Text("完整资料已私信您。"))), Card(title, tuple(whole)), subject=f"customer:{c.id}")
    if c.owner and _shown.of(turn, c).level < Layer.TEAM:
        who = "负责人和主管" if c.locked else "负责人同部门"
        shown.append(Text(f"联系方式和跟进只对{who}开放，可以联系{_views.name(turn, c.owner)}。"))
    return Reply(Card(title, tuple(shown)), subject=f"customer:{c.id}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers."""

    grade: str = ""
    stage: str = ""
    city: str = ""
    people: tuple[str, ...] = ()
    team: str = ""


def fits(turn: Turn, c: Customer, ask: Wanted) -> bool:
    """Whether a customer is wanted; what a reader may not see of it can't be asked for either."""
    shown = _shown.of(turn, c)
    grade = not ask.grade or (shown.has("grade") and c.grade == ask.grade.strip("类级").upper())
    return grade and (not ask.stage or c.stage == ask.stage) and (not ask.city or (shown.has("city") and ask.city in c.city))


def own_filter(turn: Turn) -> Condition | None:
    """The condition on a field made in the chat (采购周期是季度的客户)."""
    said = turn.said.hints.get("own_filter")
    return Condition(*map(str, said)) if isinstance(said, list) and len(said) == 3 else None


def fits_own(turn: Turn, c: Customer, chosen: Condition) -> bool:
    """Whether a customer fits it; only for readers who may see its fields."""
    return _shown.of(turn, c).has(chosen.name) and chosen.holds(_fields.computed(turn, "customer", c.extra))


@command("customer.list", Wanted, group="客户", example="我名下的A类客户有哪些")
def listing(ask: Wanted, turn: Turn) -> Reply:
    """Customers of a person or team; names, owner, stage are public, the rest is not shown in lists."""
    named = _who.people(turn, ask.people, turn.said) if ask.people else [turn.me]
    if isinstance(named, Reply):
        return named
    who = turn.tx.people.team(ask.team) if ask.team else named or [turn.me]
    if not ask.people and not ask.team and turn.me.role.leads and "我名下" not in turn.said.text:
        below = turn.tx.people.all() if turn.me.role in ("director", "admin") else turn.tx.people.reports_of(turn.me.id)
        who = list(dict.fromkeys([turn.me, *below]))
    found = [c for m in who for c in turn.tx.customers.owned_by(m.id)]
    chosen = own_filter(turn)
    found = [c for c in found if fits(turn, c, ask) and (chosen is None or fits_own(turn, c, chosen))]
    several = len(who) > 1
    lines = []
    for c in found[:20]:
        public = _shown.of(turn, c).has("grade")
        parts = [c.grade + "类" if c.grade and public else "", c.stage, _views.name(turn, c.owner) if several else ""]
        lines.append(f"{c.name}（{'·'.join(p for p in parts if p)}）")
    what = f"{ask.grade.strip('类级').upper()}类" if ask.grade else ""
    what = f"{chosen.words()}的{what}" if chosen else what
    whose = "您名下" if who == [turn.me] else _views.listing(who[:2]) if len(who) <= 2 else "团队"
    if not found:
        return Reply(Card(f"{whose}没有{what}客户"))
    more = (Text(f"还有 {len(found) - 20} 家，可以按等级、阶段或城市再缩小。"),) if len(found) > 20 else ()
    return Reply(Card(f"{whose}有 {len(found)} 家{what}客户", (Items(tuple(lines)), *more)))
