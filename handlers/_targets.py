"""Targets (PDCA, R177): said in a sentence, confirmed, followed every week, judged at the period's end with the question what to change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Turn
from domain import kpi, trend
from domain.model import OFFICE, Slot
from handlers import _daily, _figures
from handlers._books import Scope
from handlers._daily import Morning

_SAID = re.compile(
    r"目标.{0,6}?(\d{1,4}(?:\.\d)?)\s*(%|％|个|次|家)?|(\d{1,4}(?:\.\d)?)\s*(%|％|个|次|家)?.{0,4}(?:作为|为|当)目标"
)
LOWER = frozenset({"conflict_rate", "repeat_followup_rate", "churn"})
"""Figures that should stay below their target; the others should reach it."""
UNITS = {"week": "周", "month": "月", "quarter": "季度"}


@dataclass(frozen=True, slots=True)
class Target:
    """`goal` is a count for visits, else a share; `before` is (part, whole) of the period before it was set."""

    boss: str
    metric: str
    goal: float
    unit: str
    start: datetime
    before: tuple[int, int]

    @property
    def key(self) -> str:
        return f"target:{self.boss}:{self.metric}"

    @property
    def words(self) -> str:
        """≤ 4.0%, ≥ 30."""
        sign = "≤" if self.metric in LOWER else "≥"
        return f"{sign} {self.goal:g}" if self.metric == "visits" else f"{sign} {100 * self.goal:g}%"

    @property
    def slot(self) -> Slot:
        return _figures.current(self.start, self.unit)

    def met(self, figure: kpi.Figure) -> bool | None:
        """Whether a figure keeps it; None when there is nothing to judge."""
        if not figure.whole and self.metric != "visits":
            return None
        value = figure.part if self.metric == "visits" else round(figure.part / figure.whole, 9)
        return value <= self.goal if self.metric in LOWER else value >= self.goal


def read(turn: Turn, metric: str, slot: Slot) -> Target | None:
    """The target a sentence sets for a figure, None when it sets none."""
    text = turn.said.text
    found = None if text.startswith("/") else _SAID.search(text)
    if found is None or re.search(r"完成得?怎么样|达成|进度|多少", text):
        return None
    number, sign = (found[1], found[2]) if found[1] else (found[3], found[4])
    value = float(number)
    if metric != "visits":
        value = value / 100 if sign in ("%", "％") or value > 1 else value
        if not 0 <= value <= 1:
            return None
    unit = next((u for u in UNITS if slot == _figures.current(slot.start, u)), "week" if metric in kpi.WEEKLY else "month")
    was = _figures.figure(turn, metric, _figures.below(turn, turn.me), _figures.current(slot.start, unit, 1))
    return Target(turn.me.id, metric, value, unit, _figures.current(slot.start, unit).start, (was.part, was.whole))


def as_json(t: Target) -> dict[str, object]:
    """As it is kept."""
    return {
        "boss": t.boss,
        "metric": t.metric,
        "goal": t.goal,
        "unit": t.unit,
        "start": t.start.isoformat(),
        "before": list(t.before),
    }


def from_json(data: object) -> Target | None:
    """The target that `as_json` wrote; None for one that was ended."""
    if not isinstance(data, Mapping) or not data.get("metric"):
        return None
    before = data.get("before")
    part, whole = before if isinstance(before, list) and len(before) == 2 else (0, 0)
    start = datetime.fromisoformat(str(data["start"])).astimezone(OFFICE)
    return Target(
        str(data["boss"]), str(data["metric"]), float(str(data["goal"])), str(data["unit"]), start, (int(part), int(whole))
    )


def of(turn: Turn, boss: str = "") -> list[Target]:
    """The targets in force, of one manager or all."""
    found = [from_json(v) for k, v in turn.tx.settings.all_company().items() if k.startswith(f"target:{boss}")]
    return [t for t in found if t is not None and boss in ("", t.boss)]


def keep(turn: Turn, target: Target | None, key: str = "") -> None:
    """Put a target into force, or (None) end the one under this key; on record like any rule (rule.changed)."""
    data = as_json(target) if target else {}
    turn.tx.settings.set_company(target.key if target else key, data, turn.now, turn.me.id)
    turn.event("rule.changed", rule={"kind": "target", "key": target.key if target else key, **data})


def line(turn: Turn, t: Target, who: Scope) -> str:
    """重复跟进率 ≤ 4%（本月）：现在 3.2%，达到."""
    figure = _figures.figure(turn, t.metric, who, t.slot)
    state = {None: "还没有数据", True: "达到", False: "未达到"}[t.met(figure)]
    return f"{kpi.NAMES[t.metric]} {t.words}（{_figures.words(t.slot)}）：现在 {figure.shown}，{state}"


def preview(turn: Turn, t: Target) -> Card:
    """What is going to be followed, against what stands now; asks once."""
    who = _figures.below(turn, turn.me)
    figure = _figures.figure(turn, t.metric, who, t.slot)
    was = kpi.Figure(t.metric, *t.before)
    draft = turn.ask(turn.said, "confirm", target=as_json(t))
    facts = (("期间", _figures.words(t.slot)), ("现在", figure.shown), ("上期", was.shown), ("定义", kpi.DEFINITIONS[t.metric]))
    text = Text(f"确认后每周复盘里跟踪，{UNITS[t.unit]}末给结论并问您下一步怎么改。")
    buttons = (
        Button("确认", says.write("kpi.target", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    return Card(f"目标：{who.name}{kpi.NAMES[t.metric]} {t.words}，还没有生效", (Facts(facts), text), buttons, Tone.WARN)


def verdict(turn: Turn, t: Target, who: Scope) -> Card:
    """重复跟进率 7.1% → 4.2%, kept or not, chance or not; and what next (检查 → 行动)."""
    figure = _figures.figure(turn, t.metric, who, t.slot)
    was = kpi.Figure(t.metric, *t.before)
    state = {None: "没有数据", True: "达到", False: "没有达到"}[t.met(figure)]
    sure = trend.sure(t.before, (figure.part, figure.whole)) if t.metric != "visits" else None
    chance = {None: "样本太少，说不准是不是偶然", True: "变化可信", False: "可能只是偶然波动"}[sure]
    change = f"{was.shown} → {figure.shown}" if was.whole or t.metric == "visits" else figure.shown
    rows = (("目标", t.words), ("上期 → 本期", change), ("判断", chance))
    lines = ("沿用：下一期继续跟踪同一个目标", "要改流程或规则，直接说一句，例如：他人拜访提醒改成 10 天")
    buttons = (
        Button("沿用到下一期", says.write("kpi.renew", key=t.key), "primary"),
        Button("看原因", says.write("kpi.show", metric=t.metric)),
        Button("结束这个目标", says.write("kpi.renew", key=t.key, end=True)),
    )
    title = f"目标{state}：{who.name}{_figures.words(t.slot)}{kpi.NAMES[t.metric]} {figure.shown}，目标 {t.words}"
    return Card(title, (Facts(rows), Text("接下来怎么做？"), Items(lines)), buttons, Tone.DONE if t.met(figure) else Tone.WARN)


def check(turn: Turn, morning: Morning) -> None:
    """The morning after a target's period: its verdict, once."""
    for t in of(turn):
        boss = turn.tx.people.get(t.boss)
        if boss is None or not boss.active or not morning.since < t.slot.end <= turn.now:
            continue
        turn.readers, turn.me = [boss], boss
        turn.tell(boss.id, verdict(turn, t, _figures.below(turn, boss)), key=f"{t.key.replace(':', '-')}-{t.slot.start:%Y%m%d}")
        turn.event("summary.sent", kind="target", period=t.slot.start.date().isoformat(), to=boss.id)


def renewed(turn: Turn, t: Target) -> Target:
    """The same target for the running period; what came of the last one is the new base."""
    figure = _figures.figure(turn, t.metric, _figures.below(turn, turn.me), t.slot)
    start = _figures.current(max(turn.now, t.slot.end + timedelta(minutes=1)), t.unit).start
    return replace(t, start=start, before=(figure.part, figure.whole))


def board(turn: Turn, boss: str) -> Card:
    """目标完成得怎么样."""
    member = turn.tx.people.get(boss) or turn.me
    who = _figures.below(turn, member)
    lines = tuple(line(turn, t, who) for t in of(turn, member.id))
    if not lines:
        return Card("还没有设目标", (Text("可以说：把重复跟进率目标定到 4%，或：本月拜访量目标 30 个。"),))
    return Card(f"{who.name}目标：{len(lines)} 项", (Items(lines),))


def lines_of(turn: Turn, boss: str, who: Scope) -> list[str]:
    """A manager's targets as lines of a pack."""
    return [line(turn, t, who) for t in of(turn, boss)]


_daily.CHECKS.append(check)
__all__ = ["Target", "board", "check", "from_json", "keep", "lines_of", "of", "preview", "read", "renewed", "verdict"]
