"""From a messenger's address book to members: who is new, who is who, who has left. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.model import Member, Role


@dataclass(frozen=True, slots=True)
class Listed:
    """A person as the address book shows him; `manager` is a user id there, "" = nobody named."""

    uid: str
    name: str
    manager: str = ""
    team: str = ""
    department: str = ""
    leads: bool = False
    admin: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class Changes:
    """Members to be entered or replaced, and what the admin should know about it."""

    members: tuple[Member, ...] = ()
    added: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def plan(known: Sequence[Member], listed: Sequence[Listed], platform: str) -> Changes:
    """What follows from an address book for the members.

    A member is found by his user id, else by a name that only he and one person of the book bear (the two identities of
    one person). Known members keep their role, team and manager; what is empty is filled. Nobody is dropped because the
    book does not show him: its visible range may have changed. Who is marked as left becomes inactive.
    """
    by_uid = {_uid(m, platform).casefold(): m for m in known if _uid(m, platform)}
    taken = {p.uid.casefold() for p in listed}
    names = Counter(p.name for p in listed)
    ids = {m.id for m in known}
    found: dict[str, Member] = {}
    added, linked, unclear = [], [], []
    for person in (p for p in listed if p.active or p.uid.casefold() in by_uid):
        member = by_uid.get(person.uid.casefold())
        if member is None:
            same = [m for m in known if m.active and m.name == person.name and _uid(m, platform).casefold() not in taken]
            if len(same) == 1 and names[person.name] == 1:
                member = _with_uid(same[0], platform, person.uid)
                linked.append(person.name)
            else:
                if same:
                    unclear.append(person.name)
                member = _new(person, platform, ids)
                ids.add(member.id)
                added.append(person.name)
        found[person.uid.casefold()] = member
    out, left = [], []
    for person in listed:
        member = found.get(person.uid.casefold())
        if member is None:
            continue
        manager = found.get(person.manager.casefold())
        new = replace(
            member,
            team=member.team or person.team,
            department=member.department or person.department,
            manager=member.manager or (manager.id if manager and manager.id != member.id else None),
            active=member.active and person.active,
        )
        if member.active and not person.active:
            left.append(member.name)
        if new not in known:
            out.append(new)
    return Changes(tuple(out), tuple(added), tuple(linked), tuple(left), tuple(unclear))


def _uid(member: Member, platform: str) -> str:
    return member.wecom if platform == "wecom" else member.dingtalk


def _with_uid(member: Member, platform: str, uid: str) -> Member:
    return replace(member, wecom=uid) if platform == "wecom" else replace(member, dingtalk=uid)


def _new(person: Listed, platform: str, ids: Iterable[str]) -> Member:
    role = Role.ADMIN if person.admin else Role.MANAGER if person.leads else Role.REP
    id_ = person.uid if person.uid not in ids else f"{person.uid}-{platform}"
    return _with_uid(Member(id_, person.name, role), platform, person.uid)
