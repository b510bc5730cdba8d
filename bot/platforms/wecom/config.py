"""What the administrator must tell us about WeCom (contract.md section 2); `main` fills it from config.toml."""

from dataclasses import dataclass, field

API_BASE = "https://qyapi.weixin.qq.com"
WS_URL = "wss://openws.work.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class AibotConfig:
    """The AI bot on its long connection; `names` are the display names by which it is @-ed in groups."""

    bot_id: str = ""
    secret: str = field(default="", repr=False)
    names: tuple[str, ...] = ("拜访助手",)
    ws_url: str = WS_URL

    @property
    def ready(self) -> bool:
        return bool(self.bot_id and self.secret)


@dataclass(frozen=True, slots=True)
class AibotCallbackConfig:
    """The AI bot in its callback form (the alternative to the long connection)."""

    token: str = field(default="", repr=False)
    encoding_aes_key: str = field(default="", repr=False)

    @property
    def ready(self) -> bool:
        return bool(self.token and self.encoding_aes_key)


@dataclass(frozen=True, slots=True)
class WeComConfig:
    """Every WeCom setting; an empty part is switched off. Secrets stay out of `repr`.

    `webhooks` are (group, key); `window_s` is how far a callback's timestamp may be from our clock (0 = any);
    `home_url` is the page a card without buttons opens ("" = such cards go out as text).
    """

    corp_id: str = ""
    agent_id: int = 0
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    encoding_aes_key: str = field(default="", repr=False)
    api_base: str = API_BASE
    proxy: str = ""
    aibot: AibotConfig = AibotConfig()
    aibot_callback: AibotCallbackConfig = AibotCallbackConfig()
    webhooks: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    window_s: int = 600
    home_url: str = ""

    @property
    def can_send(self) -> bool:
        """The app's credentials are there."""
        return bool(self.corp_id and self.agent_id and self.secret)

    @property
    def can_receive(self) -> bool:
        """The app's callback credentials are there."""
        return bool(self.corp_id and self.token and self.encoding_aes_key)
