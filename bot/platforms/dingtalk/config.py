"""The `[dingtalk]` section of config.toml."""

from collections.abc import Callable
from dataclasses import dataclass, field

PUBLIC_TEMPLATE = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"
"""Title, markdown and buttons; shipped with DingTalk's own Python SDK and usable by any app (dingtalk.md 3.4)."""

Alarm = Callable[[str], None]
"""Tells the operator, in Chinese, what only he can put right; called once per incident; must not block nor raise."""


@dataclass(frozen=True, slots=True)
class DingTalkConfig:
    """Everything needed to be a DingTalk robot; without `client_id` the messenger is off.

    `robot_code` "" = the client id (so it is for an organisation's own robots); `card_template_id` "" = the public
    template. The `var_…` keys are the variables of that template ("" = the template has none); `card_prefix` keeps the
    card ids of several databases on one app apart; `card_value_bytes` is the documented size of one card variable (more
    is said to work).
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    robot_code: str = ""
    card_template_id: str = ""
    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"
    proxy: str = ""
    card_prefix: str = ""
    card_value_bytes: int = 1024
    var_title: str = "title"
    var_body: str = "markdown"
    var_buttons: str = "sys_full_json_obj"
    var_menu: str = "tips"
    var_status: str = ""
    monthly_api_calls: int = 5000
    monthly_stream_calls: int = 3000
    media_dir: str = "data/media"

    @property
    def on(self) -> bool:
        return bool(self.client_id and self.client_secret)

    @property
    def robot(self) -> str:
        return self.robot_code or self.client_id

    @property
    def template(self) -> str:
        return self.card_template_id or PUBLIC_TEMPLATE
