"""Tokens (who stands behind a secret), webhooks' places in the log, and what the API answered under a key."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from domain.model import stamp
from storage.db import number, seconds, strings
from storage.part import Part

MANY = frozenset({"api", "web"})
"""Kinds of which somebody may have several: programs, browsers."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook's place in the log: everything up to event `last` was delivered or given up."""

    id: str
    last: int
    tries: int
    fence: int


def hashed(secret: str) -> str:
    """The form in which a token is kept: SHA-256 of 256 random bits needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Doors(Part):
    """What the other ways in and out keep. Secrets themselves are never stored."""

    __slots__ = ()

    # ------------------------------------------------------------------ tokens
    def put_token(self, secret: str, member: str, kind: str, at: datetime, expires: datetime | None = None) -> None:
        """Remember a secret (api, ical, …) for a member; of kinds not in MANY the newest one alone is good."""
        if kind not in MANY:
            self.db.run("DELETE FROM tokens WHERE member = ? AND kind = ?", member, kind)
        self.db.run("DELETE FROM tokens WHERE expires <= ?", stamp(at))
        sql = "INSERT INTO tokens (hash, member, kind, created, expires) VALUES (?, ?, ?, ?, ?)"
        self.db.run(sql, hashed(secret), member, kind, stamp(at), seconds(expires))

    def token(self, secret: str, kind: str, now: datetime) -> str | None:
        """The member id behind a secret that is still good, or None."""
        sql = "SELECT member FROM tokens WHERE hash = ? AND kind = ? AND (expires IS NULL OR expires > ?)"
        row = self.db.row(sql, hashed(secret), kind, stamp(now))
        return str(row[0]) if row else None

    def use_token(self, secret: str, kind: str, now: datetime) -> str | None:
        """The member id behind a secret that is still good; from now on it is not (one use, also when two ask at once)."""
        sql = "DELETE FROM tokens WHERE hash = ? AND kind = ? AND (expires IS NULL OR expires > ?) RETURNING member"
        row = self.db.row(sql, hashed(secret), kind, stamp(now))
        return str(row[0]) if row else None

    def drop_tokens(self, member: str, kind: str) -> int:
        """No secret of this kind is good any more; how many there were."""
        return self.db.run("DELETE FROM tokens WHERE member = ? AND kind = ?", member, kind)

    # ------------------------------------------------------------------ answers of the API (in the inbox)
    def answered(self, key: str) -> tuple[str, ...]:
        """What `Mail.answered("api", key, …)` kept: (fingerprint of the request, status, body); () when nothing yet."""
        row = self.db.row("SELECT replies FROM inbox WHERE platform = 'api' AND key = ?", key)
        return strings(row[0]) if row else ()

    # ------------------------------------------------------------------ webhooks
    def take_hook(self, id: str, newest: int, now: datetime, lease_s: int) -> Hook | None:
        """Claim a webhook's place for `lease_s` seconds when it is due; a new one begins after event `newest`."""
        at = stamp(now)
        self.db.run(
            "INSERT INTO hooks (id, last, due, tries, leased, fence, error) VALUES (?, ?, 0, 0, 0, 0, '') ON CONFLICT DO NOTHING",
            *(id, newest),
        )
        row = self.db.row(
            "UPDATE hooks SET leased = ?, fence = fence + 1 WHERE id = ? AND leased <= ? AND due <= ? RETURNING last, tries, fence",
            *(at + lease_s, id, at, at),
        )
        return Hook(id, number(row[0]), number(row[1]), number(row[2])) if row else None

    def told_hook(self, hook: Hook, last: int, due: datetime, tries: int, error: str = "") -> bool:
        """Note how far a webhook was told and let go of it; False when somebody else holds it by now."""
        sql = "UPDATE hooks SET last = ?, due = ?, tries = ?, leased = 0, error = ? WHERE id = ? AND fence = ?"
        return self.db.run(sql, last, stamp(due), tries, error[:200], hook.id, hook.fence) == 1

    def newest_event(self) -> int:
        """The id of the newest event, 0 when there is none."""
        row = self.db.row("SELECT MAX(id) FROM events")
        return number(row[0]) if row and row[0] is not None else 0

    def free(self) -> None:
        """Put back what a process that died was doing; only for a store that nobody else uses."""
        self.db.run("UPDATE hooks SET leased = 0 WHERE leased > 0")
