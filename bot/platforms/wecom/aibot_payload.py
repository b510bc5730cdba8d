"""JSON of the AI bot (智能机器人), both forms → what a person said, what the platform tells, or what we can't use.

Pure (W100719, W101027, W101463). The only exception is WrongEnvelope. Field names are read without regard to case and
underscores: the page's tables and its samples spell them differently (wecom.md 2.3).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.message import Message
from bot.platforms.wecom.crypto import WrongEnvelope
from bot.platforms.wecom.payload import HELP, MAX_CLICK, NAME, OTHER, VIDEO, Unread, clean, strip_mention

EMPTY_VOICE = "没听清，请再说一遍，或打字告诉我。"
HANDLE = "bot:"
"""Card handles of the AI bot begin so (the app's are bare response codes)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person said: usually one message, several when text and pictures came together.

    `aes_keys` opens the files by their address (long connection only); `task` is the card a click belongs to.
    """

    messages: tuple[Message, ...]
    aes_keys: Mapping[str, str] = field(default_factory=dict)
    task: str = ""
    answer_url: str = ""

    @property
    def chat(self) -> str:
        """Where the answer belongs."""
        return self.messages[0].group or self.messages[0].sender


@dataclass(frozen=True, slots=True)
class Entered:
    """A member opened the private chat for the first time that day; no reason to speak."""

    user: str


@dataclass(frozen=True, slots=True)
class Rated:
    """A member rated an answer: 1 good, 2 bad, 3 withdrawn."""

    user: str
    kind: int
    words: str


@dataclass(frozen=True, slots=True)
class Poll:
    """WeCom asks how a stream answer goes on."""

    stream: str


@dataclass(frozen=True, slots=True)
class Kicked:
    """Another connection took this bot over."""


@dataclass(frozen=True, slots=True)
class Silent:
    """An event without use for us."""

    event: str


Seen = Heard | Entered | Rated | Poll | Kicked | Silent | Unread


class Fields:
    """A JSON object read leniently: missing things are "" or empty, never an exception."""

    __slots__ = ("_values",)

    def __init__(self, value: object) -> None:
        source = value if isinstance(value, dict) else {}
        self._values = {str(k).replace("_", "").lower(): v for k, v in source.items()}

    def __bool__(self) -> bool:
        return bool(self._values)

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""

    def part(self, name: str) -> "Fields":
        return Fields(self._values.get(name))

    def parts(self, name: str) -> "list[Fields]":
        value = self._values.get(name)
        return [Fields(v) for v in value] if isinstance(value, list) else [Fields(value)] if value else []

    def texts(self, name: str) -> list[str]:
        value = self._values.get(name)
        many = value if isinstance(value, list) else [value]
        return [str(v) for v in many if isinstance(v, str | int)]


def read_json(plaintext: bytes, names: Sequence[str], now: datetime) -> Seen:
    """The decrypted callback; WrongEnvelope 400 when it is no message of the bot."""
    try:
        body = json.loads(plaintext)
    except (ValueError, RecursionError):
        raise WrongEnvelope(400, "json") from None
    return read_body(body, names, now)


def read_body(body: object, names: Sequence[str], now: datetime, handle: str = "") -> Seen:
    """The body of a callback or frame; `handle` names a click's card ("" = its message id does)."""
    fields = Fields(body)
    kind = fields.text("msgtype").lower()
    if kind == "stream":
        return Poll(fields.part("stream").text("id"))
    event = fields.part("event")
    if event.text("eventtype").lower() == "disconnected_event":
        return Kicked()
    user, number = fields.part("from").text("userid"), fields.text("msgid")
    if not kind or not user or not number or len(user.encode()) > 64 or len(number) > 256:
        raise WrongEnvelope(400, "message")
    group = fields.text("chatid") if fields.text("chattype").lower() != "single" else ""
    if len(group) > 256:
        raise WrongEnvelope(400, "chatid")
    head = Message(NAME, user, f"{fields.text('aibotid')}:{number}", now, group=group)
    if kind == "event":
        return _event(fields, event, head, handle or number)
    return _said(fields, kind, head, names)


def _said(fields: Fields, kind: str, head: Message, names: Sequence[str]) -> Seen:
    quoted = _quoted(fields.part("quote"))
    url = fields.text("responseurl")
    content = fields.part(kind)
    if kind == "text":
        words = strip_mention(clean(content.text("content")), names) or HELP
        return Heard((_with(head, text=words, quoted=quoted),), answer_url=url)
    if kind == "mixed":
        return _mixed(content, head, names, quoted, url)
    if kind == "voice":
        words = clean(content.text("content"))
        if not words:
            return Unread(head.group or head.sender, kind, EMPTY_VOICE)
        return Heard((_with(head, voice=words, quoted=quoted),), answer_url=url)
    if kind in ("image", "file") and (source := content.text("url")):
        said = _with(head, quoted=quoted, **{kind: source})
        return Heard((said,), _keys([content]), answer_url=url)
    return Unread(head.group or head.sender, kind[:32], VIDEO if kind == "video" else OTHER)


def _mixed(content: Fields, head: Message, names: Sequence[str], quoted: str, url: str) -> Seen:
    words: list[str] = []
    pictures: list[Fields] = []
    for item in content.parts("msgitem"):
        if item.text("msgtype").lower() == "text":
            words.append(clean(item.part("text").text("content")))
        elif item.part("image").text("url"):
            pictures.append(item.part("image"))
    text = strip_mention(" ".join(words), names)
    said = [_with(head, text=text, quoted=quoted)] if text else []
    # Each needs a key of its own, or the second would look like a repeat of the first.
    said += [_with(head, image=p.text("url"), key=f"{head.key}#{n}") for n, p in enumerate(pictures, 1)]
    return Heard(tuple(said), _keys(pictures), answer_url=url) if said else Unread(head.sender, "mixed", OTHER)


def _event(fields: Fields, event: Fields, head: Message, handle: str) -> Seen:
    kind = event.text("eventtype").lower()
    if kind == "enter_chat":
        return Entered(head.sender)
    if kind == "feedback_event":
        rated = event.part("feedbackevent")
        stars = rated.text("type")
        return Rated(head.sender, int(stars) if stars in ("1", "2", "3") else 0, rated.text("content"))
    if kind != "template_card_event":
        return Silent(kind[:64])
    click = event.part("templatecardevent") or event
    says = click.text("eventkey")
    if not says or len(says.encode()) > MAX_CLICK:
        raise WrongEnvelope(400, "click")
    values: dict[str, object] = {}
    for item in click.part("selecteditems").parts("selecteditem"):
        options = item.part("optionids").texts("optionid")
        values[item.text("questionkey")] = options[0] if len(options) == 1 else options
    message = _with(head, click=says, values=values, card_handle=HANDLE + handle)
    return Heard((message,), task=click.text("taskid"), answer_url=fields.text("responseurl"))


def _quoted(quote: Fields) -> str:
    """The words of the message replied to."""
    kind = quote.text("msgtype").lower()
    if kind == "mixed":
        return " ".join(i.part("text").text("content") for i in quote.part("mixed").parts("msgitem")).strip()
    return quote.part(kind).text("content") if kind else ""


def _keys(parts: Sequence[Fields]) -> dict[str, str]:
    return {part.text("url"): part.text("aeskey") for part in parts if part.text("aeskey")}


def _with(head: Message, **changes: object) -> Message:
    values: dict[str, object] = {"key": head.key, "group": head.group} | changes
    return Message(head.platform, head.sender, at=head.at, **values)  # type: ignore[arg-type]
