"""What a person is told when something is not done.

    Refusal
    ├── NotFound      nothing (or more than one thing) by that name
    ├── NotAllowed    the right is missing; becomes an `access.denied` event
    └── Stale         the card or number pressed no longer fits the present state

Everything else that is raised is a bug: the person gets an apology with an id, the log gets the traceback.
"""


class Refusal(Exception):
    """A sentence for the person in Chinese; the transaction's changes are undone, the sentence is the reply.

    `ways` are what can be done instead, as (words, canonical sentence): they become buttons.
    """

    def __init__(self, text: str, *hints: str, ways: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.hints = hints
        self.ways = ways


class NotFound(Refusal):
    """Nothing by that name."""


class NotAllowed(Refusal):
    """The asker lacks the right; `action` and `obj` go into the `access.denied` event (contract.md section 7)."""

    def __init__(self, text: str, *hints: str, action: str = "", obj: str = "", ways: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(text, *hints, ways=ways)
        self.action = action
        self.obj = obj


class Stale(Refusal):
    """The pressed card belongs to a state that is over; nothing was changed."""
