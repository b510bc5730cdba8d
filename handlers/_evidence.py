"""What speaks for whom in a fight over a customer: entries, contacts and visits with their dates; the suggested verdict (R58)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.command import Turn
from domain.model import Customer
from handlers import _owners, _views

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Side:
    """One rep's facts: when he entered the customer (if he did), his first and last contact, how many there were."""

    member: str
    entered: datetime | None
    first: datetime | None
    last: datetime | None
    followups: int
    visits: int

    @property
    def since(self) -> datetime | None:
        """His earliest fact: a valid follow-up older than the entry beats it (features.md 0.3)."""
        return min((t for t in (self.entered, self.first) if t is not None), default=None)


def side(turn: Turn, c: Customer, member: str) -> Side:
    """What one rep has to show."""
    until = turn.now + timedelta(seconds=1)
    rows = [f for f in turn.tx.followups.of_customers([c.id], turn.now - YEAR, until) if f.by == member and f.valid]
    done = [v for v in turn.tx.visits.at_customer_between(c.id, turn.now - YEAR, until, statuses=("done",)) if v.rep == member]
    times = sorted([f.at for f in rows] + [v.start for v in done])
    entered = c.created if creator(turn, c) == member else None
    return Side(member, entered, times[0] if times else None, times[-1] if times else None, len(rows), len(done))


def creator(turn: Turn, c: Customer) -> str | None:
    """Who entered the customer; of records from before the log, who was its first owner as far as is known."""
    for e in turn.tx.log.of_customer(c.id, ["customer.created", "customer.transferred", "customer.released"]):
        return e.who if e.name == "customer.created" else str(e.data.get("from") or "") or None
    return c.owner


def sides(turn: Turn, c: Customer, people: Sequence[str]) -> list[str]:
    """A line for each rep: entry, contacts with their dates."""
    out = []
    for s in (side(turn, c, p) for p in dict.fromkeys(people)):
        parts = [f"{_views.day(s.entered)} 录入"] if s.entered else []
        if s.followups or s.visits:
            what = "、".join(x for x in (s.followups and f"有效跟进 {s.followups} 次", s.visits and f"拜访 {s.visits} 次") if x)
            span = f"，最早 {_views.day(s.first)}" if s.first else ""
            parts.append(what + span + (f"，最近 {_views.day(s.last)}" if s.last else ""))
        out.append(f"{_views.name(turn, s.member)}：{'；'.join(parts) or '没有记录'}")
    return out


def timeline(turn: Turn, c: Customer, people: Sequence[str], most: int = 6) -> list[str]:
    """What happened in order: owners, contacts and visits of both sides, the newest `most`; no contents."""
    until = turn.now + timedelta(seconds=1)
    lines = _owners.history(turn, c)
    for f in turn.tx.followups.of_customers([c.id], turn.now - YEAR, until):
        if f.by in people:
            open_ = "，待裁定" if f.state == "disputed" else ""
            lines.append((f.at, f"{_views.name(turn, f.by)} {_owners.channel(f.channel)}{open_}"))
    for v in turn.tx.visits.at_customer_between(c.id, turn.now - YEAR, until, statuses=("done",)):
        if v.rep in people:
            lines.append((v.start, f"{_views.name(turn, v.rep)} 拜访"))
    return [f"{_views.day(at)} {what}" for at, what in sorted(lines, key=lambda x: x[0])[-most:]]


def suggested(turn: Turn, c: Customer, people: Sequence[str]) -> tuple[str, str]:
    """(who, why): the earliest entry or valid contact; without any the owner; equally early, who did more (R44, R58)."""
    facts = [side(turn, c, p) for p in dict.fromkeys(people)]
    known = [s for s in facts if s.since is not None]
    if not known:
        who = c.owner or people[0]
        return who, "双方都没有记录，维持现负责人"
    best = min(known, key=lambda s: (s.since or turn.now, -(s.followups + s.visits)))
    assert best.since is not None
    what = "录入" if best.entered == best.since else "有效联系"
    return best.member, f"{_views.name(turn, best.member)} {_views.day(best.since)} 的{what}最早"


def rivals(turn: Turn, c: Customer, but: str) -> list[str]:
    """The other reps who touched the customer in the last 30 days or will visit it, co-owners and joint visits left out."""
    until = turn.now + timedelta(seconds=1)
    since = turn.now - timedelta(days=30)
    found = [f.by for f in turn.tx.followups.of_customers([c.id], since, until)]
    found += [v.rep for v in turn.tx.visits.at_customer_between(c.id, since, turn.now + _owners.AHEAD)]
    return [p for p in dict.fromkeys(found) if p != but and p not in c.co_owners]
