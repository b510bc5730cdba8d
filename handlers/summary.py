"""汇总：今天、本周、本月，个人、团队、公司；群里适合所有人看，细节私信给提问的主管。"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bot.cards import Block, Card, Facts, Items, Text
from bot.command import Reply, Turn, command
from domain import kpi
from domain.model import OFFICE, Slot, Visit, When
from handlers import _figures, _views, _who

WORDS = {"planned": "待拜访", "pending": "待确认", "done": "完成", "missed": "漏访", "empty": "扑空", "cancelled": "取消"}


@dataclass(frozen=True, slots=True)
class Summary:
    """Of whom and when; today when no period is said."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    metric: str = ""


@command("summary.show", Summary, group="数据", example="本周拜访汇总")
def summary(ask: Summary, turn: Turn) -> Reply:
    """Planned, done, missed, empty runs, moved, conflicts, reports due, purposes (R136, R137, 49)."""
    named = _who.people(turn, ask.people, turn.said) if ask.people else []
    if isinstance(named, Reply):
        return named
    if turn.group and not ask.people and not ask.team and turn.group.team:
        who = _figures.Scope(tuple(turn.tx.people.team(turn.group.team)), turn.group.team)
    else:
        who = _figures.scope(turn, named or ([turn.me] if ask.people else []), ask.team)
    if ask.metric in kpi.NAMES and ask.metric != "visits":
        # 为什么…变多了, 情况怎么样 about one figure: the figure with its rows
        slot = _figures.period(turn, ask.time, weekly=ask.metric in kpi.WEEKLY)
        figure = _figures.figure(turn, ask.metric, who, slot)
        return Reply(_figures.card(turn, figure, who, _figures.words(slot)))
    slot = _figures.period(turn, ask.time or _today(turn), weekly=True)
    rows = _figures.visits(turn, who, slot)
    card = overview(turn, who, slot, rows)
    if turn.group:
        readers, turn.readers = turn.readers, [turn.me]
        private = overview(turn, who, slot, rows, details=True) if turn.me.role.leads else None
        turn.readers = readers
        return Reply(card, private=private)
    return Reply(overview(turn, who, slot, rows, details=True))


def _today(turn: Turn) -> When:
    day = turn.now.astimezone(OFFICE).replace(hour=0, minute=0, second=0, microsecond=0)
    return When("date", day, day + timedelta(days=1))


def overview(turn: Turn, who: _figures.Scope, slot: Slot, rows: list[Visit], *, details: bool = False) -> Card:
    """The numbers, then (in private) the visits by rep."""
    count = Counter(v.status for v in rows)
    standing = [v for v in rows if v.status != "cancelled"]
    clashes = [c for c in turn.tx.conflicts.list(slot.start, slot.end) if who.everybody or c.rep in set(who.ids)]
    moved = turn.tx.log.named(["visit.rescheduled"], slot.start, slot.end)
    ids = set(who.ids)
    moves = sum(1 for e in moved if isinstance(v := e.data.get("visit"), dict) and (who.everybody or v.get("rep") in ids))
    done = [v for v in rows if v.status == "done"]
    filed = turn.tx.reports.many([v.id for v in done]) if done else {}
    states = "，".join(f"{word} {count[s]}" for s, word in WORDS.items() if count[s] or s == "done")
    facts = [
        ("拜访", f"计划 {len(standing)}，{states}"),
        ("改期", f"{moves} 次"),
        ("冲突", f"发现 {len(clashes)}，已解决 {sum(1 for c in clashes if c.resolved)}"),
        ("待写纪要", f"{sum(1 for v in done if v.id not in filed)} 份"),
    ]
    known = frozenset(turn.rules.purposes)
    # a purpose in free words is its visit's own business (R156): only the company's own are counted by name
    purposes = Counter(v.purpose if v.purpose in known else "其他" if v.purpose else "未填写" for v in standing)
    if purposes:
        facts.append(("目的", "，".join(f"{p} {n}" for p, n in purposes.most_common(5))))
    blocks: list[Block] = [Facts(tuple(facts))]
    by_rep = Counter(v.rep for v in standing)
    if len(who.people) > 1 and by_rep:
        blocks.append(Items(tuple(f"{_views.name(turn, r)} {n} 个" for r, n in by_rep.most_common(10))))
    if details and standing:
        blocks.append(Text("明细："))
        blocks.append(
            Items(tuple(_views.visit_line(turn, v, with_day=True, with_rep=len(who.people) > 1) for v in standing[:15]))
        )
    elif turn.group:
        blocks.append(Text("明细已私信主管。" if turn.me.role.leads else "明细请在私聊里问我。"))
    name = "您" if who.name == "您" else who.name
    return Card(f"{name}{_figures.words(slot)}拜访汇总：{len(standing)} 个，完成 {count['done']} 个", tuple(blocks))
