"""Sentence → commands: marks, scores, frames, in one pass and without state."""

import re
from dataclasses import replace
from datetime import datetime

from domain.model import OFFICE
from nlp.book import Book
from nlp.draft import Draft, Office
from nlp.forward import is_forwarded, speaks_to_us
from nlp.frames import FILLERS
from nlp.grammar import CONTACT, CUSTOMER, PERSON, TIME, Score, grammar
from nlp.pick import denied
from nlp.said import Said
from nlp.scene import Reader, Scene
from nlp.split import parts
from nlp.times import Mode

_PAST_ASKED = re.compile(r"拜访了|见了|去了|跑了|见过|去过|拜访过|聊过|聊了|谈了|上次|上回|跟了|做了|完成了|之前的|过去")
_BACKWARD = frozenset("report.file report.show report.pending followup.add summary.show ranking.show kpi.show data.export".split())
_WRITES = frozenset(
    "visit.book visit.reschedule visit.update visit.cancel visit.restore visit.check_in visit.invite visit.uninvite visit.substitute"
    " leave.add leave.cancel report.file followup.add task.add task.done customer.create customer.update customer.merge owner.claim"
    " owner.release owner.transfer owner.handover owner.dispute approval.approve approval.reject reminder.set reminder.mute rule.set"
    " field.add data.import dialog.confirm dialog.undo".split()
)
_STANDING = re.compile(f"{TIME}的{CUSTOMER}|{CUSTOMER}(?:那个|那场|的会|的拜访|的行程|这个|的预约|那次)|(?:那个|那场|的会|的拜访)")
"""Words that speak of a visit that is already booked."""
_DONE = re.compile("了|过|刚|已经|说|完|回电|来电|记录|登记|跟进|反馈|纪要|报告|小结|觉得|嫌|意向|预算")
"""Words of something that has happened; without them a clock that lies ahead is an appointment, not a note."""
_PICKED = re.compile(r"^(?:就|选|要|我要|我选|就要|就选)[0-9]{1,2}号[吧。!！]?$")
_RIVAL = 1.5
"""From this score on an intent may be a second command of the message."""
_ENOUGH = 2.2
"""A best score below this is no command."""


