"""The address book as far as the app may see it (W90196, W90200, W95350): members, their managers and departments."""

import asyncio
from dataclasses import dataclass

from bot.platform import SendFailed
from bot.platforms.wecom.api import Api
from bot.platforms.wecom.draw import Json
from domain.addressbook import Listed

AT_ONCE = 4
"""Calls side by side; the base limit is 10,000 a minute (W90312)."""
ACTIVE = 1


@dataclass(frozen=True, slots=True)
class Department:
    """`parent` is 0 at the top of what the app may see."""

    id: int
    name: str
    parent: int


@dataclass(frozen=True, slots=True)
class Person:
    """A member; `manager` is a userid or "". Telephone and mail need the member's own consent and are not here."""

    userid: str
    name: str
    departments: tuple[int, ...]
    main_department: int
    position: str
    manager: str
    leads: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything the app may see at one moment."""

    departments: tuple[Department, ...]
    people: tuple[Person, ...]


class Contacts:
    """Reads the address book. userids compare casefolded (W90196); SendFailed as for letters."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def everyone(self) -> Directory:
        """All visible departments and members, each member once."""
        answer = await self._api.get("department/simplelist")
        ids = [d for d in _objects(answer, "department_id") if isinstance(d.get("id"), int)]
        gate = asyncio.Semaphore(AT_ONCE)

        async def gated(path: str, query: Json) -> Json:
            async with gate:
                return await self._api.get(path, query)

        names = await asyncio.gather(*(gated("department/get", {"id": d["id"]}) for d in ids))
        departments = tuple(
            Department(_int(d.get("id")), _name(a.get("department")), _int(d.get("parentid")))
            for d, a in zip(ids, names, strict=True)
        )
        # simplelist holds direct members only: each department is asked for its own.
        lists = await asyncio.gather(*(gated("user/simplelist", {"department_id": d.id}) for d in departments))
        users = {str(u["userid"]).casefold(): str(u["userid"]) for a in lists for u in _objects(a, "userlist")}
        people = await asyncio.gather(*(gated("user/get", {"userid": user}) for user in users.values()))
        return Directory(departments, tuple(_person(p) for p in people))

    async def person(self, userid: str) -> Person | None:
        """One member; None when he is unknown or out of sight."""
        try:
            return _person(await self._api.get("user/get", {"userid": userid}))
        except SendFailed as failed:
            if failed.retry_s is None:
                return None
            raise


def _person(answer: Json) -> Person:
    managers = answer.get("direct_leader")
    departments = answer.get("department")
    leading = answer.get("is_leader_in_dept")
    return Person(
        userid=str(answer.get("userid", "")),
        name=str(answer.get("name", "")),
        departments=tuple(d for d in departments if isinstance(d, int)) if isinstance(departments, list) else (),
        main_department=_int(answer.get("main_department")),
        position=str(answer.get("position") or ""),
        manager=str(managers[0]) if isinstance(managers, list) and managers else "",
        leads=isinstance(leading, list) and 1 in leading,
        active=answer.get("status", ACTIVE) == ACTIVE,
    )


def _objects(answer: Json, name: str) -> list[Json]:
    found = answer.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _name(department: object) -> str:
    return str(department.get("name", "")) if isinstance(department, dict) else ""


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


async def listed(contacts: Contacts) -> list[Listed]:
    """Everybody as a future member: his team is his main department, his manager the named one or that department's head."""
    book = await contacts.everyone()
    names = {d.id: d for d in book.departments}
    heads: dict[int, str] = {}
    for person in book.people:
        for department in person.departments if person.leads else ():
            heads.setdefault(department, person.userid)
    out = []
    for person in book.people:
        own = names.get(person.main_department or next(iter(person.departments), 0))
        above = names.get(own.parent) if own else None
        head = heads.get(own.id, "") if own else ""
        out.append(
            Listed(
                person.userid,
                person.name,
                person.manager or ("" if head.casefold() == person.userid.casefold() else head),
                own.name if own else "",
                above.name if above else "",
                leads=person.leads,
                active=person.active,
            )
        )
    return out
