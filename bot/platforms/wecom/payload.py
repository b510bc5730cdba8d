"""Decrypted XML of the self-built app → what a person said, what the platform tells, or what we can't read.

Pure (W90239, W90240). The only exception is WrongEnvelope. userids keep the case in which WeCom sends them; they are
to be compared casefolded (W90196: case-insensitive).
"""

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.message import Message, Place
from bot.platforms.wecom.crypto import WrongEnvelope
from bot.platforms.wecom.draw import MARKS
from bot.platforms.wecom.xml import Node, parse

NAME = "wecom"
MAX_CLICK = 1024
"""Bytes of a button key (wecom.md 3.3)."""

VOICE = "语音我还听不懂，请打字说一句，例如：明天下午3点拜访宏远。（长按语音可以转成文字再发给我）"
VIDEO = "视频我看不了，请用一句话告诉我，或发图片。"
LINK = "链接我打不开，请用一句话告诉我要做什么。"
OTHER = "这种消息我还看不懂，请打字说一句，例如：明天下午3点拜访宏远。"
FILE_LOST = "这个文件没有取到，请再发一次。"
SORRY = "抱歉，刚才出了点问题，请再说一遍。"
WELCOME = "您好，我是拜访助手。直接打一句话就行，例如：明天下午3点拜访宏远，聊报价。发“帮助”看我会做什么。"
HELP = "帮助"
"""What a mention without any words says."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Somebody sent something we can't use: `answer` is what to tell them."""

    sender: str
    kind: str
    answer: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A member entered (or left) the app's visible range."""

    user: str
    left: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A member opened the app chat (fires each time: never a reason to speak), or a page from its menu (`url`)."""

    user: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a member was on opening the chat; not a check-in, nobody meant to tell us."""

    user: str
    place: Place
    precision: float


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """The address book changed: `change` is create_user, update_user, delete_user, create_party, …"""

    change: str
    user: str
    new_user: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleChanged:
    """`what` is modify, delete or respond; `user` who answered or changed it: read the schedule to learn how."""

    what: str
    user: str
    calendar: str
    schedule: str


@dataclass(frozen=True, slots=True)
class AppWarned:
    """The platform switches the app off or on for disuse, or is about to; `effect` is unix seconds, 0 = unknown."""

    event: str
    effect: int


