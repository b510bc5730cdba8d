"""自定义字段：一句话加一个字段，先看样子和谁能看到，确认后马上可用。"""

import json
from dataclasses import dataclass

from bot import says
from bot.cards import Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.custom_fields import OBJECTS, Field, check_formula, read_field
from domain.model import Role
from domain.refusal import Refusal, Stale
from nlp.said import Said

_READERS = {
    "customer": "同部门同事可见，负责人和主管可改",
    "visit": "参与人和主管可见，负责人可改",
    "report": "负责人、协作人和主管可见",
}
_SHOWN = {"customer": "客户卡、拜访准备、导入导出", "visit": "拜访卡和提醒", "report": "纪要卡和导出"}


@dataclass(frozen=True, slots=True)
class Add:
    """The field's name and, of a choice, its options."""

    field: str = ""
    value: object | None = None
    content: str = ""
    draft: str = ""


@command("field.add", Add, group="设置", example="客户表加个字段 采购周期 单选 月度 季度 年度", role=Role.ADMIN)
def add(ask: Add, turn: Turn) -> Reply:
    """Show what the field would be, where it shows and who sees it, and ask once (57)."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    text = turn.said.text
    options = ask.value if isinstance(ask.value, list | tuple) else str(ask.value or "").split(",")
    if not ask.field:
        turn.ask(turn.said.with_slots(draft=None), "words", 60, field="field")
        made = tuple(
            f"{OBJECTS[of]}：{'、'.join(f.words() for f in there)}" for of in OBJECTS if (there := turn.tx.fields.of(of))
        )
        now = (Text("现有的自定义字段："), Items(made)) if made else ()
        example = Text("例如：客户表加个字段 采购周期 单选 月度 季度 年度。")
        return Reply(Card("字段叫什么？还没有添加", (*now, example)))
    try:
        field = read_field(text, ask.field.strip(), tuple(o.strip() for o in map(str, options) if o.strip()))
    except ValueError as e:
        raise Refusal(f"{e}，没有添加") from None
    check_names(turn, field)
    known = turn.tx.fields.get(field.of, field.name)
    if known is not None and known.spec() == field.spec():
        return Reply(Card(f"{OBJECTS[field.of]}已经有这个字段：{known.words()}，没有重复添加"))
    rows = [
        ("字段", field.words()),
        ("用在", f"{OBJECTS[field.of]}（{_SHOWN[field.of]}）"),
        ("谁能看到", _READERS[field.of]),
        ("原来是", known.words() if known else ""),
    ]
    draft = turn.ask(Said("field.confirm", {}), "confirm", 24 * 60, spec=json.dumps([field.of, field.name, field.spec()]))
    buttons = (
        Button("确认", says.write("field.confirm", draft=draft.id), "primary"),
        Button("算了", says.write("draft.drop", draft=draft.id)),
    )
    facts = Facts(tuple((n, v) for n, v in rows if v))
    return Reply(Card("请确认新字段，还没有添加", (facts,), buttons, Tone.WARN), subject=f"draft:{draft.id}")


def check_names(turn: Turn, field: Field) -> None:
    """A formula uses numbers that are there, and not itself."""
    if field.kind != "formula":
        return
    numbers = {f.name for f in turn.tx.fields.of(field.of) if f.kind == "number"}
    unknown = sorted(check_formula(field.formula) - numbers)
    if unknown:
        raise Refusal(f"公式里的「{'、'.join(unknown)}」不是{OBJECTS[field.of]}的数字字段，没有添加")


@dataclass(frozen=True, slots=True)
class Confirm:
    """The preview that is confirmed."""

    draft: str = ""


@command("field.confirm", Confirm, intent="dialog.confirm", role=Role.ADMIN)
def confirm(ask: Confirm, turn: Turn) -> Reply:
    """From here on the field is there."""
    draft = turn.take_draft(ask.draft)
    if "spec" not in draft.data:
        raise Stale("这张卡片不是要确认的预览，没有任何改动")
    object_, name, spec = json.loads(str(draft.data["spec"]))
    field, before = Field.read(object_, name, spec), turn.tx.fields.get(object_, name)
    turn.tx.fields.put(field, turn.now, turn.me.id)
    turn.event("field.added", field={"object": object_, "name": name, **field.spec()})
    turn.did("field.added", object=object_, field=name, before=before.spec() if before else None)
    undo = Button("撤销", says.write("dialog.undo"))
    value = field.options[0] if field.options else {"number": "100", "date": "2026年12月31日"}.get(field.kind, "…")
    usage = {
        "customer": f"宏远的{name}改成{value}",
        "visit": f"明天宏远的拜访{name}改成{value}",
        "report": f"{name}{value}（写在纪要里）",
    }
    text = Text("由公式算出，随数字自动更新。" if field.kind == "formula" else f"现在就能用，例如：{usage[object_]}。")
    return Reply(Card(f"已添加字段：{field.words()}", (text,), (undo,), Tone.DONE))
