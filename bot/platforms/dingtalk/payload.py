"""Frame data → Message, or what to say instead. Pure and total: whatever arrives gives a value, never an exception.

dingtalk.md sections 2 (bot messages) and 3.3 (card clicks).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.message import Message
from bot.platforms.dingtalk.frames import Frame, read_object, text_of

MAX_PICTURES = 9
MAX_TEXT = 20_000
"""Characters kept of one text; far more than anybody says, far less than hurts."""

OVER_QUOTA = "20001"

NOT_KNOWN = (
    "暂时认不出您的身份，没有办理任何事项。机器人只服务本企业成员；如果您就是本企业成员，"
    "请联系管理员确认机器人已发布、应用的可见范围包含您。"
)
NO_WORDS = "没有听清这段语音，请再说一次，或直接打字，例如：明天下午3点拜访宏远。"
NO_VIDEO = "暂时看不了视频，请改发文字、语音、图片或文件。"
NO_KIND = "暂时看不懂这种消息（位置、名片、表情等），请改发文字、语音、图片或文件，例如：明天下午3点拜访宏远。"
EMPTY = "我在。请用一句话告诉我要做什么，例如：明天下午3点拜访宏远；发送“帮助”可以看到全部用法。"
LOST_CARD = "这个按钮已经失效，没有改动任何内容。请直接用一句话告诉我要做什么。"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from and how it can be answered at once.

    `user` is the staff id ("" = not a member of the organisation), `until` the webhook's end in unix seconds.
    """

    user: str = ""
    group: str = ""
    nick: str = ""
    union: str = ""
    webhook: str = ""
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A message for the bot; `code` fetches the picture or file it speaks of ("" = it has none)."""

    message: Message
    origin: Origin
    code: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """Nothing for the bot, but the sender is told why; `key` as of a message."""

    text: str
    origin: Origin
    key: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something only the operator can put right."""

    text: str


Got = Said | Hint | Trouble


def read_bot(frame: Frame, robot: str, at: datetime) -> tuple[Got, ...]:
    """What a bot frame says, in order: usually one thing; a text with pictures is the text and then each picture.

    Keys are robotCode + msgId, so that several robots mentioned in one message do not swallow each other's copy (D5).
    """
    data = read_object(frame.data)
    code = text_of(data.get("errorCode")) or text_of(data.get("errCode"))
    if code:
        return (_trouble(code, clean(data.get("errorMessage")) or clean(data.get("errMsg"))),)
    origin = _origin(data)
    key = f"{text_of(data.get('robotCode')) or robot}:{text_of(data.get('msgId')) or frame.message_id}"
    if not data or key.endswith(":"):
        return ()
    if not origin.user:
        return (Hint(NOT_KNOWN, origin, key),)
    blank = Message("dingtalk", origin.user, key, at, group=origin.group)
    kind = text_of(data.get("msgtype"))
    if kind == "text":
        return (_text(data, blank, origin),)
    content = read_object(data.get("content"))
    if kind == "richText":
        return _rich(content, blank, origin)
    return (_other(kind, content, blank, origin),)


def read_click(frame: Frame, at: datetime) -> Got | None:
    """What a pressed card says; None when the frame is no click at all.

    A click has no message id of its own: the frame's is its key (dingtalk.md 3.3).
    """
    data = read_object(frame.data)
    user = text_of(data.get("userId"))
    if not user or not frame.message_id:
        return None
    params, form = _params(data)
    group = clean(params.pop("chat", ""))
    if not group and text_of(data.get("spaceType")) == "IM_GROUP":
        group = text_of(data.get("spaceId"))
    origin = Origin(user=user, group=group)
    key = f"click:{frame.message_id}"
    says = clean(params.pop("says", "")) or clean(params.pop("action", ""))
    if not says:
        return Hint(LOST_CARD, origin, key)
    values = {name: value for name, value in {**params, **form}.items() if value not in ("", None)}
    handle = text_of(data.get("outTrackId"))
    return Said(Message("dingtalk", user, key, at, group=group, click=says, values=values, card_handle=handle), origin)


