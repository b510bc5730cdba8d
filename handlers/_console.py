"""The one-time link into the web console, told in the private chat only."""

import re
from datetime import timedelta

from bot.cards import Card, Text
from bot.command import Reply, Turn
from bot.web.page import console
from bot.web.tokens import LINK, make
from domain.refusal import Refusal

_ASKED = re.compile(
    r"控制台|网页版|网页(端|后台|看板|日历)|后台(链接|地址|登录|网页)?$|登录链接|(打开|进入|登录)(网页|后台|看板)|web\s*console",
    re.I,
)


def asked(text: str) -> bool:
    """Whether a sentence wants the console."""
    return not text.startswith("/") and _ASKED.search(text) is not None


def link(turn: Turn) -> Reply:
    """A new link; an older one is no good any more. In a group only that it went to the private chat."""
    address, minutes = console(turn.tx)
    if not address:
        raise Refusal("网页控制台现在没有开", "请管理员用 main.py run 启动服务，并在 [server] 里设置 public_url。")
    secret = make(turn.tx, turn.me.id, LINK, turn.now, turn.now + timedelta(minutes=minutes))
    turn.event("console.link", to=turn.me.id)
    text = Text(f"{address}/app/login/{secret}\n{minutes} 分钟内有效，只能用一次，请不要转发。")
    card = Card("网页控制台：团队日程、阶段、指标、冲突、导入", (text,))
    if turn.group:
        return Reply(Card("网页控制台的链接已私信给您"), private=card)
    return Reply(card)
