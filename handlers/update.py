"""改拜访内容：方式、地点、目的、联系人、议程。"""

import re
from dataclasses import dataclass, replace

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Visit, When
from domain.refusal import Refusal, Stale
from handlers import _after, _fields, _views, _who
from handlers._rights import check_visit
from nlp.said import Said

_CONFIRMED = re.compile(r"(?:客户|对方|已经|已|都)?(?:确认|答应|回复)(?:过|好|确认)?了|没有?(?:回复?|接电话|联系上)|确认码")
"""The customer's answer to the question whether the visit stands (R82)."""
LENGTHS = (30, 45, 60, 90, 120, 180)
"""Minutes offered for a visit."""


@dataclass(frozen=True, slots=True)
class Update:
    """What changes; the time is moved with 改期, not here."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    mode: str = ""
    location: str = ""
    purpose: str = ""
    contact: str = ""
    content: str = ""
    draft: str = ""


@command("visit.update", Update, group="拜访", example="明天宏远的拜访改成线上")
def update(ask: Update, turn: Turn) -> Reply:
    """Change what was said about a visit; its time and people stay."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        return _who.nothing_found(turn, f"「{ask.customer}」的拜访")
    visit = _who.visit_for(turn, ask.visit_id, ask.time, found, turn.said.with_slots(draft=None), "改")
    if isinstance(visit, Reply):
        return visit
    check_visit(turn, visit)
    changes: dict[str, str] = {}
    for field in ("mode", "location", "purpose", "contact"):
        if value := getattr(ask, field):
            changes[field] = value
    if ask.content:
        changes["agenda"] = ask.content
    if not changes:
        return besides(turn, visit)
    saved = turn.tx.visits.save(replace(visit, **changes), visit.version, at=turn.now, by=turn.me.id, why="update")  # type: ignore[arg-type]
    customer = turn.tx.customers.get(visit.customer)
    if saved is None or customer is None:
        raise Stale("这次拜访刚刚有变动，没有改动")
    _after.plan_jobs(turn, saved)
    turn.event("visit.updated", visit=_views.visit_json(saved))
    turn.did("visit.updated", visit=saved.id, version=saved.version, back_to=visit.version)
    turn.tx.talk.note(turn.me.id, "visit", saved.id)
    title = f"已更新：{_views.moment(saved.start)} 拜访{_views.label(turn, saved, customer)}"
    undo = Button("撤销", says.write("dialog.undo", visit=saved.id))
    for person in saved.people:
        if person != turn.me.id:
            turn.tell(person, Card(title, (Facts(_views.visit_rows(turn, saved, customer)),)), subject=f"visit:{saved.id}")
    return Reply(Card(title, (Facts(_views.visit_rows(turn, saved, customer)),), (undo,), Tone.DONE), subject=f"visit:{saved.id}")


def besides(turn: Turn, visit: Visit) -> Reply:
    """What is kept beside a visit: fields made in the chat, the customer's nod."""
    if own := own_fields(turn):
        return set_own(turn, visit, own)
    if _CONFIRMED.search(turn.said.text):
        said = Said("visit.confirm", {"visit_id": visit.id, "answer": turn.said.text})
        return Reply(Card("客户的答复"), then=said)
    raise Refusal("没听出要改什么，没有改动", "例如：改成线上；地点改到客户昆山工厂；目的改成合同谈判。")


def own_fields(turn: Turn) -> list[tuple[str, object]]:
    """The values that the sentence gives to fields of visits made in the chat (R187)."""
    pairs, out = turn.said.hints.get("own_fields"), []
    for name, text in pairs if isinstance(pairs, list) else ():
        field = turn.tx.fields.get("visit", str(name))
        if field is not None:
            out.append((field.name, _fields.checked(turn, field, str(text))))
    return out


def set_own(turn: Turn, visit: Visit, values: list[tuple[str, object]]) -> Reply:
    """Keep them; the visit itself stays as it is."""
    before = turn.tx.fields.values("visit", visit.id)
    for name, value in values:
        turn.tx.fields.set_value("visit", visit.id, name, value)
    turn.event("visit.updated", visit={**_views.visit_json(visit), "fields": turn.tx.fields.values("visit", visit.id)})
    turn.did("visit.fields", visit=visit.id, before={name: before.get(name) for name, _ in values})
    customer = turn.tx.customers.get(visit.customer)
    rows = _views.visit_rows(turn, visit, customer) if customer else ()
    undo = Button("撤销", says.write("dialog.undo"))
    title = f"已更新：{_views.moment(visit.start)} 拜访{_views.label(turn, visit, customer)}"
    return Reply(Card(title, (Facts(rows),), (undo,), Tone.DONE), subject=f"visit:{visit.id}")


@dataclass(frozen=True, slots=True)
class Reword:
    """Which field of which visit is to be said anew: purpose or duration_min."""

    visit: str = ""
    field: str = "purpose"


@command("visit.reword", Reword, intent="visit.update")
def reword(ask: Reword, turn: Turn) -> Reply:
    """改目的 / 改时长 on a card: the usual values as buttons, other words are an answer too (sentence 2)."""
    visit = _who.visit_for(turn, ask.visit, None, (), turn.said, "改")
    if isinstance(visit, Reply):
        return visit
    check_visit(turn, visit)
    turn.tx.talk.note(turn.me.id, "visit", visit.id)
    what = f"{_views.span(visit.slot)} {_views.label(turn, visit)}"
    if ask.field == "duration_min":
        lengths = [m for m in LENGTHS if m != visit.slot.minutes][:5]
        buttons = tuple(Button(f"{m} 分钟", says.write("visit.reschedule", visit_id=visit.id, duration_min=m)) for m in lengths)
        return Reply(Card(f"改成多长时间？{what}", (Text("也可以直接说，例如：改成一个半小时。"),), buttons))
    turn.ask(Said("visit.update", {"visit_id": visit.id}), "words", 30, field="purpose")
    purposes = [p for p in turn.rules.purposes if p != visit.purpose][:5]
    buttons = tuple(Button(p, says.write("visit.update", visit_id=visit.id, purpose=p)) for p in purposes)
    return Reply(Card(f"目的改成什么？{what}", (Text("点一项，或直接写。"),), buttons))
