"""Dialogue: what a message means after what was asked and shown before.

In order (contract.md sections 5 and 7b): a number or the words of a button of the newest card in this chat; an answer to the open
question; otherwise the message on its own. A message that is a complete command of its own switches the topic; the question
stays open behind it.
"""

import re
from datetime import datetime, timedelta

from bot import says
from bot.answers import MOST_RESIDUE, answer, draft_said, merged_time, one_day, residue, span_flags, without
from bot.cards import Card, from_json
from bot.choices import by_meaning, pick, squeeze
from bot.command import Turn, write_when
from bot.message import Message
from bot.references import note_customer, resolved
from domain.desk import Draft
from domain.model import When
from nlp.said import Said
from nlp.times import find

QUERIES = frozenset(
    {"visit.list", "visit.free_time", "kpi.show", "summary.show", "ranking.show", "conflict.list", "customer.show", "owner.show"}
)
"""Questions that can be asked again with another time or person."""
_MONTH_DAY = re.compile(r"\D{0,3}\d{1,2}[号日](?:吧|好了)?[。.]?")
"""12号 as the answer to 哪一天 is a day, not the twelfth choice."""


_ME = frozenset({"我", "我自己", "我的", "本人"})
LONGEST_NAME = 12
_TAKEN_BACK = re.compile(
    r"[，,。;；\s](?:哦|噢|啊|呃|等等|等下)?[，,]?(?:不对|不是|错了|说错了|我说错了|口误|更正)[，,。\s]*(?:应该|改成|改为|是|要)*"
)
REPORTING = frozenset({"report.file", "followup.add", "visit.book"})
"""What a narrative answer may look like when it is read alone; with another customer in it, it is one of its own."""


def understand(turn: Turn, message: Message, parsed: list[Said], known: frozenset[str]) -> list[Said]:
    """The commands this message means here and now."""
    text = message.words.strip()
    if (said := says.read(text)) is not None and said.intent in known:
        return [fill(turn, said)]
    if not parsed:
        return [Said("unknown", text=text)]
    letter = turn.tx.mail.newest_card(turn.here, turn.me.id)
    card = from_json(letter.card) if letter else None
    if card and message.quoted and squeeze(card.title) not in squeeze(message.quoted):
        card = None  # another card than the newest was quoted: its number and words are not this one's
    first = parsed[0]
    draft = turn.tx.talk.open(turn.me.id, turn.here, turn.now)
    day = draft is not None and draft.question == "time" and _MONTH_DAY.fullmatch(text) is not None
    if card and not day and (pressed := pick(card, text)):
        return [fill(turn, pressed)]
    if draft is not None:
        newer = turn.last_deed() not in ("", draft.data.get("after", ""))
        if card and (both := both_answers(turn, draft, card, text)) is not None:
            return [both]
        other = draft.question == "words" and elsewhere(turn, draft, first)
        if not other and (answered := answer(draft, first, text, turn.now, turn.named, newer=newer)) is not None:
            if draft.question == "words":
                turn.tx.talk.close(draft.id, "done")
            return [answered]
    if card and (pressed := by_meaning(card, first)):
        return [fill(turn, pressed)]
    if (asked := asked_again(turn, first, text)) is not None:
        return [asked]
    return [resolved(turn, said) for said in parsed] if len(parsed) > 1 else [resolved(turn, taken_back(first, text, turn.now))]


def taken_back(said: Said, text: str, now: datetime) -> Said:
    """周五上午十点去铭泰，不对，是周四上午十点: what was taken back in the same breath does not count."""
    m = _TAKEN_BACK.search(text)
    if said.intent != "visit.book" or m is None:
        return said
    spans = [s for s in find(text[m.end() :], now) if one_day(s)]
    when = merged_time(said, "time", spans[-1]) if spans else None
    if when is None:
        return said
    flags = ["has_date", "has_clock"] if when.kind == "instant" else span_flags(spans[-1])
    right = said.with_slots(time=write_when(when))
    return Said(
        right.intent,
        right.slots,
        right.missing,
        hints={**said.hints, "time_flags": flags},
        text=text,
        why=(*said.why, "更正过的时间"),
    )


def remember(turn: Turn, said: Said) -> None:
    """Keep what was talked about: the last question of this person in this chat, for 那下周呢, and its customer, for 他们."""
    note_customer(turn, said)
    if said.intent not in QUERIES:
        return
    hints = {k: v for k, v in said.hints.items() if k in ("people_ids", "customer_ids")}
    kept = {"intent": said.intent, "slots": dict(said.slots), "hints": hints, "text": said.text}
    turn.tx.talk.note(turn.me.id, f"query:{turn.here}", kept)


