"""Customers: the record, its keys, and what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime

from domain.model import Contact, Customer, Member, Role, stamp
from domain.permissions import may_change_customer
from domain.refusal import NotAllowed, Stale
from domain.text import fold
from storage.db import Db, Row, Value, dumps, loads, mapping, number, one_of, real, seconds, strings, when
from storage.part import Part

_FIELDS_SQL = (
    "id, code, name, aliases, city, grade, owner, stage, status, locked, phones, emails, uscc, created, "
    "last_followup, protected_until, contacts, lat, lng, address, extra"
)
_FIELDS = _FIELDS_SQL.split(", ")
_SELECT = "SELECT " + ", ".join(f"c.{name}" for name in _FIELDS) + ", c.version, c.co_owners FROM customers c"
_INSERT = (
    f"INSERT INTO customers ({', '.join(_FIELDS)}, co_owners, rev, version) "
    f"VALUES ({','.join('?' * len(_FIELDS))}, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING RETURNING no"
)
_UPDATE = (
    "UPDATE customers SET "
    + ", ".join(f"{name} = ?" for name in _FIELDS[1:])
    + ", co_owners = ?, rev = ?, version = version + 1 "
    "WHERE id = ? AND version = COALESCE(?, version) RETURNING no, version"
)
_CHUNK = 10_000
_OWNERS_ALONE = (
    "name", "aliases", "city", "grade", "owner", "co_owners", "stage", "status", "locked", "phones", "emails", "uscc", "created",
    "protected_until", "contacts", "lat", "lng", "address",
)  # fmt: skip
"""What only those who follow a customer and those above them may change."""


def phone_key(text: str) -> str:
    """A phone number's digits without the country code of China."""
    digits = "".join(c for c in text if c.isdecimal())
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            return digits.removeprefix(prefix)
    return digits


def key_of(kind: str, value: str) -> str:
    """A name, phone, email or uscc in the one form in which the store compares it."""
    if kind == "phone":
        return phone_key(value)
    if kind == "name":
        return fold(value).text
    compact = "".join(value.split())
    return compact.upper() if kind == "uscc" else compact.casefold()


def _keys(customer: Customer) -> set[tuple[str, str]]:
    said = [("name", customer.name), ("uscc", customer.uscc)]
    said += [("phone", phone) for phone in customer.phones] + [("email", email) for email in customer.emails]
    for contact in customer.contacts:
        said += [("phone", contact.phone), ("email", contact.email)]
    return {(kind, key_of(kind, value)) for kind, value in said if key_of(kind, value)}


def _contacts(text: object) -> tuple[Contact, ...]:
    if text == "[]":
        return ()
    value = loads(text)
    assert isinstance(value, list), text
    return tuple(Contact(**item) for item in value)


def _customer(row: Row) -> Customer:
    (id_, code, name, aliases, city, grade, owner, stage, status, locked, phones, emails, uscc, created, followup) = row[:15]
    (protected, contacts, lat, lng, address, extra, version, co_owners) = row[15:]
    return Customer(
        id=str(id_),
        code=str(code),
        name=str(name),
        aliases=strings(aliases),
        city=str(city),
        grade=str(grade),
        owner=None if owner is None else str(owner),
        co_owners=strings(co_owners),
        stage=str(stage),
        status=str(status),
        locked=bool(locked),
        phones=strings(phones),
        emails=strings(emails),
        uscc=str(uscc),
        created=when(created),
        last_followup=when(followup),
        protected_until=None if protected is None else date.fromisoformat(str(protected)),
        contacts=_contacts(contacts),
        lat=real(lat),
        lng=real(lng),
        address=str(address),
        extra=mapping(extra),
        version=number(version),
    )


def _values(c: Customer) -> list[Value]:
    return [
        *(c.id, c.code, c.name, dumps(c.aliases), c.city, c.grade, c.owner, c.stage, c.status, int(c.locked)),
        *(dumps(c.phones), dumps(c.emails), c.uscc, seconds(c.created), seconds(c.last_followup)),
        None if c.protected_until is None else c.protected_until.isoformat(),
        *(dumps([asdict(contact) for contact in c.contacts]), c.lat, c.lng, c.address, dumps(c.extra)),
    ]


