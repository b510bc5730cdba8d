"""一分钟纪要：一句话写好，补问最多两点；改一句话就改，没写的列出来，写过的随时看。"""

import re
from dataclasses import dataclass

from bot.cards import Card
from bot.command import Reply, Turn, command
from domain import spoken
from domain.follow import Report
from domain.model import Visit, When
from domain.refusal import NotFound
from handlers import _empty, _report_change, _report_visit, _reports, _team, _who
from nlp.said import Said

_STORY = re.compile(r"聊|谈了|见了|拜访|刚跟|刚和")
_ABOUT = re.compile(
    r"(?:拜访)?(?:纪要|报告|记录|小结|总结)|帮我|给我|一下|还没|没|[补写填交]|提交|是吧|[昨今前]天|上午|下午|刚才|我要|的|[，,。：:\s吧了呢吗]"
)


@dataclass(frozen=True, slots=True)
class File:
    """The slots of a report (contract.md section 5); `outcome` from a button, `draft` the question it answers."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    content: str = ""
    intent_level: str = ""
    outcome: str = ""
    draft: str = ""


@command("report.file", File, group="纪要", example="刚跟宏远聊完，王总意向高，嫌价格高，预算五十万")
def file(ask: File, turn: Turn) -> Reply:
    """File at once for the visit meant; ask which when several are open; a word on the last report corrects it."""
    text = ask.content if ask.draft else _team.raw(turn, ask.content)
    if ask.draft and _reports.polite(text):
        return Reply(Card("好的，写好直接发给我就行"))
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if spoken.is_empty_run(text):
        return _empty.run(turn, _empty.Wanted(ask.customer, ask.customer_id, ask.time, ask.visit_id, text))
    if (last := _last_report(turn, ask, text)) is not None:
        return _report_change.correct(turn, *last, text)
    visit = _report_visit.pick_visit(turn, ask)
    if isinstance(visit, Reply):
        return visit
    if not _says_something(text, ask):
        return _report_visit.start_for(turn, visit, ask.outcome)
    return _report_change.file_for(turn, visit, text, ask.outcome)


def _says_something(text: str, ask: File) -> bool:
    """More than 帮我补一下昨天的纪要."""
    rest = _ABOUT.sub("", text.replace(ask.customer, "") if ask.customer else text)
    return len(rest) >= 3 or bool(ask.outcome and text)


@dataclass(frozen=True, slots=True)
class AsFollowup:
    """The draft whose words become a follow-up."""

    draft: str = ""
    customer_id: str = ""


@command("report.as_followup", AsFollowup, intent="followup.add")
def as_followup(ask: AsFollowup, turn: Turn) -> Reply:
    """What was typed as a report is kept as a follow-up by visit."""
    draft = turn.take_draft(ask.draft)
    slots = {**_who.slots_of(draft.ask), "customer_id": ask.customer_id, "channel": "visit"}
    return Reply(Card("好的，记为跟进"), then=Said("followup.add", slots, text=str(slots.get("content") or "")))


# ---------------------------------------------------------------------- corrections
def _last_report(turn: Turn, ask: File, text: str) -> tuple[Visit, Report] | None:
    """The report just filed, when the message is but a word on it (意向高; 预算是60万不是50万)."""
    if ask.visit_id or ask.customer or len(text) > 40 or _STORY.search(text):
        return None
    found = _report_visit.last_report(turn)
    return found if found and _reports.fields_of(turn, turn.said.slots, text) else None


@command("report.start", File, intent="report.file")
def start(ask: File, turn: Turn) -> Reply:
    """写纪要 on a card: one sentence is asked for."""
    visit = turn.tx.visits.get(ask.visit_id or "")
    if visit is None:
        raise NotFound("这次拜访已经找不到了")
    return _report_visit.start_for(turn, visit, ask.outcome)
