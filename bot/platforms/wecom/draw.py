"""The neutral card as WeCom shows it: a template card when it has buttons, else text (wecom.md 3.1–3.4).

Pure. What does not fit a card goes out in full as text before it, so that the buttons stay at the bottom of the chat.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.cards import Button, Card, Facts, Items, Text, Tone, plain
from bot.cards import lines as block_lines

TEXT_BYTES = 2048
"""Of one text message; WeCom cuts silently beyond."""
MARKDOWN_BYTES = 4096
"""Of one webhook markdown message."""
AIBOT_MARKDOWN_BYTES = 20_480
ROWS = 6
KEYNAME_CHARS = 5
BUTTON_CHARS = 10
KEY_BYTES = 1024
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}\Z")
SOURCE = "拜访助手"

_COLOURS = {Tone.INFO: 0, Tone.DONE: 3, Tone.WARN: 2}
"""source.desc_color: 0 grey, 2 red, 3 green."""
_STYLES = {"primary": 1, "default": 4, "danger": 2}
"""button_list.style: 1 blue, 2 red text, 4 grey."""
_DONE = "已处理"
_ELSEWHERE = "全文见另一条文字消息。"

_MARK = "\u200b\u200c\u2060"
MARKS = dict.fromkeys(map(ord, _MARK))
"""Translation table that removes the invisible marks."""
MARK_CHARS = 12
_MARK_BYTES = 3 * MARK_CHARS

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Limits:
    """Characters of main_title.title, main_title.desc, sub_title_text and a row's value (wecom.md 3.3)."""

    title: int
    desc: int
    body: int
    value: int


APP = Limits(36, 44, 160, 30)
ROBOT = Limits(26, 30, 112, 26)
"""Webhook and AI bot."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What to send, in order: the texts, then the card (None = the texts are all)."""

    texts: tuple[str, ...]
    card: Json | None = None


def draw(card: Card, key: str, limits: Limits = APP) -> Drawing:
    """A new message: `key` becomes the task id, by which WeCom refuses a second copy (42014)."""
    if not card.buttons or not _pressable(card.buttons):
        return Drawing(split(plain(card)))
    face = _Face(card, limits)
    return Drawing(split(plain(card)) if face.cut else (), {**face.json(), "task_id": task_id(key)})


def redraw(card: Card, limits: Limits = APP) -> Drawing:
    """The same as the body of an update: no task id; without buttons the pressed ones become grey (W94888)."""
    face = _Face(card, limits)
    body = face.json()
    pressable = _pressable(card.buttons)
    if not card.buttons or not pressable:
        # A button card must have a button; replace_text shows it grey and dead.
        body["button_list"] = [{"text": _DONE, "style": 4, "key": "done"}]
        body["replace_text"] = _DONE
    return Drawing(split(plain(card)) if face.cut or not pressable else (), body)


def notice(card: Card, url: str) -> Json | None:
    """A card without buttons as text_notice that opens `url`, as it must; None when something would be cut."""
    face = _Face(card, ROBOT)
    if face.cut or card.buttons or not url or len(url.encode()) > 2048:
        return None
    body = {k: v for k, v in face.json().items() if k != "button_list"}
    return {**body, "card_type": "text_notice", "card_action": {"type": 1, "url": url}}


class _Face:
    """The parts of a card that fit a template card; `cut` tells that something did not."""

    def __init__(self, card: Card, limits: Limits) -> None:
        self.card, self.limits = card, limits
        self.title, self.desc = _headed(card.title.replace("\n", " "), limits.title)
        self.rows: list[Json] = []
        body: list[str] = []
        for block in card.blocks:
            match block:
                case Facts(rows):
                    body += [line for line in map(self._row, rows) if line]
                case Text() | Items():
                    body += block_lines(block)
                case _:
                    assert_never(block)
        self.body = "\n".join(body)
        self.labels = [label(b.text) for b in card.buttons]
        long_label = any(len(text) > BUTTON_CHARS for text in self.labels) or len(set(self.labels)) < len(self.labels)
        self.cut = len(self.desc) > limits.desc or len(self.body) > limits.body or long_label

    def _row(self, row: tuple[str, str]) -> str:
        """Keeps a row that fits; else its line for the body."""
        name, value = row
        if not value:
            return ""
        if len(self.rows) < ROWS and len(name) <= KEYNAME_CHARS and len(value) <= self.limits.value and "\n" not in value:
            self.rows.append({"keyname": name, "value": value})
            return ""
        return f"{name}：{value}"

    def json(self) -> Json:
        body: Json = {
            "card_type": "button_interaction",
            "source": {"desc": SOURCE, "desc_color": _COLOURS[self.card.tone]},
            "main_title": {"title": shorten(self.title, self.limits.title)},
        }
        if self.desc:
            body["main_title"] = {"title": self.title, "desc": shorten(self.desc, self.limits.desc)}
        if self.body:
            # Half of what the text message beside it says would only be read twice.
            body["sub_title_text"] = self.body if len(self.body) <= self.limits.body else _ELSEWHERE
        if self.rows:
            body["horizontal_content_list"] = self.rows
        body["button_list"] = [
            {"text": shorten(text, BUTTON_CHARS), "style": _STYLES.get(b.style, 4), "key": b.says}
            for text, b in zip(self.labels, self.card.buttons, strict=True)
        ]
        return body


