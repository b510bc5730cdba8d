"""The keys under which a record is found again: pairs of characters, pairs of sounds, and whole values hashed."""

from __future__ import annotations

from hashlib import blake2b

from domain.matching import keys as own
from domain.matching.latin import spoken
from domain.matching.parts import bare, other_names, tidy
from domain.matching.sounds import sounding, stand_in
from domain.matching.values import Record

_SOUND = 1 << 32
_WHOLE = 1 << 39
_MASK = 0xFFFF


def whole(kind: str, value: str) -> int:
    """The key of a whole value (a phone, an e-mail, a name …); different kinds never meet."""
    digest = blake2b(f"{kind}:{value}".encode(), digest_size=5).digest()
    return _WHOLE | int.from_bytes(digest, "big") >> 1


def near(text: str, tag: int = 0) -> list[int]:
    """Every two neighbouring characters, in order."""
    codes = [ord(char) & _MASK for char in text]
    return [tag | a << 16 | b for a, b in zip(codes, codes[1:], strict=False)]


def apart(text: str, tag: int = 0) -> list[int]:
    """Every two characters with one between them."""
    codes = [ord(char) & _MASK for char in text]
    return [tag | a << 16 | b for a, b in zip(codes, codes[2:], strict=False)]


def sounds(text: str) -> list[str]:
    """What a name sounds like: once for Chinese characters, several runs for a Latin name."""
    if text.isascii():
        return []
    return [sounding(text)]


def name_keys(name: str) -> set[int]:
    """Every key under which one name of a record is stored."""
    text = tidy(name)
    stem = bare(text)
    found = {whole("n", stem)}
    found.update(near(stem))
    found.update(apart(stem))
    if text.isascii():
        for run in latin_runs(name):
            found.update(near(run, _SOUND))
    else:
        heard = sounding(stem)
        found.update(near(heard, _SOUND))
        found.update(apart(heard, _SOUND))
    return found


def latin_runs(name: str) -> list[str]:
    """The stand-ins of what a Latin name may sound like."""
    from domain.matching.parts import take_apart

    return ["".join(map(stand_in, run)) for run in spoken(take_apart(name).words)]


def asked_keys(name: str) -> list[tuple[int, float]]:
    """The keys to look under for a name, with their weight beside their rarity."""
    text = tidy(name)
    if text.isascii():
        found = [(key, 1.0) for run in latin_runs(name) for key in (*near(run, _SOUND), *apart(run, _SOUND))]
        return found + [(key, 0.5) for key in near(bare(text))]
    stem = bare(text)
    heard = sounding(stem)
    return [
        *((key, 1.0) for key in near(stem)),
        *((key, 0.5) for key in apart(stem)),
        *((key, 0.8) for key in near(heard, _SOUND)),
        *((key, 0.4) for key in apart(heard, _SOUND)),
    ]


def names_of(record: Record) -> tuple[str, ...]:
    """Every name of a record: its own, its aliases, and those it says it had."""
    return tuple(dict.fromkeys(n for n in (record.name, *record.aliases, *other_names(record.name)) if n.strip()))


def record_keys(record: Record) -> set[int]:
    """Every key of a record."""
    found = {whole("i", record.id)}
    for name in names_of(record):
        found |= name_keys(name)
    found.update(whole("p", number) for text in record.phones for number in own.phones(text))
    for address in (a for text in record.emails for a in own.emails(text)):
        found.add(whole("e", address))
        host = own.domain(address)
        if host:
            found.add(whole("d", host))
    code = own.uscc(record.uscc) if record.uscc else ""
    if code:
        found.add(whole("u", code))
    return found
