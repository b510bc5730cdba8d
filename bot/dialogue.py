"""Dialogue: what a message means after what was asked and shown before.

In order (contract.md sections 5 and 7b): a number or the words of a button of the newest card in this chat; an answer to the open
question; otherwise the message on its own. A message that is a complete command of its own switches the topic; the question
stays open behind it.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache

from bot import says
from bot.cards import Card, from_json
from bot.command import Turn, read_when, write_when
from bot.message import Message
from domain.desk import Draft
from domain.model import OFFICE, When
from nlp.said import Said
from nlp.times import TimeSpan, find

_NUMBER = re.compile(
    r"(?:我?选|就|第|要|按|回复)*([0-9]{1,2}|[一二两三四五六七八九十])(?:个|号|项|条|种)?(?:吧|好了|呗|啊|了)?[。.!！]*\Z"
)
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_FILLERS = (
    "那就",
    "那",
    "就",
    "请",
    "帮我",
    "我要",
    "我想",
    "我选",
    "选择",
    "选",
    "点击",
    "点",
    "按",
    "吧",
    "啊",
    "呢",
    "了",
    "呗",
    "好了",
    "一下",
)
_CONFIRM = ("确认", "仍然预约", "同意", "提交", "继续", "接受", "认领")
_CALL_OFF = frozenset({"取消", "取消吧", "取消掉"})
"""With a question open this drops the question; with none it asks which visit (sentence 20)."""
_DENY = frozenset({"算了", "不用了", "先不", "放弃", "婉拒", "不改", "都不是"})
"""Buttons that only say no. 取消这次 on a card is something to do: 算了 must never press it (D31)."""
EDITS = frozenset({"visit.reschedule", "visit.update", "visit.invite", "visit.uninvite"})
"""Commands that, naming no visit of their own, change the draft that is being talked about."""
BARE = frozenset({"unknown", "visit.list", "visit.free_time", "customer.show", "customer.check", "owner.show", "dialog.choose"})
"""What a bare answer such as 下周二 or 鼎盛机电 may look like when it is read alone."""
QUERIES = frozenset(
    {"visit.list", "visit.free_time", "kpi.show", "summary.show", "ranking.show", "conflict.list", "customer.show", "owner.show"}
)
"""Questions that can be asked again with another time or person."""
_OF_IT = re.compile(r"(?:的|那个|那位|那家|这个|这位|这家|吧)+$")
_MONTH_DAY = re.compile(r"\D{0,3}\d{1,2}[号日](?:吧|好了)?[。.]?")
"""12号 as the answer to 哪一天 is a day, not the twelfth choice."""
MOST_RESIDUE = 3
_LITTLE = re.compile(r"[的吧呢啊了那就呀嘛哦行可以好天个也是约在改成到]")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8}")


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
        if (answered := answer(draft, first, text, turn.now, newer=newer)) is not None:
            if draft.question == "words":
                turn.tx.talk.close(draft.id, "done")
            return [answered]
    if card and (pressed := by_meaning(card, first)):
        return [fill(turn, pressed)]
    if (asked := asked_again(turn, first, text)) is not None:
        return [asked]
    return parsed


def remember_query(turn: Turn, said: Said) -> None:
    """Keep the last question of this person in this chat, so that 那下周呢 can ask it again."""
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
        if len(_residue(bare, spans)) > MOST_RESIDUE:
            return None  # a question of its own: 我明天几个拜访呢
        s = spans[-1]
        end = s.end or (s.start + timedelta(days=1) if s.kind == "date" and s.start else None)
        slots["time"] = write_when(When(s.kind, s.start, end))  # type: ignore[arg-type]
    elif people := turn.tx.people.named(bare):
        slots["people"], hints["people_ids"] = [bare], [[m.id for m in people]]
    elif customers := turn.named(bare):
        slots["customer"], hints["customer_ids"] = bare, list(customers)
    else:
        return None
    return Said(str(kept["intent"]), slots, hints=hints, text=str(kept["text"]), why=("接着上一个问题",))


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


# ---------------------------------------------------------------------- buttons by number and word
@lru_cache(maxsize=4096)
def squeeze(text: str) -> str:
    """Letters and digits only, NFKC: what two spellings of a button have in common."""
    text = unicodedata.normalize("NFKC", text).lower()
    return "".join(ch for ch in text if unicodedata.category(ch)[0] in "LN")


def number_in(text: str) -> int | None:
    """The number when the message is nothing but a choice (2, ２, 第二个, 就2吧)."""
    m = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if not m:
        return None
    return int(m[1]) if m[1].isdigit() else _DIGITS[m[1]]


def pick(card: Card, text: str) -> Said | None:
    """The button that a number or its words name; a number beyond the buttons is a choice of nothing.

    Of the answers to a question a part that fits one of them alone is enough (售前 for 张伟（售前组）).
    """
    if not card.buttons:
        return None
    n = number_in(text)
    if n is not None:
        if 1 <= n <= len(card.buttons):
            return says.read(card.buttons[n - 1].says)
        return Said("dialog.choose", {"choice": n}, text=text)
    words = squeeze(text)
    if not words:
        return None
    for form in dict.fromkeys((words, _stripped(words))):
        hits = [b for b in card.buttons if form in (name := squeeze(b.text), _stripped(name))]
        if len(hits) == 1:
            return says.read(hits[0].says)
    choices = [b for b in card.buttons if b.says.startswith("/draft.fill ")]
    core = _OF_IT.sub("", words)
    part = [b for b in choices if len(core) > 1 and core in squeeze(b.text)]
    return says.read(part[0].says) if len(part) == 1 and len(choices) > 1 else None


@lru_cache(maxsize=4096)
def _stripped(words: str) -> str:
    """Without the little words around: 那就同行吧 → 同行."""
    changed = True
    while changed:
        changed = False
        for filler in _FILLERS:
            if words.startswith(filler) and len(words) > len(filler):
                words, changed = words[len(filler) :], True
            if words.endswith(filler) and len(words) > len(filler):
                words, changed = words[: -len(filler)], True
    return words


def by_meaning(card: Card, said: Said) -> Said | None:
    """好的 presses the only confirming button, 算了 the only declining one; 撤销 an undo button."""
    stems = {"dialog.confirm": _CONFIRM, "approval.approve": ("同意",), "approval.reject": ("驳回",)}.get(said.intent, ())
    if said.slots or (not stems and said.intent != "dialog.deny"):
        return None
    hits = [b for b in card.buttons if (squeeze(b.text).startswith(stems) if stems else squeeze(b.text) in _DENY)]
    return says.read(hits[0].says) if len(hits) == 1 else None


# ---------------------------------------------------------------------- answers to the open question
def answer(draft: Draft, said: Said, text: str, now: datetime, *, newer: bool = False) -> Said | None:
    """The draft's command completed or corrected by this message; None when the message is about something else.

    `newer`: something was done since the question was asked, so 改到四点 means that and not the draft.
    """
    base = draft_said(draft)
    if said.intent == "dialog.deny" or (said.intent == "visit.cancel" and not newer and squeeze(text) in _CALL_OFF):
        return Said("draft.drop", {"draft": draft.id}, text=text)
    if draft.question == "words" and said.intent in ("unknown", "smalltalk", "dialog.confirm", *_free(draft)):
        field = str(draft.data.get("field", "content"))
        return _again(draft, base.with_slots(**{field: text}), said)
    spans = [s for s in find(text, now) if _one_day(s)]
    if not _answers(draft, base, said, text, spans, newer):
        return None
    changes, hints = _changes(draft, base, said, text, spans)
    if not changes:
        return None
    done = base.with_slots(**changes)
    return _again(draft, Said(done.intent, done.slots, hints={**base.hints, **hints}, text=text), said)


def _answers(draft: Draft, base: Said, said: Said, text: str, spans: Sequence[TimeSpan], newer: bool) -> bool:
    """Whether the message speaks of the draft: an edit that names nothing else, or a bare answer."""
    theirs, ours = said.slots.get("customer"), base.slots.get("customer")
    if said.intent == "visit.book" and base.intent == "visit.book":
        other = bool(theirs and ours and theirs != ours)
        return not other or (draft.question == "customer" and not said.slots.get("time"))
    if said.intent == "visit.book" and not theirs:
        return bool(spans) and len(_residue(text, spans)) <= MOST_RESIDUE
    if said.intent == "dialog.correct":
        return not newer
    if said.intent in EDITS:
        return not newer and (not theirs or theirs == ours) and not said.slots.get("time")
    if said.intent not in BARE:
        return False
    if draft.question == "customer" and not spans:
        return bool(theirs) or said.intent == "unknown"
    if draft.question == "phone":
        return bool(said.slots.get("phone") or _PHONE.search(text))
    most = MOST_RESIDUE if said.intent == "unknown" else 0  # 周五下午谁有空 is a question of its own
    return bool(spans) and len(_residue(text, spans)) <= most


def _one_day(span: TimeSpan) -> bool:
    """A time that can complete a booking: a moment, a day, a part of a day or clock range; 下周 is none."""
    if span.kind == "range":
        return span.start is not None and span.end is not None and span.end - span.start <= timedelta(days=1)
    return span.kind in ("instant", "date")


def _residue(text: str, spans: Sequence[TimeSpan]) -> str:
    """What is left of an answer beside its times and little words."""
    for span in sorted(spans, key=lambda s: -s.span[0]):
        text = text[: span.span[0]] + text[span.span[1] :]
    return _LITTLE.sub("", squeeze(text))


def _free(draft: Draft) -> tuple[str, ...]:
    accepts = draft.data.get("accepts")
    return tuple(str(x) for x in accepts) if isinstance(accepts, list | tuple) else ()


def draft_said(draft: Draft) -> Said:
    """The command a draft will become."""
    ask = draft.ask
    slots, hints = ask.get("slots"), ask.get("hints")
    return Said(
        str(ask["intent"]),
        dict(slots) if isinstance(slots, Mapping) else {},
        hints=dict(hints) if isinstance(hints, Mapping) else {},
    )


def _again(draft: Draft, said: Said, answer_: Said) -> Said:
    """The same draft goes on: its id travels along so that the question is closed when the command is carried out."""
    slots = {"draft": draft.id, **said.slots} if draft.question == "words" else {**said.slots, "draft": draft.id}
    return Said(said.intent, slots, hints=said.hints, text=answer_.text, why=("接着刚才的问题",))


def _changes(
    draft: Draft, base: Said, said: Said, text: str, spans: Sequence[TimeSpan]
) -> tuple[dict[str, object], dict[str, object]]:
    """The slots that the message changes, and the hints that go with them."""
    out: dict[str, object] = {}
    hints: dict[str, object] = {}
    for slot, hint in (("customer", "customer_ids"), ("people", "people_ids")):
        if (value := said.slots.get(slot)) is not None:
            out[slot], hints[hint] = value, said.hints.get(hint, [])
            if slot == "customer":
                out["customer_id"] = None
    for slot in ("purpose", "contact", "mode", "location", "phone", "city", "grade", "email", "duration_min"):
        if (value := said.slots.get(slot)) is not None:
            out[slot] = value
    if draft.question == "customer" and "customer" not in out and not spans and (name := _bare_name(text)):
        out["customer"], hints["customer_ids"] = name, []
    if draft.question == "phone" and "phone" not in out and (number := _PHONE.search(text)):
        out["phone"] = number[0]
    slot = "new_time" if base.intent == "visit.reschedule" else "time"
    if spans and (when := merged_time(base, slot, spans[-1], said)) is not None:
        out[slot] = write_when(when)
        hints["time_flags"] = ["has_date", "has_clock"] if when.kind == "instant" else _flags(spans[-1])
        if spans[-1].duration_min:
            out["duration_min"] = spans[-1].duration_min
    if (shift := said.slots.get("shift_min")) is not None and base.intent == "visit.reschedule":
        out["shift_min"] = shift
    return out, hints


def _flags(span: TimeSpan) -> list[str]:
    flags = {"has_date": span.has_date, "has_clock": span.has_clock, "part_of_day": bool(span.part_of_day)}
    return [name for name, there in flags.items() if there]


def _bare_name(text: str) -> str:
    """A short answer to 哪家客户 that is nothing but a name."""
    name = re.sub(r"^(?:是|去|拜访|客户是?)|(?:那家|的|吧|啊|公司那个|那个)$", "", text.strip("。！!，, "))
    return name if 1 < len(name) <= 20 and not _NO_NAME.search(name) else ""


_NO_NAME = re.compile(
    r"[吗么？?，,]|什么|哪|怎么|多少|谁|一下|[改换设]成|改到|意向|客户|提醒|通知|关掉|关闭|打开|取消|查一|看看|准备"
)
"""Words of a sentence that asks or orders something: whatever it means, it is no company's name."""


