"""Tables into .xlsx and .csv that Excel and WPS open with Chinese intact and with no formula that somebody else typed."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from domain.model import OFFICE

Value = str | int | float | bool | datetime | date | None
CELL_MAX = 32_767
"""What a cell of Excel holds; longer text is cut with a mark instead of silently."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so may be run as a formula when it is opened (ASVS 1.2.10)."""
_CUT = "…（已截断）"
WIDEST = 40


def safe(text: str) -> str:
    """Text without control characters, cut to what a cell holds, and with ' before what would be taken for a formula."""
    kept = (
        text
        if text.isprintable()
        else "".join(
            c
            for c in text
            if c in "\t\n"
            or not (ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 or ord(c) in (0xFFFE, 0xFFFF))
        )
    )
    if kept.startswith(_FORMULA) or kept.lstrip().startswith(_FORMULA):
        kept = "'" + kept
    return kept if len(kept) <= CELL_MAX else kept[: CELL_MAX - len(_CUT)] + _CUT


def write(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> None:
    """Write (name, headers, rows) tables to a new file by its ending; whole or not at all. CSV takes one table."""
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.lower() == ".csv":
            _csv(part, sheets)
        else:
            _xlsx(part, sheets)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _csv(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> None:
    """UTF-8 with mark: without it Excel shows Chinese as garbage."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for n, (_, headers, rows) in enumerate(sheets):
            if n:
                out.writerow([])
            out.writerow([safe(h) for h in headers])
            for row in rows:
                out.writerow([_text(v) for v in row])


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(OFFICE):%Y-%m-%d %H:%M}"
    if isinstance(value, date | int | float):
        return str(value)
    return safe(value)


def _xlsx(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Value]]]]) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True, "valign": "vcenter"})
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        words = book.add_format({"num_format": "@"})
        quoted = book.add_format({"quote_prefix": True, "num_format": "@"})
        for name, headers, rows in sheets:
            sheet = book.add_worksheet(_title(name))
            sheet.freeze_panes(1, 0)
            for column, header in enumerate(headers):
                width = min(WIDEST, max(10, 2 * len(header) + 4))
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, safe(header), head)
            last = 0
            for last, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    if isinstance(value, datetime):
                        sheet.write_datetime(last, column, value.astimezone(OFFICE).replace(tzinfo=None), stamp)
                    elif isinstance(value, date):
                        sheet.write_datetime(last, column, value, day)
                    elif isinstance(value, int | float) and not isinstance(value, bool):
                        sheet.write_number(last, column, value)
                    elif text := _text(value):
                        # the quote prefix of the format stands for the ' in front
                        sheet.write_string(last, column, text.removeprefix("'"), quoted if text.startswith("'") else words)
            if headers and last:
                sheet.autofilter(0, 0, last, len(headers) - 1)


def _title(name: str) -> str:
    """A sheet's name as Excel allows it."""
    return ("".join("_" if c in "[]:*?/\\'" else c for c in safe(name)) or "表")[:31]
