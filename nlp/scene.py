"""A sentence with everything known in it marked: names, people, times, amounts; the ground on which commands are read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache

from domain.text import fold, number
from nlp.book import Book, Hit, in_twos, longest_first
from nlp.doubts import ORDERS, is_colleague, is_customer, is_order
from nlp.forms import squeeze
from nlp.grammar import CONTACT, CUSTOMER, DURATION, EMAIL, MONEY, PERSON, PHONE, TEAM, TIME
from nlp.marks import Mark
from nlp.people import contact_hits
from nlp.times import Mode, find
from nlp.unknown import strangers
from nlp.words import alternation, words

_PHONE = re.compile(
    r"(?<![\da-z])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\(?0\d{2,3}\)?[- ]?\d{4}[- ]?\d{3,4}|400[- ]?\d{3,4}[- ]?\d{3,4})(?!\d)"
)
_SPOKEN = re.compile(
    r"(?<![零〇一二三四五六七八九幺])[一幺][三四五六七八九][零〇一二三四五六七八九幺]{9}(?![零〇一二三四五六七八九幺])"
)
"""A mobile number dictated digit by digit."""
_DIGITS = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_FIGURES = "0-9一二两三四五六七八九十百千零〇半"
_NUMBER = rf"(?<![{_FIGURES}.])[{_FIGURES}][{_FIGURES}.,个万亿wk]{{0,15}}"
_MONEY = re.compile(
    rf"(?:({_NUMBER})\s?(?:-|~|到|至)\s?)?({_NUMBER})\s?(?:块钱|元|块|万元|万块|rmb|(?<=万)|(?<=w)|(?<=亿)|(?<=k))(?![a-z层个家人天次])"
)
_BETWEEN = re.compile(r"(?<![0-9零一二两三四五六七八九十百千])([一二两三四五六七八])([二三四五六七八九])([十百千]?[万亿])")
"""二三十万: from the one to the other."""
_ABOUT = re.compile(rf"(?<![{_FIGURES}])([{_FIGURES}]{{1,8}})[来多几]([万亿千])")
"""两百来万, 三十多万: a round sum."""
_AT = re.compile(r"@\s*([\w\u3400-\u9fff·]{1,12})")
_FILLERS = re.compile(
    r"(?<!谁能)(?<!谁)(?<!谁来)(?<!谁可以)(?<!\ue002)帮我(?!们)|帮忙|麻烦你?(?!了)|劳驾|请问|拜托|(?<!申)请(?![假客示教购帖安了个半一\ue002\ue005\ue004病事年两几天])|能不能|可不可以|可以帮我?|能否|是否可以|一下子?|(?<![没不再])我想(?!想|一想)要?(?![跟])|我要(?=[约见取改查看导新建录])"
    r"|(?<!不)你?给我(?=[看查列拉导发约订排建加记])|(?<=[改约发查看问说记列催])下(?=[\ue001-\ue009看午]?)(?![周个月午半班次面])|那个(?=[\ue001\ue003])|顺便|那啥|就是说|呃+|嗯(?=[，、])|额(?=[，、])|诶|哎(?=[，、])|喂"
    r"|(?:谢谢|多谢|感谢|辛苦了?)(?=[。!~，]*$)"
)
_POLITE = re.compile(
    r"然后|提前|推迟|(?<=[访会面])前(?=[半\d一二两三四五十]+(?:个)?(?:小时|分钟|钟头|天|刻))|(?<=[周月今当每])?日(?=[程报历志常])|(?<![\d这本上下个当每])[周月年](?=报)|分(?=公司|析|配|享|部|店|销|厂)|号(?=码)|天(?=气)|(?<=[\u4e00-\u9fff])一下(?![子午])|(?<=[看查问约排])下(?=下周|下个?月|下下)"
)
"""What must not take part in a time: 看一下下周二 is not the Tuesday after next, 这周日程 no Sunday, 提前一天 no day before."""
_TAIL = re.compile(r"(?:[吧呢啊呀哦噢]|(?<!干)嘛|[哈啦呗嘞喽哟咯]|[~。.!！… ])+(?=[，。!?]|$)")
_PAUSE = re.compile(r"[,，、:：;；()（）\"“”'‘’\[\]【】《》<>|/~—-]+")
_BLANK = re.compile(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])")
_BY_EAR = 120
"""In longer messages names are not looked for by their sound."""
_SENT_ALONG = re.compile(
    r"(?:带|带上|带着|叫上|喊上|拉上|捎上|算上|加上|叫|喊|让|由|派|派给|安排|通知|提醒|转给|交给|移交给|分给|替|代)$"
)
_ASKED_ABOUT = re.compile(
    r"(?:今|明|后|昨|前)天|(?:这|下|上|本)个?(?:周|月|星期)|周[一二三四五六日]|的(?:行程|日程|安排|客户|报告|待办|拜访)|有空|在哪|去哪|忙不忙|还?欠"
)
_NUMERIC = frozenset("0123456789一二两三四五六七八九十半周礼今明后昨早晚上中下月年春夏秋冬节日天点时刻元端除正初")


@dataclass(slots=True)
class Scene:
    """The folded sentence, its marks in order, and two views of it.

    `text` keeps the case of the message, `low` is the same in lower case; `skeleton` has one sign per mark (`back` leads from
    there to `text`); `lean` is the skeleton without polite words and blanks, which the grammar compares.
    """

    raw: str
    text: str
    low: str
    now: datetime
    marks: list[Mark] = field(default_factory=list)
    mentions: list[Mark] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)
    skeleton: str = ""
    back: list[int] = field(default_factory=list)
    lean: str = ""

    def of(self, *kinds: str) -> list[Mark]:
        """The marks of these kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    def times(self) -> list[Mark]:
        """Every time except bare durations."""
        return [mark for mark in self.marks if mark.kind == TIME]

    def between(self, start: int, end: int) -> str:
        """The text between two places."""
        return self.text[start:end]

    def remark(self, marks: Iterable[Mark]) -> None:
        """Replace the marks and draw both views anew."""
        self.marks = sorted(marks, key=lambda mark: mark.start)
        pieces: list[str] = []
        back: list[int] = []
        at = 0
        for mark in self.marks:
            pieces.append(self.low[at : mark.start])
            back.extend(range(at, mark.start))
            pieces.append(mark.kind)
            back.append(mark.start)
            at = mark.end
        pieces.append(self.low[at:])
        back.extend(range(at, len(self.low) + 1))
        self.skeleton, self.back = "".join(pieces), back
        self.lean = _lean(self.skeleton)


