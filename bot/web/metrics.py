"""GET /metrics: Prometheus text. Counts and times only: no content, no names, no ids."""

import asyncio
import time
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.app import App, Event, Outcome
from bot.message import Message
from domain.model import stamp
from storage.db import number
from storage.tx import Tx

_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_TIMES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
PROBE_S = 0.5


class Metrics:
    """Listens to an app; `watch` measures how late the event loop runs."""

    def __init__(self, app: App, connected: Callable[[], int] = lambda: 0) -> None:
        self._connected = connected
        self.registry = r = CollectorRegistry()
        self._messages = Counter("visitbot_messages", "Messages handled", ["platform"], registry=r)
        self._duplicates = Counter("visitbot_duplicates", "Repeated deliveries", ["platform"], registry=r)
        self._seconds = Histogram("visitbot_message_seconds", "From a message to its commit", buckets=_TIMES, registry=r)
        self._events = Counter("visitbot_events", "Events by name", ["name"], registry=r)
        self._letters = Gauge(
            "visitbot_letters", "Letters by state (waiting now; sent, failed since the start)", ["state"], registry=r
        )
        self._jobs = Gauge(
            "visitbot_jobs", "Jobs that are due, and those of them due for more than a minute", ["state"], registry=r
        )
        self._store = Histogram(
            "visitbot_store_read_seconds", "A read of the store, asked at each scrape", buckets=_TIMES, registry=r
        )
        self._lag = Histogram("visitbot_loop_lag_seconds", "How late the event loop runs", buckets=_LAG, registry=r)
        self._streams = Gauge("visitbot_streams_connected", "Long connections to messengers that stand", registry=r)
        self.use(app)

    def use(self, app: App) -> None:
        """Listen to this app from now on."""
        self.app = app
        app.on_done.append(self._done)
        app.on_event.append(self._event)

    def _event(self, event: Event) -> None:
        self._events.labels(event.name).inc()

    def _done(self, message: Message, outcome: Outcome) -> None:
        self._messages.labels(message.platform).inc()
        if outcome.duplicate:
            self._duplicates.labels(message.platform).inc()
        self._seconds.observe(outcome.seconds)

    async def watch(self) -> None:
        """For ever: sleep a little, see how late it got."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(PROBE_S)
            self._lag.observe(max(0.0, time.perf_counter() - before - PROBE_S))

    def routes(self) -> list[web.RouteDef]:
        """The one page."""

        async def page(_: web.Request) -> web.Response:
            await self._ask()
            return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

        return [web.get("/metrics", page)]

    async def _ask(self) -> None:
        now = stamp(self.app.clock.now())

        def count(tx: Tx) -> tuple[int, int, int]:
            due = tx.db.row("SELECT COUNT(*), COALESCE(SUM(CASE WHEN due < ? THEN 1 ELSE 0 END), 0) FROM jobs WHERE done = 0 AND due <= ?",
                            now - 60, now)  # fmt: skip
            assert due
            return tx.mail.pending_count(), number(due[0]), number(due[1])

        before = time.perf_counter()
        try:
            waiting, due, late = await self.app.store.read(count)
        except Exception:  # a store that is down is told by /readyz; what is known without it is still told here
            waiting = due = late = -1
        self._store.observe(time.perf_counter() - before)
        self._letters.labels("waiting").set(waiting)
        self._jobs.labels("due").set(due)
        self._jobs.labels("late").set(late)
        self._streams.set(self._connected())
        if (outbox := self.app.outbox) is not None:
            self._letters.labels("sent").set(outbox.sent_total)
            self._letters.labels("failed").set(outbox.failed_total)
