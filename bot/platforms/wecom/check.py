"""Is everything set up on WeCom's side? One finding a credential or permission, each with its cure (`main.py check`).

Nothing is sent to anybody and nothing is changed: the calls read, or name what does not exist, and the refusal tells.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from bot.platform import SendFailed
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.contacts import Contacts
from bot.platforms.wecom.errors import ApiFailed, fault
from bot.platforms.wecom.link import End, Link, Timing

NOBODY = "visitbot-check-nobody"


@dataclass(frozen=True, slots=True)
class Finding:
    """`cure` is "" when it is in order, else one Chinese line: what to do where."""

    what: str
    cure: str = ""


def gaps(config: WeComConfig) -> list[Finding]:
    """Keys that belong together and are not all there, or can't be right."""
    out = []
    console = "管理后台 → 应用管理 → 该应用"
    if config.corp_id:
        if not config.secret:
            out.append(Finding("wecom.secret", f"没有填写：{console} → Secret"))
        if not config.agent_id:
            out.append(Finding("wecom.agent_id", f"没有填写：{console} → AgentId"))
        if not (config.token and config.encoding_aes_key):
            out.append(Finding("wecom.token / encoding_aes_key", f"没有填写：{console} → 接收消息 → 设置API接收"))
    elif config.secret or config.agent_id or config.token:
        out.append(Finding("wecom.corp_id", "没有填写：管理后台 → 我的企业 → 企业ID"))
    for name, key in (("wecom", config.encoding_aes_key), ("wecom.aibot_callback", config.aibot_callback.encoding_aes_key)):
        if key and (len(key) != 43 or not key.isascii() or not key.isalnum()):
            out.append(Finding(f"{name}.encoding_aes_key", f"应为 43 位字母和数字，现在是 {len(key)} 位"))
    for name, token in (("wecom", config.token), ("wecom.aibot_callback", config.aibot_callback.token)):
        if token and (len(token) > 32 or not token.isascii() or not token.isalnum()):
            out.append(Finding(f"{name}.token", "应为不超过 32 位的字母和数字"))
    if config.aibot.ready and config.aibot_callback.ready:
        out.append(Finding("wecom.aibot", "长连接和回调只能用一种：留下 [wecom.aibot] 或 [wecom.aibot_callback] 之一"))
    return out


async def check(config: WeComConfig, now: Callable[[], float], *, bot_runs: bool = False) -> list[Finding]:
    """Walk through the app, its permissions, the AI bot and the group robots. Never raises, never shows a secret."""
    found = gaps(config)
    async with aiohttp.ClientSession() as session:
        if config.can_send:
            found += await _app(Api(config, session, now, lambda text: None))
        if config.aibot.ready and bot_runs:
            found.append(Finding("智能机器人长连接（正在运行，不另外连接）"))
        elif config.aibot.ready:
            found.append(Finding("智能机器人长连接", await _aibot(config, session)))
        for group, key in config.webhooks:
            api = Api(config, session, now, lambda text: None)
            # An empty message is refused for its content when the key is good, and for the key when it is not.
            call = api.call("POST", "webhook/send", {"key": key}, b'{"msgtype":"text","text":{"content":""}}')
            cure = await _cure(
                call, "key 无效或机器人已被移出群，请重新复制 Webhook 地址里的 key", fine=(45002, 40058, 44004, 40035)
            )
            found.append(Finding(f"群机器人（{group}）", cure))
    return found


async def _app(api: Api) -> list[Finding]:
    found = [Finding("企业微信凭证", await _cure(api.token(), "请核对 wecom.corp_id、wecom.secret"))]
    if found[0].cure:
        return found
    agent = api.config.agent_id
    text = {"touser": NOBODY, "msgtype": "text", "agentid": agent, "text": {"content": "check"}}
    sending = await _cure(api.post("message/send", text), "请核对 wecom.agent_id 和可信 IP", fine=(81013, 40003, 60111))
    people = await _cure(Contacts(api).person(NOBODY), "请在应用详情里设置“可见范围”")
    body = {"schedule_id_list": [NOBODY]}
    cure = "请在管理后台 协作 → 日程 → 可调用接口的应用 里加上本应用（不开通时不同步日历，其他功能不受影响）"
    calendar = await _cure(api.post("oa/schedule/get", body), cure, fine=(90460, 90466, 40058, 90456))
    names = ("企业微信发消息", "企业微信通讯录", "企业微信日程")
    return found + [Finding(*pair) for pair in zip(names, (sending, people, calendar), strict=True)]


async def _cure(step: Awaitable[object], cure: str, fine: tuple[int, ...] = ()) -> str:
    """ "" when the step worked or was refused for what it named; else what to do."""
    try:
        await step
    except ApiFailed as failed:
        if failed.code in fine:
            return ""
        known = fault(failed.code).alarm.partition("：")[2]
        return f"{known or cure}（errcode {failed.code}）"
    except SendFailed as failed:
        return f"连不上企业微信：请检查网络、wecom.proxy 和 wecom.api_base（{failed.text}）"
    return ""


async def _aibot(config: WeComConfig, session: aiohttp.ClientSession) -> str:
    """Connects once. Only while no bot runs: a second connection would kick it out."""

    async def on_frame(cmd: str, req_id: str, body: object) -> None:
        return

    link = Link(config.aibot, session, config.proxy, Timing(connect=10.0, answer=10.0))
    running = asyncio.create_task(link.run(on_frame))
    subscribed = asyncio.create_task(link.subscribed.wait())
    await asyncio.wait({running, subscribed}, timeout=15, return_when=asyncio.FIRST_COMPLETED)
    fine = link.ready
    subscribed.cancel()
    await link.close()
    if fine:
        await running
        return ""
    if running.done() and running.result() is End.REFUSED:
        return "bot_id 或 secret 不正确：管理后台 → 智能机器人 → API 模式 → 长连接"
    running.cancel()
    return "连不上 wecom.aibot.ws_url：请检查网络和代理，放行 openws.work.weixin.qq.com"
