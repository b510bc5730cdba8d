"""Who is at the browser: the one-time link, the session's cookie, and the proof that a change comes from our own page."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web

from bot.app import App
from bot.web.tokens import LINK, SESSION, make
from domain.model import Member
from storage.tx import Tx

COOKIE = "visitbot_web"
LASTS = timedelta(hours=12)
"""A session ends after so long; leaving, changing the phone, or asking again for a link needs a new one."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at a browser; `proof` stands in every page and comes back with every change."""

    me: Member
    proof: str


async def find(app: App, request: web.Request) -> Session | None:
    """The session of a request, None when there is none that is still good."""
    secret = request.cookies.get(COOKIE, "")
    if not 20 <= len(secret) <= 200 or not secret.isascii():
        return None
    now = app.clock.now()

    def look(tx: Tx) -> Member | None:
        id_ = tx.doors.token(secret, SESSION, now)
        member = tx.people.get(id_) if id_ else None
        return member if member and member.active else None

    me = await app.store.read(look)
    return Session(me, proof(secret)) if me else None


def proof(secret: str) -> str:
    """What our own pages know of a session and no other site does."""
    return hashlib.sha256(b"proof:" + secret.encode()).hexdigest()[:40]


def ours(request: web.Request, session: Session, given: str) -> bool:
    """Whether a change comes from a page of this session: its proof, and no foreign Origin."""
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        return False
    return hmac.compare_digest(session.proof.encode(), given.encode("utf-8", "replace"))


async def valid(app: App, secret: str) -> bool:
    """Whether a link would let somebody in; looking does not use it up (messengers fetch previews)."""
    now = app.clock.now()
    return await app.store.read(lambda tx: tx.doors.token(secret, LINK, now) is not None)


async def enter(app: App, secret: str) -> str | None:
    """Use a link up: the secret of the new session; None, and an audit row, when it is no good."""
    now = app.clock.now()

    def work(tx: Tx) -> str | None:
        id_ = tx.doors.use_token(secret, LINK, now)
        member = tx.people.get(id_) if id_ else None
        if member is None or not member.active:
            _note(tx, "access.denied", {"action": "console.enter", "object": "link"}, now, id_ or "")
            return None
        _note(tx, "console.entered", {"member": member.id}, now, member.id)
        return make(tx, member.id, SESSION, now, now + LASTS)

    return await app.store.run(work)


async def refused(app: App) -> None:
    """An audit row for a link that is no good."""
    now = app.clock.now()
    data: dict[str, object] = {"action": "console.enter", "object": "link"}
    await app.store.run(lambda tx: _note(tx, "access.denied", data, now, ""))


async def leave(app: App, request: web.Request) -> None:
    """End this session."""
    secret = request.cookies.get(COOKIE, "")
    now = app.clock.now()
    await app.store.run(lambda tx: tx.doors.use_token(secret, SESSION, now))


def _note(tx: Tx, name: str, data: dict[str, object], at: datetime, who: str) -> None:
    tx.log.event(name, data, at, who=who, source="web", message=f"web-{secrets.token_hex(8)}")
