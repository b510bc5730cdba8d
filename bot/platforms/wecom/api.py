"""One HTTP call to qyapi, with its token: fetched once at a time, never hammered, every failure a SendFailed."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

import aiohttp

from bot.platform import SendFailed
from bot.platforms.wecom.budget import MINUTE, Budget, Limit
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.errors import ApiFailed, Kind, fault
from bot.shelf import Token, TokenShelf

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
FILE_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)
EARLY_S = 300.0
"""A token is renewed so long before its end."""
BARRED_S = 3600.0
"""After a refused secret nothing is asked for so long.

About 2,000 refusals an hour bar the whole address (wecom.md 3.5).
"""
REFETCHES = Limit(3, MINUTE)
"""Tokens thrown away as dead, at most.

A server that refuses every token is not asked for ever (wechatpy asks 186 times).
"""
QUIET_S = 600.0
"""The same alarm is not repeated within this time."""
MAX_ANSWER = 8 << 20
"""Bytes of a JSON answer."""

Json = Mapping[str, object]
Alarm = Callable[[str], None]
Now = Callable[[], float]
T = TypeVar("T")
_FILE_NAME = re.compile(r'filename="?([^";]+)')


class Api:
    """qyapi as one app. `now` gives unix seconds.

    `alarm` gets Chinese sentences for the administrator, each once in a while.
    """

    def __init__(
        self,
        config: WeComConfig,
        session: aiohttp.ClientSession,
        now: Now,
        alarm: Alarm,
        shelf: TokenShelf | None = None,
    ) -> None:
        self.config = config
        self._session = session
        self._now = now
        self._tell = alarm
        self._shelf = shelf
        self._base = config.api_base.rstrip("/") + "/cgi-bin/"
        self._lock = asyncio.Lock()
        self._token = ""
        self._ends = 0.0
        self._dead = ""
        self._barred_until = 0.0
        self._refetches = Budget((REFETCHES,))
        self._told: dict[str, float] = {}

    def alarm(self, text: str) -> None:
        """Tells the administrator, unless he was told the same a moment ago."""
        now = self._now()
        if text and now >= self._told.get(text, 0.0):
            if len(self._told) > 500:
                self._told.clear()
            self._told[text] = now + QUIET_S
            self._tell(text)

    async def post(self, path: str, body: Json, query: Json | None = None) -> dict[str, object]:
        """POST with a token; the answer when its errcode is 0, else SendFailed (ApiFailed for an errcode)."""
        # Built once: the duplicate check compares requests, so a second try must be the first one again.
        data = encode(body)
        more = query or {}
        return await self._with_token(lambda token: self.call("POST", path, {**more, "access_token": token}, data))

    async def get(self, path: str, query: Json | None = None) -> dict[str, object]:
        """GET with a token; as `post`."""
        return await self._with_token(lambda token: self.call("GET", path, {**(query or {}), "access_token": token}))

    async def upload(self, path: str, query: Json, name: str, data: bytes) -> dict[str, object]:
        """Multipart POST of one file in the field `media`, with a token."""
        # A new form for each try: wechatpy re-sends an already read file as an empty one (wecom.md section 5, finding
        # 10).
        return await self._with_token(lambda token: self.call("POST", path, {**query, "access_token": token}, form(name, data)))

    async def download(self, path: str, query: Json, limit: int) -> tuple[bytes, str]:
        """GET of a file with a token: its bytes (at most `limit`) and its name."""
        return await self._with_token(lambda token: self._file(path, {**query, "access_token": token}, limit))

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        token = await self.token()
        try:
            return await call(token)
        except ApiFailed as failed:
            if failed.kind is Kind.BARRED:
                self._barred_until = self._now() + BARRED_S
            if failed.kind is not Kind.TOKEN:
                raise
            if token == self._token:
                now = self._now()
                if self._refetches.wait_s("", now):
                    raise
                self._refetches.spend("", now)
                self._dead = token
        return await call(await self.token())

    async def token(self) -> str:
        """A living access token; one fetch at a time however many ask, none while the secret is known to be wrong."""
        async with self._lock:
            now = self._now()
            if self._good(now):
                return self._token
            if now < self._barred_until:
                raise SendFailed("WeCom refused the secret", retry_s=self._barred_until - now)
            fetch = partial(self._fetch, now)
            if self._shelf is None:
                self._token, self._ends = await fetch()
            else:
                self._token, self._ends = await self._shelf.token(self._name, partial(self._alive, now=now), fetch)
            return self._token

    @property
    def _name(self) -> str:
        return f"wecom:{self.config.corp_id}:{self.config.agent_id}"

    def _good(self, now: float) -> bool:
        return self._alive((self._token, self._ends), now)

    def _alive(self, token: Token, now: float) -> bool:
        return bool(token[0]) and token[0] != self._dead and now < token[1] - EARLY_S

    async def _fetch(self, now: float) -> Token:
        query = {"corpid": self.config.corp_id, "corpsecret": self.config.secret}
        try:
            answer = await self.call("GET", "gettoken", query)
        except ApiFailed as failed:
            if failed.kind is Kind.BARRED:
                self._barred_until = now + BARRED_S
            raise
        except SendFailed as failed:
            # Without a token nothing of the letter can have gone out.
            raise SendFailed(failed.text, retry_s=failed.retry_s) from None
        token, life = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(life, int):
            raise SendFailed("WeCom gave no token", retry_s=60.0)
        # The same dead token may come again inside its window: it must not be thrown away for ever.
        self._dead = ""
        return token, now + max(life, EARLY_S + 60)

    async def call(self, method: str, path: str, query: Json, data: object = None) -> dict[str, object]:
        """One request, its JSON answer when errcode is 0.

        Else SendFailed, with the administrator told where he can help.
        """
        headers = {"Content-Type": "application/json; charset=utf-8"} if isinstance(data, bytes) else {}
        timeout = FILE_TIMEOUT if isinstance(data, aiohttp.FormData) else TIMEOUT
        url = path if "://" in path else self._base + path
        try:
            async with self._session.request(
                method,
                url,
                params={k: str(v) for k, v in query.items()},
                data=data,
                headers=headers,
                timeout=timeout,
                proxy=self.config.proxy or None,
                allow_redirects=False,
            ) as response:
                check_status(response.status)
                return self.checked(await read_up_to(response, MAX_ANSWER))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost(error) from None

    def checked(self, raw: bytes) -> dict[str, object]:
        """The answer as an object with errcode 0; else SendFailed."""
        answer = decode(raw)
        code = answer.get("errcode", 0)
        if code == 0:
            return answer
        trouble = fault(code if isinstance(code, int) else -1, str(answer.get("errmsg", "")))
        log.warning("wecom errcode %s", trouble.code)
        self.alarm(trouble.alarm)
        raise trouble.failed()

    async def _file(self, path: str, query: Json, limit: int) -> tuple[bytes, str]:
        try:
            async with self._session.get(
                self._base + path,
                params={k: str(v) for k, v in query.items()},
                timeout=FILE_TIMEOUT,
                proxy=self.config.proxy or None,
                allow_redirects=False,
            ) as response:
                check_status(response.status)
                data = await read_up_to(response, limit)
                name = file_name(response.headers)
                # An error comes as JSON with status 200; a JSON file somebody sent has a name.
                if not name and response.content_type in ("application/json", "text/plain"):
                    self.checked(data)
                    raise SendFailed("WeCom sent no file", retry_s=None)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost(error) from None
        return data, name


def encode(body: Json) -> bytes:
    """Compact UTF-8 JSON, the same bytes for the same value."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def decode(raw: bytes) -> dict[str, object]:
    """A JSON object; SendFailed (unsure: the deed may be done) for anything else."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise SendFailed("WeCom's answer is no JSON object", unsure=True)
    return answer


def form(name: str, data: bytes) -> aiohttp.FormData:
    """One file as the multipart field `media` with its length, as media/upload wants it (W90253)."""
    fields = aiohttp.FormData(quote_fields=False)
    fields.add_field("media", data, filename=name.replace('"', "_"), content_type="application/octet-stream")
    return fields


def check_status(status: int) -> None:
    """SendFailed for every status but 200: 5xx may have done it, 429 wants a minute."""
    if status >= 500:
        raise SendFailed(f"WeCom HTTP {status}", unsure=True)
    if status != 200:
        raise SendFailed(f"WeCom HTTP {status}", retry_s=60.0)


def lost(error: BaseException) -> SendFailed:
    """A network failure: certain when the connection never stood, else the other side may have read everything."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return SendFailed(f"WeCom unreachable: {name}")
    return SendFailed(f"WeCom did not answer: {name}", unsure=True)


def file_name(headers: Mapping[str, str]) -> str:
    """The name in Content-Disposition, "" without one."""
    found = _FILE_NAME.search(headers.get("Content-Disposition", ""))
    return found.group(1).strip() if found else ""


async def read_up_to(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body; SendFailed for good when it is larger than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_chunked(65_536):
        size += len(part)
        if size > limit:
            raise SendFailed("the file is too large", retry_s=None)
        parts.append(part)
    return b"".join(parts)
