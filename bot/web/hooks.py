"""Signed webhooks: every event told in order to every address that wants it, at least once, beside the bot's own work.

The place of each address in the log is kept in the store, so a restart goes on where it was; only one process tells an address
at a time. X-Visitbot-Signature is `sha256=` and the hex HMAC-SHA256 of the body; a receiver drops repeats by X-Visitbot-Event.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.app import App
from storage.doors import Hook
from storage.log import Event
from storage.store import StoreDown
from storage.tx import Tx

log = logging.getLogger(__name__)
BATCH = 50
STEP_S, LEASE_S = 30, 60
"""A place is let go of after STEP_S and one more try; whoever died holds it no longer than LEASE_S."""
TIMEOUT_S = 10
BACK_OFF_S = (1, 5, 30, 120, 600, 1800)
GIVE_UP_TRIES = 50
"""With the last back-off of half an hour an event is tried for about a day, then left out with a warning."""
LOOK_S = 5.0
"""How often events of other processes are looked for."""


class Target(Protocol):
    """An address from the configuration (`[[webhooks]]`); no `events` = all of them."""

    @property
    def url(self) -> str: ...
    @property
    def secret(self) -> str: ...
    @property
    def events(self) -> tuple[str, ...]: ...


class Blocked(OSError):
    """The address leads where webhooks must not go."""


def _usable(target: Target) -> bool:
    if bad := check_url(target.url):
        log.warning("[[webhooks]] url %s: %s", urlsplit(target.url).hostname if "//" in target.url else target.url, bad)
    return not bad


def sign(secret: str, body: bytes) -> str:
    """The value of X-Visitbot-Signature."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def allowed(address: IPv4Address | IPv6Address, *, written: bool) -> bool:
    """Link-local (cloud metadata), multicast and unspecified never; loopback only when the admin wrote that very address."""
    plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    return written or not (plain.is_loopback or plain.is_reserved)


def check_url(url: str) -> str:
    """What is wrong with a webhook's address, "" when nothing is."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as e:
        return str(e)
    if parts.scheme not in ("http", "https") or not host:
        return "must be http(s)://host/…"
    if parts.username or parts.password:
        return "must not carry a user name or password"
    try:
        found = ip_address(host)
    except ValueError:
        return ""
    return "" if allowed(found, written=True) else f"{host} is not allowed"


class Guard(AbstractResolver):
    """Looks a name up and refuses where it must not lead; `localhost` may be written."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        good = [r for r in found if allowed(ip_address(r["host"].partition("%")[0]), written=host == "localhost")]
        if not good:
            raise Blocked(f"{host} leads to an address that is not allowed")
        return good

    async def close(self) -> None:
        await self._inner.close()


class Hooks:
    """Tells the events of an app's store to its addresses until it is cancelled."""

    def __init__(self, app: App, targets: Sequence[Target]) -> None:
        self.app = app
        self.targets = [t for t in targets if _usable(t)]
        self._told: dict[str, int] = {}
        self._news = asyncio.Event()
        self.sent_total = 0
        self.failed_total = 0
        app.store.on_commit.append(self._committed)

    def _committed(self, kinds: frozenset[str]) -> None:
        if "events" in kinds:
            self._news.set()

    async def run(self) -> None:
        """For ever. A failure of one address never holds up another one, nor the bot."""
        if not self.targets:
            return
        connector = aiohttp.TCPConnector(resolver=Guard(), limit=len(self.targets) * 2)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
            await asyncio.gather(*(self._one(session, t) for t in self.targets))

    async def _one(self, session: aiohttp.ClientSession, target: Target) -> None:
        key = hashlib.sha256(target.url.encode()).hexdigest()[:24]
        while True:
            self._news.clear()
            try:
                more = await self.step(session, target, key)
            except StoreDown:
                more = False
            except Exception:
                log.exception("webhook to %s", urlsplit(target.url).hostname)
                more = False
            if not more:
                try:
                    await asyncio.wait_for(self._news.wait(), LOOK_S)
                except TimeoutError:
                    continue

    async def step(self, session: aiohttp.ClientSession, target: Target, key: str) -> bool:
        """Tell one address up to BATCH events; True when there may be more at once."""
        now, began = self.app.clock.now(), time.monotonic()
        if self._told.get(key) == await self.app.store.read(lambda tx: tx.doors.newest_event()):
            return False

        def claim(tx: Tx) -> Hook | None:
            return tx.doors.take_hook(key, tx.doors.newest_event(), now, LEASE_S)

        hook = await self.app.store.run(claim)
        if hook is None:
            return False
        events = await self.app.store.read(lambda tx: tx.log.after(hook.last, BATCH))
        last, tries, wait, error = hook.last, hook.tries, 0, ""
        for event in events:
            if not target.events or event.name in target.events:
                error = await self._post(session, target, event)
            if error and tries + 1 < GIVE_UP_TRIES:
                wait, tries = BACK_OFF_S[min(tries, len(BACK_OFF_S) - 1)], tries + 1
                break
            if error:
                log.warning("webhook to %s: event %d given up: %s", urlsplit(target.url).hostname, event.id, error)
            last, tries, error = event.id, 0, ""
            if time.monotonic() - began > STEP_S:
                break
        self._told[key] = last
        due = self.app.clock.now() + timedelta(seconds=wait)
        await self.app.store.run(lambda tx: tx.doors.told_hook(hook, last, due, tries, error))
        return not error and bool(events) and (last < events[-1].id or len(events) == BATCH)

    async def _post(self, session: aiohttp.ClientSession, target: Target, event: Event) -> str:
        """Tell one event; "" when the receiver took it (2xx), else why not."""
        body = json.dumps(said(event), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json", "User-Agent": "visitbot", "X-Visitbot-Event": str(event.id), "X-Visitbot-Name": event.name,
            "X-Visitbot-Signature": sign(target.secret, body),
        }  # fmt: skip
        try:
            async with session.post(target.url, data=body, headers=headers, allow_redirects=False) as answer:
                ok = 200 <= answer.status < 300
                error = "" if ok else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
            error = type(e).__name__
        self.sent_total += not error
        self.failed_total += bool(error)
        return error


def said(event: Event) -> Mapping[str, object]:
    """An event as a webhook and `GET /api/v1/events` tell it."""
    return {"id": event.id, "at": event.at.isoformat(), "name": event.name, "by": event.who, "data": dict(event.data)}
