"""What the shape of a sentence says beyond its words: a time beside a customer is a booking, a day gone by is none."""

import re
from datetime import datetime

from nlp.forward import is_forwarded, speaks_to_us
from nlp.grammar import CONTACT, CUSTOMER, PERSON, TIME, Score
from nlp.marks import Mark
from nlp.pick import denied
from nlp.scene import Scene

_STANDING = re.compile(
    f"{TIME}的{CUSTOMER}|{CUSTOMER}(?:那个|那场|的会|的拜访|的行程|这个|的预约|那次)|(?:那个|那场|的会|的拜访)"
)
"""Words that speak of a visit that is already booked."""
_DONE = re.compile(
    "了(?!解)|过(?!一|来|去|下)|刚|已经|说(?!说|一下|下|明)|完|回电|来电|记录|登记|跟进|反馈|纪要|报告|小结|觉得|嫌|意向|预算"
)
"""Words of something that has happened; without them a clock that lies ahead is an appointment, not a note."""
_WENT = re.compile("(?:拜访|走访|回访|去|见|聊|谈)(?:过|完)?了(?!解|再|就|吗|没|之后|以后|后)|(?:拜访|走访|回访|见|聊|谈)完")
"""A visit that was made: with no time after today it is told, not asked for."""
_PICKED = re.compile(r"^(?:就|选|要|我要|我选|就要|就选)[0-9]{1,2}号[吧。!！]?$")
_LATIN_WORD = re.compile("[a-z0-9][a-z0-9 .&-]*")
_SMALL_WORDS = re.compile(
    "[\ue001-\ue009，。!?]|拜访|走访|回访|上门|见面|面谈|开会|会议|视频|线上|电话|现场|大概|左右|一起|约|去|见|到|和|跟|在|的|我|有|个|聊|谈|"
    "过去|帮我|安排|预约|登记"
)
_HEARSAY = re.compile(
    f"^(?:{PERSON}.{{0,6}}(?:好像|似乎|可能|貌似)|{TIME}?{PERSON}(?:跟|和|对|给|告诉)我(?:说|讲|提)|我?听(?:{PERSON}|{CONTACT}|人|别人)?[说讲]|据说|据传|传言|有人说|{PERSON}[说讲](?!的|一下|了声)|听闻)"
)
"""What others say or are said to do is not asked of the bot (contract.md section 5, `unknown`)."""
_READ_ONLY = re.compile(
    r"\.(?:list|show|due|check|route|prepare|free_time|pending)$|^(?:smalltalk|unknown|help\.show|data\.export|dialog\.(?:deny|choose|correct|why))$"
)


_ASKS = re.compile(
    "(?:吗|么|没|没有|了没|没呢)[?]*$|会怎么?样$|会怎样$|(?:要|需要|得)(?:谁|什么|哪些|几)|(?:什么|哪些|啥)(?:限制|条件|要求|流程|规定|后果|影响)"
)
_ASKS_A_FAVOUR = re.compile(
    "(?:行|好|可以|成|能|方便|ok|没问题|来得及|帮我|帮忙|麻烦|给我|能不能|可不可以|合适|同意)(?:.{0,14})(?:吗|么|不|没)[?]*$"
)
_NOT_MEANT = re.compile(
    "没(?:说|想|让你|叫你|打算)(?:要|过)?.{0,4}(?:取消|改|约|转|删|请|推|定)|别(?:给我)?(?:乱|瞎|老|总)|还没(?:拜访|去|见|跟|聊)|"
    "不是我(?:约|取消|改|转|删)的|不是(?:让|叫|要)你|如果.{0,8}(?:会怎|怎么办)|要是.{0,8}(?:会怎|怎么办)"
)
"""Questions about the rules of the house and denials are no orders: 取消拜访要审批吗, 我没说要取消."""
_IF = re.compile(
    "(?:^|，)(?:要是|如果|假如|假设|万一|除非|若是)(?!可以|方便|行|能|有空|没问题|不麻烦|来得及)[^，]{1,14}，?(?:我|我们|他|她)?(?:就|再|才|的话)"
)
"""What is said under a condition is not asked for now; a standing rule (rule.set) is."""


def harmless(intent: str) -> bool:
    """True for commands that only answer and change nothing."""
    return _READ_ONLY.search(intent) is not None


