"""帮助、为什么、闲聊、听不懂：给能照着说的例子，绝不猜着写。"""

from dataclasses import dataclass

from bot.cards import Block, Card, Items, Text
from bot.command import Reply, Turn, command
from domain.model import Role
from handlers import _console


@dataclass(frozen=True, slots=True)
class Nothing:
    """No slots."""


@command("help.show", Nothing, group="帮助", example="怎么用")
def show(ask: Nothing, turn: Turn) -> Reply:
    """What this person may say, by group, each line an example that works."""
    if _console.asked(turn.said.text):
        return _console.link(turn)
    order = list(Role)
    groups: dict[str, list[str]] = {}
    for group, example, role in turn.examples:
        if order.index(turn.me.role) >= order.index(role):
            groups.setdefault(group, []).append(example)
    blocks: list[Block] = [Text(f"{g}：{'；'.join(x[:3])}") for g, x in groups.items()]
    return Reply(Card("直接用一句话告诉我，例如：", tuple(blocks)))


@command("dialog.why", Nothing, group="帮助", example="为什么")
def why(ask: Nothing, turn: Turn) -> Reply:
    """The rule and the facts behind the last answer in this chat (M13)."""
    noted = turn.tx.talk.noted(turn.me.id, f"why:{turn.here}")
    if not noted:
        return Reply(Card("刚才没有拦下或提醒什么", (Text("哪一步不明白，可以直接问，例如：恒信是谁的。"),)))
    return Reply(Card("因为：", (Items(tuple(str(noted).splitlines())),)))


@command("smalltalk", Nothing)
def smalltalk(ask: Nothing, turn: Turn) -> Reply:
    """Polite, short, changes nothing."""
    return Reply(
        Card(
            "不客气，有拜访的事随时说" if "谢" in turn.said.text else "您好，我是拜访助手", (Text("例如：明天下午3点拜访宏远。"),)
        )
    )


@command("unknown", Nothing)
def unknown(ask: Nothing, turn: Turn) -> Reply:
    """Not understood: the three nearest things one can say; nothing is done."""
    near = nearest(turn.said.text, [e for _, e, role in turn.examples if turn.me.role.leads or role is Role.REP])
    return Reply(Card("没听懂，什么都没有改动。您可以这样说：", (Items(tuple(near)),)))


def nearest(text: str, examples: list[str]) -> list[str]:
    """The three examples that share most letters with the text; booking, list and help when nothing is shared."""
    letters = set(text)
    ranked = sorted(examples, key=lambda e: -len(letters & set(e)) / (len(set(e)) + 4))
    return ranked[:3]
