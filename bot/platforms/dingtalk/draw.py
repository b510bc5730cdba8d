"""The neutral card as DingTalk bodies: interactive card, its updates, and markdown or text without a card. Pure.

dingtalk.md 3.2–3.4 (cards), 4 (messages). None = the card does not fit DingTalk's limits: say it as a message instead.
"""

import json
from urllib.parse import quote

from bot.cards import Block, Button, Card, lines
from bot.platform import Delivery
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.markdown import CARD_BREAK, MESSAGE_BREAK, cut, escape, size

MAX_NOTICE_BYTES = 120
MAX_MESSAGE_BYTES = 15_000
"""msgParam of a group message; taken for private ones and webhooks too (dingtalk.md 4)."""
COLOURS = {"primary": "blue", "danger": "red"}

Body = dict[str, object]


def variables(card: Card, config: DingTalkConfig, chat: str = "") -> dict[str, str] | None:
    """The card's `cardParamMap`: text values only, each within the limit, or None. `chat` is the group it hangs in.

    The numbered menu stands in it too, so that the card also works where its buttons are not shown (dingtalk.md 9).
    """
    values = {
        config.var_title: " ".join(card.title.split()),
        config.var_body: "\n\n".join(filter(None, map(_block, card.blocks))),
        config.var_buttons: _json({"msgButtons": [_button(i, b, chat) for i, b in enumerate(card.buttons, 1)]}),
        config.var_menu: menu(card),
        config.var_status: card.tone.value,
    }
    values.pop("", None)
    if any(size(value) > config.card_value_bytes for value in values.values()):
        return None
    return values


def create(delivery: Delivery, config: DingTalkConfig, nick: str = "") -> Body | None:
    """The createAndDeliver body of a new card; its outTrackId comes from the letter's key, so a repeat shows once."""
    values = variables(delivery.card, config, delivery.group)
    if values is None:
        return None
    title = cut(" ".join(delivery.card.title.split()), MAX_NOTICE_BYTES)
    body: Body = {
        "cardTemplateId": config.template,
        "outTrackId": track_id(delivery.key, config),
        "callbackType": "STREAM",
        "cardData": {"cardParamMap": values},
        "userIdType": 1,
    }
    if delivery.group:
        model: Body = {"robotCode": config.robot}
        if delivery.mention:
            model["atUserIds"] = {delivery.mention: nick or delivery.mention}
        body |= {
            "openSpaceId": f"dtv1.card//IM_GROUP.{delivery.group}",
            "imGroupOpenSpaceModel": {"supportForward": False},
            "imGroupOpenDeliverModel": model,
        }
    else:
        body |= {
            "openSpaceId": f"dtv1.card//IM_ROBOT.{delivery.user}",
            "imRobotOpenSpaceModel": {
                "supportForward": False,
                "lastMessageI18n": {"ZH_CN": title},
                "notification": {"alertContent": title, "notificationOff": False},
            },
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": config.robot},
        }
    return body


def update(handle: str, card: Card, config: DingTalkConfig, chat: str = "") -> Body | None:
    """The PUT body that makes the card with this outTrackId look like `card`, for everybody."""
    values = variables(card, config, chat)
    if values is None:
        return None
    return {
        "outTrackId": handle,
        "cardData": {"cardParamMap": values},
        "cardUpdateOptions": {"updateCardDataByKey": True},
        "userIdType": 1,
    }


def in_ack(card: Card, config: DingTalkConfig, chat: str = "") -> Body | None:
    """The `response` of a click's answer: the pressed card looks like `card`, for the person who pressed."""
    values = variables(card, config, chat)
    if values is None:
        return None
    return {"cardUpdateOptions": {"updateCardDataByKey": True}, "cardData": {"cardParamMap": values}}


def message(card: Card, private: bool, links: bool = True) -> tuple[str, str]:
    """(msgKey, msgParam) for both OpenAPI sends; `links` turns a private menu into words that can be tapped."""
    if _is_line(card):
        return "sampleText", _json({"content": cut(card.title, MAX_MESSAGE_BYTES - 100)})
    title = cut(" ".join(card.title.split()), MAX_NOTICE_BYTES)
    return "sampleMarkdown", _fitting({"title": title, "text": ""}, card, private and links)


def webhook(card: Card, private: bool, mention: str = "") -> Body:
    """The sessionWebhook body; `mention` is really @-ed (in the text and in the list, dingtalk.md 4)."""
    at: Body = {"atUserIds": [mention]} if mention else {}
    called = f"@{mention} " if mention else ""
    if _is_line(card):
        return {"msgtype": "text", "text": {"content": called + cut(card.title, MAX_MESSAGE_BYTES - 200)}, "at": at}
    title = cut(" ".join(card.title.split()), MAX_NOTICE_BYTES)
    inner = json.loads(_fitting({"title": title, "text": ""}, card, private))
    inner["text"] = called + inner["text"]
    return {"msgtype": "markdown", "markdown": inner, "at": at}


def track_id(key: str, config: DingTalkConfig) -> str:
    """A letter's outTrackId."""
    return config.card_prefix + key


def menu(card: Card) -> str:
    """The buttons under their numbers, "" without buttons."""
    names = (f"{i}. {escape(b.text)}" for i, b in enumerate(card.buttons, 1))
    return "也可回复数字：" + "　".join(names) if card.buttons else ""


def _is_line(card: Card) -> bool:
    return not card.blocks and not card.buttons


def _block(block: Block) -> str:
    return CARD_BREAK.join(filter(None, map(escape, lines(block))))


def _button(number: int, button: Button, chat: str) -> Body:
    params = {"says": button.says} | ({"chat": chat} if chat else {})
    colour = COLOURS.get(button.style, "gray")
    return {"text": button.text, "color": colour, "id": str(number), "request": True, "params": params}


def _fitting(inner: dict[str, str], card: Card, links: bool) -> str:
    """`inner` with the card's text, as JSON within the limit: too long a list loses its last lines, never the menu."""
    head = f"**{escape(card.title)}**"
    rows = [row for block in card.blocks for row in map(escape, lines(block)) if row]
    tail = _reply_menu(card, links)
    if size("".join(tail)) > MAX_MESSAGE_BYTES // 2:
        tail = _reply_menu(card, links=False)
    kept = len(rows)
    while True:
        more = [f"…（还有 {len(rows) - kept} 行放不下）"] if kept < len(rows) else []
        inner["text"] = MESSAGE_BREAK.join([cut(head, MAX_MESSAGE_BYTES // 4), *rows[:kept], *more, *tail])
        text = _json(inner)
        if size(text) <= MAX_MESSAGE_BYTES or not kept:
            return text
        kept = min(kept - 1, kept * MAX_MESSAGE_BYTES // size(text))


def _reply_menu(card: Card, links: bool) -> list[str]:
    """A line a button; with `links` (private chats only) tapping its words sends the button's sentence."""
    if not card.buttons:
        return []
    out = ["回复数字："]
    for number, button in enumerate(card.buttons, 1):
        words = escape(button.text)
        address = f"dtmd://dingtalkclient/sendMessage?content={quote(button.says, safe='')}"
        out.append(f"{number}、[{words}]({address})" if links else f"{number}、{words}")
    return out


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
