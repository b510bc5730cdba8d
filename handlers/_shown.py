"""The one gate for a customer's fields (R154): what every reader of this reply may see, by layer and the company's own policy."""

from dataclasses import dataclass

from bot.command import Turn
from domain import visibility
from domain.model import Contact, Customer
from domain.permissions import Layer, layer
from handlers import _owners


@dataclass(frozen=True, slots=True)
class Shown:
    """A customer as its readers see it: `level` is the least of their layers."""

    customer: Customer
    level: Layer
    policy: dict[str, str]

    def has(self, field: str) -> bool:
        """Whether every reader sees this field."""
        return visibility.sees(self.level, field, self.policy)

    @property
    def follower(self) -> bool:
        """Texts, next plans, amounts."""
        return self.level is Layer.FOLLOWER

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """The contacts, without numbers and addresses of mail that are not for all readers."""
        if not self.has("contacts"):
            return ()
        phones, emails = self.has("phones"), self.has("emails")
        return tuple(
            Contact(c.name, c.title, c.phone if phones else "", c.email if emails else "") for c in self.customer.contacts
        )

    @property
    def phones(self) -> tuple[str, ...]:
        """The company's numbers and those of its contacts, each once."""
        if not self.has("phones"):
            return ()
        return tuple(dict.fromkeys([*self.customer.phones, *(c.phone for c in self.contacts if c.phone)]))

    @property
    def emails(self) -> tuple[str, ...]:
        """The same for mail."""
        if not self.has("emails"):
            return ()
        return tuple(dict.fromkeys([*self.customer.emails, *(c.email for c in self.contacts if c.email)]))


def of(turn: Turn, c: Customer) -> Shown:
    """What all readers of the reply may see of a customer."""
    owner = turn.tx.people.get(c.owner) if c.owner else None
    chain = _owners.customer_chain(turn, c)
    level = min((layer(r, c, owner, chain) for r in turn.readers), default=Layer.NAME)
    return Shown(c, level, turn.rules.field_layers)
