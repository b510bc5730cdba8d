"""改客户资料：一句话更正；负责人、协助负责人和他们的主管可以改，改动会告诉负责人。"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import says
from bot.answers import draft_said
from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, build, command
from domain.follow import Task
from domain.model import GRADES, STAGES, Contact, Customer
from domain.permissions import may_change_customer
from domain.refusal import NotAllowed, NotFound, Refusal
from handlers import _customers, _fields, _gates, _mails, _owners, _stages, _tasks, _views, _who
from handlers._records import also
from handlers._rights import instead
from nlp.said import Said
from storage.merges import record_of

CARE_DAYS = 30
"""A lost customer gets a second round of care after this long (R62)."""


@dataclass(frozen=True, slots=True)
class Update:
    """Corrected values; `people` = co-owners to add (or, with 去掉, to take away)."""

    customer: str | None = None
    customer_id: str | None = None
    field: str = ""
    value: str = ""
    phone: str = ""
    email: str = ""
    grade: str = ""
    stage: str = ""
    city: str = ""
    location: str = ""
    contact: str = ""
    contact_title: str = ""
    people: tuple[str, ...] = ()
    draft: str = ""


FIELDS = {
    "地址": "address", "城市": "city", "名称": "name", "客户名称": "name", "名字": "name", "全称": "name", "别名": "alias",
    "简称": "alias", "电话": "phone", "手机": "phone", "邮箱": "email", "等级": "grade", "级别": "grade", "阶段": "stage",
    "状态": "status", "联系人": "contact", "税号": "uscc", "统一社会信用代码": "uscc", "信用代码": "uscc",
}  # fmt: skip
STATUS = {"流失": "lost", "丢单": "lost", "输单": "lost", "成交": "won", "赢单": "won", "在跟": "active", "已流失": "lost"}
STATUS_WORDS = {"active": "在跟", "pool": "公海", "lost": "流失", "won": "成交"}
_CLOSING = ("status", "locked", "co_owners")
"""Only the main owner and those above him (R47)."""


@command("customer.update", Update, group="客户", example="宏远改成A类")
def update(ask: Update, turn: Turn) -> Reply:
    """One clear correction is done at once; only owner, co-owners and their managers upwards may."""
    return correct(ask, turn)


def correct(ask: Update, turn: Turn) -> Reply:
    """For a correction as said, and for one whose likeness was denied."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    said = turn.said.with_slots(draft=None)
    spoken_of = turn.tx.talk.noted(turn.me.id, "customer") if "own_fields" in said.hints and not ask.customer else None
    found = _who.candidates(turn, ask.customer, ask.customer_id or (str(spoken_of) if spoken_of else None))
    if len(found) > 1:
        return _who.which_customer(turn, found, said, "改")
    if not found:
        raise NotFound(f"没有找到客户「{ask.customer}」，没有改动" if ask.customer else "请说出客户名称，没有改动")
    turn.tx.lock("customer-entry", f"customer:{found[0].id}")
    c = turn.tx.customers.get(found[0].id) or found[0]
    check_right(turn, c)
    named = _who.people(turn, ask.people, said) if ask.people else []
    if isinstance(named, Reply):
        return named
    want = wanted(turn, ask)
    if (stage := stage_of(want.get("stage", ""))) and (asked := _gates.reviewed(turn, c, stage)) is not None:
        return asked
    new, lines = own_fields(turn, c)
    for name, value in want.items():
        new, line = _SET[name](turn, new, value, ask)
        lines.append(line)
    if ask.people:
        new, line = co_owners(turn, new, [m.id for m in named])
        lines.append(line)
    if new == c:
        raise Refusal("没听出要改什么，没有改动", "例如：宏远改成A类；宏远电话改为0512-57770001。")
    if any(getattr(new, name) != getattr(c, name) for name in _CLOSING):
        check_closing(turn, c)
    if (clash := twins(turn, c, new, said)) is not None:
        return clash
    return save(turn, c, new, lines)


