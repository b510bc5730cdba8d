"""A message from anywhere, and where an answer goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """Exactly one of `user` (a member's id: the private chat) and `group` (a group's id) is set."""

    user: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        if bool(self.user) == bool(self.group):
            raise ValueError("an address is a user or a group")

    def __str__(self) -> str:
        return f"g:{self.group}" if self.group else f"u:{self.user}"

    @classmethod
    def read(cls, text: str) -> "Address":
        """The inverse of str()."""
        return cls(group=text[2:]) if text.startswith("g:") else cls(user=text[2:])


@dataclass(frozen=True, slots=True)
class Place:
    """A location message: degrees, WGS-84 or whatever the messenger gives, and its label."""

    lat: float
    lng: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said or pressed, on any platform.

    `platform` is wecom, dingtalk, web or terminal; `sender` the platform's own user id; `key` the platform's message id,
    unique per platform and bot: the same key again is a repeated delivery. `at` is the moment of handling.
    Exactly one of text/voice/click/place/image/file carries the content; `values` goes with a click (form fields).
    `quoted` is the text of the message replied to, when the platform tells.
    """

    platform: str
    sender: str
    key: str
    at: datetime
    text: str = ""
    group: str = ""
    voice: str = ""
    click: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    place: Place | None = None
    image: str = ""
    file: str = ""
    quoted: str = ""
    card_handle: str = ""
    """What the platform needs to change the pressed card (WeCom response code, DingTalk outTrackId)."""

    @property
    def words(self) -> str:
        """Typed or recognised words."""
        return self.text or self.voice

    @property
    def conversation(self) -> str:
        """Messages of one conversation are handled in order."""
        return f"{self.platform}:{self.group or self.sender}"


def without_mention(text: str, names: tuple[str, ...]) -> str:
    """The text without @ and one of the bot's own names; names may hold spaces, the @ may be full width."""
    for name in sorted(names, key=len, reverse=True):
        for at in ("@", "＠"):
            if at + name in text:
                return text.replace(at + name, " ").strip()
    return text.strip()
