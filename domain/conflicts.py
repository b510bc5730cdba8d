"""What stands in the way of a visit, and when it would fit instead (contract.md section 7, "Conflict kinds").

Where the contract leaves room, this is how it is read:

- Everything but a cancelled visit counts in windows and fills its slot; only `duplicate_visit` leaves out missed visits
  and empty runs, because going again the same day repeats nothing.
- A joint visit (the rep goes along on the other visit, or its rep goes along on this one) and a pair of owner and
  co-owner raise no `customer_window` and add nothing to `third_team`; a co-owner's wish raises neither against anybody.
- With the customer's owner taken along it is a joint visit with his yes or no: neither `owned_by_other` nor `owner_notice`.
- A person without a team raises `customer_window` but never adds to `third_team`.
- The buffer is kept to the rep's own visits in any mode (not to leave, not for participants); travel only between two
  on-site visits to different customers.
- `off_hours` is the clock on any day and the ordinary weekend, `holiday` the day off: 20:00 on a holiday is both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.model import OFFICE, STAGES, Slot, Visit
from domain.rules import Rules
from domain.wishes import APPROVAL, HARD, KINDS, SOFT, Facts, Verdict, Wish, With
from domain.workdays import DayKind

__all__ = [
    "APPROVAL", "ELASTIC_MIN", "HARD", "KINDS", "REACH_DAYS", "SOFT", "Facts", "Verdict", "Wish", "With",
    "alternatives", "crosses_lines", "decide", "lighter_day", "near", "reach",
]  # fmt: skip

ELASTIC_MIN = 30
"""Minutes of buffer more for a customer who keeps changing appointments (R20)."""
REACH_DAYS = 60
"""How many days after the wish alternatives are looked for when the nearer ones are full."""
GRID_MIN = 30
LEAD_MIN = 30
LUNCH = (time(12), time(13))
_LUNCH_COST = 240
_LIGHTER_DAYS = 5
_OWNERSHIP = frozenset({"owned_by_other", "owner_notice"})
_RANK = {kind: place for place, kind in enumerate(KINDS)}
_Place = tuple[int, bool, int]
"""How good an alternative is, lower is better: approvals left, nothing gained, small nuisances left."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What all slots of one day share, and the rows that one of them can run into (a neighbour with its needed gap)."""

    common: frozenset[str]
    seen: tuple[With, ...]
    count: int
    teams: tuple[str, ...]
    walls: tuple[With, ...]
    neighbours: tuple[tuple[With, int], ...]


def reach(slot: Slot, rules: Rules, now: datetime) -> Slot:
    """The stretch `Facts` must cover for a wish at `slot`: its window before, 60 days and theirs after."""
    margin = timedelta(days=rules.customer_window_days + 2)
    return Slot(min(slot.start, now) - margin, max(slot.end, now) + timedelta(days=REACH_DAYS) + margin)


def near(slot: Slot, rules: Rules) -> Slot:
    """The stretch of people's calendars that `decide` alone looks at: the day of the wish and the gaps around it."""
    margin = timedelta(minutes=max(rules.buffer_min, rules.travel_min) + ELASTIC_MIN)
    begin, end = _bounds(_day_of(slot.start))
    return Slot(begin - margin, end + margin + (slot.end - slot.start))


def decide(wish: Wish, facts: Facts, rules: Rules, now: datetime) -> Verdict:
    """All kinds of contract.md section 7 that the wish raises; overlaps are half-open, a visit never meets itself."""
    today = _day_of(wish.slot.start)
    day = _look(wish, facts, rules, now, today)
    clashes, gap, need = _clashes(wish.slot, day)
    kinds = {clash.kind for clash in clashes} | day.common
    if _outside(wish.slot, rules) or facts.calendar.kind(today) is DayKind.WEEKEND:
        kinds.add("off_hours")
    order = sorted((*clashes, *day.seen), key=lambda w: (_RANK[w.kind], w.start, w.rep, w.visit or ""))
    ranked = tuple(kind for kind in KINDS if kind in kinds)
    return Verdict(ranked, tuple(order), gap, need, day.count, day.teams)


