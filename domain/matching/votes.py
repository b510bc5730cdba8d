"""Which records carry most of the keys that were asked for: votes added up, for a packed segment by numpy."""

from __future__ import annotations

from collections.abc import Sequence

from domain.matching.segment import Words

_FEW = 200
"""Fewer postings are counted faster than numpy is called."""


def best(asked: Sequence[tuple[float, Words]], most: int) -> list[tuple[int, float]]:
    """The slots with the most votes, and every one that ties with the last of them; each key's slots add what it is worth.

    Both ways add in the same order, so that a record has the same votes wherever it lies.
    """
    if sum(len(slots) for _, slots in asked) > _FEW and all(isinstance(slots, memoryview) for _, slots in asked):
        return _by_numpy(asked, most)
    heap: dict[int, float] = {}
    get = heap.get
    for worth, slots in asked:
        for slot in slots.tolist() if isinstance(slots, memoryview) else slots:
            heap[slot] = get(slot, 0.0) + worth
    if len(heap) <= most:
        return list(heap.items())
    least = sorted(heap.values(), reverse=True)[most - 1]
    return [(slot, vote) for slot, vote in heap.items() if vote >= least]


def _by_numpy(asked: Sequence[tuple[float, Words]], most: int) -> list[tuple[int, float]]:
    import numpy as np  # there already: nothing else packs a segment

    slots = np.concatenate([np.frombuffer(found, np.uint32) for _, found in asked])  # type: ignore[call-overload]
    worth = np.repeat([worth for worth, _ in asked], [len(found) for _, found in asked])
    records, places = np.unique(slots, return_inverse=True)
    votes = np.bincount(places, worth)
    if len(votes) > most:
        chosen = np.flatnonzero(votes >= np.partition(votes, -most)[-most])
        records, votes = records[chosen], votes[chosen]
    return list(zip(records.tolist(), votes.tolist(), strict=True))