@cache
def _mixed() -> re.Pattern[str]:
    latin = [word for word in words().mixed if word.isascii()]
    return re.compile(rf"(?<![a-z]){alternation(latin)}(?![a-z])|{alternation([w for w in words().mixed if not w.isascii()])}")


def _lean(skeleton: str) -> str:
    skeleton = _mixed().sub(lambda found: words().mixed[found[0]], skeleton)
    text = _BLANK.sub("", skeleton.replace("\n", "。").replace("？", "?"))
    text = _PAUSE.sub("，", text)
    lean = _TAIL.sub("", _FILLERS.sub("", text)).strip("，. ")
    return lean or text.strip("，. ")


@cache
def _typo_heads() -> dict[str, str]:
    return {wrong: right for wrong, right in words().typos.items() if len(wrong) == 2 and len(right) == 2}


def _cased(raw: str, low: str, offsets: tuple[int, ...] | None) -> str:
    """The folded text with the capitals of the message."""
    if raw.islower() or raw == low:
        return low
    letters = list(low)
    for at, letter in enumerate(low):
        if letter.isalpha() and letter < "\u0250":
            original = raw[at if offsets is None else offsets[at]]
            code = ord(original)
            original = chr(code - 0xFEE0) if 0xFF21 <= code <= 0xFF5A else original
            if original.lower() == letter:
                letters[at] = original
    return "".join(letters)


