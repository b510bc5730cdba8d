"""Replies joined, and refusals as cards."""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards import Button, Card, Items, Text, Tone
from bot.command import Reply
from domain.refusal import Refusal


def refused(e: Refusal, *, private: bool = False) -> Reply:
    """A refusal as a card; `private`: the group reads the first line, the asker also gets the whole in his own chat (D7)."""
    ways = tuple(Button(words, sentence) for words, sentence in e.ways)
    card = Card(e.text, (Items(e.hints),) if e.hints else (), ways)
    return Reply(Card(e.text) if private else card, card if private else None, refused=True)


def followed_by(first: Reply, last: Reply) -> Reply:
    """Claim, then book: the last result is the title, the first stands under it."""
    if first.card.tone is not Tone.DONE:
        return last
    return replace(last, card=replace(last.card, blocks=(Text(first.card.title), *last.card.blocks)))


def combine(replies: Sequence[Reply]) -> Reply:
    """Several commands in one message get one reply: how many are done, each result, then the buttons of what is still open and
    one undo for each thing done (one 撤销 alone would not say which)."""
    if len(replies) == 1:
        return replies[0]
    waiting = [r for r in replies if not r.refused and r.card.tone is Tone.WARN and r.card.buttons]
    refused_ = sum(r.refused for r in replies)
    blocks = tuple(b for r in replies for b in (Text(r.card.title), *r.card.blocks))
    buttons: dict[str, Button] = {}
    for button in (b for r in waiting for b in r.card.buttons):
        buttons.setdefault(button.text, button)
    for n, reply in enumerate(replies, 1):
        undo = next((b for b in reply.card.buttons if b.text == "撤销"), None)
        if undo is not None:
            buttons[f"撤销第{n}件"] = replace(undo, text=f"撤销第{n}件")
    counts = ((len(replies) - len(waiting) - refused_, "件已处理"), (len(waiting), "件等您定"), (refused_, "件没有办成"))
    title = "，".join(f"{n} {words}" for n, words in counts if n)
    title = "都处理了" if not waiting and not refused_ else title
    return Reply(
        Card(f"{len(replies)} 件事{'' if title == '都处理了' else '：'}{title}，结果如下", blocks, tuple(buttons.values())[:6])
    )
