"""${message}"""

revision = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}


def up(dialect: str) -> list[str]:
    """The statements that lead here from the revision before."""
    return []


def down(dialect: str) -> list[str]:
    """The statements that lead back."""
    return []


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
