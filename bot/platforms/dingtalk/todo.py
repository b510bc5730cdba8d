"""Report tasks as DingTalk todos. dingtalk.md section 5; permission Todo.Todo.Write.

Off unless there is a web page to jump to: a work todo without a detail address can't be ticked off or opened.
"""

from datetime import datetime

from bot.platforms.dingtalk.api import Api, ApiError
from bot.platforms.dingtalk.contacts import Contacts
from bot.platforms.dingtalk.errors import Fault, Kind
from bot.platforms.dingtalk.frames import text_of

EXISTS = "task exist"


class Todo:
    """Adds todos for one person and ticks them off. Raises ApiError."""

    def __init__(self, api: Api, contacts: Contacts) -> None:
        self._api, self._contacts = api, contacts

    async def add(self, user: str, key: str, subject: str, due: datetime, address: str) -> str:
        """The id of the new todo, "" = there is one with this key already. `address` is the page it opens."""
        union = await self._union(user)
        body: dict[str, object] = {
            "sourceId": key,
            "subject": subject,
            "creatorId": union,
            "executorIds": [union],
            "dueTime": int(due.timestamp() * 1000),
            "detailUrl": {"appUrl": address, "pcUrl": address},
            "isOnlyShowExecutor": True,
        }
        try:
            answer = await self._call("POST", union, "", body)
        except ApiError as e:
            if EXISTS in e.fault.text:
                return ""
            raise
        return text_of(answer.get("id"))

    async def change(self, user: str, task: str, subject: str, due: datetime) -> bool:
        """Other words or another time; False = it is gone."""
        return await self._put(user, task, {"subject": subject, "dueTime": int(due.timestamp() * 1000)})

    async def done(self, user: str, task: str) -> bool:
        """Tick it off; False = it is gone."""
        return await self._put(user, task, {"done": True})

    async def _put(self, user: str, task: str, body: object) -> bool:
        try:
            await self._call("PUT", await self._union(user), f"/{task}", body)
        except ApiError as e:
            if e.fault.code != "itemNotFound":
                raise
            return False
        return True

    async def remove(self, user: str, task: str) -> None:
        """Take it away; one that is gone already is fine."""
        try:
            await self._call("DELETE", await self._union(user), f"/{task}", None)
        except ApiError as e:
            if e.fault.code != "itemNotFound":
                raise

    async def _call(self, method: str, union: str, tail: str, body: object) -> dict[str, object]:
        path = f"/v1.0/todo/users/{union}/tasks{tail}"
        return await self._api.call(method, path, body, name=f"{method} tasks", query={"operatorId": union})

    async def _union(self, user: str) -> str:
        union = await self._contacts.union(user)
        if not union:
            raise ApiError(Fault(Kind.REFUSED, "33012", f"no such person: {user}"))
        return union
