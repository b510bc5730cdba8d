"""Other doors: tokens of the API and of calendars, webhooks' places in the log. Frozen."""

revision = "0005"
down_revision: str | None = "0004"

_TABLES = """
CREATE TABLE tokens (hash TEXT NOT NULL, member TEXT NOT NULL, kind TEXT NOT NULL, created {big} NOT NULL, expires {big},
  PRIMARY KEY (hash));
CREATE INDEX tokens_member ON tokens (member, kind);
CREATE TABLE hooks (id TEXT NOT NULL, last {big} NOT NULL, due {big} NOT NULL, tries INTEGER NOT NULL, leased {big} NOT NULL,
  fence INTEGER NOT NULL, error TEXT NOT NULL, PRIMARY KEY (id))
"""


def up(dialect: str) -> list[str]:
    """The statements that add this to version 0004, for `sqlite` or `postgresql`."""
    big = "INTEGER" if dialect == "sqlite" else "BIGINT"
    return [text.strip() for text in _TABLES.format(big=big).split(";\n")]


def down(dialect: str) -> list[str]:
    """The statements that take it away again."""
    return ["DROP TABLE hooks", "DROP TABLE tokens"]


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