def crosses_lines(wish: Wish, facts: Facts, rules: Rules) -> bool:
    """Everybody else in the customer's window serves another product line: going together is offered first (R13)."""
    mine = wish.line or wish.rep.line
    rivals = _rivals(wish, facts, rules, _day_of(wish.slot.start))
    theirs = [visit.line or facts.lines.get(visit.rep, "") for visit in rivals]
    return bool(mine and theirs) and all(line and line != mine for line in theirs)


def alternatives(wish: Wish, facts: Facts, rules: Rules, now: datetime, n: int = 3, *, days: int = 21) -> list[Slot]:
    """Up to `n` other slots for the wish, in order of time: as long as it, at least 30 minutes ahead, in working hours
    of a workday, on the half hour, raising nothing hard and nothing the wish did not raise (R15, R147).

    Slots that get rid of more go before nearer ones; at most two on the wished day, then one a day while days last;
    fewer than `n` only when 60 days hold no more.
    """
    asked = frozenset(decide(wish, facts, rules, now).kinds)
    best: _Place = (int("owned_by_other" in asked), asked <= _OWNERSHIP, 0)
    first = max(_day_of(wish.slot.start), _day_of(now))
    found: dict[_Place, list[list[Slot]]] = {}
    for offset in range(REACH_DAYS + 1):
        seen = sum(len(slots) for per_day in found.values() for slots in per_day)
        if len(found.get(best, ())) >= n or (offset > days and seen >= n):
            break
        by_place: dict[_Place, list[Slot]] = {}
        for slot, kinds in _openings(wish, facts, rules, now, first + timedelta(days=offset), asked - frozenset(HARD)):
            by_place.setdefault(_place(kinds, asked), []).append(slot)
        for place, slots in by_place.items():
            found.setdefault(place, []).append(sorted(slots, key=lambda slot: _distance(slot, wish.slot)))
    return sorted(_choose(found, n, first, timedelta(minutes=max(60, wish.slot.minutes))))


def lighter_day(wish: Wish, facts: Facts, rules: Rules, now: datetime) -> date | None:
    """The workday with the fewest visits of the rep among the next five after the wish's, where it would fit without an
    overload (R24); the earliest of equals; None when there is none.
    """
    allowed = frozenset(decide(wish, facts, rules, now).kinds) - frozenset(HARD) - {"overload"}
    day, options = max(_day_of(wish.slot.start), _day_of(now)), []
    for _ in range(_LIGHTER_DAYS):
        day = facts.calendar.next_workday(day)
        if any(_openings(wish, facts, rules, now, day, allowed)):
            options.append((_look(wish, facts, rules, now, day).count, day))
    return min(options)[1] if options else None


def _day_of(moment: datetime) -> date:
    return moment.astimezone(OFFICE).date()


def _bounds(day: date, around: int = 0) -> tuple[datetime, datetime]:
    """Midnight to midnight of a day, widened by that many days on both sides."""
    begin = datetime.combine(day, time(), OFFICE)
    return begin - timedelta(days=around), begin + timedelta(days=around + 1)


def _outside(slot: Slot, rules: Rules) -> bool:
    start, end = slot.start.astimezone(OFFICE), slot.end.astimezone(OFFICE)
    return start.date() != end.date() or start.time() < rules.work_start or end.time() > rules.work_end


def _rivals(wish: Wish, facts: Facts, rules: Rules, day: date) -> list[Visit]:
    """Other reps' visits at the customer within the window of that day, without those that go together with it."""
    me, customer = wish.rep.id, wish.customer
    if me in customer.co_owners:
        return []
    friends = {member.id for member in wish.participants} | {me}
    if me == customer.owner:
        friends.update(customer.co_owners)
    begin, end = _bounds(day, rules.customer_window_days)
    return sorted(
        (
            visit
            for visit in facts.at_customer
            if begin <= visit.start < end
            and visit.live
            and visit.id != wish.visit
            and visit.rep not in friends
            and me not in visit.participants
        ),
        key=lambda visit: visit.start,
    )


def _along(wish: Wish) -> set[str]:
    return {member.id for member in wish.participants}


