"""Who is who: the organisation's user ids, union ids and names. dingtalk.md section 5; free of quota."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.frames import text_of
from domain.addressbook import Listed

UNKNOWN = ("33012", "60121")
"""There is no such person (any more)."""


TOP = 1
"""The root department."""


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

    async def everyone(self) -> list[Listed]:
        """Everybody in the app's sight (permissions qyapi_get_department_list, qyapi_get_department_member). Raises ApiError."""
        names, parents, todo = {TOP: ""}, {TOP: TOP}, [TOP]
        people: dict[str, dict[str, object]] = {}
        while todo:
            department = todo.pop()
            for sub in await self._rows("/topapi/v2/department/listsub", {"dept_id": department}):
                if isinstance(id_ := sub.get("dept_id"), int) and id_ not in names:
                    names[id_], parents[id_] = text_of(sub.get("name")), department
                    todo.append(id_)
            async for person in self._members(department):
                people.setdefault(text_of(person.get("userid")), {**person, "dept": department})
        heads = {
            lead["dept_id"]: user
            for user, person in people.items()
            for lead in _dicts(person.get("leader_in_dept"))
            if lead.get("leader") is True
        }
        out = []
        for user, person in people.items():
            own = _int(person["dept"])
            self.note(user, text_of(person.get("unionid")))
            head = heads.get(own, "")
            manager = text_of(person.get("manager_userid")) or ("" if head == user else head)
            out.append(
                Listed(
                    user,
                    text_of(person.get("name")),
                    manager,
                    names[own],
                    names[parents[own]],
                    leads=user in heads.values() or person.get("leader") is True,
                    admin=person.get("admin") is True,
                )
            )
        return out

    async def _members(self, department: int) -> AsyncIterator[dict[str, object]]:
        cursor = 0
        while True:
            page = await self._result("/topapi/v2/user/list", {"dept_id": department, "cursor": cursor, "size": 100})
            for person in _dicts(page.get("list")):
                yield person
            if page.get("has_more") is not True or not isinstance(next_ := page.get("next_cursor"), int) or next_ <= cursor:
                return
            cursor = next_

    async def _rows(self, path: str, body: Mapping[str, object]) -> list[dict[str, object]]:
        answer = await self._api.oapi(path, body, counted=False)
        return _dicts(answer.get("result"))

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

    async def _result(self, path: str, body: Mapping[str, object]) -> dict[str, object]:
        try:
            answer = await self._api.oapi(path, body, counted=False)
        except ApiError as e:
            if e.fault.code in UNKNOWN:
                return {}
            raise
        result = answer.get("result")
        return result if isinstance(result, dict) else {}


def _dicts(value: object) -> list[dict[str, object]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _int(value: object) -> int:
    return value if isinstance(value, int) else TOP
