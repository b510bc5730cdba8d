"""`main.py import` and `export`: what a sheet holds comes in, bad rows are told in the result file, and it comes out again."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sheets import export
from bot.sheets.read import SheetError
from handlers.data_api import TABLES

ROOT = Path(__file__).parents[2]
MEMBER = '[[members]]\nid = "wanglei"\nname = "王磊"\nrole = "rep"\nteam = "华东一组"\n'
ROWS = [
    ["客户名称", "负责人", "手机"],
    ["测试机械有限公司", "王磊", "13912345678"],
    ["测试机械有限公司", "王磊", "13912345678"],
    ["坏", "", "abc"],
    ["=cmd|calc商贸有限公司", "王磊", "13912345679"],
]


def bot(folder: Path, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "main.py", args[0], "--config", str(folder / "c.toml"), *args[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as f:
        return list(csv.reader(f))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_rows_come_in_bad_ones_are_told_and_all_goes_out_again(tmp_path: Path, ending: str) -> None:
    (tmp_path / "c.toml").write_text(f'[storage]\nurl = "sqlite+aiosqlite:///{tmp_path}/v.db"\n{MEMBER}', encoding="utf-8")
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as f:
        csv.writer(f).writerows(ROWS)
    assert "没有写入" in bot(tmp_path, "import", str(tmp_path / "in.csv"), "--dry-run")
    assert "0 rows" in bot(tmp_path, "export", "customers", "--out", str(tmp_path / "none.csv"))

    bot(tmp_path, "import", str(tmp_path / "in.csv"))
    results = [row[0] for row in table(next(tmp_path.glob("in*结果*.csv")))[1:]]
    assert results[:3] == ["新增", "重复", "错误"]

    out = tmp_path / f"out.{ending}"
    bot(tmp_path, "export", "customers", "--out", str(out))
    again = bot(tmp_path, "import", str(out))
    assert "新增 0" in again, "what was exported is known"
    if ending == "csv":
        head, first, *_ = table(out)
        row = dict(zip(head, first, strict=True))
        assert (row["客户名称"], row["负责人"], row["电话"]) == ("测试机械有限公司", "王磊", "13912345678")
        assert not any(cell.startswith("=") for line in table(out) for cell in line), "no cell is a formula"


@pytest.mark.asyncio
async def test_more_rows_than_a_sheet_holds_are_refused_and_never_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def three(*_: object) -> tuple[list[str], list[list[str]]]:
        return ["客户名称"], [["甲"], ["乙"], ["丙"]]

    monkeypatch.setattr(export, "gather", three)
    monkeypatch.setattr(export, "XLSX_ROWS", 2)
    with pytest.raises(SheetError, match=r"\.csv"):
        await export.run(None, TABLES, "customers", tmp_path / "out.xlsx")  # type: ignore[arg-type]
    assert not (tmp_path / "out.xlsx").exists()
    assert await export.run(None, TABLES, "customers", tmp_path / "out.csv") == 3  # type: ignore[arg-type]
    assert table(tmp_path / "out.csv") == [["客户名称"], ["甲"], ["乙"], ["丙"]]