def weigh_shape(scene: Scene, scores: dict[str, Score]) -> None:
    """Change the scores by what the marks and their order say."""
    book = scores.setdefault("visit.book", Score())
    times, customers = scene.times(), scene.of(CUSTOMER)
    who = customers or scene.of(CONTACT)
    clock = any(mark.time is not None and mark.time.has_clock for mark in times)
    if _weigh_booking(scene, book, who, clock) and "visit.invite" in scores:
        scores["visit.invite"].best -= 2.0  # A客户三点，叫上B is one booking
    _weigh_denial(scene, scores)
    if clock and who and not _DONE.search(scene.low):
        book.best += 0.5
        for name in ("followup.add", "report.file"):
            if name in scores:
                scores[name].best -= 2.0
    _weigh_mood(scene, scores)
    hearsay = _HEARSAY.search(scene.lean) is not None
    if hearsay:
        scores.setdefault("unknown", Score()).best = 4.0
    if hearsay or (not customers and "unknown" in scores and scores["unknown"].total >= 2.0):
        for name, score in scores.items():
            if not harmless(name):
                score.best -= 5.0 if hearsay else 4.0
    if _PICKED.match(scene.low):
        scores.setdefault("dialog.choose", Score()).best = 6.0
    if times and is_forwarded(scene.skeleton) and (who or speaks_to_us(scene.low)):
        book.best += 3.0


def _weigh_booking(scene: Scene, book: Score, who: list[Mark], clock: bool) -> bool:
    """Somebody and a time ahead, little else: a booking. With colleagues beside it, a booking with company (True)."""
    times = scene.times()
    standing = _STANDING.search(scene.lean) is not None
    gone = _WENT.search(scene.lean) is not None and not any(_ahead(mark, scene.now) for mark in times[:1])
    if times and (gone or all(_over(mark, scene.now) for mark in times)):
        book.best -= 3.0
    elif who and times and (clock or not standing) and _rest(scene.lean) <= (14 if clock else 5):
        book.best, book.seen = max(book.best, 2.75 if clock else 2.3), book.seen or TIME + who[0].kind
    if times and scene.of(CUSTOMER) and scene.of(PERSON) and not standing and book.best > 2.5:
        book.best += 1.5
        return clock
    return False


def _weigh_mood(scene: Scene, scores: dict[str, Score]) -> None:
    """Who asks whether, or says that he did not mean it, gives no order; a day gone by is no day for a to-do or an arrival."""
    favour = _ASKS_A_FAVOUR.search(scene.low) is not None
    if (_ASKS.search(scene.lean) is not None and not favour) or _NOT_MEANT.search(scene.lean):
        _against(scores, 6.0)
    if _IF.search(scene.low):
        _against(scores, 6.0, ("visit.", "owner.", "leave."))
    if scene.low.endswith("?") and not favour:
        _against(scores, 4.0, ("report.file", "followup.add"))
    times = scene.times()
    if times and all(mark.time is not None and mark.time.kind != "instant" and _over(mark, scene.now) for mark in times):
        _against(scores, 3.0, ("task.add", "visit.check_in"))


def _against(scores: dict[str, Score], much: float, names: tuple[str, ...] = ("",)) -> None:
    """Speak against every command that changes something and whose name begins like one of these."""
    for name, score in scores.items():
        if name.startswith(names) and not harmless(name):
            score.best -= much


def _weigh_denial(scene: Scene, scores: dict[str, Score]) -> None:
    """先别约A，约B: of two customers with a time, one of them waved away, the other is booked."""
    customers = scene.of(CUSTOMER)
    waved = [denied(scene, mark) for mark in customers]
    if scene.times() and any(waved) and not all(waved):
        scores.setdefault("visit.cancel", Score()).best -= 3.0
        scores["visit.book"].best += 1.0


def _over(mark: Mark, now: datetime) -> bool:
    """A time of an earlier day, or a stretch that has ended."""
    last = None if mark.time is None else mark.time.end or mark.time.start
    if mark.time is None or last is None:
        return False
    return last.date() < now.date() or (mark.time.end is not None and last <= now)


def _ahead(mark: Mark, now: datetime) -> bool:
    """A moment that has not come, or a later day."""
    start = None if mark.time is None else mark.time.start
    return start is not None and (start.date() > now.date() or (mark.time is not None and mark.time.has_clock and start > now))


def _rest(lean: str) -> int:
    """How many characters of a sentence are neither marked nor words of booking."""
    return len(_SMALL_WORDS.sub("", _LATIN_WORD.sub("#", lean)))
