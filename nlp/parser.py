"""Sentence → commands: marks, scores, frames, in one pass and without state."""

import re
from dataclasses import replace
from datetime import datetime

from domain.model import OFFICE
from nlp import own_fields
from nlp.book import Book
from nlp.draft import Draft, Office
from nlp.frames import FILLERS
from nlp.grammar import CONTACT, CUSTOMER, PERSON, TIME, Score, grammar
from nlp.likeness import likeness
from nlp.said import Said
from nlp.scene import Reader, Scene
from nlp.shape import harmless, weigh_shape
from nlp.split import parts
from nlp.times import Mode

_PAST_ASKED = re.compile(r"拜访了|见了|去了|跑了|见过|去过|拜访过|聊过|聊了|谈了|上次|上回|跟了|做了|完成了|之前的|过去")
_BACKWARD = frozenset(
    ["report.file", "report.show", "report.pending", "followup.add", "summary.show", "ranking.show", "kpi.show", "data.export"]
)
_GREETING = "smalltalk"
_GREETED = re.compile(f"(?:大家|各位)?{CUSTOMER}[了啦啊，。!]*(?:大家|各位|{TIME}见|再见|拜拜|好梦)?[。!]*")
_RIVAL = 2.8
"""Words as telling as this may be those of a second command."""
_LIKENESS = 3.0
"""What a sentence that is all like one command adds to that command: as much as its plainest word."""
_ALIKE = 0.8
"""A change that no word of the grammar speaks for needs this much likeness."""
_ENOUGH = 2.2
"""A best score below this is no command."""


class Parser:
    """The language layer: `parse` turns one message into the commands it contains."""

    def __init__(self, book: Book, *, purposes: tuple[str, ...], bot_names: tuple[str, ...] = ("拜访助手",)) -> None:
        self._book = book
        self._reader = Reader(book, bot_names)
        self._office = Office(book, self._reader, purposes)
        self._grammar = grammar()
        self._likeness = likeness()

    def warm(self) -> None:
        """Do now what the first messages would otherwise wait for (about half a second)."""
        self._grammar.warm()
        for entry in self._grammar.labels():
            self.parse(entry.example, datetime(2026, 1, 5, 9, tzinfo=OFFICE))

    def parse(self, text: str, now: datetime, *, user: str = "", group: str = "") -> list[Said]:
        """At least one command, in the order said; `unknown` when nothing fits. Never raises, whatever the text."""
        scene = self._reader.read(text, now)
        if not scene.lean:
            return [Said("unknown", text=text, confidence=0.3, why=("没有文字",))]
        if self._overheard(scene, group):
            return [Said("unknown", text=text, confidence=0.9, why=("在跟同事说话，不是对我说",))]
        if self._book.fields and (own := own_fields.read(scene, self._book.fields)) is not None:
            return [own]
        scores = self._scored(scene)
        whole = _best(scores)
        rivals = sum(score.best >= _RIVAL for score in scores.values())
        pieces = parts(scene, lambda clause: self._judge(clause, now), whole[0], rivals)
        if len(pieces) > 1:
            said = [
                self._one(inner, _best(self._scored(inner)), user, piece)
                for piece in pieces
                if (inner := self._reader.read(piece, now))
            ]
            if all(one.intent not in ("unknown", "smalltalk") for one in said):
                return _inherited([self._rebooked(one, said[at - 1] if at else None, now, user) for at, one in enumerate(said)])
        return [self._one(scene, whole, user, text)]

    def _rebooked(self, one: Said, before: Said | None, now: datetime, user: str) -> Said:
        """取消A，改成后天下午两点去B: B was not booked before, so it is booked, not moved."""
        moved = one.intent == "visit.reschedule" and before is not None and before.intent == "visit.cancel"
        if (
            not moved
            or before is None
            or not one.slots.get("customer")
            or one.slots.get("customer") == before.slots.get("customer")
        ):
            return one
        return self._one(self._reader.read(one.text, now), ("visit.book", Score(3.0), 0.0), user, one.text)

    def _judge(self, clause: str, now: datetime) -> tuple[str, float, Scene]:
        """What a clause says by its own words; likeness is no ground for cutting a sentence in two."""
        scene = self._reader.read(clause, now)
        intent, score, _ = _best(self._worded(scene))
        return intent, score.total if score else 0.0, scene

    def _overheard(self, scene: Scene, group: str) -> bool:
        """In a group, words to a colleague called with @ are none of the bot's business."""
        return bool(group and scene.mentions and scene.mentions[0].start == 0)

    def _one(self, scene: Scene, judged: tuple[str, Score | None, float], user: str, text: str) -> Said:
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
        example = self._grammar.entries[intent].example
        why = (f"看到“{self._readable(scene, seen)}” → {label}",) if seen else (f"说法像“{example}” → {label}",)
        if intent == "unknown":
            why = ("没有把握听懂",)
        total = score.total if score else 0.0
        confidence = round(max(0.3, min(0.99, 0.5 + 0.06 * total + 0.08 * (total - rival))), 2) if intent != "unknown" else 0.3
        return Said(intent, draft.slots, tuple(draft.missing), tuple(draft.ambiguous), confidence, why, draft.hints, text)

    def _in_time(self, scene: Scene, intent: str) -> Scene:
        """Times read backwards where the sentence is about what has been."""
        past = intent in _BACKWARD or (intent in ("visit.list", "customer.show") and _PAST_ASKED.search(scene.low))
        if past and any(m.time is not None and not _plainly_ahead(scene, m.start) for m in scene.times()):
            return self._reader.again(scene, (), Mode.PAST)
        return scene

    def _worded(self, scene: Scene) -> dict[str, Score]:
        """What the grammar and the shape of the sentence say."""
        scores = self._grammar.scores(scene.lean)
        if (
            _GREETED.fullmatch(scene.lean)
            and _GREETING in (plain := self._grammar.scores(scene.low))
            and plain[_GREETING].total > _ENOUGH
        ):
            return plain  # 晚安 is said oftener than meant as the furniture maker of that name
        weigh_shape(scene, scores)
        return scores

    def _scored(self, scene: Scene) -> dict[str, Score]:
        """The same with the likeness of the whole sentence to known ones, where that could still change who wins."""
        scores = self._worded(scene)
        _, first, second = _best(scores)
        if first is not None and first.total - max(second, 0.0) > _LIKENESS:
            return scores
        for name, share in self._likeness.of(scene.lean).items():
            score = scores.setdefault(name, Score())
            score.like = _LIKENESS * share
            if score.against and not harmless(name):
                score.like = 0.0  # what a line of the grammar denies, likeness does not give back
            elif score.best <= 0 and share < _ALIKE and not harmless(name):
                score.like = min(score.like, _ENOUGH - 1)
        return scores

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
