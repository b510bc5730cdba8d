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
    """Several commands in one message get one reply: the results one under the other, the first buttons that fit."""
    if len(replies) == 1:
        return replies[0]
    blocks = tuple(b for r in replies for b in (Text(r.card.title), *r.card.blocks))
    buttons: tuple[Button, ...] = tuple(b for r in replies for b in r.card.buttons)[:6]
    return Reply(Card(f"{len(replies)} 件事都处理了，结果如下", blocks, buttons))
