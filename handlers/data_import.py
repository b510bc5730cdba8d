"""导入：发来表格先看列的对应和预计结果，确认后逐行查重录入，结果文件私信；主管管本组，总监和管理员管全部。"""

from dataclasses import dataclass
from pathlib import Path

from bot import says
from bot.cards import Block, Button, Card, Items, Text, Tone
from bot.command import Reply, Turn, command
from bot.sheets.importer import STATES, totals
from bot.sheets.read import ENDINGS
from bot.sheets.rows import Prepared, Result
from domain.model import Role
from domain.refusal import NotAllowed, Refusal

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """A file message has no slots."""


@command("got.file", Sent, intent="data.import")
def got_file(ask: Sent, turn: Turn) -> Reply:
    """A table is read beside the conversation; what is in it comes back as a preview, in private."""
    path = turn.message.file if turn.message else ""
    name = Path(path).name[:80] or "文件"
    if Path(path).suffix.lower() not in ENDINGS:
        text = Text("我能读 .xlsx 和 .csv 的客户、拜访、成员表；其他文件没有保存。")
        return Reply(Card(f"这个文件读不了：{name}", (text,), (), Tone.WARN))
    _check_right(turn)
    turn.tx.errands.send("import.read", turn.me.id, {"path": path, "name": name}, turn.now)
    where = "预览已私信给您。" if turn.group else "马上给您预览。"
    return Reply(Card(f"收到 {name}，正在读取", (Text(f"{where}确认之前不会写入任何数据。"),)))


def _check_right(turn: Turn) -> None:
    if not turn.me.role.leads:
        raise NotAllowed("无权：导入由主管、总监或管理员操作，没有写入", "请把文件发给您的主管。", action="data.import", obj="")


@command("data.import", Sent, group="数据", example="导入客户表", role=Role.MANAGER)
def data_import(ask: Sent, turn: Turn) -> Reply:
    """How to: send the file; a template for those who have none."""
    lines = ("客户：客户名称、联系人、电话、邮箱、统一社会信用代码、城市、等级、负责人、阶段……", "拜访：客户、销售、开始、结束、方式、目的、参与人、状态",
             "成员：姓名、账号、角色、团队、部门、上级……")  # fmt: skip
    text = Text("列名在前几行里即可，顺序不限，“手机”“公司”等常见叫法都认得。")
    buttons = (Button("要一份模板", says.write("data.template")),)
    return Reply(Card("请把 .xlsx 或 .csv 文件直接发给我", (Items(lines), text), buttons))


@command("data.template", Sent, intent="data.import", role=Role.MANAGER)
def template(ask: Sent, turn: Turn) -> Reply:
    """An empty table of each kind, in private."""
    turn.tx.errands.send("import.template", turn.me.id, {}, turn.now)
    return Reply(Card("模板已私信给您" if turn.group else "这就把模板发给您"))


# ---------------------------------------------------------------------- preview
@dataclass(frozen=True, slots=True)
class Preview:
    """What was read (`prepared`) and what entering it would come to (`results`); only from the errand that read it."""

    prepared: object = None
    results: object = None
    path: str = ""
    name: str = ""


@command("data.preview", Preview, intent="data.import", role=Role.MANAGER)
def preview(ask: Preview, turn: Turn) -> Reply:
    """Which column was read as what, the expected counts, the first troubles; one 确认."""
    if turn.source != "import" or not isinstance(ask.prepared, Prepared) or not isinstance(ask.results, list):
        raise Refusal("这个按钮已经失效，没有任何改动")
    results: list[Result] = ask.results
    found = totals(results)
    draft = turn.ask(turn.said.with_slots(prepared=None, results=None), "confirm", path=ask.path, name=ask.name)
    blocks: list[Block] = [Items(tuple(ask.prepared.summary())), Text(f"预计{found}。")]
    troubles = [
        f"第 {row.number} 行 {STATES[r.state]}：{r.reason}"[:100]
        for row, r in sorted(zip(ask.prepared.rows, results, strict=True), key=lambda p: p[1].state != "error")
        if r.state != "ok"
    ]
    if troubles:
        blocks.append(Items(tuple(troubles[:SHOWN])))
    blocks.append(Text("还没有写入任何数据；确认后逐行查重录入，重复和错误的行不会写入，结果文件会发给您。"))
    buttons = (
        Button("确认", says.write("data.enter", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    counts = "、".join(f"{_KINDS[k]} {n} 行" for k, n in ask.prepared.counts.items())
    card = Card(f"导入预览：{ask.name}（{counts}）", tuple(blocks), buttons, Tone.WARN)
    turn.tell(turn.me.id, card, subject=f"draft:{draft.id}")
    return Reply(card)


_KINDS = {"members": "成员", "customers": "客户", "visits": "拜访"}


@dataclass(frozen=True, slots=True)
class Enter:
    """The confirmed preview."""

    draft: str = ""


@command("data.enter", Enter, intent="dialog.confirm", role=Role.MANAGER)
def enter(ask: Enter, turn: Turn) -> Reply:
    """Enter the file beside the conversation; this card shows how far it is."""
    _check_right(turn)
    draft = turn.take_draft(ask.draft)
    name = str(draft.data["name"])
    errand = turn.tx.errands.send("import.enter", turn.me.id, {"path": str(draft.data["path"]), "name": name}, turn.now)
    turn.event("data.import_started", file=name, errand=errand)
    return Reply(Card(f"正在导入：{name}", (Text("完成后把结果文件发给您，期间可以继续用我。"),)), subject=f"errand:{errand}")
