"""卡片上的选项：由对话层换成原来的那句话；走到这里说明选项已经失效。"""

from dataclasses import dataclass

from bot.command import Reply, Turn, command
from domain.refusal import Stale


@dataclass(frozen=True, slots=True)
class Choice:
    """The question chosen from."""

    draft: str = ""


@command("draft.fill", Choice, intent="dialog.choose")
def fill(ask: Choice, turn: Turn) -> Reply:
    """Known by name so that a click on a choice is one; bot/dialogue.py `fill` turns a live one into the draft's own command."""
    raise Stale("这张卡片已经处理过了，没有重复操作")