class Customers(Part):
    """The customers of the company, in whatever status; nothing is ever deleted."""

    __slots__ = ("actor", "granted")

    def __init__(self, db: Db, touched: set[str]) -> None:
        super().__init__(db, touched)
        self.actor: Member | None = None
        """Who changes something in this transaction; None = the program itself."""
        self.granted: set[str] = set()
        """Customers that this person may change by his word on a request."""

    def get(self, id: str) -> Customer | None:
        """The customer with this id."""
        if (found := self.db.memory.customers.get(id)) is None:
            row = self.db.row(f"{_SELECT} WHERE c.id = ?", id)
            if row is None:
                return None
            found = self.db.memory.customers[id] = _customer(row)
        return found

    def by_code(self, code: str) -> Customer | None:
        """The customer with this number (C-000001)."""
        row = self.db.row(f"{_SELECT} WHERE c.code = ?", code.strip().upper())
        return _customer(row) if row else None

    def many(self, ids: Sequence[str]) -> dict[str, Customer]:
        """The customers with these ids, by id; unknown ones are left out."""
        known = self.db.memory.customers
        missing = [i for i in ids if i not in known]
        if missing:
            marks, values = one_of(missing)
            for row in self.db.rows(f"{_SELECT} WHERE c.id IN {marks}", *values):
                found = _customer(row)
                known[found.id] = found
        return {i: known[i] for i in ids if i in known}

    def owned_by(self, member: str) -> list[Customer]:
        """The customers whose main owner this is."""
        return [_customer(row) for row in self.db.rows(f"{_SELECT} WHERE c.owner = ? ORDER BY c.no", member)]

    def helped_by(self, member: str) -> list[Customer]:
        """The customers this member is a co-owner of."""
        sql = f"{_SELECT} JOIN customer_owners o ON o.customer_no = c.no WHERE o.member = ? ORDER BY c.no"
        return [_customer(row) for row in self.db.rows(sql, member)]

    def having_extra(self, key: str) -> list[Customer]:
        """The customers with this entry in `extra`, in the order of entry."""
        sql = f"{_SELECT} WHERE c.extra LIKE ? ORDER BY c.no"
        return [c for c in (_customer(row) for row in self.db.rows(sql, f'%"{key}":%')) if key in c.extra]

    def pool(self) -> list[Customer]:
        """The customers anybody may claim (公海)."""
        return [_customer(row) for row in self.db.rows(f"{_SELECT} WHERE c.status = 'pool' ORDER BY c.no")]

    def all(self) -> Iterator[Customer]:
        """Every customer, in the order of entry, read piece by piece."""
        return map(_customer, self._pieces(_SELECT))

    def names(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """(id, name, aliases) of every customer, for a name book."""
        pieces = self._pieces("SELECT c.id, c.name, c.aliases FROM customers c")
        return ((str(id_), str(name), strings(aliases)) for id_, name, aliases in pieces)

    def _pieces(self, select: str) -> Iterator[Row]:
        last = 0
        sql = select.replace(" FROM customers", ", c.no FROM customers") + " WHERE c.no > ? ORDER BY c.no LIMIT ?"
        while rows := self.db.rows(sql, last, _CHUNK):
            yield from (row[:-1] for row in rows)
            last = number(rows[-1][-1])

    def changed_since(self, rev: int) -> tuple[int, list[Customer]]:
        """The customers changed after `rev`, and the rev to ask with next time; ask inside `Store.read`."""
        self.db.settle("customers")
        rows = self.db.rows(f"{_SELECT.replace(' FROM', ', c.rev FROM')} WHERE c.rev > ? ORDER BY c.rev", rev)
        return (number(rows[-1][-1]) if rows else rev), [_customer(row[:-1]) for row in rows]

    def by_key(self, kind: str, value: str) -> list[str]:
        """The ids of the customers that have this phone, email or uscc, in whatever spelling."""
        sql = (
            "SELECT c.id FROM customer_keys k JOIN customers c ON c.no = k.customer_no "
            "WHERE k.kind = ? AND k.value = ? ORDER BY c.no"
        )
        return [str(row[0]) for row in self.db.rows(sql, kind, key_of(kind, value))]

    def created_between(self, since: datetime, until: datetime) -> list[Customer]:
        """The customers entered in [since, until), in the order of entry."""
        sql = f"{_SELECT} WHERE c.created >= ? AND c.created < ? ORDER BY c.no"
        return [_customer(row) for row in self.db.rows(sql, stamp(since), stamp(until))]

    def count(self) -> int:
        """How many customers there are."""
        row = self.db.row("SELECT COUNT(*) FROM customers")
        return number(row[0]) if row else 0

    def add(self, customer: Customer) -> Customer:
        """Enter a new customer (id given when empty) with its number for ever; ValueError when the id is taken."""
        id_ = customer.id or self.new_id("customer", "customers", "c")
        new = replace(customer, id=id_, code=customer.code or self._code(), version=1)
        row = self.db.row(_INSERT, *_values(new), dumps(new.co_owners), self._rev(), 1)
        if row is None:
            raise ValueError(f"customer {id_} exists")
        self._links(number(row[0]), new, fresh=True)
        return new

    def put(self, customer: Customer, expected: int | None = None) -> Customer:
        """Enter a customer or replace the whole record (its number stays); the result carries the new version.

        With `expected`, Stale is raised when the record has another version by now. Without it the caller holds
        `tx.lock("customer:ID")` or does not mind losing somebody's change of the same moment. Raises NotAllowed for a rep
        who has nothing to do with the customer, whatever door he came through (R160).
        """
        self._guard(customer)
        self.db.memory.customers.pop(customer.id, None)
        self.db.memory.rows.pop(("customer", customer.id), None)
        known = self.db.row("SELECT code FROM customers WHERE id = ?", customer.id) if customer.id else None
        if known is None:
            return self.add(customer)
        new = replace(customer, code=str(known[0]))
        row = self.db.row(_UPDATE, *_values(new)[1:], dumps(new.co_owners), self._rev(), new.id, expected)
        if row is None:
            raise Stale("客户资料刚刚被别人改过，请重新查看后再试。")
        self._links(number(row[0]), new)
        return replace(new, version=number(row[1]))

    def _guard(self, new: Customer) -> None:
        """The last line behind every handler: others' customers can be looked at, contacted, noted about, but not changed."""
        who = self.actor
        if who is None or who.role is not Role.REP or new.id in self.granted or not new.id:
            return
        before = self.get(new.id)
        if before is None or before.owner is None or may_change_customer(who, before):
            return
        if any(getattr(before, name) != getattr(new, name) for name in _OWNERS_ALONE):
            raise NotAllowed("无权：这位客户由别人负责，没有改动", action="customer.update", obj=new.id)

    def _rev(self) -> int:
        self.db.feed("customers")
        return self.db.serial("rev")

    def _code(self) -> str:
        return f"C-{self.db.serial('code'):06d}"

    def _links(self, no: int, customer: Customer, *, fresh: bool = False) -> None:
        if not fresh:
            self.db.run("DELETE FROM customer_keys WHERE customer_no = ?", no)
            self.db.run("DELETE FROM customer_owners WHERE customer_no = ?", no)
        keys = sorted(_keys(customer))
        sql = "INSERT INTO customer_keys (kind, value, customer_no) VALUES (?, ?, ?)"
        self.db.many(sql, [(kind, key, no) for kind, key in keys])
        self.db.many(
            "INSERT INTO customer_owners (customer_no, member) VALUES (?, ?)",
            [(no, member) for member in dict.fromkeys(customer.co_owners)],
        )
        self.touched.add("customers")
