"""Tables of the other doors: tokens, webhooks' places in the log."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.columns import big, small, words


class TokenRow(SQLModel, table=True):
    """A secret that stands for a member; only its hash is kept."""

    __tablename__ = "tokens"
    __table_args__ = (Index("tokens_member", "member", "kind"),)

    hash: str = words(primary_key=True)
    member: str = words()
    kind: str = words()
    created: int = big()
    expires: int | None = big(nullable=True, default=None)


class HookRow(SQLModel, table=True):
    """How far a webhook has been told; `id` is a hash of its address."""

    __tablename__ = "hooks"

    id: str = words(primary_key=True)
    last: int = big()
    due: int = big()
    tries: int = small()
    leased: int = big()
    fence: int = small()
    error: str = words()
