"""Tables out of .xlsx, .xls, .ods and .csv files, whatever shape people left them in.

python-calamine reads 20,000 rows of 14 columns in 0.7–1.1 s where openpyxl takes 7–10 s on the same machine (docs/API.md).
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 30 * 2**20
MAX_UNPACKED = 400 * 2**20
"""An .xlsx that unpacks to more is a bomb, or no list of customers."""
MAX_ROWS = 200_000
ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt")
_ENCODINGS = ("utf-8-sig", "gb18030")

Cells = list[object]
"""One row: text, numbers, dates, times, truth values; "" for an empty cell."""


class SheetError(Exception):
    """The file as a whole can't be used: one Chinese sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands in the file; rows[0] is row `first` of the file (counted from 1)."""

    name: str
    rows: list[Cells]
    first: int = 1


def read(path: Path) -> list[Sheet]:
    """Every table of a file that is not empty. Raises SheetError."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SheetError(f"不支持 {ending or '没有后缀'} 的文件，请发 .xlsx 或 .csv")
    try:
        size = path.stat().st_size
    except OSError:
        raise SheetError("文件打不开，请重新发送") from None
    if size > MAX_BYTES:
        raise SheetError(f"文件太大（{size / 2**20:.0f} MB），最多 {MAX_BYTES // 2**20} MB，请拆成几个文件")
    if size == 0:
        raise SheetError("文件是空的")
    sheets = [_csv(path)] if ending in (".csv", ".txt") else _book(path)
    found = [s for s in map(_trimmed, sheets) if s.rows]
    if not found:
        raise SheetError("文件里没有内容")
    if sum(len(s.rows) for s in found) > MAX_ROWS:
        raise SheetError(f"行数太多，一次最多 {MAX_ROWS} 行，请拆成几个文件")
    return found


def _trimmed(sheet: Sheet) -> Sheet:
    """Without the empty rows at both ends."""
    used = [n for n, row in enumerate(sheet.rows) if any(cell not in ("", None) for cell in row)]
    if not used:
        return Sheet(sheet.name, [])
    return Sheet(sheet.name, sheet.rows[used[0] : used[-1] + 1], sheet.first + used[0])


# ---------------------------------------------------------------------- workbooks
def _book(path: Path) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if path.suffix.lower() != ".xls":
        _check_zip(path)
    try:
        book = CalamineWorkbook.from_path(path)
        return [_sheet(book, name) for name in book.sheet_names]
    except PasswordError:
        raise SheetError("文件有密码，请去掉密码后再发") from None
    except (CalamineError, OSError, ValueError):
        raise SheetError("这不是完好的 Excel 文件，请用 Excel 打开后另存为 .xlsx 再发") from None
    except BaseException as e:  # the reader is written in Rust: a panic on a broken file arrives as a BaseException of its own
        if type(e).__name__ != "PanicException":
            raise
        raise SheetError("这个 Excel 文件已损坏，请用 Excel 打开后另存为 .xlsx 再发") from None


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as z:
            unpacked = sum(i.file_size for i in z.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        head = path.read_bytes()[:8]
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            raise SheetError("文件有密码或是旧版格式，请去掉密码并另存为 .xlsx 再发") from None
        raise SheetError("这不是完好的 Excel 文件，请用 Excel 打开后另存为 .xlsx 再发") from None
    if unpacked > MAX_UNPACKED:
        raise SheetError("文件解开后太大，请只保留要导入的表再发")


def _sheet(book: object, name: str) -> Sheet:
    sheet = book.get_sheet_by_name(name)  # type: ignore[attr-defined]
    if sheet.total_height > MAX_ROWS:
        raise SheetError(f"行数太多，一次最多 {MAX_ROWS} 行，请拆成几个文件")
    rows: list[Cells] = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        _spread(rows, top, left, min(bottom, len(rows) - 1), right)
    return Sheet(name, rows)


def _spread(rows: list[Cells], top: int, left: int, bottom: int, right: int) -> None:
    """A merged cell's value stands in every row it covers; sideways it stays where it is (a title over the table)."""
    if top >= len(rows) or left >= len(rows[top]) or bottom - top > MAX_ROWS:
        return
    for n in range(top + 1, bottom + 1):
        if left < len(rows[n]):
            rows[n][left] = rows[top][left]


# ---------------------------------------------------------------------- csv
def _csv(path: Path) -> Sheet:
    text = decoded(path.read_bytes())
    if "\x00" in text:
        raise SheetError("这不是文字的 CSV 文件，请用 Excel 另存为 CSV（UTF-8）再发")
    try:
        rows: list[Cells] = [list(row) for row in _csv_rows(text)]
    except csv.Error as e:
        raise SheetError(f"CSV 文件读到一半读不下去（{e}），请用 Excel 打开后另存为 .xlsx 再发") from None
    return Sheet(path.stem, rows)


def _csv_rows(text: str) -> Iterator[list[str]]:
    first = text[:20_000].partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    for n, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
        if n > MAX_ROWS:
            raise SheetError(f"行数太多，一次最多 {MAX_ROWS} 行，请拆成几个文件")
        yield row


def decoded(raw: bytes) -> str:
    """Text of a CSV as Excel, WPS and other programs write it: UTF-8 with or without mark, UTF-16 with mark, GBK."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise SheetError("文件的文字编码认不出来，请另存为 UTF-8 的 CSV") from None
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError("文件的文字编码认不出来，请另存为 UTF-8 的 CSV")
