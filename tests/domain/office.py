"""A small invented office for the tests of the domain rules."""

from datetime import date, datetime, timedelta

from domain.desk import Busy
from domain.model import OFFICE, Customer, Member, Role, Slot, Visit
from domain.rules import Rules
from domain.wishes import Facts, Wish
from domain.workdays import Calendar

NOW = datetime(2026, 6, 8, 9, 0, tzinfo=OFFICE)
"""A Monday; Friday 19 June is the Dragon Boat holiday."""
RULES = Rules()
ANN = Member("ann", "安宁", Role.REP, "一组", "销售部", "max")
BEN = Member("ben", "贝贝", Role.REP, "一组", "销售部", "max")
CAT = Member("cat", "凯特", Role.REP, "二组", "销售部", "eve")
DAN = Member("dan", "丹丹", Role.REP, "三组", "服务部", "eve")
TEAMS = {"ann": "一组", "ben": "一组", "cat": "二组", "dan": "三组"}
OURS = Customer("c1", "甲公司有限公司", aliases=("甲公司",), owner="ann")
ELSE = Customer("c2", "乙公司有限公司", owner="ann")


def at(day: int, hour: float, minute: int = 0, *, month: int = 6) -> datetime:
    """That clock of a day in June 2026; `hour` may be 14.5."""
    return datetime(2026, month, day, tzinfo=OFFICE) + timedelta(hours=hour, minutes=minute)


def slot(day: int, hour: float, minutes: int = 60) -> Slot:
    return Slot(at(day, hour), at(day, hour) + timedelta(minutes=minutes))


def visit(
    name: str, when: Slot, rep: Member = ANN, customer: Customer = ELSE, *, status: str = "planned", mode: str = "onsite",
    participants: tuple[str, ...] = (), line: str = "",
) -> Visit:  # fmt: skip
    return Visit(name, customer.id, customer.short, rep.id, when.start, when.end, participants, mode, status=status, line=line)


def wish(
    when: Slot, rep: Member = ANN, customer: Customer = OURS, *, mode: str = "onsite",
    participants: tuple[Member, ...] = (), moving: str = "", line: str = "",
) -> Wish:  # fmt: skip
    return Wish(customer, rep, when, mode, participants, moving, line)


def book(
    asked: Wish, *visits: Visit, away: tuple[Busy, ...] = (), elastic: bool = False, extra: dict[date, bool] | None = None
) -> Facts:
    """The facts a loader would give for that wish out of a whole book of visits and leaves."""
    live = [v for v in visits if v.live]
    people = {asked.rep.id} | {member.id for member in asked.participants}
    return Facts(
        busy=(*(Busy(p, v.slot, v.id) for v in live for p in v.people if p in people), *away),
        own=tuple(v for v in live if asked.rep.id in v.people),
        at_customer=tuple(v for v in live if v.customer == asked.customer.id),
        teams=TEAMS,
        elastic=elastic,
        calendar=Calendar(extra or {}),
    )