class Parser:
    """The language layer: `parse` turns one message into the commands it contains."""

    def __init__(self, book: Book, *, purposes: tuple[str, ...], bot_names: tuple[str, ...] = ("拜访助手",)) -> None:
        self._book = book
        self._reader = Reader(book, bot_names)
        self._office = Office(book, self._reader, purposes)
        self._grammar = grammar()

    def warm(self) -> None:
        """Do now what the first messages would otherwise wait for (about half a second)."""
        self._grammar.warm()
        self.parse("明天下午三点去拜访新客户", datetime(2026, 1, 5, 9, tzinfo=OFFICE))

    def parse(self, text: str, now: datetime, *, user: str = "", group: str = "") -> list[Said]:
        """At least one command, in the order said; `unknown` when nothing fits. Never raises, whatever the text."""
        scene = self._reader.read(text, now)
        if not scene.lean:
            return [Said("unknown", text=text, why=("没有文字",))]
        if self._overheard(scene, group):
            return [Said("unknown", text=text, why=("在跟同事说话，不是对我说",))]
        scores = self._scored(scene)
        whole = _best(scores)
        rivals = sum(score.total >= _RIVAL for score in scores.values())
        pieces = parts(scene, lambda clause: self._judge(clause, now), whole[0], rivals)
        if len(pieces) > 1:
            said = [self._one(inner, _best(self._scored(inner)), user, piece) for piece in pieces if (inner := self._reader.read(piece, now))]
            if all(one.intent not in ("unknown", "smalltalk") for one in said):
                return _inherited(said)
        return [self._one(scene, whole, user, text)]

    def _judge(self, clause: str, now: datetime) -> tuple[str, float, Scene]:
        scene = self._reader.read(clause, now)
        intent, score, _ = _best(self._scored(scene))
        return intent, score.total if score else 0.0, scene

    def _overheard(self, scene: Scene, group: str) -> bool:
        """In a group, words to a colleague called with @ are none of the bot's business."""
        return bool(group and scene.mentions and scene.mentions[0].start == 0)

    def _one(self, scene: Scene, judged: "tuple[str, Score | None, float]", user: str, text: str) -> Said:
        intent, score, rival = judged
        ahead, scene = scene, self._in_time(scene, intent)
        draft = Draft(intent, scene, self._office, ahead, user)
        filler = FILLERS.get(intent)
        if filler is not None:
            filler(draft)
        if scene.corrected:
            draft.hints["read_as"] = [*draft.hints.get("read_as", ()), *scene.corrected]  # type: ignore[misc]
        label = self._grammar.entries[intent].label
        seen = score.seen if score else ""
        why = (f"看到“{self._readable(scene, seen)}” → {label}",) if seen else (f"→ {label}",)
        total = score.total if score else 0.0
        confidence = round(max(0.3, min(0.99, 0.5 + 0.06 * total + 0.08 * (total - rival))), 2) if intent != "unknown" else 0.3
        return Said(intent, draft.slots, tuple(draft.missing), tuple(draft.ambiguous), confidence, why, draft.hints, text)

    def _in_time(self, scene: Scene, intent: str) -> Scene:
        """Times read backwards where the sentence is about what has been."""
        past = intent in _BACKWARD or (intent in ("visit.list", "customer.show") and _PAST_ASKED.search(scene.low))
        if past and any(m.time is not None and not _plainly_ahead(scene, m.start) for m in scene.times()):
            return self._reader.again(scene, (), Mode.PAST)
        return scene

    def _scored(self, scene: Scene) -> dict[str, Score]:
        scores = self._grammar.scores(scene.lean)
        self._structure(scene, scores)
        return scores

    def _structure(self, scene: Scene, scores: dict[str, Score]) -> None:
        """What the shape of the sentence says, beyond its words: 时间 + 客户 = a booking; a passed-on message too."""
        times, customers = scene.times(), scene.of(CUSTOMER)
        who = customers or scene.of(CONTACT)
        book = scores.setdefault("visit.book", Score())
        standing = _STANDING.search(scene.lean) is not None
        clock = any(m.time is not None and m.time.has_clock for m in times)
        if who and times and not (standing and not clock):
            book.best, book.seen = max(book.best, 2.75 if clock else 2.3), book.seen or TIME + (customers or who)[0].kind
        if times and customers and not standing and scene.of(PERSON) and book.best > 3.0:
            book.best += 1.5
        if len(customers) > 1 and times and any(denied(scene, m) for m in customers) and not all(denied(scene, m) for m in customers):
            scores.setdefault("visit.cancel", Score()).best -= 3.0
            book.best += 1.0
        ahead = clock and not _DONE.search(scene.low)
        if ahead and who:
            for name in ("followup.add", "report.file"):
                if name in scores:
                    scores[name].best -= 2.0
            book.best += 0.5
        if not customers and "unknown" in scores and scores["unknown"].total >= 2.0:
            for name, score in scores.items():
                if name in _WRITES:
                    score.best -= 2.5
        if _PICKED.match(scene.low):
            scores.setdefault("dialog.choose", Score()).best = 6.0
        if times and is_forwarded(scene.skeleton) and (who or speaks_to_us(scene.low)):
            book.best += 3.0

    def _readable(self, scene: Scene, seen: str) -> str:
        names = {CUSTOMER: "客户", TIME: "时间", PERSON: "同事", CONTACT: "联系人"}
        return "".join(names.get(char, "" if "\ue000" <= char <= "\ue0ff" else char) for char in seen)[:16]


def _inherited(said: list[Said]) -> list[Said]:
    """新建客户X，明天下午三点去拜访: a booking that names nobody goes to the customer of the command before."""
    whole: list[Said] = []
    for one in said:
        known = whole[-1].slots.get("customer") if whole else None
        if one.intent == "visit.book" and "customer" in one.missing and known:
            hints = {**one.hints, "customer_ids": whole[-1].hints.get("customer_ids", [])}
            one = replace(one.with_slots(customer=known), missing=tuple(m for m in one.missing if m != "customer"), hints=hints)
        whole.append(one)
    return whole


def _best(scores: dict[str, Score]) -> tuple[str, Score | None, float]:
    """The intent that wins, its score, and the total of the runner-up."""
    ranked = sorted(((score.total, name) for name, score in scores.items()), reverse=True)
    if not ranked or ranked[0][0] < _ENOUGH:
        return "unknown", None, 0.0
    best = ranked[0][1]
    return best, scores[best], ranked[1][0] if len(ranked) > 1 else 0.0


def _plainly_ahead(scene: Scene, at: int) -> bool:
    """下周, 明天: a time that cannot be read backwards."""
    return scene.low[at : at + 1] in "下明后" and not scene.low.startswith("下午", at)