def merged_time(base: Said, slot: str, span: TimeSpan, said: Said) -> When | None:
    """A new time over an old one: what the answer leaves out (day, clock, part of day) stays as it was."""
    if span.start is None:
        return None
    old = read_when(v) if (v := base.slots.get(slot)) else None
    start, end = span.start, span.end
    if old and old.start:
        had = old.start.astimezone(OFFICE)
        if span.bare_weekday and not span.has_clock:
            # 不是周三是周四: the other day of the week that was spoken of, unless that has passed
            shift = to_week(start, had)
            start, end = start + shift, end + shift if end else None
        if not span.has_date and span.has_clock:
            clock = _in_part(start.timetz().replace(tzinfo=None), old, span)
            start = datetime.combine(had.date(), clock, OFFICE)
            end = start + (span.end - span.start) if span.end else None
        elif span.has_date and not span.has_clock and span.part_of_day is None and old.kind == "instant":
            start = datetime.combine(start.date(), had.time(), OFFICE)
            return When("instant", start, None)
        elif span.part_of_day and not span.has_date:
            shift = timedelta(days=(had.date() - start.date()).days)
            start, end = start + shift, end + shift if end else None
    elif (clock_hint := base.hints.get("clock")) and span.has_date and not span.has_clock:
        start = datetime.combine(start.date(), time.fromisoformat(str(clock_hint)), OFFICE)
        return When("instant", start, None)
    if span.kind == "date" and end is None:
        end = start + timedelta(days=1)
    return When(span.kind, start, end)  # type: ignore[arg-type]


def to_week(day: datetime, other: datetime) -> timedelta:
    """How far to move a day so that it falls into the other day's week (Monday first); never back."""
    mine, theirs = (d.date() - timedelta(days=d.weekday()) for d in (day, other))
    return max(theirs - mine, timedelta(0))


def _in_part(clock: time, old: When, span: TimeSpan) -> time:
    """三点 after 周四下午 is 15:00, after 周四上午 … 9 stays 9: the bare clock goes into the part of day said before."""
    if not span.bare_clock or old.kind != "range" or old.end is None or old.start is None:
        return clock
    first, last = old.start.astimezone(OFFICE), old.end.astimezone(OFFICE)
    for hour in (clock.hour, (clock.hour + 12) % 24):
        moment = datetime.combine(first.date(), clock.replace(hour=hour), OFFICE)
        if first <= moment < last:
            return clock.replace(hour=hour)
    return clock
