"""Fields made in the chat, and the values of those that have no place of their own."""

from datetime import datetime

from domain.custom_fields import Field
from domain.model import stamp
from storage.db import dumps, loads, mapping, number
from storage.part import Part


class Fields(Part):
    """A customer's values are in its `extra`, a report's in its `fields`; a visit's are kept here."""

    __slots__ = ()

    def of(self, object: str) -> list[Field]:
        """The fields of an object (customer, visit, report), in the order they were made."""
        if (known := self.db.memory.fields.get(object)) is None:
            rows = self.db.rows("SELECT name, spec FROM custom_fields WHERE object = ? ORDER BY place, name", object)
            known = self.db.memory.fields[object] = [Field.read(object, str(name), mapping(spec)) for name, spec in rows]
        return list(known)

    def get(self, object: str, name: str) -> Field | None:
        """One field by its name."""
        row = self.db.row("SELECT spec FROM custom_fields WHERE object = ? AND name = ?", object, name)
        return Field.read(object, name, mapping(row[0])) if row else None

    def put(self, field: Field, at: datetime, by: str) -> bool:
        """Enter a field; False when the object has one of that name, which then takes the new description."""
        row = self.db.row("SELECT COALESCE(MAX(place), 0) FROM custom_fields WHERE object = ?", field.of)
        known = self.get(field.of, field.name) is not None
        self.db.memory.fields.clear()
        self.db.run(
            "INSERT INTO custom_fields (object, name, spec, place, who, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (object, name) DO UPDATE SET spec = excluded.spec, who = excluded.who, at = excluded.at",
            *(field.of, field.name, dumps(field.spec()), number(row[0]) + 1 if row else 1, by, stamp(at)),
        )
        self.touched.add("fields")
        return not known

    def drop(self, object: str, name: str) -> bool:
        """Take a field away (undo); values entered meanwhile stay where they are."""
        self.touched.add("fields")
        self.db.memory.fields.clear()
        return self.db.run("DELETE FROM custom_fields WHERE object = ? AND name = ?", object, name) == 1

    def set_value(self, object: str, id: str, name: str, value: object) -> None:
        """The value of a field of one visit; None takes it away."""
        if value is None:
            self.db.run("DELETE FROM field_values WHERE object = ? AND id = ? AND name = ?", object, id, name)
            return
        self.db.run(
            "INSERT INTO field_values (object, id, name, value) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (object, id, name) DO UPDATE SET value = excluded.value",
            *(object, id, name, dumps(value)),
        )

    def values(self, object: str, id: str) -> dict[str, object]:
        """Every value of one visit."""
        rows = self.db.rows("SELECT name, value FROM field_values WHERE object = ? AND id = ? ORDER BY name", object, id)
        return {str(name): loads(value) for name, value in rows}
