"""Putting a visit back to an earlier state: shared by 恢复 and 撤销."""

from dataclasses import replace

from bot.command import Turn
from domain.model import Visit
from domain.refusal import Refusal
from handlers import _after


def bring_back(turn: Turn, visit: Visit, target: Visit) -> Visit:
    """Write an earlier state's time (and life) back; raises Refusal when somebody has the slot now."""
    status = "planned" if visit.status == "cancelled" else visit.status
    state = replace(visit, start=target.start, end=target.end, status=status, participants=target.participants)
    saved = turn.tx.visits.save(state, visit.version, at=turn.now, by=turn.me.id, why="restored")
    customer = turn.tx.customers.get(visit.customer)
    if saved is None or customer is None:
        raise Refusal("原来的时段刚刚被占用了，没有恢复", "请换一个时间再试。")
    _after.restored(turn, saved, customer, visit if visit.status != "cancelled" else None)
    turn.tx.talk.note(turn.me.id, "visit", saved.id)
    return saved