def own_fields(turn: Turn, c: Customer) -> tuple[Customer, list[str]]:
    """The values that the sentence gives to fields made in the chat, each checked against its kind (R187)."""
    pairs = turn.said.hints.get("own_fields")
    lines: list[str] = []
    for name, text in pairs if isinstance(pairs, list) else ():
        field = turn.tx.fields.get("customer", str(name))
        if field is None:
            continue
        value, before = _fields.checked(turn, field, str(text)), c.extra.get(field.name)
        c = replace(c, extra={**c.extra, field.name: value})
        was = f"{_fields.words(before)} → " if before not in (None, "", []) else ""
        lines.append(f"{field.name}：{was}{_fields.words(value)}")
    return c, lines


def check_right(turn: Turn, c: Customer) -> None:
    """Raises NotAllowed with the owner's name and 申请协作."""
    if may_change_customer(turn.me, c, _owners.customer_chain(turn, c)):
        return
    if c.owner is None:
        way = (("认领", says.write("owner.claim", customer_id=c.id)),) if c.status == "pool" else ()
        raise NotAllowed(f"无权：{c.short}在公海，认领后才能改，没有改动", action="customer.update", obj=c.id, ways=way)
    who = _views.name(turn, c.owner)
    text = f"无权：{c.short}由{who}负责，没有改动"
    raise NotAllowed(text, action="customer.update", obj=c.id, ways=instead(turn, c))


def check_closing(turn: Turn, c: Customer) -> None:
    """Closing, locking and co-owners are the main owner's and his managers' (R47)."""
    if c.owner != turn.me.id and not _owners.leads(turn, c):
        text = f"无权：状态、锁定和协助负责人由主负责人{_views.name(turn, c.owner)}或主管改，没有改动"
        raise NotAllowed(text, action="customer.update", obj=c.id)


def twins(turn: Turn, c: Customer, new: Customer, said: Said) -> Reply | None:
    """A corrected name or key that makes it like another known customer: the same verdict as at entry, and nothing is changed (D15)."""
    keys = ("name", "phones", "emails", "uscc", "contacts")
    if all(getattr(c, k) == getattr(new, k) for k in keys):
        return None
    known = {(m.id, m.verdict) for m in _customers.check(turn, c)}
    clash = [m for m in _customers.check(turn, new) if m.id != c.id and (m.id, m.verdict) not in known and m.verdict != "related"]
    if not clash:
        return None
    sure = any(m.verdict == "duplicate" for m in clash)
    _customers.found(turn, new, clash)
    kept = turn.ask(said.with_slots(customer_id=c.id), "duplicate", customer=c.id, matches=[m.id for m in clash], sure=sure)
    apart = () if sure else (Button("不是同一家", says.write("customer.update_apart", draft=kept.id), "primary"),)
    buttons = (*apart, Button("算了", says.write("draft.drop", draft=kept.id)))
    title = f"没有改动：改后{'会' if sure else '可能'}和另一家客户重复"
    lines = tuple(_customers.match_line(turn, m) for m in clash)
    return Reply(Card(title, (Items(lines),), buttons, Tone.WARN), subject=f"draft:{kept.id}")


@dataclass(frozen=True, slots=True)
class Apart:
    """不是同一家: the correction that only may be another customer."""

    draft: str = ""


@command("customer.update_apart", Apart, intent="dialog.choose")
def update_apart(ask: Apart, turn: Turn) -> Reply:
    """Different firms after all: remembered on both, and corrected. A certain duplicate stays one."""
    draft = turn.take_draft(ask.draft)
    if draft.data.get("sure") or draft.question != "duplicate":
        raise Refusal("电话、邮箱或名称完全相同，不能当作另一家，没有改动")
    others = draft.data.get("matches")
    for other in others if isinstance(others, list | tuple) else ():
        _customers.keep_apart(turn, str(draft.data["customer"]), str(other))
    turn.said = draft_said(draft)
    return correct(build(Update, turn.said.slots), turn)


