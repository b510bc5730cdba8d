"""The duplicate check: every known customer, found by its own keys and by what its name is like (R31, R33, D14–D19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from math import log
from pathlib import Path

from domain.matching import cache, pairs
from domain.matching import keys as own
from domain.matching import mentions as mention
from domain.matching.compare import NOTHING, compare
from domain.matching.parts import Parts, bare, take_apart, tidy
from domain.matching.segment import SLOT_BITS, Builder, Live, Packed, Segment, Words
from domain.matching.values import Likeness, Match, Pairs, Query, Record, Stored, Verdict
from domain.matching.verdict import Evidence, judge
from domain.matching.votes import best

_SLOT = (1 << SLOT_BITS) - 1
_SEGMENT = 1 << 18
_SMALL = 20_000
_READ = 4_000
_AT_LEAST = 3
_LOOKED_AT = 80
"""So many records with the most votes are looked at; only the nearest of them are compared, which costs far more."""
_COMPARED = 24
_COMPARED_LATIN = 40
_SHARE = 0.2
_CLEAR = 0.6
_SURE = 0.84


def _read(line: str) -> Stored:
    id_, names, phones, emails, uscc, city = (
        tuple(field.split(pairs.ITEM)) if field else () for field in line.split(pairs.FIELD)
    )
    return Stored(id_[0] if id_ else "", names, phones, emails, uscc[0] if uscc else "", city[0] if city else "")


class Index:
    """Every customer by id. One writer and any number of readers on one event loop: no method awaits or leaves a half-made change."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._live = Live()
        self._segments: list[Segment] = [self._live]
        self._dead: set[int] = set()
        self._count = 0
        self.extend(records)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, id: str) -> bool:
        return self._slot(id) is not None

    # ------------------------------------------------------------------ writing
    def add(self, record: Record) -> None:
        """Learn a customer, or the new state of one; findable at once."""
        self.remove(record.id)
        self._live.add(pairs.prepare(record))
        self._count += 1

    def remove(self, id: str) -> None:
        """Forget a customer; unknown ids are ignored."""
        number = self._slot(id)
        if number is not None:
            self._dead.add(number)
            self._count -= 1

    def extend(self, records: Iterable[Record]) -> None:
        """Learn many customers; from some ten thousand on they are packed into flat arrays."""
        source = iter(records)
        while batch := _take(source, _SMALL):
            if len(batch) < _SMALL:
                for record in batch:
                    self.add(record)
                return
            self._pack(batch, source)

    def _pack(self, batch: list[Record], more: Iterator[Record]) -> None:
        """Pack this batch and as many more as fit into one segment."""
        builder = Builder()
        older = len(self._segments) > 1 or len(self._live) > 0
        while batch:
            for record in batch:
                if older:
                    self.remove(record.id)
                builder.add(pairs.prepare(record))
            batch = _take(more, _SMALL) if len(builder) + _SMALL <= _SEGMENT else []
        number = len(self._segments)
        packed = builder.pack()
        self._segments.append(packed)
        self._count += len(packed)
        self._drop_twins(number, packed)

    def _drop_twins(self, number: int, packed: Packed) -> None:
        """Of records with one id inside a new segment only the last one lives."""
        low = pairs.whole("id", "") >> 32 << 32
        for slots in packed.shared(low, low + (1 << 32)):
            ids = [packed.line(slot).partition(pairs.FIELD)[0] for slot in slots]
            for place, id_ in enumerate(ids):
                if id_ in ids[place + 1 :]:
                    self._dead.add(number << SLOT_BITS | slots[place])
                    self._count -= 1

    # ------------------------------------------------------------------ on disk
    def save(self, path: Path, stamp: str) -> None:
        """Write everything to a cache file, whole or not at all; `stamp` says which state of the book it holds."""
        packed = [self._packed(number) for number in range(len(self._segments))]
        cache.write(path, stamp, [part for part in packed if part is not None], self._dead_by_order())

    def _packed(self, number: int) -> Packed | None:
        segment = self._segments[number]
        if isinstance(segment, Packed):
            return segment
        if not len(segment):
            return None
        builder = Builder()
        for slot in range(len(segment)):
            builder.add(pairs.prepare(_record(_read(segment.line(slot)))))
        return builder.pack()

    def _dead_by_order(self) -> list[int]:
        """The dead slots, numbered as the segments will lie in the file (an empty live part is not written)."""
        shift = 0 if len(self._live) else 1
        return sorted(((number >> SLOT_BITS) - shift) << SLOT_BITS | number & _SLOT for number in self._dead)

    @classmethod
    def load(cls, path: Path, stamp: str) -> Index | None:
        """The index of a cache file, mapped and not copied; None when there is none, or it is damaged or of another state."""
        read = cache.read(path, stamp)
        if read is None:
            return None
        index = cls()
        segments, dead = read
        index._segments += segments
        index._dead = {((number >> SLOT_BITS) + 1) << SLOT_BITS | number & _SLOT for number in dead}
        index._count = sum(map(len, segments)) - len(dead)
        return index

    # ------------------------------------------------------------------ reading
    def _slot(self, id: str) -> int | None:
        for number in self._under(pairs.whole("id", id)):
            if self._line(number).partition(pairs.FIELD)[0] == id:
                return number
        return None

    def _line(self, number: int) -> str:
        return self._segments[number >> SLOT_BITS].line(number & _SLOT)

    def _under(self, key: int) -> list[int]:
        found = [n << SLOT_BITS | slot for n, segment in enumerate(self._segments) for slot in segment.postings(key)]
        return [number for number in found if number not in self._dead] if self._dead else found

    def find(self, query: Query, *, limit: int = 5, apart: Pairs = frozenset()) -> list[Match]:
        """The customers that may be the one asked about, best first; ids in `apart` beside the asker's are left out."""
        seen: dict[int, Evidence] = {}
        self._by_keys(query, seen)
        if query.name.strip():
            asked = take_apart(query.name)
            for number, stored in self._nearest(asked, asked.text if asked.branch else query.name):
                likeness = _likeness(asked, stored)
                if likeness.score:
                    held = seen.setdefault(number, Evidence(stored))
                    held.likeness = likeness
            for number, held in seen.items():
                del number
                if held.likeness is NOTHING:
                    held.likeness = _likeness(asked, held.stored)
        hidden = {other for pair in apart if query.id in pair for other in pair} | {query.id} if query.id else set()
        return judge(query, [held for held in seen.values() if held.stored.id not in hidden])[:limit]

    def mentions(self, text: str, *, limit: int = 5) -> list[Match]:
        """The customers named in a sentence, best first."""
        pieces = [(piece, self._around(piece)) for piece in mention.pieces(text)]
        found = self._named(pieces)
        if not any(match.score >= _CLEAR for match in found.values()):
            for id_, match in self._named([(piece, self._around(piece)) for piece in mention.joined(text)]).items():
                if id_ not in found or found[id_].score < match.score:
                    found[id_] = match
        if not found:
            found = self._within(pieces)
        return sorted(found.values(), key=lambda m: (-m.score, m.id))[:limit]

    def _around(self, piece: mention.Piece) -> list[Stored]:
        """The records that a stretch of a sentence may name."""
        return [stored for _, stored in self._nearest(take_apart(piece.forms[0]), piece.forms[0])]

    @staticmethod
    def _named(pieces: list[tuple[mention.Piece, list[Stored]]]) -> dict[str, Match]:
        found: dict[str, Match] = {}
        for piece, near in pieces:
            best: list[Match] = []
            for form in piece.forms:
                asked = take_apart(form)
                seen = [Evidence(stored, _likeness(asked, stored)) for stored in near]
                matches = [m for m in judge(Query(name=form), seen) if m.verdict is not Verdict.RELATED]
                if matches and (not best or matches[0].score > best[0].score):
                    best = matches
                if best and best[0].score >= _SURE:
                    break
            for match in best:
                if match.id not in found or found[match.id].score < match.score:
                    found[match.id] = match
        return found

    @staticmethod
    def _within(pieces: list[tuple[mention.Piece, list[Stored]]]) -> dict[str, Match]:
        """Customers whose short name stands in the sentence as it is, beside words that nobody foresaw."""
        found: dict[str, Match] = {}
        for piece, near in pieces:
            said = {mention.within(piece.text, take_apart(name)) for stored in near for name in stored.names} - {""}
            for form in [s for s in said if not any(s != o and s in o for o in said)]:
                asked = take_apart(form)
                seen = [Evidence(stored, _likeness(asked, stored)) for stored in near]
                for match in judge(Query(name=form), seen):
                    if match.verdict is not Verdict.RELATED and match.score >= _CLEAR:
                        found[match.id] = match
        return found

    def _by_keys(self, query: Query, seen: dict[int, Evidence]) -> None:
        asked: list[tuple[str, str]] = [("phone", n) for text in query.phones for n in own.phones(text)]
        addresses = [a for text in query.emails for a in own.emails(text)]
        asked += [("email", address) for address in addresses]
        asked += [("domain", host) for host in map(own.domain, addresses) if host]
        code = own.uscc(query.uscc) if query.uscc else ""
        if code:
            asked.append(("uscc", code))
        for kind, value in asked:
            for number in self._under(pairs.whole(kind, value)):
                held = seen.get(number)
                if held is None:
                    held = Evidence(_read(self._line(number)))
                if held.carries(kind, value):
                    held.keys.add(kind)
                    seen[number] = held

    def _nearest(self, asked: Parts, name: str) -> list[tuple[int, Stored]]:
        """The records to compare: those with the most votes, and of the next ones those that share the most characters."""
        found = [(number, self._line(number)) for number in self._like(name)]
        if asked.words:
            found = found[:_COMPARED_LATIN]
        elif len(found) > _COMPARED:
            half = _COMPARED // 2
            core, brand = set(asked.core), set(asked.brand)

            def far(place: int) -> int:
                chars = set(found[place][1].split(pairs.FIELD, 2)[1])
                return len(chars) // 4 - 8 * len(brand & chars) - 4 * len(core & chars)

            closest = sorted(range(len(found)), key=far)[:half]
            found = [found[place] for place in dict.fromkeys((*range(half), *closest))]
        return [(number, _read(line)) for number, line in found]

    def _like(self, name: str) -> list[int]:
        """The records whose names share the rarest pairs of characters and sounds with this one, best first."""
        every = max(1, self._count)
        lists: list[tuple[int, float, list[tuple[int, Words]]]] = []
        for key, weight in dict.fromkeys(pairs.asked_keys(name)):
            slots = [(n, found) for n, segment in enumerate(self._segments) if (found := segment.postings(key))]
            if slots:
                lists.append((sum(len(found) for _, found in slots), weight, slots))
        lists.sort(key=lambda item: item[0])
        asked: list[list[tuple[float, Words]]] = [[] for _ in self._segments]
        read = 0
        for place, (size, weight, slots) in enumerate(lists):
            if (read + size > _READ and place >= _AT_LEAST) or read + size > 4 * _READ:
                break
            read += size
            for n, found in slots:
                asked[n].append((weight * log(1 + every / size), found))
        votes = {n << SLOT_BITS | slot: vote for n, some in enumerate(asked) for slot, vote in best(some, _LOOKED_AT)}
        exact = self._under(pairs.whole("name", bare(tidy(name))))[:_LOOKED_AT]
        ranked = sorted(votes.values(), reverse=True)
        least = max(ranked[min(_LOOKED_AT, len(ranked)) - 1], _SHARE * ranked[0]) if ranked else 0.0
        near = [number for number, vote in votes.items() if vote >= least and number not in self._dead]
        near.sort(key=lambda number: (-votes[number], number))
        return list(dict.fromkeys((*exact, *near[:_LOOKED_AT])))


