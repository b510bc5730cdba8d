"""What is recognised in a sentence."""

from dataclasses import dataclass

from nlp.times import TimeSpan


@dataclass(frozen=True, slots=True)
class Mark:
    """Something recognised: its kind (a sign of the grammar), its span in the folded text, and what it stands for."""

    kind: str
    start: int
    end: int
    text: str
    ids: tuple[str, ...] = ()
    time: TimeSpan | None = None
    value: object = None
