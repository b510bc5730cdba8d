"""Saved queries: a table's fields, a filter, a grouping and a period under a name, asked again by that name (R192).

`保存查询 周一必看：A类客户的客户名称、负责人、最近联系，按负责人` → `查询 周一必看`. Cells are those of the exports, so rights hold here as there.
"""

import re
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime

from bot.cards import Block, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from bot.sheets.tables import Filter
from domain.model import OFFICE, STAGES
from domain.refusal import NotFound, Refusal
from handlers import _figures, _views
from handlers._data_tables import TABLES

_SAVE = re.compile(r"^(?:保存|新建|建立|建|存)(?:一个|个)?查询[:：\s]*([^:：，,]{1,20})[:：]\s*(.+)$", re.S)
_RUN = re.compile(r"^(?:运行|执行|跑)?(?:一下)?查询[:：\s]+(.{1,20})$")
_TABLES = (("followups", ("跟进", "沟通")), ("visits", ("拜访", "日程")), ("customers", ("客户", "线索")))
PERIODS = {"今天": "day", "本周": "week", "这周": "week", "本月": "month", "这个月": "month", "本季度": "quarter", "本年": "year"}
USUAL = {
    "customers": ("客户名称", "负责人", "阶段", "最近联系"),
    "visits": ("客户", "销售", "开始", "状态"),
    "followups": ("时间", "客户", "跟进人", "结果"),
}
SAME = {"名称": "客户名称", "客户名": "客户名称", "上次联系": "最近联系", "时间": "开始", "销售员": "销售", "跟进时间": "时间"}
MOST, SHOWN = 1000, 15


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked under a name."""

    name: str
    table: str
    fields: tuple[str, ...]
    grade: str = ""
    stage: str = ""
    group: str = ""
    period: str = ""

    @property
    def words(self) -> str:
        """In plain words, so that everybody sees what was understood."""
        parts = [f"{self.grade}类" * bool(self.grade) + self.stage + TABLES[self.table].name, "字段：" + "、".join(self.fields)]
        parts += [f"按{self.group}分组"] * bool(self.group) + [f"期间：{self.period}"] * bool(self.period)
        return "；".join(parts)


def meant(turn: Turn) -> Reply | None:
    """The answer when a sentence saves a query or asks one by its name, else None."""
    text = turn.said.text.strip()
    if (found := _SAVE.match(text)) is not None:
        return save(turn, found[1].strip(), found[2].strip())
    if (found := _RUN.match(text)) is not None:
        return run(turn, found[1].strip(" 。！"))
    return None


def save(turn: Turn, name: str, spec: str) -> Reply:
    """Keep it for its maker; a query of this name is replaced."""
    table = next((t for t, words in _TABLES if any(w in spec for w in words)), "customers")
    headers = TABLES[table].headers(turn)
    group = re.search(r"按([\u4e00-\u9fff]{2,6}?)(?:分组|汇总|统计|$|，|,|。)", spec)
    by = _header(group[1], headers) if group else ""
    if group and not by:
        raise Refusal(f"没有「{group[1]}」这个字段，没有保存", "可用字段：" + "、".join(headers))
    listed = re.sub(r"按[\u4e00-\u9fff]{2,6}(分组|汇总|统计)?", "", spec)
    fields = tuple(dict.fromkeys(h for w in re.split(r"[、，,的和\s]+", listed) if (h := _header(w, headers))))
    grade = re.search(r"([ABCDabcd])\s*类", spec)
    query = Query(
        name, table, fields or USUAL[table], grade[1].upper() if grade else "", next((s for s in STAGES if s in spec), ""), by,
        next((p for p in PERIODS if p in spec), ""),
    )  # fmt: skip
    kept = _kept(turn)
    turn.tx.settings.set_personal(turn.me.id, "queries", {**kept, name: asdict(query)})
    return Reply(
        Card(f"已保存查询：{name}", (Facts((("内容", query.words),)), Text(f"以后说「查询 {name}」就能看。")), tone=Tone.DONE)
    )


def _header(word: str, headers: list[str]) -> str:
    word = SAME.get(word, word)
    return word if word in headers else ""


def _kept(turn: Turn) -> dict[str, object]:
    found = turn.tx.settings.personal(turn.me.id, "queries")
    return dict(found) if isinstance(found, dict) else {}


def run(turn: Turn, name: str) -> Reply:
    """The rows the asker may see, his people's, grouped when the query groups."""
    data = _kept(turn).get(name)
    if not isinstance(data, dict):
        known = "、".join(_kept(turn)) or "还没有"
        raise NotFound(
            f"没有叫「{name}」的查询", f"已保存：{known}", "保存方法：保存查询 周一必看：A类客户的客户名称、负责人，按负责人"
        )
    query = Query(**{**data, "fields": tuple(data["fields"])})
    who = _figures.scope(turn, [], "")
    slot = _figures.current(turn.now, PERIODS[query.period]) if query.period else None
    wanted = Filter(
        () if who.everybody else tuple(who.ids),
        slot.start.isoformat() if slot else "",
        slot.end.isoformat() if slot else "",
        query.grade,
    )
    card = _figures.privately(turn, lambda: _card(turn, query, wanted, who.name))
    return Reply(Card(f"查询「{name}」的结果已私信给您"), private=card) if turn.group else Reply(card)


def _card(turn: Turn, query: Query, wanted: Filter, whose: str) -> Card:
    table, headers = TABLES[query.table], TABLES[query.table].headers(turn)
    rows, place = list[dict[str, str]](), ""
    while len(rows) < MOST:
        page = table.page(turn, wanted, place)
        rows += [{h: _text(v) for h, v in zip(headers, row, strict=False)} for row in page.rows]
        place = page.next
        if not place:
            break
    rows = [r for r in rows if query.stage in ("", r.get("阶段"))]
    blocks: list[Block] = [Facts((("内容", query.words),))]
    if query.group:
        count = Counter(r.get(query.group) or "未填写" for r in rows)
        blocks.append(Items(tuple(f"{name}：{n}" for name, n in count.most_common(SHOWN))))
    lines = [" · ".join(x for f in query.fields if (x := r.get(f, ""))) for r in rows[:SHOWN]]
    blocks.append(Items(tuple(x for x in lines if x)))
    if len(rows) > SHOWN:
        blocks.append(Text(f"等共 {len(rows)} 条；要全部请说导出。"))
    return Card(f"{whose}查询「{query.name}」：{len(rows)} 条", tuple(blocks))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return _views.moment(value.astimezone(OFFICE))
    if isinstance(value, date):
        return _views.day(value)
    return "" if value is None else str(value)
