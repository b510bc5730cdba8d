"""How often DingTalk may be called in a month, and how long to wait before trying again. Pure (dingtalk.md 4)."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from bot.platforms.dingtalk.config import Alarm, DingTalkConfig
from domain.model import OFFICE

WARN_AT = 0.8
"""Share of the month's calls at which the operator is told and saving begins (style of issue 5)."""

Purse = Literal["api", "stream"]


class Quota:
    """The organisation's calls of this month as far as this robot makes them; warns once at 80 %, once at the end.

    `unsaved` is added to what the database knows, so that no restart forgets and processes count together; `learn` takes
    the sum back.
    """

    def __init__(self, config: DingTalkConfig, alarm: Alarm) -> None:
        self._limits: dict[Purse, int] = {"api": config.monthly_api_calls, "stream": config.monthly_stream_calls}
        self._alarm = alarm
        self._month = ""
        self._used: dict[Purse, int] = {"api": 0, "stream": 0}
        self._new: dict[Purse, int] = {"api": 0, "stream": 0}
        self._told: set[tuple[Purse, bool]] = set()

    def count(self, purse: Purse, now: datetime, calls: int = 1) -> None:
        """Calls made now (negative: they turned out not to count)."""
        self._turn(now)
        self._used[purse] = max(0, self._used[purse] + calls)
        self._new[purse] += calls
        self._tell(purse)

    def saving(self, now: datetime) -> bool:
        """True when OpenAPI calls should be left out wherever another way reaches the person."""
        self._turn(now)
        limit = self._limits["api"]
        return bool(limit) and self._used["api"] >= limit * WARN_AT

    def state(self, now: datetime) -> dict[str, object]:
        """Used so far: {"month": "2026-03", "api": 17, "stream": 12}."""
        self._turn(now)
        return {"month": self._month, "api": self._used["api"], "stream": self._used["stream"]}

    def unsaved(self, now: datetime) -> dict[str, object]:
        """What the database has not heard of yet, in the form of `state`."""
        self._turn(now)
        return {"month": self._month, "api": self._new["api"], "stream": self._new["stream"]}

    def learn(self, total: object, saved: Mapping[str, object], now: datetime) -> None:
        """Go on from the sum of all processes, of which `saved` were ours; another month's counts for nothing."""
        self._turn(now)
        if saved.get("month") != self._month:
            return
        known = added(total, {"month": self._month})
        for purse in self._used:
            self._new[purse] -= _int(saved.get(purse))
            self._used[purse] = max(0, _int(known[purse]) + self._new[purse])
            self._tell(purse)

    def _turn(self, now: datetime) -> None:
        month = now.astimezone(OFFICE).strftime("%Y-%m")
        if month != self._month:
            self._month, self._used, self._new = month, {"api": 0, "stream": 0}, {"api": 0, "stream": 0}
            self._told.clear()

    def _tell(self, purse: Purse) -> None:
        limit, used = self._limits[purse], self._used[purse]
        if not limit or used < limit * WARN_AT:
            return
        full = used >= limit
        if (purse, full) in self._told:
            return
        self._told |= {(purse, full), (purse, False)}
        name = "OpenAPI 调用" if purse == "api" else "Webhook 与 Stream 调用"
        if full:
            more = f"达到每月 {limit} 次的上限，消息可能收发不了。请升级版本或购买调用量。"
        else:
            more = f"超过每月 {limit} 次的八成。机器人开始节省调用，请考虑升级版本。"
        self._alarm(f"钉钉本月的{name}已用 {used} 次，{more}")


class BackOff:
    """Waits between attempts, full jitter: 0 s, then up to 1, 2, 4 … `longest` s; `reset` after a stable stretch."""

    def __init__(self, longest: float, first: float = 1.0, rng: random.Random | None = None) -> None:
        self._longest, self._first = longest, first
        self._rng = rng or random.Random()  # spreads reconnects, keeps no secret
        self._tries = 0

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        tries, self._tries = self._tries, self._tries + 1
        if tries == 0:
            return 0.0
        ceiling = min(self._longest, self._first * 2 ** min(tries - 1, 30))
        return self._rng.uniform(0, ceiling)

    def reset(self) -> None:
        self._tries = 0


def added(known: object, more: Mapping[str, object]) -> dict[str, object]:
    """What the database knows with `unsaved` calls on top; another month begins anew. Whatever is broken counts as nothing."""
    kept = known if isinstance(known, Mapping) and known.get("month") == more["month"] else {}
    return {"month": more["month"], **{p: max(0, _int(kept.get(p)) + _int(more.get(p))) for p in ("api", "stream")}}


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
