"""Tables of the other doors: tokens, webhooks' places in the log, errands (work done beside the messages)."""

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.columns import big, partial, serial, small, words


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


class ErrandRow(SQLModel, table=True):
    """Work too long for a transaction: reading, entering and writing big files; `data` is JSON."""

    __tablename__ = "errands"
    __table_args__ = (Index("errands_id", "id", unique=True), partial("errands_waiting", "no", where="state = 'waiting'"))

    no: int | None = serial()
    id: str = words()
    kind: str = words()
    who: str = words()
    data: str = words()
    state: str = words()
    at: int = big()
    leased: int = big()
    fence: int = small()


class ErrandPartRow(SQLModel, table=True):
    """What came of a part of an errand, kept until the whole is done; `results` is JSON."""

    __tablename__ = "errand_parts"

    errand: str = words(primary_key=True)
    first: int = small(primary_key=True)
    results: str = words()