def asked_again(turn: Turn, said: Said, text: str) -> Said | None:
    """那下周呢 / 李娜呢: the last question with another time or person."""
    plain = text.strip().rstrip("?？。! ！")
    bare = re.sub(r"^(?:那么?|还有)|[呢吗啊]+$", "", plain)
    asked = plain.endswith("呢") or said.intent in ("unknown", "visit.list")
    if bare == plain or len(bare) > 12 or not asked:
        return None
    kept = turn.tx.talk.noted(turn.me.id, f"query:{turn.here}")
    if not isinstance(kept, dict):
        return None
    slots, hints = dict(kept["slots"]), dict(kept["hints"])
    spans = [s for s in find(bare, turn.now) if s.start is not None and s.kind in ("instant", "date", "range")]
    if spans:
        if len(residue(bare, spans)) > MOST_RESIDUE:
            return None  # a question of its own: 我明天几个拜访呢
        s = spans[-1]
        end = s.end or (s.start + timedelta(days=1) if s.kind == "date" and s.start else None)
        slots["time"] = write_when(When(s.kind, s.start, end))  # type: ignore[arg-type]
    elif bare in _ME:
        slots["people"], hints["people_ids"] = [turn.me.name], [[turn.me.id]]
    elif people := turn.tx.people.named(bare):
        slots["people"], hints["people_ids"] = [bare], [[m.id for m in people]]
    elif customers := turn.named(bare):
        slots["customer"], hints["customer_ids"] = bare, list(customers)
    else:
        return None
    return Said(str(kept["intent"]), slots, hints=hints, text=str(kept["text"]), why=("接着上一个问题",))


def both_answers(turn: Turn, draft: Draft, card: Card, text: str) -> Said | None:
    """售前，下午三点: a choice of the card and the time in one answer (3, 6)."""
    if draft.question not in ("customer", "people"):
        return None
    spans = [s for s in find(text, turn.now) if one_day(s)]
    pressed = pick(card, without(text, spans).strip(" ，,。.、；;的")) if spans else None
    if pressed is None or pressed.intent != "draft.fill" or pressed.slots.get("draft") != draft.id:
        return None
    chosen = fill(turn, pressed)
    when = merged_time(chosen, "time", spans[-1])
    if when is None or chosen.intent != "visit.book":
        return None
    flags = ["has_date", "has_clock"] if when.kind == "instant" else span_flags(spans[-1])
    said = chosen.with_slots(time=write_when(when))
    return Said(said.intent, said.slots, hints={**said.hints, "time_flags": flags}, text=text, why=("一次回答了两个问题",))


def elsewhere(turn: Turn, draft: Draft, said: Said) -> bool:
    """A report or a note about another customer than the one the open question is about is no answer to it."""
    hinted = said.hints.get("customer_ids")
    named = list(hinted) if isinstance(hinted, list | tuple) else []
    if said.intent not in REPORTING:
        named = opening(turn, said.text) if said.intent == "unknown" else []
    if not named:
        return False
    base = draft_said(draft)
    visit = turn.tx.visits.get(str(base.slots.get("visit_id") or ""))
    about = visit.customer if visit else str(base.slots.get("customer_id") or "")
    return bool(about) and about not in named


def opening(turn: Turn, text: str) -> list[str]:
    """The customers whose very name a message begins with."""
    for n in range(LONGEST_NAME, 1, -1):
        head = text[:n]
        known = turn.tx.customers.many(list(turn.named(head))) if len(text) > n else {}
        if found := [c.id for c in known.values() if head in (c.name, c.short, *c.aliases)]:
            return found
    return []


def fill(turn: Turn, said: Said) -> Said:
    """`draft.fill` (a choice on a question's card) becomes the draft's own command with the choice put in; anything else stays."""
    draft = turn.tx.talk.get(ref) if (ref := str(said.slots.get("draft") or said.slots.get("after") or "")) else None
    if draft is not None and draft.person != turn.me.id:
        return Said("draft.gone", {"draft": draft.id}, text=said.text)
    if said.intent != "draft.fill":
        return said
    if draft is None or draft.state != "open":
        return Said("draft.gone", text=said.text)
    base = draft_said(draft)
    slots: dict[str, object] = {**base.slots, "draft": draft.id}
    hints = dict(base.hints)
    choice = said.slots
    if customer := choice.get("customer_id"):
        hints["customer_ids"], slots["customer_id"] = [customer], customer
    if person := choice.get("person"):
        index = int(str(choice.get("index", 0)))
        lists = [list(x) for x in hints.get("people_ids") or ()]  # type: ignore[attr-defined]
        lists += [[] for _ in range(index + 1 - len(lists))]
        lists[index] = [person]
        hints["people_ids"] = lists
    for slot in ("visit_id", "purpose", "phone"):
        if value := choice.get(slot):
            slots[slot] = value
    if start := choice.get("start"):
        slot = "new_time" if base.intent == "visit.reschedule" else "time"
        slots[slot] = {"kind": "instant", "start": start, "end": None}
        hints.pop("time_flags", None)
    return Said(base.intent, slots, hints=hints, text=said.text, why=("选了卡片上的一项",))
