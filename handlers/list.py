"""查日程：我的、同事的、团队的，一天、一周或一段时间，排成文字日历。"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.cards import Block, Button, Card, Facts, Items, Text
from bot.command import Reply, Turn, command
from bot.references import listed
from domain.model import LIVE, OFFICE, Customer, Member, Slot, Visit, When
from domain.refusal import NotFound
from handlers import _asof, _hole, _pictures, _slots, _views, _who


@dataclass(frozen=True, slots=True)
class List:
    """Whose schedule (people, team, customer; default one's own, in a group the group's) and when (default today)."""

    people: tuple[str, ...] = ()
    team: str = ""
    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    draft: str = ""


@command("visit.list", List, group="查询", example="我明天有几个拜访")
def list_visits(ask: List, turn: Turn) -> Reply:
    """Visits by day; everybody's schedule is open as time and short name (R157), details by right."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    if _asof.asks_who(turn.said.text):
        return _asof.visit_reply(turn, _who.candidates(turn, ask.customer, ask.customer_id), ask.time.start if ask.time else None)
    window = span(turn, ask.time)
    if ask.time is None and ask.customer:
        window = Slot(window.start, window.start + timedelta(days=60))
    who = whose(turn, ask)
    if isinstance(who, Reply):
        return who
    customers = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not customers:
        raise NotFound(f"没有找到客户「{ask.customer}」")
    visits = visits_of(turn, who, window, customers)
    mine = [v for v in visits if v.rep == turn.me.id]
    if ask.customer and len(mine) == 1:
        turn.tx.talk.note(turn.me.id, "visit", mine[0].id)
    if len(who) == 1 and who[0].id == turn.me.id and len(visits) == 1:
        turn.tx.talk.note(turn.me.id, "visit", visits[0].id)
    listed(turn, [v.id for v in visits])
    card = calendar(turn, ask, who, window, visits)
    private = in_private(turn, ask, who, window, visits, card) if turn.group else None
    if _pictures.weekly(who, window):
        card = _pictures.of_list(turn, card, who, window)
    return Reply(card, private=private)


def calendar(turn: Turn, ask: List, who: list[Member], window: Slot, visits: list[Visit]) -> Card:
    """The schedule as all readers of the turn may see it."""
    single = len(who) == 1
    title = f"{headline(turn, who, ask)}{period(turn, window)}：{len(visits)} 个拜访"
    if not visits:
        return Card(title.replace("：0 个拜访", "没有拜访"), gaps(turn, who, window) if single else ())
    one_day = window.end - window.start <= timedelta(days=1)
    blocks: list[Block] = [*by_day(turn, visits, with_rep=not single, headed=not one_day)]
    if single and one_day:
        blocks += gaps(turn, who, window)
    if not ask.customer and (hint := suggestion(turn, who, window)):
        return Card(title, (*blocks, Text(hint[0])), (hint[1],))
    return Card(title, tuple(blocks))


def in_private(
    turn: Turn, ask: List, who: list[Member], window: Slot, visits: list[Visit], shown: Card
) -> Card | None:  # fmt: skip
    """What the asker may see beyond the group goes to him alone (contract.md section 4)."""
    everybody, turn.readers = turn.readers, [turn.me]
    card = calendar(turn, ask, who, window, visits)
    turn.readers = everybody
    return card if card != shown else None


def span(turn: Turn, when: When | None) -> Slot:
    """The period asked about; today when none was said."""
    today = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    if when is None or (when.start is None and when.end is None):
        return Slot(today, today + timedelta(days=1))
    start = when.start or today
    if when.kind == "instant":
        return Slot(start, start + timedelta(hours=1))
    if when.end is not None:
        return Slot(start, when.end)
    return Slot(start, start + timedelta(days=1 if when.kind == "date" else 60))