def _ownership(wish: Wish, facts: Facts, rules: Rules, now: datetime) -> set[str]:
    customer, me = wish.customer, wish.rep.id
    if customer.awaiting:  # entered by somebody and not granted yet: his for the time being (R50)
        return set() if me == customer.awaiting else {"owned_by_other"}
    if customer.owner is None or me == customer.owner or me in customer.co_owners or customer.owner in _along(wish):
        return set()
    if rules.stage_booking and customer.stage in STAGES and not customer.locked:  # R68
        if STAGES.index(customer.stage) < STAGES.index("深度沟通"):
            return {"owned_by_other"}
        if wish.rep.team and wish.rep.team == facts.teams.get(customer.owner, ""):
            return set()
    return {"owned_by_other"} if customer.locked or customer.protected(_day_of(now)) else {"owner_notice"}


def _look(wish: Wish, facts: Facts, rules: Rules, now: datetime, day: date) -> _Day:
    """Everything about one day: the kinds any slot of it raises, and what a single slot can run into."""
    me = wish.rep.id
    own = [visit for visit in facts.own if visit.live and visit.id != wish.visit]
    begin, end = _bounds(day)
    that_day = [visit for visit in own if begin <= visit.start < end]
    rivals = _rivals(wish, facts, rules, day)
    teams = dict.fromkeys(facts.teams.get(visit.rep, "") for visit in rivals)
    mine = wish.rep.team or facts.teams.get(me, "")
    teams.pop(mine, None)
    here = [
        visit
        for visit in own
        if visit.start < end
        and begin < visit.end
        and visit.customer == wish.customer.id
        and ((visit.start >= begin and visit.status not in ("missed", "empty")) or visit.slot.overlaps(wish.slot))
    ]
    named = tuple(team for team in (*teams, mine) if team)
    kinds, seen = _ownership(wish, facts, rules, now), []
    if rivals and len(named) >= rules.teams_per_week_approval:
        kinds.add("third_team")
        seen += [With("third_team", visit.rep, visit.start, visit.end, visit.id) for visit in rivals]
    if rivals:
        kinds.add("customer_window")
        seen += [With("customer_window", visit.rep, visit.start, visit.end, visit.id) for visit in rivals]
    if here:
        kinds.add("duplicate_visit")
        seen += [With("duplicate_visit", me, visit.start, visit.end, visit.id) for visit in here]
    if len(that_day) >= rules.visits_per_day:
        kinds.add("overload")
        seen += [With("overload", me, visit.start, visit.end, visit.id) for visit in that_day]
    if facts.calendar.kind(day) is DayKind.HOLIDAY:
        kinds.add("holiday")
    walls, neighbours = _around(wish, facts, rules, day, own)
    return _Day(frozenset(kinds), tuple(seen), len(that_day) + 1, named, walls, neighbours)


def _around(
    wish: Wish, facts: Facts, rules: Rules, day: date, own: list[Visit]
) -> tuple[tuple[With, ...], tuple[tuple[With, int], ...]]:
    """What slots that begin on the day can overlap, and the rep's visits near enough for a buffer."""
    me, others = wish.rep.id, {member.id for member in wish.participants} - {wish.rep.id}
    extra = ELASTIC_MIN if facts.elastic else 0
    margin = timedelta(minutes=max(rules.buffer_min, rules.travel_min) + extra)
    begin, end = _bounds(day)
    begin, end = begin - margin, end + margin + (wish.slot.end - wish.slot.start)
    walls: list[With] = []
    booked: set[str] = set()
    for busy in facts.busy:
        slot = busy.slot
        if slot.start < end and begin < slot.end and not (wish.visit and busy.visit == wish.visit):
            if busy.person == me:
                booked.add(busy.visit)
                walls.append(With("rep_overlap", me, slot.start, slot.end, busy.visit or None))
            elif busy.person in others:
                walls.append(With("participant_overlap", busy.person, slot.start, slot.end, busy.visit or None))
    neighbours = []
    for visit in own:
        if visit.start < end and begin < visit.end:
            if visit.id not in booked:
                walls.append(With("rep_overlap", me, visit.start, visit.end, visit.id))
            travels = wish.mode == visit.mode == "onsite" and visit.customer != wish.customer.id
            need = max(rules.buffer_min, rules.travel_min if travels else 0) + extra
            neighbours.append((With("buffer", me, visit.start, visit.end, visit.id), need))
    walls += [
        With("customer_overlap", visit.rep, visit.start, visit.end, visit.id)
        for visit in facts.at_customer
        if visit.live and visit.id != wish.visit and visit.rep != me and visit.start < end and begin < visit.end
    ]
    return tuple(walls), tuple(neighbours)


