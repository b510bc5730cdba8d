"""The duplicate check as the bot uses it: the engine's index over the store's customers."""

from domain.matching import Index, Match, Query, Record
from domain.model import Customer


class Matcher:
    """Keeps the index in step with the store; every door asks it the same way (D15)."""

    def __init__(self) -> None:
        self._index = Index()

    def update(self, customer: Customer) -> None:
        """Learn a new or changed customer."""
        self._index.add(record(customer))

    def remove(self, customer: str) -> None:
        """Forget a customer that was taken back or merged away."""
        self._index.remove(customer)

    def find(self, customer: Customer) -> list[Match]:
        """Customers that may be the same as this one, best first, at most five; never itself."""
        r = record(customer)
        return self._index.find(Query(r.name, r.phones, r.emails, r.uscc, r.city, r.id))


def record(c: Customer) -> Record:
    """A customer as the engine sees it."""
    phones = (*c.phones, *(x.phone for x in c.contacts if x.phone))
    emails = (*c.emails, *(x.email for x in c.contacts if x.email))
    return Record(c.id, c.name, c.aliases, tuple(dict.fromkeys(phones)), tuple(dict.fromkeys(emails)), c.uscc, c.city)
