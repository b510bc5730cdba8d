"""The seed file of contract.md section 4: a team, its groups, customers and visits, applied once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.follow import CHANNELS, Followup
from domain.model import OFFICE, Contact, Customer, Group, Member, Role, Visit
from storage.ledger import note_seeded
from storage.store import Store, StoreError
from storage.tx import Tx

_CUSTOMER_STATUS = ("active", "pool", "lost", "won")
_VISIT_STATUS = ("planned", "pending", "done", "cancelled", "missed", "empty")
_MODES = ("onsite", "online", "phone")


class SeedError(StoreError):
    """One line that names the place in the file: `customers[3].created: no time: "soon"`."""


@dataclass(frozen=True, slots=True)
class _At:
    """An object of the file and where it stands."""

    path: str
    data: Mapping[str, object]

    def _fail(self, key: str, problem: str) -> SeedError:
        return SeedError(f"{self.path}.{key}: {problem}")

    def text(self, key: str, default: str = "", *, need: bool = False) -> str:
        value = self.data.get(key)
        if value is None or value == "":
            if need:
                raise self._fail(key, "is missing")
            return default
        if not isinstance(value, str):
            raise self._fail(key, f"must be text, not {value!r}")
        return value

    def maybe(self, key: str) -> str | None:
        return self.text(key) or None

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise self._fail(key, f"must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self._fail(key, f"must be true or false, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,) if value else ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._fail(key, f"must be a list of texts, not {value!r}")
        return tuple(value)

    def real(self, key: str) -> float | None:
        value = self.data.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._fail(key, f"must be a number, not {value!r}")
        return float(value)

    def time(self, key: str) -> datetime | None:
        value = self.text(key)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise self._fail(key, f"no time: {value!r}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=OFFICE)

    def known(self, key: str, ids: Mapping[str, object] | set[str], what: str) -> str:
        value = self.text(key, need=True)
        if value not in ids:
            raise self._fail(key, f"there is no {what} {value!r}")
        return value

    def all_known(self, key: str, ids: Mapping[str, object] | set[str], what: str) -> tuple[str, ...]:
        values = self.texts(key)
        for value in values:
            if value not in ids:
                raise self._fail(key, f"there is no {what} {value!r}")
        return values

    def objects(self, key: str) -> "list[_At]":
        value = self.data.get(key)
        if value is None:
            return []
        place = f"{self.path}.{key}" if self.path else key
        if not isinstance(value, list):
            raise SeedError(f"{place}: must be a list")
        for n, item in enumerate(value):
            if not isinstance(item, dict):
                raise SeedError(f"{place}[{n}]: must be an object, not {item!r}")
        return [_At(f"{place}[{n}]", item) for n, item in enumerate(value)]


async def seed_store(store: Store, data: Mapping[str, object], now: datetime, protect_days: int = 30) -> None:
    """`load_seed` in one transaction of its own."""
    await store.run(lambda tx: load_seed(tx, data, now, protect_days))


def load_seed(tx: Tx, data: Mapping[str, object], now: datetime, protect_days: int = 30) -> None:
    """Enter what the seed holds and the store does not; known ids are left alone. After a SeedError nothing stays.

    An owned customer is protected until its day of entry + `protect_days`; of its last_followup and the follow-ups the
    latest counts; visits are stored as they stand, overlapping ones too. `now` is the entry of a customer without one.
    """
    if not isinstance(data, Mapping):
        raise SeedError("the seed must be an object with members, groups, customers and visits")
    root = _At("", data)
    _members(tx, root)
    members = {member.id for member in tx.people.all(inactive=True)}
    _groups(tx, root, members)
    _customers(tx, root, members, now, protect_days)
    _enter_followups(tx, root, members)
    _visits(tx, root, members, now)


def _members(tx: Tx, root: _At) -> None:
    listed = root.objects("members")
    ids = {at.text("id", need=True) for at in listed} | {member.id for member in tx.people.all(inactive=True)}
    seen: dict[tuple[str, str], str] = {}
    for at in listed:
        id_ = at.text("id", need=True)
        role = Role(at.one_of("role", tuple(role.value for role in Role), Role.REP.value))
        member = Member(
            id=id_,
            name=at.text("name", need=True),
            role=role,
            team=at.text("team"),
            department=at.text("department"),
            manager=at.known("manager", ids, "member") if at.maybe("manager") else None,
            aliases=at.texts("aliases"),
            line=at.text("line"),
            wecom=at.text("wecom", id_),
            dingtalk=at.text("dingtalk", id_),
            active=at.flag("active", True),
        )
        for platform, uid in (("wecom", member.wecom), ("dingtalk", member.dingtalk)):
            other = seen.setdefault((platform, uid.casefold()), id_)
            if other != id_:
                raise SeedError(f"{at.path}.{platform}: {uid!r} is already {other!r}")
        if tx.people.get(id_) is None:
            tx.people.put(member)


def _groups(tx: Tx, root: _At, members: set[str]) -> None:
    for at in root.objects("groups"):
        id_ = at.text("id", need=True)
        group = Group(id_, at.text("name", id_), at.all_known("members", members, "member"), at.text("team"))
        if tx.people.group(id_) is None:
            tx.people.put_group(group)
            for platform in ("wecom", "dingtalk"):
                if at.maybe(platform):
                    tx.people.link_chat(id_, platform, at.text(platform))


def _customers(tx: Tx, root: _At, members: set[str], now: datetime, protect_days: int) -> None:
    listed = root.objects("customers")
    ids = [at.text("id", need=True) for at in listed]
    there = set(tx.customers.many(ids))
    latest = _followups(tx, root, {*ids}, members)
    entered = []
    for id_, at in zip(ids, listed, strict=True):
        customer = _customer(at, id_, members, now, protect_days)
        touched = [moment for moment in (customer.last_followup, latest.get(id_)) if moment]
        if id_ not in there:
            there.add(id_)
            entered.append(tx.customers.add(replace(customer, last_followup=max(touched, default=None))))
    note_seeded(tx, entered)


def _customer(at: _At, id_: str, members: set[str], now: datetime, protect_days: int) -> Customer:
    created = at.time("created") or now
    owner = at.known("owner", members, "member") if at.maybe("owner") else None
    protected = at.time("protected_until")
    until = protected or created + timedelta(days=protect_days)
    return Customer(
        id=id_,
        name=at.text("name", need=True),
        code=at.text("code"),
        aliases=at.texts("aliases"),
        city=at.text("city"),
        grade=at.text("grade"),
        owner=owner,
        co_owners=at.all_known("co_owners", members, "member"),
        stage=at.text("stage"),
        status=at.one_of("status", _CUSTOMER_STATUS, "active"),
        locked=at.flag("locked", False),
        phones=at.texts("phones") or at.texts("phone"),
        emails=at.texts("emails") or at.texts("email"),
        uscc=at.text("uscc"),
        created=created,
        last_followup=at.time("last_followup"),
        protected_until=until.astimezone(OFFICE).date() if owner else None,
        contacts=tuple(
            Contact(c.text("name"), c.text("title"), c.text("phone"), c.text("email")) for c in at.objects("contacts")
        ),
        lat=at.real("lat"),
        lng=at.real("lng"),
        address=at.text("address"),
    )


def _followups(tx: Tx, root: _At, customers: set[str], members: set[str]) -> dict[str, datetime]:
    """Check the follow-ups; the latest of each customer (that counts, R71)."""
    latest: dict[str, datetime] = {}
    for at in root.objects("followups"):
        id_ = at.text("customer", need=True)
        if id_ not in customers and tx.customers.get(id_) is None:
            raise SeedError(f"{at.path}.customer: there is no customer {id_!r}")
        followup = _followup(at, members)
        if followup.counts:
            latest[id_] = max(followup.at, latest.get(id_, followup.at))
    return latest


def _followup(at: _At, members: set[str]) -> Followup:
    by = at.known("by", members, "member")
    moment = at.time("at")
    if moment is None:
        raise SeedError(f"{at.path}.at: is missing")
    return Followup(
        id=at.text("id"),
        customer=at.text("customer", need=True),
        by=by,
        at=moment,
        channel=at.one_of("channel", CHANNELS, "other"),
        content=at.text("content"),
        result=at.text("result"),
        next=at.text("next"),
        next_due=at.time("next_due"),
        valid=at.flag("valid", True),
        contact=at.text("contact"),
        source="seed",
    )


def _enter_followups(tx: Tx, root: _At, members: set[str]) -> None:
    """Enter the follow-ups; one with a known id, or with the very words of one that is there, is left alone."""
    for at in root.objects("followups"):
        new = _followup(at, members)
        if new.id and tx.followups.get(new.id):
            continue
        same = tx.followups.of_customers([new.customer], new.at, new.at + timedelta(seconds=1))
        if not any(old.by == new.by and old.content == new.content for old in same):
            tx.followups.add(new)


def _visits(tx: Tx, root: _At, members: set[str], now: datetime) -> None:
    for at in root.objects("visits"):
        id_ = at.text("id", need=True)
        start, end = at.time("start"), at.time("end")
        if start is None or end is None:
            raise SeedError(f"{at.path}.{'end' if start else 'start'}: is missing")
        if not timedelta(0) < end - start <= timedelta(days=1):
            raise SeedError(f"{at.path}.end: must be later than start, by 24 hours at most")
        customer = at.text("customer", need=True)
        if tx.customers.get(customer) is None:
            raise SeedError(f"{at.path}.customer: there is no customer {customer!r}")
        visit = Visit(
            id=id_,
            customer=customer,
            customer_name="",
            rep=at.known("rep", members, "member"),
            start=start,
            end=end,
            participants=at.all_known("participants", members, "member"),
            mode=at.one_of("mode", _MODES, "onsite"),
            purpose=at.text("purpose"),
            contact=at.text("contact"),
            location=at.text("location"),
            status=at.one_of("status", _VISIT_STATUS, "planned"),
            line=at.text("line"),
            agenda=at.text("agenda"),
            source="seed",
            series=at.text("series"),
            overlap_ok=at.flag("overlap_ok", False),
            checked_in=at.time("checked_in"),
        )
        if tx.visits.get(id_) is None:
            tx.visits.add(visit, at=now, why="seed", standing=True)
