"""改纪要：回答补问、点一下意向或性质、跳过。"""

from dataclasses import dataclass

from bot.cards import Card, Tone
from bot.command import Reply, Turn, command
from domain import spoken
from domain.follow import Report
from domain.model import Visit
from domain.refusal import NotFound
from handlers import _report_change, _report_visit, _reports, _who
from nlp.said import Said


@dataclass(frozen=True, slots=True)
class Update:
    """An answer to what was asked after filing."""

    visit_id: str = ""
    content: str = ""
    draft: str = ""


@command("report.update", Update, intent="report.file")
def update(ask: Update, turn: Turn) -> Reply:
    """Fill in what the answer says."""
    visit, report = _filed(turn, ask.visit_id)
    draft = turn.tx.talk.get(ask.draft) if ask.draft else None
    if draft is not None and _reports.polite(ask.content):
        turn.tx.talk.close(draft.id, "done")
        return Reply(Card("好的，纪要已保存"))
    asked = tuple(str(x) for x in draft.data.get("asked") or ()) if draft else ()  # type: ignore[attr-defined]
    reply = _report_change.correct(turn, visit, report, ask.content, asked)
    if draft is not None and reply.card.tone is Tone.DONE:
        turn.tx.talk.close(draft.id, "done")
        return again(turn, reply, visit, asked)
    return reply


def again(turn: Turn, reply: Reply, visit: Visit, asked: tuple[str, ...]) -> Reply:
    """A question of two that is still open stays open, without being asked a third time."""
    report = turn.tx.reports.get(visit.id)
    left = [n for n in asked if report is not None and n in _reports.missing(turn, report)]
    if left:
        accepts = ["dialog.correct", "customer.update", *(["task.add", "followup.add"] if "next_steps" in left else [])]
        turn.ask(Said("report.update", {"visit_id": visit.id}), "words", 60, field="content", asked=left, accepts=accepts)
    return reply


@dataclass(frozen=True, slots=True)
class Set:
    """One tap on a report's card."""

    visit_id: str = ""
    intent_level: str = ""
    outcome: str = ""


@command("report.set", Set, intent="report.file")
def set_field(ask: Set, turn: Turn) -> Reply:
    """Set intent or outcome."""
    visit, report = _filed(turn, ask.visit_id)
    _report_visit.check_author(turn, visit)
    if ask.intent_level not in ("", *spoken.INTENT) or ask.outcome not in ("", *_reports.OUTCOMES):
        raise ValueError("no such value")
    wanted = {"intent_level": ask.intent_level, "outcome": ask.outcome}
    changes: dict[str, object] = {k: v for k, v in wanted.items() if v and report.fields.get(k) != v}
    if not changes:
        return Reply(Card("纪要里已经是这样，没有改动"))
    old = {k: _reports.value_words(turn, k, report.fields[k]) for k in changes if report.fields.get(k)}
    saved = _reports.update(turn, visit, report, changes)
    return _report_change.changed_card(turn, visit, saved or report, changes, old)


@command("report.skip", Update, intent="dialog.deny")
def skip(ask: Update, turn: Turn) -> Reply:
    """跳过: the open fields stay open."""
    draft = turn.tx.talk.open(turn.me.id, turn.here, turn.now)
    if draft is not None and draft.intent in ("report.update", "report.file"):
        turn.tx.talk.close(draft.id, "done")
        slots = _who.slots_of(draft.ask)
        if draft.intent == "report.file" and slots.get("outcome"):
            visit = turn.tx.visits.get(str(slots.get("visit_id")))
            if visit is not None:
                return _report_change.file_for(turn, visit, "", str(slots["outcome"]))
    return Reply(Card("好的，纪要已保存，空着的随时可以补"))


# ---------------------------------------------------------------------- starting, pending, showing


def _filed(turn: Turn, visit_id: str) -> tuple[Visit, Report]:
    visit, report = turn.tx.visits.get(visit_id), turn.tx.reports.get(visit_id)
    if visit is None or report is None:
        raise NotFound("这份纪要已经找不到了，没有改动")
    return visit, report
