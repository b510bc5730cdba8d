"""目标：确认、沿用、结束；设目标直接说一句，例如：把重复跟进率目标定到 4%。"""

from dataclasses import dataclass

from bot.cards import Card, Text, Tone
from bot.command import Reply, Turn, command
from domain.model import Role
from domain.refusal import NotAllowed, Stale
from handlers import _targets


@dataclass(frozen=True, slots=True)
class Confirm:
    """The target that was shown."""

    draft: str = ""


@command("kpi.target", Confirm, intent="dialog.confirm", role=Role.MANAGER)
def confirm(ask: Confirm, turn: Turn) -> Reply:
    """Put it into force; the same figure's older target ends."""
    draft = turn.take_draft(ask.draft)
    target = _targets.from_json(draft.data.get("target"))
    if target is None:
        raise Stale("这个目标已经失效，没有改动")
    _targets.keep(turn, target)
    return Reply(Card(f"目标已生效：{target.words}", (Text("每周复盘里跟踪，期末给结论。"),), tone=Tone.DONE))


@dataclass(frozen=True, slots=True)
class Renew:
    """Which target, and whether it ends."""

    key: str = ""
    end: bool = False


@command("kpi.renew", Renew, intent="kpi.show", role=Role.MANAGER)
def renew(ask: Renew, turn: Turn) -> Reply:
    """The same target for the next period, or none any more; one's own alone."""
    target = next((t for t in _targets.of(turn) if t.key == ask.key), None)
    if target is None:
        raise Stale("这个目标已经结束，没有改动")
    if target.boss != turn.me.id:
        raise NotAllowed("无权：目标由设定它的主管改", action="kpi.target", obj=ask.key)
    if ask.end:
        _targets.keep(turn, None, ask.key)
        return Reply(Card("目标已结束", tone=Tone.DONE))
    again = _targets.renewed(turn, target)
    _targets.keep(turn, again)
    return Reply(Card(f"目标沿用：{again.words}", (Text("下一期继续跟踪。"),), tone=Tone.DONE))
