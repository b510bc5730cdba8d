"""What the messengers need to remember: notes, leases, and what is mirrored into their calendars and to-dos. Frozen."""

revision = "0007"
down_revision: str | None = "0006"

_TABLES = """
CREATE TABLE wire_notes (name TEXT NOT NULL, value TEXT NOT NULL, at {big} NOT NULL, PRIMARY KEY (name));
CREATE TABLE leases (name TEXT NOT NULL, owner TEXT NOT NULL, ends {big} NOT NULL, PRIMARY KEY (name));
CREATE TABLE mirrors (subject TEXT NOT NULL, wire TEXT NOT NULL, handle TEXT NOT NULL, shows TEXT NOT NULL, round INTEGER NOT NULL,
  wanted INTEGER NOT NULL, open INTEGER NOT NULL, unsure INTEGER NOT NULL, due {big} NOT NULL, leased {big} NOT NULL,
  fence INTEGER NOT NULL, tries INTEGER NOT NULL, error TEXT NOT NULL, PRIMARY KEY (subject, wire));
CREATE INDEX mirrors_due ON mirrors (due) WHERE open = 1;
CREATE INDEX mirrors_handle ON mirrors (handle) WHERE handle <> ''
"""


def up(dialect: str) -> list[str]:
    """The statements that add this to version 0006, for `sqlite` or `postgresql`."""
    big = "INTEGER" if dialect == "sqlite" else "BIGINT"
    return [text.strip() for text in _TABLES.format(big=big).split(";\n")]


def down(dialect: str) -> list[str]:
    """The statements that take it away again."""
    return ["DROP TABLE mirrors", "DROP TABLE leases", "DROP TABLE wire_notes"]


def upgrade() -> None:
    """Alembic's way to `up`."""
    from alembic import op

    for statement in up(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Alembic's way to `down`."""
    from alembic import op

    for statement in down(op.get_bind().dialect.name):
        op.execute(statement)
