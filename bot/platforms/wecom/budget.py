"""How often one receiver may be written to, and what to do when that is not enough.

Beyond its limits WeCom drops messages without an error (W90312). Pure: the clock is passed in. Callers ask `wait_s`,
go on when it is 0, and `spend` for every message they send.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

MINUTE = 60.0
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` messages in any `seconds`."""

    count: int
    seconds: float


MEMBER = (Limit(30, MINUTE), Limit(1000, HOUR))
"""One app to one member; the same numbers hold for one conversation of the AI bot (W101463)."""
WEBHOOK = (Limit(20, MINUTE),)


class Budget:
    """A sliding window per receiver; at most `receivers` are remembered, the longest silent one is forgotten first."""

    def __init__(self, limits: Sequence[Limit], receivers: int = 10_000) -> None:
        self._limits = tuple(limits)
        self._longest = max(limit.seconds for limit in limits)
        self._receivers = receivers
        self._sent: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, receiver: str, now: float, messages: int = 1) -> float:
        """Seconds until that many messages may go to this receiver; 0 = now."""
        sent = self._sent.get(receiver)
        if sent is None:
            return 0.0
        self._forget(sent, now)
        wait = 0.0
        for limit in self._limits:
            # A message larger than the whole window goes when the window is empty.
            spare = limit.count - min(messages, limit.count)
            recent = [at for at in sent if at > now - limit.seconds]
            if len(recent) > spare:
                wait = max(wait, recent[len(recent) - spare - 1] + limit.seconds - now)
        return wait

    def left(self, receiver: str, now: float) -> int:
        """Messages that may still go at once."""
        sent = self._sent.get(receiver, deque())
        return min(limit.count - sum(at > now - limit.seconds for at in sent) for limit in self._limits)

    def spend(self, receiver: str, now: float) -> None:
        """Counts one message."""
        sent = self._sent.setdefault(receiver, deque())
        self._sent.move_to_end(receiver)
        sent.append(now)
        self._forget(sent, now)
        while len(self._sent) > self._receivers:
            self._sent.popitem(last=False)

    def _forget(self, sent: deque[float], now: float) -> None:
        while sent and sent[0] <= now - self._longest:
            sent.popleft()