def clean(value: object) -> str:
    """A text as it may be stored anywhere: trimmed, no NUL, no half surrogate pairs, at most MAX_TEXT characters."""
    text = text_of(value)[:MAX_TEXT].replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _trouble(code: str, words: str) -> Trouble:
    if code == OVER_QUOTA:
        return Trouble(
            "钉钉本月的 Webhook 与 Stream 调用量已用完，机器人收不到新消息了。请在钉钉开放平台升级版本或购买调用量。"
            + (f"（钉钉：{words}）" if words else "")
        )
    return Trouble(f"钉钉推送了一条错误：{code} {words}".rstrip())


def _origin(data: Mapping[str, object]) -> Origin:
    until = data.get("sessionWebhookExpiredTime")
    try:
        ends = float(until) / 1000 if isinstance(until, int | float | str) else 0.0
    except (ValueError, OverflowError):
        ends = 0.0
    return Origin(
        user=text_of(data.get("senderStaffId")).strip(),
        group=text_of(data.get("conversationId")) if text_of(data.get("conversationType")) == "2" else "",
        nick=clean(data.get("senderNick"))[:40],
        union=text_of(data.get("senderUnionId")),
        webhook=text_of(data.get("sessionWebhook")),
        until=ends,
    )


def _text(data: Mapping[str, object], blank: Message, origin: Origin) -> Got:
    body = read_object(data.get("text"))
    text = clean(body.get("content"))
    if not text:
        return Hint(EMPTY, origin, blank.key)
    quoted = _quoted(body.get("repliedMsg")) if body.get("isReplyMsg") or body.get("repliedMsg") else ""
    return Said(replace(blank, text=text, quoted=quoted), origin)


def _quoted(replied: object) -> str:
    """The words of the message replied to; its shape is undocumented, so every seen one is tried (dingtalk.md 2)."""
    content = read_object(replied).get("content")
    body = read_object(content)
    if not body:
        return clean(content)
    rich = body.get("richText")
    if isinstance(rich, list):
        return clean(" ".join(clean(read_object(part).get("text")) for part in rich))
    names = ("text", "content", "recognition", "title", "markdown", "fileName")
    return next((words for name in names if (words := clean(body.get(name)))), "")


def _rich(content: Mapping[str, object], blank: Message, origin: Origin) -> tuple[Got, ...]:
    parts = content.get("richText")
    parts = [read_object(p) for p in parts] if isinstance(parts, list) else []
    text = clean("".join(text_of(p.get("text")) for p in parts if not p.get("downloadCode")))
    codes = [code for p in parts if (code := _code(p))][:MAX_PICTURES]
    got: list[Got] = [Said(replace(blank, text=text), origin)] if text else []
    for number, code in enumerate(codes, 1):
        # the first thing said keeps the message's own key; the others are messages of their own
        key = f"{blank.key}#{number}" if got else blank.key
        got.append(Said(replace(blank, key=key, image=code), origin, code))
    return tuple(got) or (Hint(EMPTY, origin, blank.key),)


def _other(kind: str, content: Mapping[str, object], blank: Message, origin: Origin) -> Got:
    code = _code(content)
    if kind == "audio":
        words = clean(content.get("recognition"))
        return Said(replace(blank, voice=words), origin) if words else Hint(NO_WORDS, origin, blank.key)
    if kind == "picture" and code:
        return Said(replace(blank, image=code), origin, code)
    if kind == "file" and code:
        return Said(replace(blank, file=clean(content.get("fileName")) or "文件"), origin, code)
    return Hint(NO_VIDEO if kind == "video" else NO_KIND, origin, blank.key)


def _code(content: Mapping[str, object]) -> str:
    return text_of(content.get("downloadCode")) or text_of(content.get("pictureDownloadCode"))


def _params(data: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """The button's parameters and the form's fields, from either documented shape of a callback."""
    body = read_object(data.get("content")) or read_object(data.get("value"))
    private = read_object(body.get("cardPrivateData"))
    params = {**read_object(body.get("params")), **read_object(private.get("params"))}
    form = read_object(params.pop("form", None))
    return params, {name: _field(value) for name, value in form.items()}


def _field(value: object) -> object:
    """A form field's value: a choice is its value, several are joined, anything else is itself."""
    if isinstance(value, dict):
        return value.get("value", json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return ",".join(text_of(_field(v)) for v in value)
    return clean(value) if isinstance(value, str) else value