def save(turn: Turn, c: Customer, new: Customer, lines: list[str]) -> Reply:
    """Write it with its event, its undo, the care for a lost one, and a word to those concerned."""
    if new.status != c.status:
        extra = {k: v for k, v in new.extra.items() if k != "lost_on"}
        new = replace(new, extra=extra | ({"lost_on": _owners.today(turn).isoformat()} if new.status == "lost" else {}))
    new = _stages.won(turn, c, new)
    saved = turn.tx.customers.put(new)
    was = {"stage_was": c.stage} if saved.stage != c.stage else {}
    was |= {"status_was": c.status} if saved.status != c.status else {}
    was |= {"grade_was": c.grade} if saved.grade != c.grade else {}
    turn.event("customer.updated", customer=_views.customer_json(saved), **was)
    task = care(turn, saved) if saved.status == "lost" != c.status else ""
    turn.did("customer.updated", customer=saved.id, before=record_of(c), after=record_of(saved), task=task)
    turn.tx.talk.note(turn.me.id, "customer", saved.id)
    saved = _stages.entered(turn, c, saved)
    _owners.touched(turn, saved, f"{turn.me.name}改了{saved.short}的资料", lines)
    for person in set(saved.co_owners) - set(c.co_owners):
        turn.tell(person, Card(f"您成为{saved.short}的协助负责人", (Text(f"由{turn.me.name}添加，可以登记跟进和预约。"),)))
    for person in set(c.co_owners) - set(saved.co_owners):
        turn.tell(person, Card(f"您不再是{saved.short}的协助负责人", (Text(f"由{turn.me.name}调整。"),)))
    shown = tuple(_masked(line) for line in lines) if turn.group else tuple(lines)
    undo = (Button("撤销", says.write("dialog.undo")),)
    return Reply(Card(f"已更新：{saved.short}", (Items(shown),), undo, Tone.DONE), subject=f"customer:{saved.id}")


def _masked(line: str) -> str:
    """A group reads no whole number and no address of mail."""
    line = re.sub(r"[\w.+-]+@[\w.-]+", "****", line)
    return re.sub(r"\d[\d\- ]{6,}\d", lambda m: _customers.mask(m[0]), line)


def care(turn: Turn, c: Customer) -> str:
    """A task to ask a lost customer again; its id."""
    if c.owner is None:
        return ""
    due = _tasks.end_of(turn.calendar.last_workday_up_to(_owners.today(turn) + timedelta(days=CARE_DAYS)))
    task = Task("", f"二次关怀：回访{c.short}（已流失）", c.owner, due, c.id, "", "care", by=turn.me.id)
    return _tasks.create(turn, task).id


# ---------------------------------------------------------------------- what is wanted
def wanted(turn: Turn, ask: Update) -> dict[str, str]:
    """The fields to set, from their slots and from `field` = `value`."""
    out: dict[str, str] = {k: getattr(ask, k) for k in ("phone", "email", "grade", "stage", "city") if getattr(ask, k)}
    if ask.location:
        out["address"] = ask.location
    if ask.field and ask.value and (name := FIELDS.get(ask.field.strip())):
        out.setdefault(name, ask.value)
    text = turn.said.text
    if "status" not in out and any(w in text for w in ("流失", "丢单", "输单")) and not out:
        out["status"] = "流失"
    if "确认邮件" in text:
        return {"mail": "" if re.search(r"别|不要|不用|不再|停|关|取消", text) else "1"}
    if any(w in text for w in ("解锁", "取消锁定", "解除锁定")):
        out["locked"] = ""
    elif any(w in text for w in ("锁定", "锁住", "加锁", "锁一下")):
        out["locked"] = "1"
    if ask.contact and not out:
        out["contact"] = ask.contact
    return out