def _record(stored: Stored) -> Record:
    """A stored record as it may be added again: its keys are normal forms of themselves."""
    name, *aliases = stored.names or ("",)
    return Record(stored.id, name, tuple(aliases), stored.phones, stored.emails, stored.uscc, stored.city)


def _likeness(asked: Parts, stored: Stored) -> Likeness:
    best = NOTHING
    for place, name in enumerate(stored.names):
        if _hopeless(asked, name):
            continue
        known = take_apart(name)
        found = compare(asked, known)
        if place and found.score:
            found = _by_alias(asked, known, found)
        if (found.same, found.score) > (best.same, best.score):
            best = found
    return best


def _hopeless(asked: Parts, name: str) -> bool:
    """Whether no rule of `compare` could find these alike: too many characters of the brand are missing in the other name.

    Two edits at most make a slip, one in a brand of two characters; taking a name apart costs fifty times this look.
    """
    if asked.words or name.isascii() or not 0 < len(asked.brand) <= 4:
        return False
    strange = len(set(asked.brand).difference(name))
    if strange <= 1:
        return False
    return len(set(asked.brand).difference(tidy(name))) > (1 if len(asked.brand) == 2 else 2)


def _by_alias(asked: Parts, alias: Parts, found: Likeness) -> Likeness:
    """A nickname says less than a name: what goes on after it (鼎盛 → 鼎盛机电有限公司) may be anybody."""
    why = ("曾用名或别名", *found.why)
    if alias.whole or alias.words or not (asked.whole or len(asked.core) > len(alias.core)):
        return replace(found, why=why)
    if asked.core != alias.core or found.score == 1.0:
        return replace(found, why=why) if found.score == 1.0 else NOTHING
    return Likeness(min(found.score, 0.8), why)


def _take(source: Iterator[Record], size: int) -> list[Record]:
    return list(islice(source, size))
