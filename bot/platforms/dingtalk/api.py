"""One way to call DingTalk over HTTP: token, pace, month's count, timeouts, and every failure as one exception."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    FormData,
    InvalidURL,
)
from yarl import URL

from bot.platforms.dingtalk.budget import Quota
from bot.platforms.dingtalk.config import Alarm, DingTalkConfig
from bot.platforms.dingtalk.errors import Fault, Kind, judge
from bot.platforms.dingtalk.frames import read_object, text_of
from bot.platforms.dingtalk.pace import Pace
from bot.shelf import Token, TokenShelf

log = logging.getLogger(__name__)
TIMEOUT = ClientTimeout(total=10, connect=5)
RENEW_EARLY_S = 300.0
WRONG_SECRET_WAIT_S = 600.0
"""A wrong secret is tried again this often: it may have been corrected in the console, and never hammers."""
TELL_AGAIN_S = 6 * 3600.0
"""The same trouble is told to the operator again after this long."""


class ApiError(Exception):
    """A call that did not work; `fault` says what can be done about it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


class Api:
    """DingTalk's OpenAPI for one app; one HTTP session, opened at the first call and ended by `close`."""

    def __init__(
        self, config: DingTalkConfig, now: Callable[[], datetime], alarm: Alarm, shelf: TokenShelf | None = None
    ) -> None:
        self.config = config
        self._shelf = shelf
        self.now = now
        self.quota = Quota(config, alarm)
        self._alarm = alarm
        self._pace = Pace()
        self._http: ClientSession | None = None
        self._token, self._ends, self._dead = "", 0.0, ""
        self._fetching: asyncio.Task[str] | None = None
        self._shut: dict[str, tuple[float, Fault]] = {}
        self._told: dict[str, float] = {}

    @property
    def http(self) -> ClientSession:
        """The session all calls share."""
        if self._http is None or self._http.closed:
            self._http = ClientSession(timeout=TIMEOUT, proxy=self.config.proxy or None)
        return self._http

    async def close(self) -> None:
        if self._fetching:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        if self._http:
            await self._http.close()

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        name: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        counted: bool = True,
    ) -> dict[str, object]:
        """Call an API of api.dingtalk.com and return its answer. Raises ApiError.

        `name` is the API for the pace of 20/s (default: method and path; give it where the path holds ids).
        """
        url = URL(self.config.api_base + path).update_query(query or {})
        return await self._with_token(
            name or f"{method} {path}",
            counted,
            lambda token: self.exchange(
                method, url, json=body, headers={"x-acs-dingtalk-access-token": token, **(headers or {})}
            ),
        )

    async def oapi(self, path: str, body: object, *, counted: bool = True) -> dict[str, object]:
        """POST to the old API host, where the token stands in the address and errors come as HTTP 200. Raises ApiError.

        `body` is JSON, or a function that builds a form (built anew for a second try).
        """
        url = URL(self.config.oapi_base + path)

        def send(token: str) -> Awaitable[tuple[int, str]]:
            address = url.update_query(access_token=token)
            if callable(body):
                return self.exchange("POST", address, data=body())
            return self.exchange("POST", address, json=body)

        return await self._with_token(path, counted, send)

    async def post_webhook(self, url: URL, body: object) -> None:
        """POST to a sessionWebhook: no token, no redirect, and an errcode counts. Raises ApiError."""
        status, text = await self.exchange("POST", url, json=body)
        self.quota.count("stream", self.now())
        fault = judge(status, text)
        if fault:
            raise ApiError(fault)

    def shut(self, gate: str) -> Fault | None:
        """The fault that closed a gate ("all", "token", "cards", "quota") not long ago; None = it is open."""
        until, fault = self._shut.get(gate, (0.0, None))
        return fault if self._seconds() < until else None

    def close_gate(self, gate: str, fault: Fault, seconds: float) -> None:
        """Let nothing through a gate for a while."""
        self._shut[gate] = (self._seconds() + seconds, fault)

    def _seconds(self) -> float:
        return self.now().timestamp()

    def tell(self, key: str, words: str) -> None:
        """Tell the operator, once in a while for the same key."""
        if self._seconds() >= self._told.get(key, 0.0):
            self._told[key] = self._seconds() + TELL_AGAIN_S
            self._alarm(words)

    async def token(self) -> str:
        """A valid access token; however many ask at once, one fetches it. Raises ApiError."""
        if self._good((self._token, self._ends)):
            return self._token
        if fault := self.shut("token"):
            raise ApiError(fault)
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._shared_token())
            self._fetching.add_done_callback(_looked_at)
        return await asyncio.shield(self._fetching)

    async def _shared_token(self) -> str:
        if self._shelf is None:
            self._token, self._ends = await self._fetch_token()
        else:
            self._token, self._ends = await self._shelf.token(f"dingtalk:{self.config.client_id}", self._good, self._fetch_token)
        return self._token

    def _good(self, token: Token) -> bool:
        return bool(token[0]) and token[0] != self._dead and self.now().timestamp() < token[1]

    async def _fetch_token(self) -> Token:
        url = URL(self.config.api_base + "/v1.0/oauth2/accessToken")
        body = {"appKey": self.config.client_id, "appSecret": self.config.client_secret}
        status, text = await self.exchange("POST", url, json=body)
        fault = judge(status, text)
        answer = read_object(text)
        token, life = text_of(answer.get("accessToken")), answer.get("expireIn")
        if fault is None and token:
            self._told.pop("secret", None)
            self._dead = ""  # the same token may be given again while it lives
            return token, self.now().timestamp() + max(60.0, float(life if isinstance(life, int) else 7200) - RENEW_EARLY_S)
        fault = fault or Fault(Kind.UNCLEAR, "", f"HTTP {status}: no token in the answer")
        if fault.kind in (Kind.REFUSED, Kind.TOKEN, Kind.SCOPE):
            fault = Fault(Kind.SECRET, fault.code, fault.text, wait_s=WRONG_SECRET_WAIT_S)
            self.close_gate("token", fault, WRONG_SECRET_WAIT_S)
            self.tell("secret", f"钉钉不接受 client_id 或 client_secret，消息发不出去，请检查配置。（{fault.text}）")
        raise ApiError(fault)

    async def _with_token(self, name: str, counted: bool, send: Callable[[str], Awaitable[tuple[int, str]]]) -> dict[str, object]:
        for attempt in (1, 2):
            if fault := self.shut("all") or (self.shut("quota") if counted else None):
                raise ApiError(fault)
            async with self._pace.place(name):
                token = await self.token()
                if counted:
                    self.quota.count("api", self.now())
                status, text = await send(token)
            fault = judge(status, text)
            if fault is None:
                return read_object(text)
            if fault.kind is Kind.QPS and counted:  # refused calls do not count (dingtalk.md 4)
                self.quota.count("api", self.now(), -1)
            if fault.kind is Kind.TOKEN and attempt == 1:
                self._forget(token)
                continue
            break
        assert fault is not None
        self._react(fault, name)
        raise ApiError(fault)

    def _forget(self, token: str) -> None:
        if self._token == token:  # somebody else may have fetched a new one meanwhile
            self._token, self._dead = "", token

    def _react(self, fault: Fault, name: str) -> None:
        """What a fault means for the calls after it."""
        log.warning("dingtalk %s: %s (%s)", name, fault.text, fault.kind.value)
        if fault.kind is Kind.BANNED:
            self.close_gate("all", fault, fault.wait_s)
            self.tell("banned", "钉钉暂时封禁了本机的出口地址（调用过快），五分钟内发不出消息。")
        elif fault.kind is Kind.QUOTA:
            self.close_gate("quota", fault, fault.wait_s)
            self.tell("quota", "钉钉本月的 API 调用量已用完，主动消息和卡片发不出去。请升级版本或购买调用量。")
        elif fault.kind is Kind.SCOPE:
            what = f"缺少权限 {fault.scope}" if fault.scope else "没有权限，或出口地址不在白名单"
            self.tell(f"scope {name}", f"钉钉拒绝了调用：{what}。请在开放平台的权限管理中开通。（{fault.text}）")

    async def exchange(self, method: str, url: URL, **how: object) -> tuple[int, str]:
        """One HTTP exchange. Raises ApiError when no answer came; never names the address (it may hold a token)."""
        try:
            async with self.http.request(method, url, allow_redirects=False, **how) as response:  # type: ignore[arg-type]
                return response.status, await response.text(errors="replace")
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as e:
            raise ApiError(Fault(Kind.BUSY, "", f"no connection to {url.host}: {type(e).__name__}")) from None
        except (ClientError, TimeoutError, OSError, ValueError) as e:
            raise ApiError(Fault(Kind.UNCLEAR, "", f"no answer from {url.host}: {type(e).__name__}")) from None


def form(**fields: object) -> FormData:
    """A multipart form; a (bytes, file name) pair is a file."""
    data = FormData()
    for key, value in fields.items():
        if isinstance(value, tuple):
            data.add_field(key, value[0], filename=value[1])
        else:
            data.add_field(key, str(value))
    return data


def _looked_at(task: "asyncio.Task[str]") -> None:
    """A fetch whose last waiter went away must not complain about its exception."""
    if not task.cancelled():
        task.exception()