class Reader:
    """Marks sentences with the names of one book."""

    def __init__(self, book: Book, bot_names: tuple[str, ...]) -> None:
        self._book = book
        names = alternation([fold(name).text for name in bot_names]) if bot_names else "(?!)"
        self._bot = re.compile(rf"@?{names}[\s，,:：]*")
        self._timelike: dict[str, bool] = {}

    def read(self, message: str, now: datetime, mode: Mode = Mode.BOOKING) -> Scene:
        """The scene of one message."""
        message = message[:2000]
        folded = fold(message)
        low = folded.text
        text = _cased(message, low, folded.offsets)
        found = self._bot.match(low.lstrip())
        if found:
            cut = len(low) - len(low.lstrip()) + found.end()
            low, text = low[cut:], text[cut:]
        scene = Scene(message, text, low, now)
        fixed = [Mark(PHONE, m.start(), m.end(), m[0], value=_digits(m[0])) for m in _PHONE.finditer(low)]
        fixed += [Mark(PHONE, m.start(), m.end(), m[0], value=m[0].translate(_DIGITS)) for m in _SPOKEN.finditer(low)]
        fixed += [Mark(EMAIL, m.start(), m.end(), m[0]) for m in _EMAIL.finditer(low)] if "@" in low else []
        self._mend(scene, fixed)
        names = self._names(scene, fixed)
        scene.mentions = self._mentions(scene, fixed)
        scene.remark(self._timed(scene, fixed + names, mode))
        return scene

    def _mend(self, scene: Scene, fixed: list[Mark]) -> None:
        """Correct the bot's own verbs where they are misspelt."""
        heads, low = _typo_heads(), scene.low
        for at in range(len(low) - 1):
            right = heads.get(low[at : at + 2])
            if right is not None and not any(hit.start <= at < hit.end for hit in self._book.customer_names.scan(low)):
                scene.corrected.append((low[at : at + 2], right))
                scene.low = scene.low[:at] + right + scene.low[at + 2 :]
                scene.text = scene.text[:at] + right + scene.text[at + 2 :]

    def _mentions(self, scene: Scene, fixed: list[Mark]) -> list[Mark]:
        """Everybody called with @ who is not the bot."""
        if "@" not in scene.low:
            return []
        return [
            Mark("@", m.start(), m.end(), m[1], self._book.member_names.get(m[1]))
            for m in _AT.finditer(scene.low)
            if not any(mark.start <= m.start() < mark.end for mark in fixed)
        ]

    def _names(self, scene: Scene, fixed: list[Mark]) -> list[Mark]:
        """Customers, colleagues, teams and contacts, the longest first, none inside a phone number or an address."""
        low = scene.low
        book, pairs = self._book, in_twos(low)
        customers = [self._stretched(low, hit) for hit in book.customer_names.scan(low, pairs)]
        members, teams = book.member_names.scan(low, pairs), book.team_names.scan(low, pairs)
        kinds = {id(hit): CUSTOMER for hit in customers}
        kinds |= {id(hit): PERSON for hit in members} | {id(hit): TEAM for hit in teams}
        hits = [h for h in (*customers, *members, *teams) if not any(m.start < h.end and h.start < m.end for m in fixed)]
        chosen = longest_first(hits)
        marks = [Mark(kinds[id(h)], h.start, h.end, scene.text[h.start : h.end], h.ids) for h in chosen]
        taken = [(m.start, m.end) for m in (*fixed, *marks)]
        if not customers and len(low) < _BY_EAR:
            for hit, spelling in self._book.sounding(low):
                if not any(start < hit.end and hit.start < end for start, end in taken):
                    marks.append(Mark(CUSTOMER, hit.start, hit.end, spelling, hit.ids))
                    scene.corrected.append((low[hit.start : hit.end], spelling))
                    taken.append((hit.start, hit.end))
        for known in self._contacts(low, marks, pairs):
            if not any(start < known.end and known.start < end for start, end in taken):
                marks.append(Mark(CONTACT, known.start, known.end, scene.text[known.start : known.end]))
                taken.append((known.start, known.end))
        for start, end, title in contact_hits(low, taken):
            ids = self._colleague(low, start, end, marks)
            kind, value = (PERSON, None) if ids else (CONTACT, title)
            marks.append(Mark(kind, start, end, scene.text[start:end], ids, value=value))
        return marks

    def _colleague(self, low: str, start: int, end: int, marks: list[Mark]) -> tuple[str, ...]:
        """Who of ours 小郑 is, where the sentence treats him as one of ours: taken along, sent, given work, asked about."""
        ids = self._book.weak_names.get(low[start:end])
        if not ids or any(m.end == start and m.kind == CUSTOMER for m in marks):
            return ()
        if _SENT_ALONG.search(low[max(0, start - 4) : start]):
            return ids
        opens = not low[:start].strip() or low[start - 1] in ",，。 看查"
        return ids if opens and _ASKED_ABOUT.match(low, end) else ()

    def _contacts(self, low: str, marks: list[Mark], pairs: list[str]) -> list[Hit]:
        """People the book knows by an unusual name (扎西, 薄总, Sophie): those of a customer named here, and Latin names."""
        here = {i for mark in marks if mark.kind == CUSTOMER for i in mark.ids}
        hits = self._book.contact_names.scan(low, pairs)
        return longest_first(hit for hit in hits if low[hit.start].isascii() or not here.isdisjoint(hit.ids))

    def _stretched(self, low: str, hit: Hit) -> Hit:
        """A hit with the place before it and the trade or legal form behind it that belong to the same name."""
        start, end, ids = hit.start, hit.end, hit.ids
        for size in (3, 2, 4):
            place = low[max(0, start - size) : start]
            if place.rstrip("市省") in words().places and len(place) == size:
                here = tuple(i for i in ids if self._in_place(i, place.rstrip("市省")))
                if here:
                    start, ids = start - size, here
                break
        tail = _LEGAL_TAIL.match(low, end)
        if tail and tail.end() > end:
            key = low[hit.start : tail.end()]
            fitting = tuple(i for i in ids if squeeze(key) in self._full(i)) or ids
            end, ids = tail.end(), fitting
        return Hit(start, end, ids)

    def _in_place(self, customer_id: str, place: str) -> bool:
        entry = self._book.customer(customer_id)
        return entry is not None and (entry.city.startswith(place) or place in entry.full)

    def _full(self, customer_id: str) -> str:
        entry = self._book.customer(customer_id)
        return entry.full if entry is not None else ""

    def _timed(self, scene: Scene, marks: list[Mark], mode: Mode) -> list[Mark]:
        """The marks with times, durations and amounts between them; a name that is also a time yields where a time is needed."""
        doubtful = [m for m in marks if m.kind in (CUSTOMER, PERSON) and self._ambiguous(m, scene.now)]
        if doubtful:
            sure = [m for m in marks if m not in doubtful]
            clocks = [t for t in self._times(scene, marks, mode) if t.time is not None and t.time.has_clock]
            marks = sure + [m for m in doubtful if self._named_here(scene.low, m, sure, clocks)]
        times = self._times(scene, marks, mode)
        strange = strangers(
            scene.low,
            [(m.start, m.end) for m in marks],
            [(t.start, t.end, t.time is not None and t.time.has_clock) for t in times],
            any(m.kind == CUSTOMER for m in marks),
        )
        if strange:
            marks = marks + [Mark(CUSTOMER, start, end, scene.text[start:end]) for start, end in strange]
            if any(t.start < end and start < t.end for t in times for start, end in strange):
                times = self._times(scene, marks, mode)
        taken = marks + times
        amounts = [
            Mark(MONEY, m.start(), m.end(), m[0], value=value(m))
            for pattern, value in ((_BETWEEN, _span), (_MONEY, _amount), (_ABOUT, _rough))
            for m in pattern.finditer(scene.low)
            if not any(t.start < m.end() and m.start() < t.end for t in taken)
        ]
        return taken + [a for at, a in enumerate(amounts) if not any(a.start < b.end and b.start < a.end for b in amounts[:at])]

    def _ambiguous(self, mark: Mark, now: datetime) -> bool:
        return (mark.text[0] in _NUMERIC and self._reads_as_time(mark.text, now)) or mark.text in ORDERS

    def _named_here(self, low: str, mark: Mark, others: list[Mark], clocks: list[Mark]) -> bool:
        """Whether a name that is also a time or an order stands for its bearer in this sentence."""
        if mark.kind == PERSON:
            return is_colleague(low, mark)
        if mark.text in ORDERS:
            return not is_order(low, mark)
        follower = next((m for m in others if mark.end <= m.start <= mark.end + 1), None)
        own = follower is not None and bool(set(self._book.with_contact(follower.text.lower())) & set(mark.ids))
        return is_customer(low, mark, own, any(t.end <= mark.start for t in clocks))

    def _times(self, scene: Scene, marks: list[Mark], mode: Mode) -> list[Mark]:
        blocked = [(m.start, m.end) for m in marks]
        blocked += [found.span() for found in _POLITE.finditer(scene.low)]
        found = []
        for span in find(scene.low, scene.now, mode, blocked):
            kind = DURATION if span.kind == "duration" else TIME
            found.append(Mark(kind, *span.span, scene.text[span.span[0] : span.span[1]], time=span))
        return found

    def _reads_as_time(self, name: str, now: datetime) -> bool:
        known = self._timelike.get(name)
        if known is None:
            known = any(span.span == (0, len(name)) for span in find(name, now))
            self._timelike[name] = known
        return known

    def again(self, scene: Scene, blocked: Iterable[tuple[int, int]], mode: Mode) -> Scene:
        """The same scene with some stretches kept free of times (an unknown name that looks like one)."""
        holes = [Mark("", start, end, "") for start, end in blocked]
        kept = [m for m in scene.marks if m.kind not in (TIME, DURATION, MONEY)]
        timed = [m for m in self._timed(scene, kept + holes, mode) if m.kind]
        fresh = replace(scene)
        fresh.remark(timed)
        return fresh


_LEGAL_TAIL = re.compile("(?:" + alternation(words().legal) + r"|\([一-龥]{2,4}\)|(?<!厂)厂(?![里区房长家商门子内部方务牌]))*")


def _digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def _amount(found: re.Match[str]) -> object:
    """Yuan, or [low, high]; 二三十万-like halves share the unit of the upper end."""
    high = number(found[2])
    if high is None:
        return None
    if not found[1]:
        return _whole(high)
    low = number(found[1])
    unit = re.search(r"[万亿wk千百]+$", found[2])
    if low is not None and unit and (found[1][-1] not in "万亿wk千百" or (unit[0][-1] in "万亿" and found[1][-1] in "千百")):
        low = number(found[1] + (unit[0] if found[1][-1] not in "千百" else unit[0][-1]))
    return _whole(high) if low is None else [_whole(low), _whole(high)]


def _span(found: re.Match[str]) -> object:
    low, high = number(found[1] + found[3]), number(found[2] + found[3])
    return None if low is None or high is None else [_whole(low), _whole(high)]


def _rough(found: re.Match[str]) -> object:
    """两百来万 → 2000000."""
    value = number(found[1] + found[2])
    return None if value is None else _whole(value)


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value