def _headed(title: str, chars: int) -> tuple[str, str]:
    """A title too long for its line goes on in the line below it, at a break between words where there is one."""
    if len(title) <= chars:
        return title, ""
    at = max((m.end() for m in _BREAK.finditer(title, 0, chars + 1) if m.end() <= chars), default=0)
    at = at if at > chars // 2 else chars
    return title[:at].rstrip("，； "), title[at:].lstrip()


_BREAK = re.compile(r"[\s，：；、！？]|(?=[（(])")
_WHEN = re.compile(r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?: ?周.)? (?P<clock>\d\d:\d\d)")


def label(text: str) -> str:
    """A button's words in ten characters where they can be said so: a moment keeps its day and its clock."""
    if len(text) <= BUTTON_CHARS:
        return text
    for form in (r"\g<month>/\g<day> \g<clock>", r"\g<day>日 \g<clock>"):
        short = _WHEN.sub(form, text)
        if len(short) <= BUTTON_CHARS:
            return short
    return text


def _pressable(buttons: Sequence[Button]) -> bool:
    """Keys must fit and differ (wecom.md 3.3, 42051); else the numbered text serves everybody."""
    keys = {b.says for b in buttons}
    return len(keys) == len(buttons) and all(k and len(k.encode()) <= KEY_BYTES for k in keys)


def update(card: Json, user: str, agent_id: int, response_code: str) -> Json:
    """The body of message/update_template_card (W94888)."""
    return {"userids": [user], "agentid": agent_id, "response_code": response_code, "template_card": card}


def card_message(card: Json, user: str, agent_id: int) -> Json:
    """The body of message/send for a card; the task id makes it once-only, so the duplicate check may be on."""
    return _message(user, agent_id, "template_card", card)


def text_message(text: str, user: str, agent_id: int, mark: str) -> Json:
    """The body of message/send for a text of at most 2,048 bytes with its mark.

    The duplicate check compares whole requests, and two honest answers can read alike within half an hour ("已取消");
    the invisible mark made of `mark` tells them apart while a repeat of the same letter stays identical.
    """
    return _message(user, agent_id, "text", {"content": text + invisible(mark)})


def file_message(kind: str, media_id: str, user: str, agent_id: int) -> Json:
    """The body of message/send for an uploaded `image` or `file`."""
    return _message(user, agent_id, kind, {"media_id": media_id})


def _message(user: str, agent_id: int, kind: str, content: Json) -> Json:
    return {
        "touser": user,
        "msgtype": kind,
        "agentid": agent_id,
        kind: content,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 1800,
    }


def invisible(key: str) -> str:
    """Twelve characters that show nothing, one of half a million forms by the key."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    out = []
    for _ in range(MARK_CHARS):
        number, digit = divmod(number, 3)
        out.append(_MARK[digit])
    return "".join(out)


def task_id(key: str) -> str:
    """The key itself where WeCom's alphabet allows it, else its hash."""
    return key if TASK_ID.match(key) else "h-" + hashlib.sha256(key.encode()).hexdigest()


def markdown(card: Card, limit: int = MARKDOWN_BYTES) -> tuple[str, ...]:
    """For webhook and AI bot: bold title, then the lines of the text twin; user text can't become markup."""
    head, *rest = plain(card).split("\n")
    colour = {Tone.DONE: "info", Tone.WARN: "warning", Tone.INFO: ""}[card.tone]
    title = f"**{escape(head)}**"
    title = f'<font color="{colour}">{title}</font>' if colour else title
    return split("\n".join([title, *(escape(line) for line in rest)]), limit)


_LIVE = re.compile(r"<(?=\s*/?\s*a\b|@)", re.IGNORECASE)
_WIDE = str.maketrans("<>`*[]", "＜＞｀＊［］")


def escape(line: str) -> str:
    """A line that reads the same and is no markdown: full-width twins, because WeCom knows no escapes."""
    line = line.translate(_WIDE)
    return "＃" + line[1:] if line.startswith("#") else line


def shorten(text: str, chars: int) -> str:
    """At most that many characters, the last one … when something was cut."""
    return text if len(text) <= chars else text[: chars - 1] + "…"


def split(text: str, limit: int = TEXT_BYTES) -> tuple[str, ...]:
    """Pieces of at most `limit` bytes less the mark, cut at line ends where there are any, never inside a character.

    A `<a href=…>` or `<@all>` that somebody typed into a name or a note is shown, not obeyed.
    """
    text = _LIVE.sub("＜", text)
    room = limit - _MARK_BYTES
    pieces: list[str] = []
    current = ""
    for line in _short_lines(text.split("\n"), room):
        joined = f"{current}\n{line}" if current else line
        if len(joined.encode()) > room:
            pieces.append(current)
            joined = line
        current = joined
    pieces.append(current)
    return tuple(p for p in pieces if p.strip())


def _short_lines(lines: Iterable[str], room: int) -> Iterable[str]:
    for line in lines:
        while len(line.encode()) > room:
            head = line.encode()[:room].decode(errors="ignore")
            yield head
            line = line[len(head) :]
        yield line
