"""Rules made in the chat: each in its newest version, every earlier one on record."""

from datetime import datetime

from domain.alert_rules import AlertRule
from domain.model import stamp
from storage.db import Row, dumps, mapping, number
from storage.part import Part


def _rule(row: Row) -> AlertRule:
    id_, spec, version, active = row
    return AlertRule.read(str(id_), mapping(spec), number(version), bool(active))


class AlertRules(Part):
    """Rules are switched off, never deleted."""

    __slots__ = ()

    def get(self, id: str) -> AlertRule | None:
        """The rule with this id, active or not."""
        row = self.db.row("SELECT id, spec, version, active FROM alert_rules WHERE id = ?", id)
        return _rule(row) if row else None

    def all(self, *, inactive: bool = False) -> list[AlertRule]:
        """The rules in force, oldest first."""
        where = "" if inactive else " WHERE active = 1"
        return [_rule(row) for row in self.db.rows(f"SELECT id, spec, version, active FROM alert_rules{where} ORDER BY at, id")]

    def put(self, rule: AlertRule, at: datetime, by: str) -> AlertRule:
        """Enter a rule (id given when empty) or its next version."""
        id_ = rule.id or self.new_id("rule", "alert_rules", "r")
        old = self.get(id_)
        version = old.version + 1 if old else 1
        values = (dumps(rule.spec()), version, int(rule.active), by, stamp(at))
        self.db.run(
            "INSERT INTO alert_rules (id, spec, version, active, who, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET spec = excluded.spec, version = excluded.version, active = excluded.active, "
            "who = excluded.who, at = excluded.at",
            id_,
            *values,
        )
        self.db.run(
            "INSERT INTO alert_rule_versions (id, version, spec, active, who, at) VALUES (?, ?, ?, ?, ?, ?)",
            *(id_, version, values[0], values[2], by, stamp(at)),
        )
        self.touched.add("rules")
        return AlertRule.read(id_, rule.spec(), version, rule.active)
