"""Making the secrets that stand for a member."""

import secrets
from datetime import datetime

from domain.model import OFFICE, Member
from storage.store import Store, StoreError, open_store
from storage.tx import Tx

KINDS = ("api", "ical")
"""api: bearer of the REST API; ical: part of the calendar's address. (LINK and SESSION are never printed by it.)"""
LINK, SESSION = "login", "web"
"""The console's one-time link, and a browser's session."""


def make(tx: Tx, member: str, kind: str, now: datetime, expires: datetime | None = None) -> str:
    """A new secret of 256 random bits; only its hash is kept, so it is shown this once."""
    secret = f"vb{kind[0]}_{secrets.token_urlsafe(32)}"
    tx.doors.put_token(secret, member, kind, now, expires)
    return secret


def find(tx: Tx, who: str) -> Member:
    """The active member with this id, or the only one with this name. Raises StoreError with one line."""
    found = tx.people.get(who)
    named = [found] if found else tx.people.named(who)
    if len(named) > 1:
        raise StoreError(f"{who!r} is the name of {len(named)} members: {', '.join(m.id for m in named)}")
    if not named:
        known = ", ".join(m.id for m in tx.people.all()[:10])
        raise StoreError(f"there is no member {who!r}" + (f" (known: {known})" if known else ": import members first"))
    if not named[0].active:
        raise StoreError(f"{named[0].id} is no longer active")
    return named[0]


async def issue(store: Store, who: str, kind: str, now: datetime) -> str:
    """A token for a member, printed by `main.py token`."""
    return await store.run(lambda tx: make(tx, find(tx, who).id, kind, now))


async def revoke(store: Store, who: str, kind: str) -> int:
    """No token of this kind of the member is good any more; how many there were. Works for members who left, too."""

    def drop(tx: Tx) -> int:
        member = tx.people.get(who)
        return tx.doors.drop_tokens(member.id if member else find(tx, who).id, kind)

    return await store.run(drop)


async def run(url: str, member: str, kind: str, public_url: str, *, revoked: bool) -> str:
    """What `token` prints: the secret (of a calendar: its address), or how many were made worthless. Raises StoreError."""
    store = await open_store(url)
    try:
        if revoked:
            return f"revoked: {await revoke(store, member, kind)}"
        made = await issue(store, member, kind, datetime.now(OFFICE))
    finally:
        await store.close()
    return made if kind == "api" else f"{public_url.rstrip('/')}/ical/{made}.ics"
