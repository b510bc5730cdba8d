"""The card each group with a team gets on a workday morning: who goes where, what changed hands; on the week's first workday also
the week (R53, R107). Only what everybody in the group may see."""

from collections import Counter
from datetime import datetime, time, timedelta

from bot.cards import Block, Card, Facts, Items, Text
from bot.command import Note, Turn
from bot.message import Address
from domain.model import OFFICE, Group, Member, Slot, Visit
from handlers import _daily, _figures, _views
from handlers._daily import Morning

MOVES = {
    "customer.created": "新录入", "customer.claimed": "认领", "customer.transferred": "转移", "customer.released": "进公海",
}  # fmt: skip
MOST = 8


def meet(turn: Turn, morning: Morning) -> None:
    """One card to each group that belongs to a team."""
    day = datetime.combine(morning.day, time(0), OFFICE)
    week = _figures.current(day, "week")
    opening = morning.last < week.start.date() <= morning.day
    for group in turn.tx.people.groups():
        people = turn.tx.people.team(group.team) if group.team else []
        if not people:
            continue
        turn.readers = [m for i in group.members if (m := turn.tx.people.get(i))] or turn.tx.people.all()
        turn.group = group
        shown = card(turn, morning, people, day, week if opening else None)
        turn.group = None
        post(turn, group, shown, f"meet-{morning.day}-{group.id}")
        turn.event("summary.sent", kind="group_morning", period=morning.day.isoformat(), to=group.id)


def post(turn: Turn, group: Group, card: Card, key: str) -> None:
    """A card into a group, once for ever."""
    turn.notes.append(Note(Address(group=group.id), card, "push", "", key))


def card(turn: Turn, morning: Morning, people: list[Member], day: datetime, week: Slot | None) -> Card:
    """Today, what changed hands since the last morning, the follow-ups since then, and the week when it begins."""
    ids = [m.id for m in people]
    today = turn.tx.visits.of_people(ids, day, day + timedelta(days=1), statuses=("planned", "pending"), as_participant=False)
    names, blocks = {m.id for m in people}, list[Block]()
    if today:
        blocks.append(Items(tuple(_views.visit_line(turn, v, with_rep=True) for v in today[:MOST])))
        if len(today) > MOST:
            blocks.append(Text(f"等共 {len(today)} 个"))
    moved = changes(turn, morning, names)
    facts = [("归属变动", "；".join(moved[:MOST]) + (f" 等 {len(moved)} 件" if len(moved) > MOST else ""))] if moved else []
    done = turn.tx.followups.between(morning.since, turn.now + timedelta(seconds=1), valid_only=True)
    count = Counter(f.by for f in done if f.by in names)
    if count:
        facts.append(("跟进", "，".join(f"{_views.name(turn, p)} {n}" for p, n in count.most_common(MOST))))
    if facts:
        blocks.append(Facts(tuple(facts)))
    if week is not None:
        blocks += schedule(turn, ids, week)
    team = people[0].team
    title = (
        f"{team}晨会 {_views.day(day)}：今天 {len(today)} 个拜访" if today else f"{team}晨会 {_views.day(day)}：今天没有安排拜访"
    )
    return Card(title, tuple(blocks))


def changes(turn: Turn, morning: Morning, people: set[str]) -> list[str]:
    """New customers, claims, transfers and releases of these people since the last morning."""
    out = []
    for e in turn.tx.log.named(list(MOVES), morning.since, turn.now + timedelta(seconds=1)):
        data = e.data.get("customer")
        if not isinstance(data, dict):
            continue
        known = turn.tx.customers.get(str(data.get("id")))
        concerned = {str(data.get("owner")), str(e.data.get("from")), str(e.data.get("to")), e.who}
        if known is None or not concerned & people:
            continue
        word, name = MOVES[e.name], known.short
        if e.name == "customer.transferred":
            giver, taker = e.data.get("from"), e.data.get("to")
            source = _views.name(turn, str(giver)) if giver else "公海"
            out.append(f"{name} {source} → {_views.name(turn, str(taker))}")
        elif e.name == "customer.released":
            out.append(f"{name}进公海")
        else:
            out.append(f"{_views.name(turn, str(data.get('owner') or e.who))}{word}{name}")
    return list(dict.fromkeys(out))


def schedule(turn: Turn, people: list[str], week: Slot) -> list[Block]:
    """The week's visits, day by day (R107)."""
    found = turn.tx.visits.of_people(people, week.start, week.end, statuses=("planned", "pending"), as_participant=False)
    if not found:
        return [Text("本周还没有安排拜访。")]
    days: dict[str, list[Visit]] = {}
    for v in found:
        days.setdefault(_views.day(v.start), []).append(v)
    out: list[Block] = [Text(f"本周日程 {_figures.words(week)}，共 {len(found)} 个：")]
    for name, visits in days.items():
        out += [Text(name), Items(tuple(_views.visit_line(turn, v, with_rep=True) for v in visits[:MOST]))]
    return out


_daily.CHECKS.append(meet)