def _phone(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    if not re.fullmatch(r"[\d\-+() ]{7,20}", value):
        raise Refusal(f"「{value}」不像电话号码，没有改动")
    if not ask.contact:
        return replace(c, phones=(value, *c.phones[1:])), f"电话：{value}"
    people = tuple(replace(x, phone=value) if x.name == ask.contact else x for x in c.contacts)
    if people == c.contacts and not any(x.name == ask.contact for x in people):
        people = (*people, Contact(ask.contact, ask.contact_title, value))
    return replace(c, contacts=people), f"{ask.contact}电话：{value}"


def _email(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    if ask.contact and any(x.name == ask.contact for x in c.contacts):
        people = tuple(replace(x, email=value) if x.name == ask.contact else x for x in c.contacts)
        return replace(c, contacts=people), f"{ask.contact}邮箱：{value}"
    return replace(c, emails=(value, *c.emails[1:])), f"邮箱：{value}"


def _grade(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    grade = value.strip("类级客户 ").upper()
    if grade not in GRADES:
        raise Refusal(f"等级只有 A、B、C、D，没有改动（收到「{value}」）")
    line = f"等级：{c.grade or '未定'} → {grade}"
    if grade == "C" and c.co_owners:
        line += f"；C 类不设协助负责人，{_views.names(turn, c.co_owners)}不再协助"
        c = replace(c, co_owners=())
    return replace(c, grade=grade), line


def stage_of(value: str) -> str:
    """The stage a word means, or ""."""
    return next((s for s in STAGES if value and (s in value or value in s)), "")


def _stage(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    stage = stage_of(value)
    if not stage:
        raise Refusal(f"阶段有：{'、'.join(STAGES)}，没有改动")
    return (_gates.step(turn, c, stage) if stage != c.stage else c), f"阶段：{c.stage or '未定'} → {stage}"


def _status(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    status = STATUS.get(value.strip(), "")
    if not status:
        raise Refusal("状态可以是：在跟、流失、成交，没有改动")
    ahead = _owners.ahead(turn, c) if status == "lost" else []
    more = f"（还有 {len(ahead)} 次拜访没有取消）" if ahead else ""
    return replace(c, status=status), f"状态：{STATUS_WORDS.get(c.status, c.status)} → {STATUS_WORDS[status]}{more}"


def _locked(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    words = "已锁定：跟进内容只有负责人和主管能看" if value else "已解除锁定"
    return replace(c, locked=bool(value)), words


def _mail(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    extra = {k: v for k, v in c.extra.items() if k != _mails.OFF} | ({} if value else {_mails.OFF: True})
    return replace(c, extra=extra), f"预约后给客户的确认邮件：{'照常发送' if value else '不再发送'}"


def _contact(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    new = _customers.contacts_of(value, ask.contact_title, ask.phone, ask.email)
    if any(x.name == value for x in c.contacts):
        people = tuple(replace(x, title=ask.contact_title or x.title) if x.name == value else x for x in c.contacts)
        return replace(c, contacts=people), f"联系人：{value}"
    return replace(c, contacts=(*c.contacts, *new)), f"新增联系人：{value}"


def _name(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    # who was called by its full name is called by the new one; a short name stays what it was
    renamed = replace(c, name=value, aliases=also(replace(c, name=value), c.name))
    return renamed, f"名称：{c.name} → {value}"


def _alias(turn: Turn, c: Customer, value: str, ask: Update) -> tuple[Customer, str]:
    if others := [i for i in turn.named(value) if i != c.id]:
        known = turn.tx.customers.get(others[0])
        raise Refusal(f"「{value}」已经是{known.name if known else '另一家客户'}的名称，没有改动")
    return replace(c, aliases=also(c, value)), f"别名：{value}"


def _plain(field: str, word: str) -> "Set":
    return lambda turn, c, value, ask: (replace(c, **{field: value}), f"{word}：{value}")  # type: ignore[arg-type]


Set = Callable[[Turn, Customer, str, Update], tuple[Customer, str]]
_SET: dict[str, Set] = {
    "phone": _phone, "email": _email, "grade": _grade, "stage": _stage, "status": _status, "locked": _locked,
    "mail": _mail, "contact": _contact, "name": _name, "alias": _alias, "address": _plain("address", "地址"),
    "city": _plain("city", "城市"), "uscc": _plain("uscc", "统一社会信用代码"),
}  # fmt: skip


def co_owners(turn: Turn, c: Customer, people: list[str]) -> tuple[Customer, str]:
    """加…为协助负责人, or 去掉; C takes none (R114)."""
    if any(w in turn.said.text for w in ("去掉", "取消", "移除", "不再", "删掉", "撤掉")):
        gone = [p for p in people if p in c.co_owners]
        return replace(c, co_owners=tuple(p for p in c.co_owners if p not in gone)), f"不再协助：{_views.names(turn, gone)}"
    if c.grade == "C":
        raise Refusal(f"{c.short}是 C 类客户，按规定不设协助负责人，没有改动")
    new = tuple(p for p in people if p not in (c.owner, *c.co_owners))
    return replace(c, co_owners=(*c.co_owners, *new)), f"协助负责人：{_views.names(turn, new)}"
