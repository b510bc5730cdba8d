"""Who is who: the organisation's user ids, union ids and names. dingtalk.md section 5; free of quota."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.frames import text_of

UNKNOWN = ("33012", "60121")
"""There is no such person (any more)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A member of the organisation; `manager` is a user id, "" = nobody named."""

    user: str
    union: str
    name: str
    title: str = ""
    departments: tuple[int, ...] = ()
    manager: str = ""


class Contacts:
    """Looks people up; the union id of a user never changes, so it is asked for once."""

    def __init__(self, api: Api, known: Mapping[str, str] | None = None) -> None:
        self._api = api
        self._unions: dict[str, str] = dict(known or {})
        self._asking: dict[str, asyncio.Task[Contact | None]] = {}

    def note(self, user: str, union: str) -> None:
        """Keep a union id that came along with a message."""
        if user and union:
            self._unions[user] = union

    async def union(self, user: str) -> str:
        """The union id calendar and todo want, "" = no such person. Raises ApiError."""
        if user not in self._unions:
            contact = await self.get(user)
            self.note(user, contact.union if contact else "")
        return self._unions.get(user, "")

    async def get(self, user: str) -> Contact | None:
        """The person as the address book has him now, None = not there; several askers share one call. Raises ApiError."""
        task = self._asking.get(user)
        if task is None:
            task = self._asking[user] = asyncio.create_task(self._ask(user))
            task.add_done_callback(lambda t: (self._asking.pop(user, None), t.cancelled() or t.exception()))
        return await asyncio.shield(task)

    async def by_union(self, union: str) -> str:
        """The user id of a union id, "" = no such person. Raises ApiError."""
        return await self._user_id("/topapi/user/getbyunionid", {"unionid": union})

    async def by_mobile(self, mobile: str) -> str:
        """The user id of a mobile number, "" = nobody's. Raises ApiError."""
        return await self._user_id("/topapi/v2/user/getbymobile", {"mobile": mobile})

    async def _ask(self, user: str) -> Contact | None:
        found = await self._result("/topapi/v2/user/get", {"userid": user, "language": "zh_CN"})
        if not found:
            return None
        departments = found.get("dept_id_list")
        return Contact(
            text_of(found.get("userid")) or user,
            text_of(found.get("unionid")),
            text_of(found.get("name")),
            text_of(found.get("title")),
            tuple(d for d in departments if isinstance(d, int)) if isinstance(departments, list) else (),
            text_of(found.get("manager_userid")),
        )

    async def _user_id(self, path: str, body: Mapping[str, str]) -> str:
        return text_of((await self._result(path, body)).get("userid"))

    async def _result(self, path: str, body: Mapping[str, str]) -> dict[str, object]:
        try:
            answer = await self._api.oapi(path, body, counted=False)
        except ApiError as e:
            if e.fault.code in UNKNOWN:
                return {}
            raise
        result = answer.get("result")
        return result if isinstance(result, dict) else {}