def whose(turn: Turn, ask: List) -> list[Member] | Reply:
    """The people meant: named ones, a team, the group it is asked in, else the asker (a customer's: everybody)."""
    if ask.people:
        found: list[Member] = []
        named = _who.people(turn, ask.people, turn.said)
        if isinstance(named, Reply):
            return named
        found += named
        return found or [turn.me]
    if ask.team:
        members = turn.tx.people.team(ask.team)
        if not members:
            raise NotFound(f"没有找到团队「{ask.team}」")
        return members
    text = turn.said.text
    if turn.group and "我" not in text:
        return list(turn.readers)
    if ask.customer:
        return turn.tx.people.all()
    if any(w in text for w in ("谁", "大家", "全组", "团队", "咱们组", "我们组", "组里", "部门")) and "我的" not in text:
        return turn.tx.people.team(turn.me.team) or [turn.me]
    return [turn.me]


def visits_of(turn: Turn, who: list[Member], window: Slot, customers: Sequence[Customer]) -> list[Visit]:
    """Live visits of these people that touch the window, each once, in order of time."""
    found = turn.tx.visits.of_people([m.id for m in who], window.start, window.end, statuses=LIVE)
    wanted = {c.id for c in customers} if customers else None
    unique = {v.id: v for v in found if wanted is None or v.customer in wanted}
    return sorted(unique.values(), key=lambda v: (v.start, v.rep))


def headline(turn: Turn, who: list[Member], ask: List) -> str:
    if ask.team:
        return ask.team
    if len(who) == 1:
        return "您" if who[0].id == turn.me.id else who[0].name
    if ask.customer:
        return ask.customer
    if turn.group and not ask.people:
        return turn.group.name
    return _views.listing(who) if len(who) <= 3 else f"{len(who)} 位同事"


def period(turn: Turn, window: Slot) -> str:
    """今天 / 6月11日 周四 / 6月8日 周一 – 6月14日 周日."""
    first = window.start.astimezone(OFFICE)
    last = (window.end - timedelta(minutes=1)).astimezone(OFFICE)
    today = turn.now.astimezone(OFFICE).date()
    if first.date() == last.date():
        near = {0: "今天", 1: "明天", 2: "后天"}.get((first.date() - today).days, "")
        whole = window.end - window.start >= timedelta(hours=23)
        text = f"{near}（{_views.day(first)}）" if near else f" {_views.day(first)}"
        return text if whole else f"{text} {_views.clocks(window)}"
    return f" {_views.day(first)} – {_views.day(last)}"


def by_day(turn: Turn, visits: list[Visit], *, with_rep: bool, headed: bool) -> list[Block]:
    """A text calendar: a heading per day, a line per visit."""
    days: dict[date, list[str]] = {}
    for v in visits:
        days.setdefault(v.start.astimezone(OFFICE).date(), []).append(_views.visit_line(turn, v, with_rep=with_rep))
    if not headed:
        return [Items(tuple(next(iter(days.values()))))]
    blocks: list[Block] = []
    for d, rows in days.items():
        blocks += [Text(f"{_views.day(d)}"), Items(tuple(rows))]
    return blocks


def gaps(turn: Turn, who: list[Member], window: Slot) -> tuple[Block, ...]:
    """Free stretches of one person in working hours."""
    start = max(window.start, turn.now)
    if start >= window.end or window.end - window.start > timedelta(days=1):
        return ()
    slots = _slots.free_stretches(turn, who[0], Slot(start, window.end))
    if not slots:
        return ()
    return (Facts((("空档", "、".join(_views.clocks(s) for s in slots)),)),)


def suggestion(turn: Turn, who: list[Member], window: Slot) -> tuple[str, Button] | None:
    """One overdue customer for the asker's own day with room in it (23)."""
    start = max(window.start, turn.now)
    if [m.id for m in who] != [turn.me.id] or start >= window.end or window.end - window.start > timedelta(days=1):
        return None
    return _hole.offer(turn, _slots.free_stretches(turn, turn.me, Slot(start, window.end)))