@dataclass(frozen=True, slots=True)
class ApprovalChanged:
    """An approval of the platform's own engine changed its state."""

    number: str
    status: int
    applicant: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event we have no use for."""

    event: str


Other = Joined | Opened | Located | ContactChanged | ScheduleChanged | AppWarned | ApprovalChanged | Unknown

_ALERTS = frozenset(
    (
        "inactive_alert",
        "close_inactive_agent",
        "reopen_inactive_agent",
        "low_active_alert",
        "low_active",
        "active_restored",
    )
)
_SCHEDULE = {"modify_schedule": "modify", "delete_schedule": "delete", "respond_schedule": "respond"}
_USERID = re.compile(r"\S{1,64}\Z")


def read(plaintext: bytes, now: datetime) -> Message | Unread | Other:
    """What the callback says, with `now` as its moment; WrongEnvelope 400 when it is not a WeCom message at all."""
    root = parse(plaintext)
    kind = root.get("MsgType").strip().lower()
    sender = root.get("FromUserName").strip()
    if root.tag != "xml" or not kind or not _USERID.match(sender) or len(sender.encode()) > 64:
        raise WrongEnvelope(400, "message")
    if kind == "event":
        return _event(root, sender, plaintext, now)
    number = root.get("MsgId").strip()
    if not number.isascii() or not number.isdigit() or len(number) > 32:
        raise WrongEnvelope(400, "msgid")
    # Platform + bot + message id (features.md D5): two apps of one corp never take each other's messages for repeats.
    return _said(root, kind, sender, f"{_agent(root)}:{number}", now)


def _said(root: Node, kind: str, sender: str, key: str, now: datetime) -> Message | Unread:
    match kind:
        case "text":
            return Message(NAME, sender, key, now, text=clean(root.get("Content")) or HELP)
        case "image":
            return Message(NAME, sender, key, now, image=_required(root, "MediaId"))
        case "location":
            return Message(NAME, sender, key, now, place=_place(root, "Location_X", "Location_Y", root.get("Label")))
        case "voice":
            # WeCom has no recognition of its own for apps (W90239); the field `Recognition` belongs to another product.
            return Unread(sender, kind, VOICE)
        case "video":
            return Unread(sender, kind, VIDEO)
        case "link":
            return Unread(sender, kind, LINK)
        case _:
            return Unread(sender, kind[:32], OTHER)


def _event(root: Node, sender: str, plaintext: bytes, now: datetime) -> Message | Unread | Other:
    event = root.get("Event").strip().lower()
    match event:
        case "":
            raise WrongEnvelope(400, "event")
        case "click" | "template_card_event" | "template_card_menu_event":
            return _click(root, event, sender, plaintext, now)
        case "location_select":
            info = next(root.all("SendLocationInfo"), Node(""))
            label = info.get("Poiname") or info.get("Label")
            key = event_key(root, sender, event, plaintext)
            return Message(NAME, sender, key, now, place=_place(info, "Location_X", "Location_Y", label))
        case "subscribe" | "unsubscribe":
            return Joined(sender, event == "unsubscribe")
        case "enter_agent":
            return Opened(sender)
        case "view" | "view_miniprogram":
            return Opened(sender, root.get("EventKey"))
        case "location":
            return Located(sender, _place(root, "Latitude", "Longitude", ""), _number(root.get("Precision") or "0"))
        case _:
            return _system(root, event, sender)


def _system(root: Node, event: str, sender: str) -> Other:
    if event in _SCHEDULE:
        return ScheduleChanged(_SCHEDULE[event], sender, root.get("CalId"), root.get("ScheduleId"))
    if event == "change_contact":
        party = root.get("Id") if root.get("ChangeType").endswith("_party") else ""
        return ContactChanged(root.get("ChangeType"), root.get("UserID"), root.get("NewUserID"), party)
    if event in _ALERTS:
        return AppWarned(event, _whole(root.get("EffectTime")))
    if event in ("sys_approval_change", "open_approval_change"):
        info = next(root.all("ApprovalInfo"), Node(""))
        number = info.get("SpNoStr") or info.get("SpNo") or info.get("ThirdNo")
        applicant = next(info.all("Applyer"), Node("")).get("UserId") or info.get("ApplyUserId")
        return ApprovalChanged(number, _whole(info.get("SpStatus") or info.get("OpenSpStatus")), applicant)
    return Unknown(event[:64])


def _click(root: Node, event: str, sender: str, plaintext: bytes, now: datetime) -> Message | Unread:
    says = root.get("EventKey").strip()
    if len(says.encode()) > MAX_CLICK:
        raise WrongEnvelope(400, "click")
    if not says:
        return Unread(sender, event, OTHER)
    code = root.get("ResponseCode").strip()
    values: dict[str, object] = {}
    for item in root.all("SelectedItems", "SelectedItem"):
        options = [option.text for option in item.all("OptionIds", "OptionId")]
        values[item.get("QuestionKey")] = options[0] if len(options) == 1 else options
    # A response code is given once per click (wecom.md 1.2), so it tells two clicks of one second apart and a repeat
    # from both.
    key = f"{_agent(root)}:rc:{_digest(code)}" if code else event_key(root, sender, event, plaintext)
    return Message(NAME, sender, key, now, click=says, values=values, card_handle=code)


def event_key(root: Node, sender: str, event: str, plaintext: bytes) -> str:
    """A key for an event, which has no MsgId; sender and second alone would merge two events (WxJava 1745)."""
    parts = (sender, root.get("CreateTime").strip(), event, root.get("EventKey"), root.get("TaskId"))
    content = hashlib.sha256(plaintext).hexdigest()
    return f"{_agent(root)}:ev:{_digest(chr(10).join((*parts, content)))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _agent(root: Node) -> str:
    return str(_whole(root.get("AgentID")))


def _required(root: Node, tag: str) -> str:
    text = root.get(tag).strip()
    if not text or len(text) > 1024:
        raise WrongEnvelope(400, tag.lower())
    return text


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise WrongEnvelope(400, "number") from None
    if not math.isfinite(number):
        raise WrongEnvelope(400, "number")
    return number


def _place(node: Node, north: str, east: str, label: str) -> Place:
    """X is the latitude (W90239); a point that is not on earth is refused."""
    lat, lng = _number(node.get(north)), _number(node.get(east))
    if abs(lat) > 90 or abs(lng) > 180:
        raise WrongEnvelope(400, "place")
    return Place(lat, lng, label.strip()[:200])


def clean(text: str) -> str:
    """Text without the invisible marks of our own messages (a person may copy one back to us) and outer white space."""
    return text.translate(MARKS).strip()


def strip_mention(text: str, names: Sequence[str]) -> str:
    """The text without any `@name` of ours, wherever it stands; exactly the configured names, so `@客户` stays.

    Names may contain spaces; ＠ counts as @ and case does not matter. A mention ends at white space, punctuation or a
    Chinese character, so `@拜访助手2号` is somebody else.
    """
    found = sorted((n.strip() for n in names if n.strip()), key=len, reverse=True)
    if not found:
        return text.strip()
    ours = "|".join(r"\s+".join(re.escape(word) for word in name.split()) for name in found)
    pattern = rf"\s*(?<![A-Za-z0-9_.\-])[@＠](?:{ours})(?![A-Za-z0-9_])[\s,，:：、]*"
    return re.sub(pattern, " ", text, flags=re.IGNORECASE).strip()