def _clashes(slot: Slot, day: _Day) -> tuple[list[With], int | None, int | None]:
    """What the slot overlaps or comes too near to, with the gap that falls shortest of its need, both in minutes."""
    start, end = slot.start, slot.end
    clashes = [wall for wall in day.walls if wall.start < end and start < wall.end]
    worst: tuple[int, int] | None = None
    for near, need in day.neighbours:
        if near.start < end and start < near.end:
            continue
        gap = start - near.end if near.end <= start else near.start - end
        if gap < timedelta(minutes=need):
            clashes.append(near)
            minutes = int(gap / timedelta(minutes=1))
            if worst is None or need - minutes > worst[1] - worst[0]:
                worst = (minutes, need)
    return (clashes, *worst) if worst else (clashes, None, None)


def _openings(
    wish: Wish, facts: Facts, rules: Rules, now: datetime, day: date, allowed: frozenset[str]
) -> Iterator[tuple[Slot, frozenset[str]]]:
    """The slots of a workday that raise allowed kinds only, with the kinds they raise; never the wish itself."""
    if not facts.calendar.is_workday(day):
        return
    look = _look(wish, facts, rules, now, day)
    if not look.common <= allowed:
        return
    present = {visit.start for visit in facts.own if wish.visit and visit.id == wish.visit} | {wish.slot.start}
    length, grid = wish.slot.end - wish.slot.start, timedelta(minutes=GRID_MIN)
    midnight = _bounds(day)[0]
    begin = max(datetime.combine(day, rules.work_start, OFFICE), now + timedelta(minutes=LEAD_MIN))
    close = datetime.combine(day, rules.work_end, OFFICE)
    start = midnight - (midnight - begin) // grid * grid
    while start + length <= close:
        slot = Slot(start, start + length)
        if start not in present:
            kinds = look.common.union(clash.kind for clash in _clashes(slot, look)[0])
            if kinds <= allowed:
                yield slot, kinds
        start += grid


def _place(kinds: frozenset[str], asked: frozenset[str]) -> _Place:
    approvals = len(kinds.intersection(APPROVAL))
    return approvals, kinds == asked, len(kinds & {"duplicate_visit", "buffer", "overload"})


def _distance(slot: Slot, wished: Slot) -> tuple[int, datetime]:
    """Minutes of the clock from the wished one; lunch counts as four hours away unless it was wished."""
    away = abs(_minute(slot.start) - _minute(wished.start))
    return away + (_LUNCH_COST if _at_lunch(slot) and not _at_lunch(wished) else 0), slot.start


def _minute(moment: datetime) -> int:
    local = moment.astimezone(OFFICE)
    return local.hour * 60 + local.minute


def _at_lunch(slot: Slot) -> bool:
    start, end = slot.start.astimezone(OFFICE), slot.end.astimezone(OFFICE)
    return start.date() == end.date() and start.time() < LUNCH[1] and end.time() > LUNCH[0]


def _choose(found: dict[_Place, list[list[Slot]]], n: int, first: date, apart: timedelta) -> list[Slot]:
    """Best places first; one slot a day (two on the first), then two, then whatever is left."""
    chosen: list[Slot] = []
    for place in sorted(found):
        for cap, spaced in ((1, True), (2, True), (n, False)):
            for slots in found[place]:
                today = slots[0].start.date()
                room = max(cap, 2 if today == first else 1) - sum(slot.start.date() == today for slot in chosen)
                for slot in slots:
                    crowded = any(abs(slot.start - other.start) < apart for other in chosen) and spaced
                    if room > 0 and len(chosen) < n and slot not in chosen and not crowded:
                        chosen.append(slot)
                        room -= 1
    return chosen
