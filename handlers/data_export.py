"""导出：客户、拜访、跟进、成员或报表导成表格，文件只进私聊；字段按提问人的权限，看不到的是空的。"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Card, Text
from bot.command import Reply, Turn, command
from domain.model import OFFICE, When
from domain.refusal import Refusal
from handlers import _figures, _views, _who

NAMES = {"customers": "客户", "visits": "拜访", "members": "成员", "followups": "跟进记录", "report": "报表", "kpi": "指标",
         "conflicts": "冲突", "ranking": "排行"}  # fmt: skip
_WORDS = (
    ("conflicts", ("冲突", "撞单")),
    ("ranking", ("排行", "排名")),
    ("report", ("报表", "周报", "月报", "日报", "季报", "汇总", "总结", "统计", "业绩")),
    ("kpi", ("指标", "kpi")),
    ("members", ("成员", "同事名单", "员工", "通讯录", "人员名单")),
    ("followups", ("跟进", "沟通记录", "联系记录")),
    ("visits", ("拜访", "日程", "行程", "纪要", "出差", "走访")),
    ("customers", ("客户", "公海", "名单")),
)
"""Which table is meant; the first that fits."""


@dataclass(frozen=True, slots=True)
class Export:
    """What, whose, when; from a button: `what`, `start` and `end`, or `again`, which repeats an earlier export of one's own as CSV."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None
    grade: str = ""
    again: str = ""
    what: str = ""
    start: datetime | None = None
    end: datetime | None = None


@command("data.export", Export, group="数据", example="导出我的客户")
def data_export(ask: Export, turn: Turn) -> Reply:
    """The file goes to the asker's private chat, with the fields he may see (R163, 53); a group is told 已私信."""
    if ask.again:
        return _again(turn, ask.again)
    named = _who.people(turn, ask.people, turn.said) if ask.people else []
    if isinstance(named, Reply):
        return named
    tables = _tables(ask, turn)
    pool = "公海" in turn.said.text
    slot = _period(ask, turn, tables)
    people, whose = _whose(ask, turn, [m.id for m in named])
    if "members" in tables and not turn.me.role.leads:
        people = [turn.me.id, *(m.id for m in turn.tx.people.team(turn.me.team))]
    grade = ask.grade.strip("类级").upper()
    name = "".join(("公海" if pool else whose, f"{grade}类" if grade else "", NAMES[tables[0]]))
    data: dict[str, object] = {
        "tables": list(tables), "people": [] if pool else people, "start": slot[0], "end": slot[1], "grade": grade,
        "status": "pool" if pool else "", "name": f"{name}_{turn.now.astimezone(OFFICE):%Y%m%d_%H%M}",
        "csv": "csv" in turn.said.text.lower(),
    }  # fmt: skip
    turn.event("data.exported", tables=data["tables"], people=data["people"], start=slot[0], end=slot[1])
    return _send(turn, data, name)


def _send(turn: Turn, data: Mapping[str, object], name: str) -> Reply:
    turn.tx.errands.send("export", turn.me.id, data, turn.now)
    if turn.group:
        return Reply(Card("已私信：导出文件只发给您本人", (Text("群里不放文件。"),)))
    return Reply(Card(f"正在导出{name}，马上发给您"))


def _again(turn: Turn, errand: str) -> Reply:
    """The same as CSV; rights are looked at anew when it is written."""
    before = turn.tx.errands.get(errand)
    if before is None or before.kind != "export" or before.who != turn.me.id:
        raise Refusal("这个按钮已经失效，没有任何改动")
    turn.event("data.exported", **{k: before.data.get(k) for k in ("tables", "people", "start", "end")})
    return _send(turn, {**before.data, "csv": True}, str(before.data["name"]))


def _tables(ask: Export, turn: Turn) -> tuple[str, ...]:
    """The tables meant; a report brings the figures, its visits and its conflicts as further sheets."""
    text = turn.said.text.lower()
    said = next((k for k, words in _WORDS if any(w in text for w in words)), "visits" if ask.time else "customers")
    kind = ask.what if ask.what in NAMES else said
    return ("report", "kpi", "visits", "conflicts") if kind == "report" else (kind,)


def _period(ask: Export, turn: Turn, tables: tuple[str, ...]) -> tuple[str, str]:
    if ask.start and ask.end:
        return ask.start.isoformat(), ask.end.isoformat()
    if ask.time is None and not {"report", "kpi", "conflicts", "ranking"} & set(tables):
        return "", ""
    text = turn.said.text
    slot = _figures.period(turn, ask.time, weekly="月" not in text)
    return slot.start.isoformat(), slot.end.isoformat()


def _whose(ask: Export, turn: Turn, named: list[str]) -> tuple[list[str], str]:
    """Ids of the people (none = all) and how they are called; nobody named = what the asker answers for (contract 7b)."""
    if named:
        return named, _views.names(turn, named)
    if ask.people or any(w in turn.said.text for w in ("我的", "我名下", "我自己")):
        return [turn.me.id], "我的"
    if ask.team:
        return [m.id for m in turn.tx.people.team(ask.team)], ask.team
    scope = _figures.scope(turn, [], "")
    return ([] if scope.everybody else scope.ids), ("我的" if scope.ids == [turn.me.id] else scope.name)
