"""Settings made in the chat, of the company and of one person, and the alarms that were raised."""

from datetime import datetime

from domain.model import stamp
from storage.db import dumps, loads
from storage.part import Part


class Settings(Part):
    """Values are JSON; what is not set here is as the configuration says."""

    __slots__ = ()

    def company(self, key: str) -> object | None:
        """The company's own value of a rule, or None."""
        row = self.db.row("SELECT value FROM company_settings WHERE key = ?", key)
        return loads(row[0]) if row else None

    def all_company(self) -> dict[str, object]:
        """Every value the company has set."""
        if (known := self.db.memory.settings.get("")) is None:
            rows = self.db.rows("SELECT key, value FROM company_settings ORDER BY key")
            known = self.db.memory.settings[""] = {str(key): loads(value) for key, value in rows}
        return dict(known)

    def set_company(self, key: str, value: object, at: datetime, by: str) -> None:
        """Override a rule from now on; None takes the override away."""
        self.touched.add("rules")
        self.db.memory.settings.pop("", None)
        if value is None:
            self.db.run("DELETE FROM company_settings WHERE key = ?", key)
            return
        self.db.run(
            "INSERT INTO company_settings (key, value, at, who) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at, who = excluded.who",
            *(key, dumps(value), stamp(at), by),
        )

    def personal(self, member: str, key: str) -> object | None:
        """A member's own value, or None."""
        if (known := self.db.memory.settings.get(member)) is None:
            rows = self.db.rows("SELECT key, value FROM personal_settings WHERE member = ?", member)
            known = self.db.memory.settings[member] = {str(k): loads(value) for k, value in rows}
        return known.get(key)

    def set_personal(self, member: str, key: str, value: object) -> None:
        """Set a member's own value; None takes it away."""
        self.db.memory.settings.pop(member, None)
        if value is None:
            self.db.run("DELETE FROM personal_settings WHERE member = ? AND key = ?", member, key)
            return
        self.db.run(
            "INSERT INTO personal_settings (member, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (member, key) DO UPDATE SET value = excluded.value",
            *(member, key, dumps(value)),
        )

    def raise_alarm(self, incident: str, at: datetime) -> bool:
        """True for the first alarm of an incident; further ones stay silent until `clear_alarm`."""
        sql = "INSERT INTO alarms (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING"
        return self.db.run(sql, incident, stamp(at)) == 1

    def clear_alarm(self, incident: str) -> bool:
        """The incident is over; True when an alarm stood."""
        return self.db.run("DELETE FROM alarms WHERE key = ?", incident) == 1
