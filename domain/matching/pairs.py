"""The keys under which a record is found again: pairs of characters, pairs of sounds, and whole values hashed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import chain, pairwise
from zlib import crc32

from domain.matching import keys as own
from domain.matching.latin import spoken
from domain.matching.parts import bare, latin_words, old_names, take_apart, tidy
from domain.matching.sounds import sounding, stand_in
from domain.matching.values import Record

SOUND = 1 << 32
_WHOLE = 1 << 36
_KINDS = {kind: number << 32 | _WHOLE for number, kind in enumerate(("id", "name", "phone", "email", "domain", "uscc"))}
UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_PLACE = 0.4
"""How much a pair counts that lies in the place or at its border: it says where, not who."""
_BRAND = 2.0
"""How much a pair inside the brand counts: companies of one group share nothing else."""
FIELD, ITEM = "\x1f", "\x1e"
_CLEAN = str.maketrans({FIELD: " ", ITEM: " "})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record ready to be stored: its text, its names cut to what is indexed, and the keys of its whole values."""

    line: str
    stems: tuple[str, ...]
    keys: tuple[int, ...]


def whole(kind: str, value: str) -> int:
    """The key of a whole value (a phone, an e-mail, a name …); two values may share one, so whoever finds it must look."""
    return _KINDS[kind] | crc32(value.encode("utf-8", "surrogatepass"))


def near(text: str) -> list[int]:
    """Every two neighbouring UTF-16 units as one number: the first in the low half, the second in the high half."""
    units = memoryview(text.encode(UTF_16, "surrogatepass")).cast("H")
    return [a | b << 16 for a, b in pairwise(units)]


def apart(text: str) -> list[int]:
    """Every two UTF-16 units with one between them."""
    units = memoryview(text.encode(UTF_16, "surrogatepass")).cast("H")
    return [a | b << 16 for a, b in zip(units, units[2:], strict=False)]


def stem_keys(stem: str) -> set[int]:
    """The pair keys of an indexed name; what `Builder.pack` computes for many names at once."""
    heard = sounding(stem)
    return {*near(stem), *apart(stem), *(SOUND | key for key in chain(near(heard), apart(heard)))}


def asked_keys(name: str) -> list[tuple[int, float]]:
    """The keys to look under for a name, with their weight beside their rarity."""
    text = tidy(name)
    stem = bare(text)
    if text.isascii():
        runs = _latin_runs(name)
        return [*((SOUND | key, 1.0) for run in runs for key in (*near(run), *apart(run))), *((key, 0.5) for key in near(stem))]
    stem = stem.removesuffix("股份") if len(stem) > 3 else stem
    found = _weighed(stem, 1.0)
    parts = take_apart(name)
    if len(parts.core) < len(stem):
        found = _weighed(parts.core, 1.0) + [(key, weight * _PLACE) for key, weight in found]
    found = _weighed(parts.brand, _BRAND) + found
    return list({key: weight for key, weight in reversed(found)}.items())


def _weighed(text: str, factor: float) -> list[tuple[int, float]]:
    """The pair keys of a text: what is written counts more than what it sounds like, neighbours more than others."""
    heard = sounding(text)
    return [
        *((key, 1.5 * factor) for key in near(text)),
        *((key, 0.7 * factor) for key in apart(text)),
        *((SOUND | key, 0.7 * factor) for key in near(heard)),
        *((SOUND | key, 0.35 * factor) for key in apart(heard)),
    ]


def _latin_runs(name: str) -> list[str]:
    """The stand-ins of what a Latin name may sound like."""
    return ["".join(map(stand_in, run)) for run in spoken(latin_words(name))]


def prepare(record: Record) -> Prepared:
    """Normalise a record once, for storing and for indexing."""
    tidied = tidy(record.name)
    names = [record.name, *record.aliases]
    if "(" in tidied:
        names += old_names(tidied)
    names = [name for name in dict.fromkeys(names) if name.strip()]
    found = [whole("id", record.id)]
    stems: list[str] = []
    for name in names:
        text = tidied if name == record.name else tidy(name)
        stem = bare(text)
        stems.append(stem)
        found.append(whole("name", stem))
        if text.isascii():
            found += [SOUND | key for run in _latin_runs(name) for key in near(run)]
    phones = tuple(dict.fromkeys(number for text in record.phones for number in own.phones(text)))
    emails = tuple(dict.fromkeys(address for text in record.emails for address in own.emails(text)))
    found += [whole("phone", number) for number in phones]
    for address in emails:
        found.append(whole("email", address))
        host = own.domain(address)
        if host:
            found.append(whole("domain", host))
    code = own.uscc(record.uscc) if record.uscc else ""
    if code:
        found.append(whole("uscc", code))
    listed = (ITEM.join([name.translate(_CLEAN) for name in names]), ITEM.join(phones), ITEM.join(emails))
    line = FIELD.join((record.id.translate(_CLEAN), *listed, code, record.city.translate(_CLEAN)))
    return Prepared(line, tuple(stems), tuple(found))
