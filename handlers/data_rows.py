"""导入的一批行：由导入程序逐批交来，和聊天里同样查重、同样的权限。"""

from dataclasses import dataclass

from bot.cards import Card
from bot.command import Reply, Turn, command
from domain.model import Role
from domain.refusal import Refusal
from handlers import _data_rows


@dataclass(frozen=True, slots=True)
class Rows:
    """`rows`: [{"kind", "data", "place", "likes", "keys"}]; `out` takes a Result for each, in order; `entered`: place → customer so far."""

    rows: tuple[object, ...] = ()
    out: object = None
    entered: object = None


@command("data.rows", Rows, intent="data.import", role=Role.MANAGER)
def rows(ask: Rows, turn: Turn) -> Reply:
    """Enter each row by itself; never from a message."""
    if turn.source != "import" or not isinstance(ask.out, list):
        raise Refusal("这个按钮已经失效，没有任何改动")
    rows = [row for row in ask.rows if isinstance(row, dict)]
    entered = ask.entered if isinstance(ask.entered, dict) else {}
    ask.out[:] = _data_rows.Entering(turn, entered).all(rows)
    return Reply(Card("已处理一批"))
