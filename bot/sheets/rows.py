"""A file as rows to be entered: what each one says, or why it can't be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sheets import values
from bot.sheets.headers import KIND_WORDS, LABELS, Kind, Table, recognise
from bot.sheets.read import Cells, SheetError, read
from bot.sheets.values import BadValue, plain

NAME_MAX = 200
ORDER: tuple[Kind, ...] = ("members", "customers", "visits")
"""People first, then customers, then visits, however the sheets lie in the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `data` is JSON for the command that enters it; with `error` it is not entered. `number` as Excel shows it."""

    sheet: str
    number: int
    kind: Kind
    data: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row: ok, duplicate or error; `reason` in Chinese, `id` of what was entered or is known already."""

    state: str
    reason: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read: its tables in the order in which they are entered, and a row for each line that is not empty."""

    tables: tuple[Table, ...]
    rows: tuple[Row, ...]
    skipped: tuple[str, ...] = ()
    """Sheets whose headers fit nothing."""

    @property
    def counts(self) -> dict[Kind, int]:
        return {k: n for k in ORDER if (n := sum(1 for r in self.rows if r.kind == k))}

    def summary(self) -> list[str]:
        """For people: what was found, what was read as what, what is left out."""
        out = []
        for table in self.tables:
            n = sum(1 for r in self.rows if r.kind == table.kind and r.sheet == table.sheet)
            out.append(f"「{table.sheet}」{KIND_WORDS[table.kind]} {n} 行：{table.mapping}")
            if table.unknown:
                more = f" 等 {len(table.unknown)} 列" if len(table.unknown) > 5 else ""
                out.append(f"没有对应的列（与自定义字段同名的会导入）：{'、'.join(u[:12] for u in table.unknown[:5])}{more}")
        if self.skipped:
            out.append(f"没有用到的表：{'、'.join(self.skipped[:5])}")
        return out


def prepare(path: Path, now: datetime) -> Prepared:
    """Read a file and understand it. Raises SheetError when nothing in it can be entered."""
    tables: list[Table] = []
    skipped: list[str] = []
    for sheet in read(path):
        table = recognise(sheet)
        if table is None:
            skipped.append(sheet.name)
        else:
            tables.append(table)
    if not tables:
        wanted = "；".join(
            f"{KIND_WORDS[k]}：{'、'.join(list(LABELS[k].values())[:5])}…" for k in ("customers", "visits", "members")
        )
        raise SheetError(f"没有找到能导入的表，第一行要是列名（{wanted}）")
    tables.sort(key=lambda t: ORDER.index(t.kind))
    rows = tuple(row for table in tables for row in _rows(table, now))
    if not rows:
        raise SheetError("表里只有列名，没有内容")
    return Prepared(tuple(tables), rows, tuple(skipped))


def _rows(table: Table, now: datetime) -> Iterator[Row]:
    build = {"customers": _customer, "visits": _visit, "members": _member}[table.kind]
    for n, cells in enumerate(table.body):
        picked = {name: [cells[p] for p in places if p < len(cells)] for name, places in table.columns.items()}
        if not any(plain(c) for found in picked.values() for c in found):
            continue
        number = table.first + n
        try:
            data = build(_Cells(picked), now)
            yield Row(table.sheet, number, table.kind, data | ({"more": more} if (more := _more(table, cells)) else {}))
        except BadValue as e:
            yield Row(table.sheet, number, table.kind, {"name": _shown(picked)}, str(e))


def _more(table: Table, cells: Cells) -> dict[str, str]:
    """The cells under headers of no known meaning: those called like a field made in the chat are entered too (R187)."""
    if not table.unknown:
        return {}
    heads = {str(h).strip(): p for p, h in enumerate(table.headers) if str(h or "").strip() in table.unknown}
    return {h: text for h, p in heads.items() if p < len(cells) and (text := plain(cells[p])[:200])}


def _shown(picked: Mapping[str, Cells]) -> str:
    for name in ("name", "customer"):
        if picked.get(name):
            return plain(picked[name][0])[:NAME_MAX]
    return ""


class _Cells:
    """The cells of a row by field."""

    def __init__(self, picked: Mapping[str, Cells]) -> None:
        self._picked = picked

    def all(self, name: str) -> Cells:
        return self._picked.get(name) or []

    def one(self, name: str) -> object:
        return next(iter(self.all(name)), "")

    def text(self, name: str, most: int = 500) -> str:
        found = plain(self.one(name))
        if len(found) > most:
            raise BadValue(f"这一格太长（{len(found)} 字，最多 {most}）：{found[:12]}…")
        return found


def _customer(c: _Cells, now: datetime) -> dict[str, Any]:
    name = " ".join(c.text("name", NAME_MAX).split())
    if not name:
        raise BadValue("客户名称是空的")
    if len(name) < 2 or not any(ch.isalpha() for ch in name):
        raise BadValue(f"客户名称「{name}」不像名称")
    created, _ = values.moment(c.one("created"), now, what="创建时间")
    if created is not None and created > now + timedelta(days=1):
        raise BadValue("创建时间在将来")
    data: dict[str, Any] = {
        "name": name,
        "aliases": [a for cell in c.all("aliases") for a in values.many(cell)],
        "contact": c.text("contact", 60),
        "title": c.text("title", 60),
        "phones": list(dict.fromkeys(p for cell in c.all("phone") for p in values.phones(cell))),
        "emails": list(dict.fromkeys(e for cell in c.all("email") for e in values.emails(cell))),
        "uscc": values.uscc(c.one("uscc")),
        "city": c.text("city", 60),
        "address": c.text("address", 300),
        "grade": values.grade(c.one("grade")),
        "owner": c.text("owner", 60),
        "stage": values.stage(c.one("stage")),
        "status": values.word(c.one("status"), values.CUSTOMER_STATUSES, "状态"),
        "source": c.text("source", 100),
        "created": created.isoformat() if created else "",
        "apart": c.text("apart", 10).casefold() in ("是", "y", "yes", "1", "true", "√"),
    }
    return {k: v for k, v in data.items() if v not in ("", [], False)}


def _visit(c: _Cells, now: datetime) -> dict[str, Any]:
    customer = c.text("customer", NAME_MAX)
    if not customer:
        raise BadValue("客户是空的")
    start, clock = values.moment(c.one("start"), now, what="开始")
    if start is None:
        raise BadValue("开始时间是空的")
    if not clock:
        raise BadValue("开始时间没有钟点，例如 2026-03-12 14:00")
    end, _ = values.moment(c.one("end"), now, day=start.date(), what="结束")
    length = values.minutes(c.one("minutes"))
    if end is None and length:
        end = start + timedelta(minutes=length)
    if end is not None and not timedelta(0) < end - start <= timedelta(days=1):
        raise BadValue("结束要晚于开始，最长 24 小时")
    data: dict[str, Any] = {
        "customer": customer,
        "rep": c.text("rep", 60),
        "start": start.isoformat(),
        "end": end.isoformat() if end else "",
        "mode": values.word(c.one("mode"), values.MODES, "方式"),
        "purpose": c.text("purpose", 200),
        "people": values.many(c.one("people")),
        "status": values.word(c.one("status"), values.STATUSES, "状态"),
        "contact": c.text("contact", 60),
        "location": c.text("location", 200),
    }
    return {k: v for k, v in data.items() if v not in ("", [])}


def _member(c: _Cells, now: datetime) -> dict[str, Any]:
    name = c.text("name", 60)
    if not name:
        raise BadValue("姓名是空的")
    data: dict[str, Any] = {
        "name": name,
        "id": c.text("id", 64),
        "role": values.word(c.one("role"), values.ROLES, "角色"),
        "aliases": [a for cell in c.all("aliases") for a in values.many(cell)],
        **{f: c.text(f, 64) for f in ("team", "department", "manager", "line", "wecom", "dingtalk")},
    }
    return {k: v for k, v in data.items() if v not in ("", [])}
