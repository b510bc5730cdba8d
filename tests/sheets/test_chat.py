"""Tables in the chat: a file is previewed, confirmed, entered with a result file; exports go to the private chat with the asker's fields."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.message import Message
from bot.sheets import importer
from bot.sheets.read import read
from domain.model import Contact
from tests.talking import Chat, Got, chat

__all__ = ["chat"]
HEAD = "公司,手机,负责人,级别,备注\n"
ROWS = (
    HEAD
    + "北辰测绘有限公司,138 1234 5678,韩梅,B类,x\n坏,,,,\n+cmd公司,13912345678,没有这人,,\n南极光电有限公司,123,,,\n北辰测绘有限公司,,,,\n"
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISITBOT_FILES", str(tmp_path / "out"))


async def send(chat: Chat, who: str, path: Path, group: str = "") -> list[Got]:
    return await chat.handle(
        Message("wecom", who, f"file-{path.name}-{len(chat.wire.got)}", chat.clock.now(), file=str(path), group=group)
    )


def result_of(got: list[Got]) -> list[list[str]]:
    (name, path) = next(g for g in got if g.card.files).card.files[0]
    assert Path(path).name == name
    with Path(path).open(encoding="utf-8-sig", newline="") as f:
        return list(csv.reader(f))


def csv_of(got: list[Got]) -> str:
    return Path(next(g for g in got if g.card.files).card.files[0][1]).read_text("utf-8-sig")


async def boss(chat: Chat) -> str:
    """The manager of hanmei's team."""
    found = await chat.app.store.read(lambda tx: tx.people.managers_above("hanmei"))
    return next(m.id for m in found if m.role == "manager")


async def test_a_file_is_shown_confirmed_and_entered_and_a_second_time_adds_nothing(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_bytes(ROWS.encode("gb18030"))
    who = await boss(chat)
    before = await chat.app.store.read(lambda tx: tx.customers.count())
    first, preview = (g.text for g in await send(chat, who, path))
    assert "正在读取" in first
    for words in ("客户名称←公司", "电话←手机", "等级←级别", "备注", "新增 1，重复 1，错误 3", "没有这人", "1. 确认"):
        assert words in preview
    assert await chat.app.store.read(lambda tx: tx.customers.count()) == before, "a preview writes nothing"

    got = await chat.says(who, "确认")
    assert "导入完成：新增 1，重复 1，错误 3" in got[-1].text
    assert [g.why for g in got] == ["reply", "update", "reply"]
    assert [row[0] for row in result_of(got)[1:]] == ["新增", "错误", "错误", "错误", "重复"]
    assert not any(cell.startswith(("+", "=")) for row in result_of(got) for cell in row)
    (made,) = chat.named("customer.created")
    assert made["customer"]["owner"] == "hanmei"

    await send(chat, who, path)
    assert "新增 0，重复 2，错误 3" in (await chat.press(who, "确认"))[-1].text
    again = await chat.says(who, "/data.enter draft=d1")
    assert "已经处理过" in again[0].text


async def test_only_who_leads_imports_and_a_group_sees_no_row(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "客户.csv"
    path.write_text(HEAD + "北辰测绘有限公司,13812345678,,,\n", encoding="utf-8")
    assert "无权" in (await send(chat, "hanmei", path))[0].text
    assert chat.named("access.denied")[0]["action"] == "data.import"
    who = await boss(chat)
    group = next(g.id for g in await chat.app.store.read(lambda tx: tx.people.groups()) if who in g.members)
    got = await send(chat, who, path, group)
    assert [g.to for g in got if "北辰" in g.text or "客户名称" in g.text] == [who]
    assert "读不了" in (await send(chat, who, tmp_path / "合同.pdf"))[0].text


@pytest.mark.parametrize("name", ["空.xlsx", "坏.xlsx", "没有.csv", "散文.csv"])
async def test_a_file_that_cannot_be_used_is_said_so_and_the_bot_goes_on(chat: Chat, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name != "没有.csv":
        path.write_bytes({"空.xlsx": b"", "坏.xlsx": b"PK\x03\x04 broken", "散文.csv": "春眠不觉晓\n处处闻啼鸟\n".encode()}[name])
    got = await send(chat, await boss(chat), path)
    assert f"没有导入：{name}" in got[-1].text
    assert not [g for g in got if g.card.buttons]


async def test_an_import_that_was_interrupted_goes_on_where_it_stopped(
    chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "客户.csv"
    names = ["朝阳测绘", "启明光电", "瀚海阀门", "云杉物流", "赤峰磁材", "墨竹文化"]
    path.write_text("公司\n" + "".join(f"{n}有限公司\n" for n in names), encoding="utf-8")
    who = await boss(chat)
    await send(chat, who, path)
    monkeypatch.setattr(importer, "CHUNK", 2)
    real, calls = importer.Importer._enter, 0

    async def dies(self: importer.Importer, *args: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return await real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(importer.Importer, "_enter", dies)
    with pytest.raises(KeyboardInterrupt):
        await chat.press(who, "确认")
    monkeypatch.setattr(importer.Importer, "_enter", real)
    assert len(chat.named("customer.created")) == 4
    assert chat.app.errands is not None

    chat.clock.move(chat.clock.now() + timedelta(hours=1))
    chat.app.errands._wake.set()  # type: ignore[attr-defined]
    await chat.due()
    assert len(chat.named("customer.created")) == 6
    assert "导入完成：新增 6，重复 0，错误 0" in chat.wire.got[-1].text


async def test_an_export_has_the_askers_fields_and_goes_to_him_alone(chat: Chat) -> None:
    await chat.says("hanmei", "/customer.create customer==1+1电子有限公司 phone=13900001234")
    mine = await chat.app.store.read(lambda tx: tx.customers.owned_by("hanmei"))
    other = next(c for c in await chat.app.store.read(lambda tx: list(tx.customers.all())) if c.owner not in (None, "hanmei"))
    hidden = replace(other, locked=True, contacts=(Contact("密", "", "13700009999"),))
    await chat.app.store.run(lambda tx: tx.customers.put(hidden))
    got = await chat.says("hanmei", "导出我的客户")
    file = next(g for g in got if g.card.files)
    assert file.to == "hanmei"
    (sheet,) = read(Path(file.card.files[0][1]))
    assert {row[1] for row in sheet.rows[1:]} == {c.name for c in mine} | {"=1+1电子有限公司"}
    whose = await chat.app.store.read(lambda tx: tx.people.get(other.owner or ""))
    assert whose
    got = await chat.says("hanmei", f"导出{whose.name}的客户，csv")
    text = csv_of(got)
    assert other.name in text
    assert "13700009999" not in text
    group = (await chat.app.store.read(lambda tx: tx.people.groups()))[0]
    got = await chat.says("hanmei", "@拜访助手 导出我的客户", group=group.id)
    assert [g.text[:3] for g in got if g.to.startswith("g:")] == ["已私信"]
    assert not [g for g in got if g.to.startswith("g:") and g.card.files]
