"""Where the records and the postings lie: a live part in dictionaries, and packed parts in flat arrays that can be mapped from disk."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import BinaryIO, Protocol

Words = Sequence[int]
_EMPTY: tuple[int, ...] = ()
SLOT_BITS = 24
"""A posting in the making is key << SLOT_BITS | slot in one 64-bit word, so that sorting sorts both."""


class Segment(Protocol):
    """A set of records numbered from 0, with the slots that carry a key."""

    def postings(self, key: int) -> Words:
        """The slots under a key."""

    def line(self, slot: int) -> str:
        """The stored text of a record."""

    def __len__(self) -> int: ...


class Live:
    """Grows one record at a time: what was added since the last packing."""

    __slots__ = ("_keys", "_lines")

    def __init__(self) -> None:
        self._keys: dict[int, int | array[int]] = {}
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: str, keys: set[int]) -> int:
        """Store a record; its slot."""
        slot = len(self._lines)
        self._lines.append(line)
        table = self._keys
        for key in keys:
            held = table.get(key)
            if held is None:
                table[key] = slot
            elif isinstance(held, int):
                table[key] = array("I", (held, slot))
            else:
                held.append(slot)
        return slot

    def postings(self, key: int) -> Words:
        held = self._keys.get(key)
        if held is None:
            return _EMPTY
        return (held,) if isinstance(held, int) else held

    def line(self, slot: int) -> str:
        return self._lines[slot]


class Packed:
    """Never changes: sorted keys, where each key's slots begin, the slots, and all records in one run of bytes."""

    __slots__ = ("_ends", "_keys", "_lines", "_slots", "_starts")

    def __init__(self, keys: memoryview, starts: memoryview, slots: memoryview, ends: memoryview, lines: memoryview) -> None:
        self._keys, self._starts, self._slots, self._ends, self._lines = keys, starts, slots, ends, lines

    def __len__(self) -> int:
        return len(self._ends)

    def postings(self, key: int) -> Words:
        keys: Words = self._keys
        at = bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            return _EMPTY
        slots: Words = self._slots[self._starts[at] : self._starts[at + 1]]
        return slots

    def line(self, slot: int) -> str:
        begin = self._ends[slot - 1] if slot else 0
        return str(self._lines[begin : self._ends[slot]], "utf-8")

    def parts(self) -> tuple[memoryview, ...]:
        """The five arrays as they are written to disk."""
        return self._keys, self._starts, self._slots, self._ends, self._lines

    def write(self, out: BinaryIO) -> list[int]:
        """Write the arrays one after the other, each padded to 8 bytes; their sizes in bytes."""
        sizes = []
        for part in self.parts():
            out.write(part)
            out.write(bytes(-part.nbytes % 8))
            sizes.append(part.nbytes)
        return sizes

    @staticmethod
    def read(buffer: memoryview, sizes: Sequence[int]) -> Packed:
        """The arrays of `write`, mapped from a buffer without copying."""
        parts: list[memoryview] = []
        at = 0
        for size, form in zip(sizes, "QIIIB", strict=True):
            parts.append(buffer[at : at + size].cast(form))
            at += size + -size % 8
        return Packed(*parts)


class Builder:
    """Collects many records and packs them at once; needs numpy, which is imported only then."""

    __slots__ = ("_ends", "_lines", "_words")

    def __init__(self) -> None:
        self._words = array("Q")
        self._ends = array("I")
        self._lines = bytearray()

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, line: str, keys: set[int]) -> int:
        """Store a record; its slot."""
        slot = len(self._ends)
        self._lines += line.encode()
        self._ends.append(len(self._lines))
        self._words.extend([key << SLOT_BITS | slot for key in keys])
        return slot

    def pack(self) -> Packed:
        """The records as a packed segment; the builder is empty afterwards."""
        import numpy as np

        words = np.frombuffer(self._words, dtype=np.uint64)
        words.sort()
        owners = words >> np.uint64(SLOT_BITS)
        slots = (words & np.uint64((1 << SLOT_BITS) - 1)).astype(np.uint32)
        first = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1]))) if len(owners) else np.zeros(0, np.int64)
        keys = owners[first]
        del words, owners
        starts = np.append(first, len(slots)).astype(np.uint32)
        packed = Packed(memoryview(keys), memoryview(starts), memoryview(slots), memoryview(self._ends), memoryview(self._lines))
        self._words, self._ends, self._lines = array("Q"), array("I"), bytearray()
        return packed


def union(segments: Sequence[Segment], key: int) -> Iterator[int]:
    """The slots under a key in every segment, as segment number << SLOT_BITS | slot."""
    return chain.from_iterable(
        (number << SLOT_BITS | slot for slot in segment.postings(key)) for number, segment in enumerate(segments)
    )
