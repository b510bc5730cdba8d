"""The app's menu (W90231): every entry is a sentence, so a tap is the same as typing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.platforms.wecom.api import Api
from bot.platforms.wecom.draw import Json

TOP = 3
BELOW = 5
TOP_BYTES = 16
BELOW_BYTES = 40
KEY_BYTES = 128


@dataclass(frozen=True, slots=True)
class Entry:
    """`says` is what a tap says; with `below` it only opens those; with `place` it lets the member pick where he is."""

    text: str
    says: str = ""
    below: tuple["Entry", ...] = ()
    place: bool = False


MENU = (
    Entry(
        "日程",
        below=(
            Entry("我今天的拜访", "我今天的拜访"),
            Entry("我本周的拜访", "我本周的拜访"),
            Entry("我的待办", "我的待办"),
        ),
    ),
    Entry("定位打卡", "定位打卡", place=True),
    Entry("帮助", "帮助"),
)


def body(menu: Sequence[Entry]) -> Json:
    """The request of menu/create; ValueError, naming the entry, for what WeCom would refuse."""
    if not 1 <= len(menu) <= TOP:
        raise ValueError(f"a menu has 1 to {TOP} entries")
    return {"button": [_button(entry, TOP_BYTES) for entry in menu]}


def _button(entry: Entry, limit: int) -> Json:
    if not entry.text or len(entry.text.encode()) > limit:
        raise ValueError(f"menu text {entry.text!r}: 1 to {limit} bytes")
    if entry.below:
        if limit != TOP_BYTES or len(entry.below) > BELOW:
            raise ValueError(f"menu {entry.text!r}: at most {BELOW} entries below, one level deep")
        return {"name": entry.text, "sub_button": [_button(e, BELOW_BYTES) for e in entry.below]}
    if not entry.says or len(entry.says.encode()) > KEY_BYTES:
        raise ValueError(f"menu {entry.text!r} must say 1 to {KEY_BYTES} bytes")
    return {"type": "location_select" if entry.place else "click", "name": entry.text, "key": entry.says}


async def install(api: Api, menu: Sequence[Entry] = MENU) -> None:
    """Replaces the app's menu; SendFailed as for letters."""
    await api.post("menu/create", body(menu), {"agentid": api.config.agent_id})
