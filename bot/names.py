"""The book of names that the parser knows, kept up to date with the store."""

import logging

from bot.matcher import Matcher
from domain.custom_fields import OBJECTS, Field
from domain.model import Customer, Group, Member
from nlp.book import Book
from storage.store import Store
from storage.tx import Tx

log = logging.getLogger(__name__)
GONE = ("void", "merged")
"""Customers taken back or merged into another: kept in the store, known by no name."""
KINDS = frozenset({"customers", "members", "groups", "fields"})


class Names:
    """Loads the book at start and after every commit that touched a name; other processes' changes on `refresh`."""

    def __init__(self, store: Store) -> None:
        self.book = Book()
        self.matcher = Matcher()
        self._store = store
        self._rev = 0
        self._stale: set[str] = set(KINDS)
        store.on_commit.append(self._touched)

    def _touched(self, kinds: frozenset[str]) -> None:
        self._stale |= kinds & KINDS

    @property
    def stale(self) -> bool:
        """Whether something changed since the last refresh."""
        return bool(self._stale)

    def meant(self, name: str) -> tuple[str, ...]:
        """The customers a bare answer names: as it is written, else its nearest known spelling."""
        return self.book.exactly(name) or self.book.resembling(name)[1]

    async def refresh(self, *, everything: bool = False) -> None:
        """Learn what changed; with `everything` also what other processes wrote."""
        kinds = set(KINDS) if everything else set(self._stale)
        self._stale -= kinds
        rev, customers, members, groups, made = await self._store.read(lambda tx: self._read(tx, kinds))
        self._rev = rev
        if made is not None:
            self.book.fields = made
        for member in members:
            if member.active:
                self.book.update_member(member)
            else:
                self.book.remove_member(member.id)
        for group in groups:
            self.book.update_group(group)
        for customer in customers:
            if customer.status in GONE:
                self.book.remove(customer.id)
                self.matcher.remove(customer.id)
            else:
                self.book.update_customer(customer)
                self.matcher.update(customer)

    def _read(self, tx: Tx, kinds: set[str]) -> tuple[int, list[Customer], list[Member], list[Group], tuple[Field, ...] | None]:
        rev, customers = tx.customers.changed_since(self._rev) if "customers" in kinds else (self._rev, [])
        members = tx.people.all(inactive=True) if "members" in kinds else []
        groups = tx.people.groups() if "groups" in kinds else []
        made = tuple(f for name in OBJECTS for f in tx.fields.of(name)) if "fields" in kinds else None
        return rev, customers, members, groups, made
