"""拜访前确认：现成的话术和四位确认码；客户怎么答，记在这次拜访上。"""

import re
from dataclasses import dataclass

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Visit
from domain.refusal import NotFound, Refusal
from handlers import _confirm, _rights, _views
from nlp.said import Said

_CODE = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_NO = re.compile(r"没有?(?:回|接|联系上|打通|人接)|联系不上|打不通|不接|未回")
_CHANGE = re.compile(r"改|换|推|延|提前|不行|没空|不方便|来不了|去不了|有事")
_YES = re.compile(r"确认|可以|没问题|好的|行|ok|OK|照常|等您|欢迎|对的|是的")


@dataclass(frozen=True, slots=True)
class Ask:
    """The visit that is to be confirmed; `answer` is what the customer said."""

    visit_id: str = ""
    answer: str = ""
    draft: str = ""


@command("visit.confirm", Ask, intent="visit.update")
def confirm(ask: Ask, turn: Turn) -> Reply:
    """Show the text to send, or keep what came back: by a button, a pasted answer, or the code."""
    visit = _visit(turn, ask.visit_id)
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if ask.answer:
        return _answered(turn, visit, ask.answer)
    customer = turn.tx.customers.get(visit.customer)
    if customer is None:
        raise NotFound("这位客户已经不在系统里")
    words = _confirm.text(turn, visit, customer)
    turn.ask(Said("visit.confirm", {"visit_id": visit.id}), "words", 24 * 60, field="answer", accepts=["dialog.choose"])
    note = Text("复制上面这段发给客户；客户的答复或确认码直接粘贴给我，或点一下：")
    title = f"请和{customer.short}确认 {_views.moment(visit.start)} 的拜访"
    return Reply(Card(title, (Text(words), note), _ways(visit)), subject=f"confirm:{visit.id}")


def _ways(visit: Visit) -> tuple[Button, ...]:
    how = (("客户已确认", "yes"), ("客户要改时间", "changed"), ("没有回复", "silent"))
    return tuple(Button(text, says.write("visit.confirmed", visit_id=visit.id, how=key)) for text, key in how)


def _visit(turn: Turn, visit_id: str) -> Visit:
    visit = turn.tx.visits.get(visit_id)
    if visit is None:
        raise NotFound("这次拜访已经找不到了")
    _rights.check_visit(turn, visit)
    if visit.status not in ("planned", "pending") or visit.end <= turn.now:
        raise Refusal(f"{_views.moment(visit.start)} 的拜访已经结束或取消，不用再确认")
    return visit


def _answered(turn: Turn, visit: Visit, answer: str) -> Reply:
    """The customer's words or code as the rep pasted them."""
    known = _confirm.state(turn, visit.id)
    if (digits := _CODE.search(answer)) is not None:
        if digits[1] != str(known.get("code") or ""):
            turn.ask(Said("visit.confirm", {"visit_id": visit.id}), "words", 24 * 60, field="answer", accepts=["dialog.choose"])
            used = "已经用过了" if known.get("proof") else "不对"
            return Reply(Card(f"确认码 {digits[1]} {used}，没有记录", (Text("请核对客户发来的四位数字。"),), _ways(visit)))
        return _kept(turn, visit, "yes", proof=True)
    for pattern, how in ((_NO, "silent"), (_CHANGE, "changed"), (_YES, "yes")):
        if pattern.search(answer):
            return _kept(turn, visit, how)
    turn.ask(Said("visit.confirm", {"visit_id": visit.id}), "words", 24 * 60, field="answer", accepts=["dialog.choose"])
    return Reply(Card("没看出客户是不是确认了，还没记录", (Text("请点一下："),), _ways(visit)))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One tap: yes, changed or silent."""

    visit_id: str = ""
    how: str = ""


@command("visit.confirmed", Confirmed, intent="visit.update")
def confirmed(ask: Confirmed, turn: Turn) -> Reply:
    """Keep the customer's answer."""
    if ask.how not in _confirm.HOW:
        raise ValueError("no such answer")
    visit = _visit(turn, ask.visit_id)
    draft = turn.tx.talk.open(turn.me.id, turn.here, turn.now)
    if draft is not None and draft.intent == "visit.confirm":
        turn.tx.talk.close(draft.id, "done")
    return _kept(turn, visit, ask.how)


def _kept(turn: Turn, visit: Visit, how: str, *, proof: bool = False) -> Reply:
    _confirm.record(turn, visit, how, proof=proof)
    name = _views.label(turn, visit)
    rows = Facts((("时间", _views.span(visit.slot)), ("客户答复", _confirm.words(turn, visit))))
    if how == "changed":
        buttons = (
            Button("改时间", says.write("visit.retime", visit=visit.id), "primary"),
            Button("取消拜访", says.write("visit.cancel", visit_id=visit.id)),
        )
        return Reply(Card(f"已记录：{name}要改时间", (rows, Text("直接说新的时间也可以。")), buttons, Tone.WARN))
    if how == "silent":
        again = (Button("再看话术", says.write("visit.confirm", visit_id=visit.id)),)
        return Reply(Card(f"已记录：{name}没有回复", (rows, Text("出发前请再联系一次，以免扑空。")), again, Tone.WARN))
    return Reply(Card(f"已记录：{name}确认了这次拜访", (rows,), (), Tone.DONE), subject=f"visit:{visit.id}")
