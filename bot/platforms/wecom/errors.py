"""What each errcode of qyapi means for a letter (wecom.md 3.6, W90313): judged by the number only, the words change."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.platform import SendFailed


class Kind(StrEnum):
    """What to do about it."""

    BUSY = "busy"
    TOKEN = "token"
    BARRED = "barred"
    RATE = "rate"
    ALARM = "alarm"
    UNREACHABLE = "unreachable"
    GONE = "gone"
    SENT = "sent"
    CARD = "card"
    NEVER = "never"
    OTHER = "other"


_RETRY_S: dict[Kind, float | None] = {
    Kind.BUSY: 5.0,
    Kind.TOKEN: 30.0,
    Kind.BARRED: 3600.0,
    Kind.RATE: 60.0,
    Kind.ALARM: 120.0,
    Kind.UNREACHABLE: None,
    Kind.GONE: None,
    Kind.SENT: None,
    Kind.CARD: None,
    Kind.NEVER: None,
    Kind.OTHER: 60.0,
}

_KINDS: dict[int, Kind] = (
    dict.fromkeys((-1, 6000, 45035), Kind.BUSY)
    | dict.fromkeys((40014, 42001), Kind.TOKEN)
    | dict.fromkeys((40001, 40013, 40091), Kind.BARRED)
    | dict.fromkeys((45009, 45033), Kind.RATE)
    | dict.fromkeys((60020, 301002, 40056, 48002, 48006, 50003, 60031, 40201, 93001, 93004), Kind.ALARM)
    | dict.fromkeys((60011, 60021, 60111, 81013, 82001, 40003, 40031, 86001, 86003, 86008, 49008), Kind.UNREACHABLE)
    | dict.fromkeys((60140, 42015, 42016, 42052), Kind.GONE)
    | {42014: Kind.SENT}
    | dict.fromkeys((43012, *range(42017, 42021), *range(42027, 42052)), Kind.CARD)
    | dict.fromkeys((45001, 45002, 40007, 40145, 830002, 40058, 40035, 93000, 93006, 93008), Kind.NEVER)
)

_HELP = {
    40001: "应用 secret 不正确，请在管理后台核对后改 config.toml 的 wecom.secret",
    40013: "企业 ID（corp_id）不正确，请核对 config.toml 的 wecom.corp_id",
    40091: "应用 secret 不正确，请在管理后台核对后改 config.toml 的 wecom.secret",
    60020: "本机出口 IP 不在可信 IP 名单里，请在应用详情的“企业可信IP”里加上",
    301002: "agent_id 与 secret 不是同一个应用，请核对 config.toml",
    40056: "agent_id 与 secret 不是同一个应用，请核对 config.toml",
    48002: "应用没有这个接口的权限，请在管理后台开通",
    48006: "应用因长期不用被停用接口，请在管理后台恢复",
    50003: "应用已被停用，请在管理后台启用",
    60031: "应用没有这个接口的权限，请在管理后台开通",
    40201: "消息被反垃圾规则拦下，请检查内容",
    43012: "应用还没有设置接收消息的 URL，带按钮的卡片发不出去",
    81013: "接收人都不在应用可见范围内，请在应用详情里加上",
    93000: "群机器人的 key 无效，或机器人已被移出群",
    93001: "这个群不允许群机器人发言",
    93004: "群机器人已被停用",
    93008: "群机器人不在这个群里",
}
_IP = re.compile(r"from ip:\s*([0-9a-fA-F.:]+)")


@dataclass(frozen=True, slots=True)
class ApiFault:
    """One refusal of the API; `alarm` is what to tell the administrator, "" when it is nobody's business."""

    code: int
    kind: Kind
    alarm: str

    def failed(self) -> "ApiFailed":
        """As the exception the outbox understands."""
        return ApiFailed(self, retry_s=_RETRY_S[self.kind], unsure=self.kind is Kind.BUSY)


class ApiFailed(SendFailed):
    """Not done, because the API said so; `kind` is the class of its errcode."""

    def __init__(self, fault: ApiFault, *, retry_s: float | None, unsure: bool) -> None:
        super().__init__(f"WeCom errcode {fault.code}", retry_s=retry_s, unsure=unsure)
        self.code = fault.code
        self.kind = fault.kind


def fault(code: int, message: str = "") -> ApiFault:
    """The meaning of a non-zero errcode; `message` is searched for the address to be trusted (60020)."""
    kind = _KINDS.get(code, Kind.OTHER)
    text = _HELP.get(code, "")
    if code == 60020 and (found := _IP.search(message)):
        text = f"{text}：{found.group(1)}"
    return ApiFault(code, kind, f"企业微信接口报错 {code}：{text}" if text else "")
