"""One websocket of the stream, and the times everything here keeps."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientWebSocketResponse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. The defaults are meant for the real server; tests shorten them."""

    ack_s: float = 10.0
    """A bot message not handled by then is answered as failed; its work goes on."""
    click_ack_s: float = 1.6
    """DingTalk waits 2 s for a click's answer."""
    event_ack_s: float = 2.5
    """And 3 s for an event's."""
    idle_s: float = 90.0
    longest_idle_s: float = 900.0
    linger_s: float = 15.0
    """The server closes about 10 s after its `disconnect`."""
    stable_s: float = 60.0
    longest_wait_s: float = 60.0
    refused_s: float = 300.0
    open_s: float = 10.0
    stop_s: float = 5.0


@dataclass(eq=False, slots=True)
class Link:
    """An open connection. `leaving` = another one is wanted in its place; `settled` = no answer is owed on it."""

    ws: ClientWebSocketResponse
    opened: float
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    last: float = 0.0
    _owed: int = 0

    def __post_init__(self) -> None:
        self.settled.set()

    @contextmanager
    def owing(self) -> Iterator[None]:
        """An answer is owed while this lasts."""
        self._owed += 1
        self.settled.clear()
        try:
            yield
        finally:
            self._owed -= 1
            if not self._owed:
                self.settled.set()

    def heard(self) -> None:
        self.last = asyncio.get_running_loop().time()

    def silence(self) -> float:
        """Seconds since anything came (since it was opened, when nothing has)."""
        return asyncio.get_running_loop().time() - max(self.last, self.opened)

    async def send(self, text: str) -> bool:
        """Send an answer on the connection its frame came from; False when that is closed (the server asks again)."""
        if self.ws.closed:
            return False
        try:
            await self.ws.send_str(text)
        except (ClientError, OSError) as e:
            log.info("dingtalk stream: an answer did not get out: %s", type(e).__name__)
            return False
        return True
