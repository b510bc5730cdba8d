"""Members, their names on the messengers, and groups."""

from domain.model import Group, Member, Role
from storage.db import Row, dumps, number, one_of, strings
from storage.part import Part

_COLUMNS = "id, name, role, team, department, manager, aliases, line, wecom, dingtalk, active"
_FIELDS = _COLUMNS.split(", ")
_SELECT = "SELECT " + ", ".join(f"m.{name}" for name in _FIELDS) + " FROM members m"
_PUT = (
    f"INSERT INTO members ({_COLUMNS}) VALUES ({','.join('?' * len(_FIELDS))}) ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
    + " RETURNING no"
)


def _member(row: Row) -> Member:
    id_, name, role, team, department, manager, aliases, line, wecom, dingtalk, active = row
    return Member(
        id=str(id_),
        name=str(name),
        role=Role(str(role)),
        team=str(team),
        department=str(department),
        manager=None if manager is None else str(manager),
        aliases=strings(aliases),
        line=str(line),
        wecom=str(wecom),
        dingtalk=str(dingtalk),
        active=bool(active),
    )


class People(Part):
    """Who works here. Members who left stay, with `active` false; lists hold the active ones unless said otherwise."""

    __slots__ = ()

    def get(self, id: str) -> Member | None:
        """The member with this id, also when no longer active."""
        known = self.db.memory.members
        if id not in known:
            row = self.db.row(f"{_SELECT} WHERE m.id = ?", id)
            known[id] = _member(row) if row else None
        return known[id]

    def many(self, ids: list[str] | tuple[str, ...]) -> dict[str, Member]:
        """The members with these ids, by id; unknown ones are left out."""
        known = self.db.memory.members
        if missing := [i for i in ids if i not in known]:
            marks, values = one_of(missing)
            found = map(_member, self.db.rows(f"{_SELECT} WHERE m.id IN {marks}", *values))
            known.update(dict.fromkeys(missing))
            known.update((m.id, m) for m in found)
        return {i: m for i in ids if (m := known[i]) is not None}

    def by_platform(self, platform: str, uid: str) -> Member | None:
        """The active member behind a messenger's user id, in any case; on web and terminal it is the member's id."""
        if (known := self.db.memory.uids.get((platform, uid))) is not None:
            return known
        if platform in ("wecom", "dingtalk"):
            sql = f"{_SELECT} JOIN identities i ON i.member_no = m.no"
            row = self.db.row(f"{sql} WHERE i.platform = ? AND i.uid = ? AND m.active = 1", platform, uid.casefold())
        else:
            row = self.db.row(f"{_SELECT} WHERE m.id = ? AND m.active = 1", uid)
        if row is None:
            return None
        found = _member(row)
        self.db.memory.members[found.id] = self.db.memory.uids[platform, uid] = found
        return found

    def all(self, *, inactive: bool = False) -> list[Member]:
        """Everybody, in the order they were entered."""
        where = "" if inactive else " WHERE m.active = 1"
        return [_member(row) for row in self.db.rows(f"{_SELECT}{where} ORDER BY m.no")]

    def named(self, name: str) -> list[Member]:
        """Everybody whose full name or alias is exactly this."""
        sql = f"{_SELECT} JOIN member_names n ON n.member_no = m.no WHERE n.name = ? AND m.active = 1 ORDER BY m.no"
        return [_member(row) for row in self.db.rows(sql, name.strip())]

    def team(self, name: str) -> list[Member]:
        """The members of a team."""
        sql = f"{_SELECT} WHERE m.team = ? AND m.active = 1 ORDER BY m.no"
        return [_member(row) for row in self.db.rows(sql, name)]

    def managers_above(self, id: str) -> list[Member]:
        """The member's manager, then the manager's manager, upwards; a circle ends where it would close."""
        chain: list[Member] = []
        seen = {id}
        member = self.get(id)
        while member and member.manager and member.manager not in seen:
            seen.add(member.manager)
            member = self.get(member.manager)
            if member and member.active:
                chain.append(member)
        return chain

    def reports_of(self, id: str) -> list[Member]:
        """Everybody below a manager, at any depth, without the manager."""
        sql = (
            "WITH RECURSIVE below(id) AS (SELECT id FROM members WHERE manager = ? UNION "
            "SELECT s.id FROM members s JOIN below b ON s.manager = b.id) "
            f"{_SELECT} WHERE m.id IN (SELECT id FROM below) AND m.id <> ? AND m.active = 1 ORDER BY m.no"
        )
        return [_member(row) for row in self.db.rows(sql, id, id)]

    def directors(self) -> list[Member]:
        """Every active director."""
        return self._with_role(Role.DIRECTOR)

    def admins(self) -> list[Member]:
        """Every active admin."""
        return self._with_role(Role.ADMIN)

    def _with_role(self, role: Role) -> list[Member]:
        sql = f"{_SELECT} WHERE m.role = ? AND m.active = 1 ORDER BY m.no"
        return [_member(row) for row in self.db.rows(sql, role.value)]

    def put(self, member: Member) -> None:
        """Enter or replace a member; a messenger id that another member had moves to this one."""
        m = member
        self.db.memory.members.clear()
        self.db.memory.uids.clear()
        row = self.db.row(
            _PUT,
            *(m.id, m.name, m.role.value, m.team, m.department, m.manager, dumps(m.aliases), m.line),
            *(m.wecom, m.dingtalk, int(m.active)),
        )
        assert row
        no = number(row[0])
        self.db.run("DELETE FROM identities WHERE member_no = ?", no)
        self.db.run("DELETE FROM member_names WHERE member_no = ?", no)
        for platform, uid in (("wecom", m.wecom), ("dingtalk", m.dingtalk)):
            if uid:
                self.db.run(
                    "INSERT INTO identities (platform, uid, member_no) VALUES (?, ?, ?) "
                    "ON CONFLICT (platform, uid) DO UPDATE SET member_no = excluded.member_no",
                    *(platform, uid.casefold(), no),
                )
        names = dict.fromkeys((m.name.strip(), *(alias.strip() for alias in m.aliases)))
        self.db.many("INSERT INTO member_names (name, member_no) VALUES (?, ?)", [(name, no) for name in names if name])
        self.touched.add("members")

    def group(self, id: str) -> Group | None:
        """The group with this id."""
        return next(iter(self._groups("WHERE g.id = ?", id)), None)

    def group_by_chat(self, platform: str, chatid: str) -> Group | None:
        """The group behind a messenger's chat id: the one linked to it, else the one whose id it is."""
        row = self.db.row("SELECT group_id FROM group_chats WHERE platform = ? AND chat = ?", platform, chatid)
        return self.group(str(row[0]) if row else chatid)

    def groups(self) -> list[Group]:
        """Every group."""
        return self._groups("")

    def groups_of(self, member: str) -> list[Group]:
        """The groups a member is in."""
        return self._groups("WHERE g.id IN (SELECT group_id FROM group_members WHERE member = ?)", member)

    def _groups(self, where: str, *params: str) -> list[Group]:
        sql = (
            "SELECT g.id, g.name, g.team, x.member FROM chat_groups g LEFT JOIN group_members x ON x.group_id = g.id "
            f"{where} ORDER BY g.no, x.place"
        )
        found: dict[str, tuple[str, str, list[str]]] = {}
        for id_, name, team, member in self.db.rows(sql, *params):
            members = found.setdefault(str(id_), (str(name), str(team), []))[2]
            if member is not None:
                members.append(str(member))
        return [Group(id_, name, tuple(members), team) for id_, (name, team, members) in found.items()]

    def put_group(self, group: Group) -> None:
        """Enter or replace a group and who is in it."""
        self.db.run(
            "INSERT INTO chat_groups (id, name, team) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, team = excluded.team",
            *(group.id, group.name, group.team),
        )
        self.db.run("DELETE FROM group_members WHERE group_id = ?", group.id)
        self.db.many(
            "INSERT INTO group_members (group_id, member, place) VALUES (?, ?, ?)",
            [(group.id, member, place) for place, member in enumerate(dict.fromkeys(group.members))],
        )
        self.touched.add("groups")

    def link_chat(self, group: str, platform: str, chatid: str) -> None:
        """From now on this messenger chat is that group."""
        self.db.run(
            "INSERT INTO group_chats (platform, chat, group_id) VALUES (?, ?, ?) "
            "ON CONFLICT (platform, chat) DO UPDATE SET group_id = excluded.group_id",
            *(platform, chatid, group),
        )
        self.touched.add("groups")

    def chats_of(self, group: str) -> dict[str, str]:
        """The messengers' chat ids that are linked to a group, by messenger."""
        rows = self.db.rows("SELECT platform, chat FROM group_chats WHERE group_id = ?", group)
        return {str(platform): str(chat) for platform, chat in rows}

    def chat_of(self, group: str, platform: str) -> str:
        """The messenger's chat id of a group: the one linked to it, else the group's own id."""
        row = self.db.row("SELECT chat FROM group_chats WHERE platform = ? AND group_id = ?", platform, group)
        return str(row[0]) if row else group
