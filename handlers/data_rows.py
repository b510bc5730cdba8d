"""导入的一批行：由导入程序逐批交来，和聊天里同样查重、同样的权限。"""

from dataclasses import dataclass

from bot.cards import Card
from bot.command import Reply, Turn, command
from bot.errands import LEASE_S, Gone
from bot.sheets.rows import Result, Row
from domain.model import Role
from domain.refusal import Refusal
from handlers import _data_rows
from storage.errands import Errand


@dataclass(frozen=True, slots=True)
class Rows:
    """`rows`: [{"kind", "data", "place", "likes", "keys"}]; `out` takes a Result for each, in order; `entered`: place → customer so far."""

    rows: tuple[object, ...] = ()
    out: object = None
    entered: object = None
    errand: object = None
    """The errand this belongs to: what comes of the rows is kept with it, in the same transaction."""


@command("data.rows", Rows, intent="data.import", role=Role.MANAGER)
def rows(ask: Rows, turn: Turn) -> Reply:
    """Enter each row by itself; never from a message."""
    if turn.source != "import" or not isinstance(ask.out, list):
        raise Refusal("这个按钮已经失效，没有任何改动")
    rows = [row for row in ask.rows if isinstance(row, dict)]
    entered = ask.entered if isinstance(ask.entered, dict) else {}
    errand = ask.errand if isinstance(ask.errand, Errand) else None
    if errand is not None and not turn.tx.errands.hold(errand.id, errand.fence, turn.now, LEASE_S):
        raise Gone
    results = _data_rows.Entering(turn, entered).all(rows)
    if errand is not None and rows:
        kept = [[row["place"], r.state, r.reason, r.id] for row, r in zip(rows, results, strict=True)]
        turn.tx.errands.keep(errand.id, int(str(rows[0]["place"])), kept)
    ask.out[:] = results
    return Reply(Card("已处理一批"))


@dataclass(frozen=True, slots=True)
class Foresee:
    """`rows` of a file and in `out` what is expected of each; nothing is entered."""

    rows: tuple[object, ...] = ()
    out: object = None


@command("data.foresee", Foresee, intent="data.import", role=Role.MANAGER)
def foresee(ask: Foresee, turn: Turn) -> Reply:
    """Mark the rows that name nobody we know, somebody else's people, or a customer that is not there; never from a message."""
    if turn.source != "import" or not isinstance(ask.out, list):
        raise Refusal("这个按钮已经失效，没有任何改动")
    results: list[Result] = ask.out
    _data_rows.foresee(turn, [row for row in ask.rows if isinstance(row, Row)], results)
    return Reply(Card("已看过一遍"))
