"""What the page may ask: JSON → checked values. Everything else is refused in one Chinese sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.message import Place
from domain.model import OFFICE

PLATFORMS = ("wecom", "dingtalk")
HOWS = ("text", "voice", "click", "location", "image", "file")
MAX_TEXT = 5000
LONGEST_MOVE = timedelta(days=92)


class BadAsk(Exception):
    """Refused; the text is shown on the page."""


@dataclass(frozen=True, slots=True)
class Say:
    """One thing somebody does: `how` is one of HOWS; `content` the words, the button's action or the upload's token."""

    who: str
    group: str
    platform: str
    how: str
    content: str = ""
    place: Place | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    quoted: str = ""
    msgid: str = ""


def read_say(data: object) -> Say:
    """A body of /playground/say. Raises BadAsk."""
    if not isinstance(data, Mapping):
        raise BadAsk("请求要是一个 JSON 对象")
    who = _text(data, "from")
    if not who:
        raise BadAsk("缺少 from：是谁在说")
    platform = _text(data, "platform") or "wecom"
    if platform not in PLATFORMS:
        raise BadAsk("platform 只能是 wecom 或 dingtalk")
    given = [how for how in HOWS if data.get(how) not in (None, "")]
    if len(given) != 1:
        raise BadAsk("一条消息只能是 text、voice、click、location、image、file 其中一种，且不能为空")
    how = given[0]
    values = data.get("values") or {}
    if not isinstance(values, Mapping):
        raise BadAsk("values 要是一个对象")
    place = _place(data["location"]) if how == "location" else None
    content = place.label if place else _text(data, how)
    if how in ("text", "voice") and not content.strip():
        raise BadAsk("消息是空的")
    more = {key: _text(data, key)[:MAX_TEXT] for key in ("group", "quoted", "msgid")}
    return Say(who, platform=platform, how=how, content=content[:MAX_TEXT], place=place, values=values, **more)


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadAsk(f"{key} 要是文字")
    return value


def _place(data: object) -> Place:
    if not isinstance(data, Mapping):
        raise BadAsk("location 要有 lat、lng")
    try:
        lat, lng = float(data["lat"]), float(data["lng"])
    except (KeyError, TypeError, ValueError):
        raise BadAsk("location 要有 lat、lng，都是数字") from None
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise BadAsk("location 不在地图上")
    return Place(lat, lng, _text(data, "label")[:100])


def read_clock(data: object, now: datetime) -> datetime:
    """Where a body of /playground/clock wants the clock: `to` (ISO) or `minutes` from now. Raises BadAsk."""
    if not isinstance(data, Mapping):
        raise BadAsk("请求要是一个 JSON 对象")
    to = _minutes(data["minutes"], now) if "minutes" in data else _moment(_text(data, "to"))
    _check(to >= now, lambda: f"时间只能往前走，现在是 {now:%Y-%m-%d %H:%M}")
    _check(to - now <= LONGEST_MOVE, lambda: f"一次最多往前 {LONGEST_MOVE.days} 天")
    return to


def _minutes(value: object, now: datetime) -> datetime:
    _check(isinstance(value, int) and not isinstance(value, bool), lambda: "minutes 要是整数")
    try:
        return now + timedelta(minutes=int(str(value)))
    except (OverflowError, ValueError):
        raise BadAsk("minutes 太大了") from None


def _moment(text: str) -> datetime:
    try:
        to = datetime.fromisoformat(text)
    except ValueError:
        raise BadAsk("to 要是时间，例如 2026-03-12T08:30:00+08:00") from None
    return to if to.tzinfo else to.replace(tzinfo=OFFICE)


def _check(good: bool, why: Callable[[], str]) -> None:
    if not good:
        raise BadAsk(why())
