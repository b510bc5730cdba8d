"""Which messenger a person is reached on."""

from collections.abc import Sequence

from domain.model import Member
from storage.tx import Tx


def uid(member: Member, platform: str) -> str:
    """The member's user id there, "" = he is not on it."""
    ids = {"wecom": member.wecom, "dingtalk": member.dingtalk, "web": member.id, "terminal": member.id}
    return ids.get(platform, "")


def ways(tx: Tx, member: Member, wires: Sequence[str]) -> list[str]:
    """Every messenger that may reach him, the one he wrote from last first."""
    last = tx.talk.noted(member.id, "platform")
    there = [w for w in wires if uid(member, w)]
    return sorted(there, key=lambda w: w != last)


def home(tx: Tx, member: Member, wires: Sequence[str]) -> str:
    """The messenger he is reached on, "" = none."""
    return next(iter(ways(tx, member, wires)), "")
