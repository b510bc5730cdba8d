"""The neutral card as the AI bot sends it: the same template card everywhere, else markdown (wecom.md 2.3).

Pure. Plain `text` is no legal answer to a message, so words go out as markdown or as a finished stream.
"""

import hashlib

from bot.cards import Card
from bot.platforms.wecom.draw import AIBOT_MARKDOWN_BYTES, ROBOT, Json, draw, markdown, redraw


def messages(card: Card, key: str) -> tuple[Json, ...]:
    """Bodies (msgtype and content) in order: markdown for what no card holds, then the card if it has buttons."""
    drawing = draw(card, key, ROBOT)
    out: list[Json] = []
    if drawing.texts:
        out += map(words, markdown(card, AIBOT_MARKDOWN_BYTES))
    if drawing.card is not None:
        out.append({"msgtype": "template_card", "template_card": drawing.card})
    return tuple(out)


def plain_messages(card: Card) -> tuple[Json, ...]:
    """The same without template cards: numbered buttons."""
    return tuple(map(words, markdown(card, AIBOT_MARKDOWN_BYTES)))


def words(text: str) -> Json:
    """One markdown message."""
    return {"msgtype": "markdown", "markdown": {"content": text}}


def answer(card: Card, key: str) -> Json:
    """The passive reply to a message, in one body: a card, a finished stream, or both (W101031)."""
    drawing = draw(card, key, ROBOT)
    template: Json = {"template_card": drawing.card}
    if drawing.card is not None and not drawing.texts:
        return {"msgtype": "template_card", **template}
    said = stream("\n".join(markdown(card, AIBOT_MARKDOWN_BYTES)), key)
    return said if drawing.card is None else {**said, "msgtype": "stream_with_template_card", **template}


def stream(text: str, key: str) -> Json:
    """A stream answer that is already complete."""
    content = text.encode()[:AIBOT_MARKDOWN_BYTES].decode(errors="ignore")
    stream_id = hashlib.sha256(key.encode()).hexdigest()[:32]
    return {"msgtype": "stream", "stream": {"id": stream_id, "finish": True, "content": content}}


def update(card: Card, task: str) -> tuple[Json, tuple[str, ...]]:
    """The answer to a click, which changes the card for everyone, and the words that did not fit it."""
    drawing = redraw(card, ROBOT)
    body: Json = {"response_type": "update_template_card", "template_card": {**(drawing.card or {}), "task_id": task}}
    return body, markdown(card, AIBOT_MARKDOWN_BYTES) if drawing.texts else ()
