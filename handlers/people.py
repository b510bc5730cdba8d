"""同行人员：加人、去掉人；被邀请的人会收到接受/婉拒。"""

from dataclasses import dataclass

from bot.cards import Card, Text
from bot.command import Reply, Turn, command
from domain.model import Visit, When
from domain.refusal import Refusal
from handlers import _plan, _views, _who
from handlers._rights import check_visit


@dataclass(frozen=True, slots=True)
class Invite:
    """Whom, and to which visit (without a word: the one talked about last)."""

    people: tuple[str, ...] = ()
    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    draft: str = ""


@command("visit.invite", Invite, group="拜访", example="明天宏远的拜访带上张伟")
def invite(ask: Invite, turn: Turn) -> Reply:
    """Take colleagues along: their calendars are checked first, they can accept or decline."""
    visit = _visit(ask, turn, "加人")
    if isinstance(visit, Reply):
        return visit
    named = _who.people(turn, ask.people, turn.said.with_slots(visit_id=visit.id, draft=None))
    if isinstance(named, Reply):
        return named
    new = tuple(m.id for m in named if m.id not in visit.people)
    if not new:
        return Reply(Card(f"已经在同行名单里：{_views.listing(named) or '您自己'}", (Text("没有改动。"),)))
    return _plan.attempt(turn, _plan_with(visit, (*visit.participants, *new)))


@command("visit.uninvite", Invite, group="拜访", example="明天宏远不用张伟去了")
def uninvite(ask: Invite, turn: Turn) -> Reply:
    """Let colleagues go again; they are told."""
    visit = _visit(ask, turn, "减人")
    if isinstance(visit, Reply):
        return visit
    named = _who.people(turn, ask.people, turn.said.with_slots(visit_id=visit.id, draft=None))
    if isinstance(named, Reply):
        return named
    gone = {m.id for m in named}
    if not gone & set(visit.participants):
        raise Refusal(f"{_views.listing(named)}不在这次拜访的同行名单里，没有改动")
    checked = _plan.check(turn, _plan_with(visit, tuple(p for p in visit.participants if p not in gone)))
    return _plan.done(turn, checked, _plan.carry_out(turn, checked))


def _visit(ask: Invite, turn: Turn, verb: str) -> Visit | Reply:
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if not ask.people:
        raise Refusal("请说出同事的名字，没有改动", "例如：明天宏远的拜访带上张伟。")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        return _who.nothing_found(turn, f"「{ask.customer}」的拜访")
    visit = _who.visit_for(turn, ask.visit_id, ask.time, found, turn.said.with_slots(draft=None), verb)
    if isinstance(visit, Visit):
        check_visit(turn, visit)
    return visit


def _plan_with(visit: Visit, people: tuple[str, ...]) -> _plan.Plan:
    return _plan.Plan(
        "people", visit.customer, visit.rep, visit.start.isoformat(), visit.end.isoformat(), people, visit.id, visit.version,
        visit.mode, visit.purpose, visit.contact, visit.location, visit.agenda,
    )  # fmt: skip
