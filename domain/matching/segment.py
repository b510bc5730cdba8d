"""Where the records and the postings lie: a live part in dictionaries, and packed parts in flat arrays that can be mapped from disk."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

from domain.matching.pairs import SOUND, UTF_16, Prepared, stem_keys
from domain.matching.sounds import sounding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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

    def add(self, record: Prepared) -> int:
        """Store a record; its slot."""
        slot = len(self._lines)
        self._lines.append(record.line)
        table = self._keys
        keys = set(record.keys)
        for stem in record.stems:
            keys |= stem_keys(stem)
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
        return str(self._lines[begin : self._ends[slot]], "utf-8", "surrogatepass")

    def shared(self, low: int, high: int) -> list[Words]:
        """The slots of every key in a range under which more than one record lies."""
        keys: Words = self._keys
        starts: Words = self._starts
        span = range(bisect_left(keys, low), bisect_left(keys, high))
        return [self._slots[starts[at] : starts[at + 1]] for at in span if starts[at + 1] - starts[at] > 1]

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
        for size in sizes:
            parts.append(buffer[at : at + size])
            at += size + -size % 8
        keys, starts, slots, ends, lines = parts
        return Packed(keys.cast("Q"), starts.cast("I"), slots.cast("I"), ends.cast("I"), lines)


class Builder:
    """Collects many records and packs them at once; needs numpy, which is imported only then."""

    __slots__ = ("_ends", "_keys", "_lines", "_owners", "_slots", "_stems")

    def __init__(self) -> None:
        self._keys = array("Q")
        self._slots = array("I")
        self._stems: list[str] = []
        self._owners = array("I")
        self._ends = array("I")
        self._lines = bytearray()

    def __len__(self) -> int:
        return len(self._ends)

    def add(self, record: Prepared) -> int:
        """Store a record; its slot."""
        slot = len(self._ends)
        self._lines += record.line.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._lines))
        self._keys.extend(record.keys)
        self._slots.extend((slot,) * len(record.keys))
        self._stems += record.stems
        self._owners.extend((slot,) * len(record.stems))
        return slot

    def pack(self) -> Packed:
        """The records as a packed segment; the builder is used up."""
        import numpy as np

        words = [np.array(self._keys, np.uint64) << np.uint64(SLOT_BITS) | np.array(self._slots, np.uint64)]
        words += self._pair_words()
        merged = np.concatenate(words)
        del words
        merged.sort()
        fresh = np.ones(len(merged), bool)
        fresh[1:] = merged[1:] != merged[:-1]
        merged = merged[fresh]
        slots = (merged & np.uint64((1 << SLOT_BITS) - 1)).astype(np.uint32)
        merged >>= np.uint64(SLOT_BITS)
        first = np.flatnonzero(np.append(True, merged[1:] != merged[:-1]))
        starts = np.append(first, len(slots)).astype(np.uint32)
        ends = np.array(self._ends, np.uint32)
        return Packed(merged[first].data, starts.data, slots.data, ends.data, memoryview(self._lines))

    def _pair_words(self) -> list[NDArray[np.uint64]]:
        """The keys of `pairs.stem_keys` for every stem, computed on one long run of characters."""
        import numpy as np

        if not self._stems:
            return []
        gap = "\0\0"
        chars = np.frombuffer((gap.join(self._stems) + gap).encode(UTF_16, "surrogatepass"), np.uint16)
        owners = np.array(self._owners, np.uint64)[np.minimum(np.cumsum(chars == 0) >> 1, len(self._owners) - 1)]
        heard = np.frombuffer("".join(map(sounding, map(chr, range(0xD800)))).encode(UTF_16), np.uint16)
        heard = np.concatenate((heard, np.arange(0xD800, 0x10000, dtype=np.uint16)))[chars]
        found = []
        for text, tag in ((chars, 0), (heard, SOUND)):
            for step in (1, 2):
                left, right = text[:-step].astype(np.uint64), text[step:].astype(np.uint64)
                both = (left != 0) & (right != 0)
                keys = (left[both] | right[both] << np.uint64(16)) | np.uint64(tag)
                found.append(keys << np.uint64(SLOT_BITS) | owners[:-step][both])
        return found
