"""Tables of the messengers: notes, leases, what is mirrored into their calendars."""

from sqlmodel import SQLModel

from storage.columns import big, partial, small, words


class WireNoteRow(SQLModel, table=True):
    """Something a messenger must not forget over a restart: a shared token, the month's calls, a calendar's id. JSON."""

    __tablename__ = "wire_notes"

    name: str = words(primary_key=True)
    value: str = words()
    at: int = big()


class LeaseRow(SQLModel, table=True):
    """What one process at a time may do (fetch a token, own a long connection), until when."""

    __tablename__ = "leases"

    name: str = words(primary_key=True)
    owner: str = words()
    ends: int = big()


class MirrorRow(SQLModel, table=True):
    """A visit or to-do in a messenger's calendar; `open` = what is there may differ from what should be."""

    __tablename__ = "mirrors"
    __table_args__ = (
        partial("mirrors_due", "due", where="open = 1"),
        partial("mirrors_handle", "handle", where="handle <> ''"),
    )

    subject: str = words(primary_key=True)
    wire: str = words(primary_key=True)
    handle: str = words()
    shows: str = words()
    round: int = small()
    wanted: int = small()
    open: int = small()
    unsure: int = small()
    due: int = big()
    leased: int = big()
    fence: int = small()
    tries: int = small()
    error: str = words()
