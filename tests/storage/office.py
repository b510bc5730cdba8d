"""A small office for the storage tests."""

from datetime import datetime, timedelta

from domain.model import OFFICE, Customer, Member, Role, Slot, Visit
from storage.store import Store
from storage.tx import Tx

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=OFFICE)
MEMBERS = (
    Member("dir", "董事", Role.DIRECTOR),
    Member("boss", "陈静", Role.MANAGER, "一组", manager="dir"),
    Member("ann", "安宁", team="一组", manager="boss", aliases=("小安",), wecom="AnN", dingtalk="d-1"),
    Member("ben", "贝贝", team="一组", manager="boss"),
    Member("cat", "凯特", team="二组", manager="dir"),
)
CUSTOMERS = (Customer("c1", "甲公司有限公司", aliases=("甲公司",)), Customer("c2", "乙公司有限公司"))


def at(hours: float, day: int = 0) -> datetime:
    """That many hours after NOW's midnight, `day` days on."""
    return datetime(2026, 3, 11, tzinfo=OFFICE) + timedelta(days=day, hours=hours)


def slot(start: float, end: float, day: int = 0) -> Slot:
    return Slot(at(start, day), at(end, day))


def visit(start: float, end: float, *, rep: str = "ann", customer: str = "c1", day: int = 0, **more: object) -> Visit:
    fields = {
        "id": "",
        "customer": customer,
        "customer_name": "",
        "rep": rep,
        "start": at(start, day),
        "end": at(end, day),
    }
    return Visit(**{**fields, **more})  # type: ignore[arg-type]


def enter(tx: Tx) -> None:
    for member in MEMBERS:
        tx.people.put(member)
    for customer in CUSTOMERS:
        tx.customers.add(customer)


async def book(store: Store, value: Visit) -> Visit | None:
    return await store.run(lambda tx: tx.visits.add(value, at=NOW, by=value.rep))
