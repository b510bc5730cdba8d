"""Is everything set up on DingTalk's side? One finding a credential or permission, each with its cure (for `main.py check`).

Nothing is sent to anybody: the calls name a person and a card that do not exist, and the refusal tells what is granted.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from yarl import URL

from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.errors import Fault, Kind, judge
from bot.platforms.dingtalk.frames import TOPIC_BOT

NOBODY = "visitbot-check-nobody"
UNREACHED = "连不上钉钉：请检查网络、代理，放行 *.dingtalk.com"


@dataclass(frozen=True, slots=True)
class Finding:
    """`cure` is "" when it is in order, else one Chinese line: what to do where."""

    what: str
    cure: str = ""


async def check(config: DingTalkConfig, now: Callable[[], datetime]) -> list[Finding]:
    """Walk through credentials, stream and permissions, in the order in which they have to be put right. Never raises."""
    if not config.on:
        return [Finding("钉钉未启用（没有填写 client_id 和 client_secret）")]
    api = Api(config, now, lambda text: None)
    try:
        found = [Finding("钉钉凭证", await _cure(_token(api), "请核对 client_id、client_secret（应用的凭证与基础信息）"))]
        if found[0].cure:
            return found
        stream = await _cure(_stream(api), "请把机器人的消息接收模式设为 Stream，并发布应用")
        robot = await _cure(_robot(api), "请开通权限 qyapi_robot_sendmsg，核对 robot_code，并发布机器人")
        cards = await _cure(_cards(api), "请开通权限 Card.Instance.Write（不开通时卡片改为文字加编号）")
        people = await _cure(_people(api), "请开通权限 qyapi_get_member")
        names = ("钉钉 Stream 连接", "钉钉机器人发消息", "钉钉互动卡片", "钉钉通讯录")
        return found + [Finding(*pair) for pair in zip(names, (stream, robot, cards, people), strict=True)]
    finally:
        await api.close()


async def _cure(step: Awaitable[Fault | None], cure: str) -> str:
    """ "" when the step worked; else its cure, or what hinders finding out."""
    try:
        fault = await step
    except ApiError as e:
        fault = e.fault
    if fault is None:
        return ""
    if fault.kind in (Kind.UNCLEAR, Kind.BUSY, Kind.QPS, Kind.BANNED) and not fault.code:
        return f"{UNREACHED}（{fault.text}）"
    if fault.code == "60020":
        return f"请把本机的出口地址加入应用的服务器出口 IP 白名单（{fault.text}）"
    if fault.kind is Kind.QUOTA:
        return f"本月的调用量已用完，请升级版本或购买调用量（{fault.text}）"
    return f"{cure}（{fault.text}）"


async def _token(api: Api) -> Fault | None:
    await api.token()
    return None


async def _stream(api: Api) -> Fault | None:
    """Registers only: the ticket is thrown away, so no connection of a running bot is disturbed."""
    body = {
        "clientId": api.config.client_id,
        "clientSecret": api.config.client_secret,
        "subscriptions": [{"type": "CALLBACK", "topic": TOPIC_BOT}],
    }
    url = URL(api.config.api_base + "/v1.0/gateway/connections/open")
    return judge(*await api.exchange("POST", url, json=body, headers={"Accept": "application/json"}))


async def _robot(api: Api) -> Fault | None:
    param = {"msgKey": "sampleText", "msgParam": '{"content":"check"}', "userIds": [NOBODY]}
    try:
        await api.call("POST", "/v1.0/robot/oToMessages/batchSend", {"robotCode": api.config.robot, **param})
    except ApiError as e:
        return None if e.fault.code.startswith("staffId") else e.fault
    return None


async def _cards(api: Api) -> Fault | None:
    body = {"outTrackId": NOBODY, "cardData": {"cardParamMap": {}}}
    try:
        await api.call("PUT", "/v1.0/card/instances", body)
    except ApiError as e:
        return None if e.fault.kind is Kind.REFUSED else e.fault
    return None


async def _people(api: Api) -> Fault | None:
    try:
        await api.oapi("/topapi/v2/user/get", {"userid": NOBODY}, counted=False)
    except ApiError as e:
        return None if e.fault.code in ("33012", "60121") else e.fault
    return None
