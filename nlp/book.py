"""The names everybody knows: customers, colleagues, teams and groups, found inside a sentence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.custom_fields import Field
from domain.model import Customer, Group, Member
from domain.text import fold
from nlp.forms import squeeze, take_apart
from nlp.sounds import loose, sound, syllables
from nlp.words import words

_MANY = 50
"""More candidates than this are not a name but a prefix of half the book: only the first ones are kept."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A name found in a text: its span and the ids it may mean."""

    start: int
    end: int
    ids: tuple[str, ...]

    @property
    def length(self) -> int:
        return self.end - self.start


class NameIndex:
    """Folded keys → ids, scanned by their first two characters: adding and removing a name costs a dictionary entry."""

    __slots__ = ("_heads", "_keys")

    def __init__(self) -> None:
        self._keys: dict[str, tuple[str, ...]] = {}
        self._heads: dict[str, tuple[int, ...]] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key: str) -> tuple[str, ...]:
        """The ids of a key; empty when nobody has it."""
        return self._keys.get(key, ())

    def add(self, key: str, owner: str) -> None:
        """Remember that the key may mean `owner`."""
        if len(key) < 2:
            return
        known = self._keys.get(key)
        if known is None:
            self._keys[key] = (owner,)
            head = key[:2]
            lengths = self._heads.get(head, ())
            if len(key) not in lengths:
                self._heads[head] = tuple(sorted((*lengths, len(key)), reverse=True))
        elif owner not in known and len(known) < _MANY:
            self._keys[key] = (*known, owner)

    def discard(self, key: str, owner: str) -> None:
        """Forget that the key may mean `owner`."""
        known = self._keys.get(key, ())
        rest = tuple(other for other in known if other != owner)
        if rest:
            self._keys[key] = rest
        elif known:
            del self._keys[key]

    def scan(self, low: str, pairs: list[str] | None = None) -> list[Hit]:
        """Every key in the text, the longest at each place; overlapping ones are left to the caller.

        `pairs`: the text in twos (`in_twos`), for callers that look through several indexes.
        """
        hits: list[Hit] = []
        heads, keys, length = self._heads, self._keys, len(low)
        for start, pair in enumerate(in_twos(low) if pairs is None else pairs):
            if pair not in heads:
                continue
            for size in heads[pair]:
                ids = keys.get(low[start : start + size]) if start + size <= length else None
                if ids is not None and _whole_word(low, start, start + size):
                    hits.append(Hit(start, start + size, ids))
                    break
        return hits


def in_twos(low: str) -> list[str]:
    """Every two neighbouring characters of a text."""
    return [low[at : at + 2] for at in range(len(low) - 1)]


def _whole_word(low: str, start: int, end: int) -> bool:
    """False when the span cuts a Latin word or a number in two."""
    before, first, last, after = low[start - 1 : start], low[start], low[end - 1], low[end : end + 1]
    if first.isascii() and first.isalnum() and before.isascii() and before.isalpha():
        return False
    if last.isascii() and last.isalpha() and after.isascii() and after.isalpha():
        return False
    return not (last.isdigit() and last.isascii() and after.isascii() and after.isdigit())


def longest_first(hits: Iterable[Hit]) -> list[Hit]:
    """A choice of hits that do not overlap, longer ones first, in the order of the text."""
    several = list(hits)
    if len(several) < 2:
        return several
    taken: list[Hit] = []
    covered = bytearray(max(hit.end for hit in several))
    for hit in sorted(several, key=lambda h: (-h.length, h.start)):
        if not any(covered[hit.start : hit.end]):
            covered[hit.start : hit.end] = b"\1" * hit.length
            taken.append(hit)
    return sorted(taken, key=lambda h: h.start)


@dataclass(frozen=True, slots=True)
class CustomerEntry:
    """What the language layer keeps of a customer."""

    id: str
    name: str
    short: str
    full: str
    city: str
    contacts: tuple[str, ...]
    keys: tuple[str, ...]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """What the language layer keeps of a colleague."""

    id: str
    name: str
    aliases: tuple[str, ...]
    team: str
    department: str
    keys: tuple[str, ...]
    weak: tuple[str, ...]


class Book:
    """Customers, members, teams and groups by every name people use; changed one by one while the bot runs."""

    def __init__(self, customers: Iterable[Customer] = (), members: Iterable[Member] = (), groups: Iterable[Group] = ()) -> None:
        self._customers: dict[str, CustomerEntry] = {}
        self._members: dict[str, MemberEntry] = {}
        self._groups: dict[str, str] = {}
        self._teams: dict[str, int] = {}
        self.customer_names = NameIndex()
        self.member_names = NameIndex()
        self.weak_names = NameIndex()
        self.team_names = NameIndex()
        self._sounds: dict[str, tuple[str, ...]] = {}
        self._halves: dict[str, tuple[str, ...]] = {}
        self._starts: dict[str, tuple[str, ...]] = {}
        self._rhymes: dict[str, tuple[int, ...]] = {}
        self._contacts: dict[str, tuple[str, ...]] = {}
        self.contact_names = NameIndex()
        self.fields: tuple[Field, ...] = ()
        """The fields made in the chat, of all objects."""
        for member in members:
            self.update_member(member)
        for group in groups:
            self.update_group(group)
        for customer in customers:
            self.update_customer(customer)

    # ------------------------------------------------------------------ customers
    def update_customer(self, customer: Customer) -> None:
        """Learn a customer, or its new names."""
        self.remove(customer.id)
        entry = _customer_entry(customer)
        self._customers[entry.id] = entry
        for key in entry.keys:
            new = key not in self.customer_names
            self.customer_names.add(key, entry.id)
            if new:
                self._learn_spelling(key)
        for contact in entry.contacts:
            _append(self._contacts, contact, entry.id)
            self.contact_names.add(contact, entry.id)

    def remove(self, customer_id: str) -> None:
        """Forget a customer; unknown ids are ignored."""
        entry = self._customers.pop(customer_id, None)
        if entry is None:
            return
        for key in entry.keys:
            self.customer_names.discard(key, entry.id)
            if key not in self.customer_names:
                self._forget_spelling(key)
        for contact in entry.contacts:
            _drop(self._contacts, contact, entry.id)
            self.contact_names.discard(contact, entry.id)

    def _spellings(self, key: str) -> Iterator[tuple[dict[str, tuple[str, ...]], str]]:
        yield self._sounds, loose(key)
        if 4 <= len(key) <= 12:
            yield self._halves, f"{len(key)}<{key[: len(key) // 2]}"
            yield self._halves, f"{len(key)}>{key[len(key) // 2 :]}"
        elif len(key) == 3:
            yield self._halves, f"3<{key[:2]}"
            yield self._halves, f"3>{key[1:]}"
        yield self._starts, key[:2]

    def _learn_spelling(self, key: str) -> None:
        for table, mark in self._spellings(key):
            _append(table, mark, key)
        if len(key) > 2:
            head, known = loose(key[:2]), self._rhymes.get(loose(key[:2]), ())
            if len(key) not in known:
                self._rhymes[head] = tuple(sorted((*known, len(key)), reverse=True))

    def _forget_spelling(self, key: str) -> None:
        for table, mark in self._spellings(key):
            _drop(table, mark, key)

    def customer(self, customer_id: str) -> CustomerEntry | None:
        """The entry of an id."""
        return self._customers.get(customer_id)

    def customers(self) -> Iterator[CustomerEntry]:
        """All customers, in the order in which they were learnt."""
        return iter(self._customers.values())

    def with_contact(self, contact: str) -> tuple[str, ...]:
        """The customers where somebody of that (folded) name works."""
        return self._contacts.get(contact, ())

    def exactly(self, name: str) -> tuple[str, ...]:
        """The customers that bear this name as it is written (any script, width or case)."""
        low = fold(name).text.strip()
        return self.customer_names.get(low) or self.customer_names.get(squeeze(low))

    def resembling(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The nearest known spelling of a name that nobody has, and its customers ("" and () when none is near).

        Homophones first, then one wrong character, then the beginning of one name only.
        """
        low = squeeze(fold(name).text)
        if len(low) < 2:
            return "", ()
        same = self._sounds.get(loose(low), ())
        exact = [key for key in same if len(key) == len(low) and sound(key) == sound(low)]
        for keys in (exact, list(same), self._one_off(low)):
            found = self._one_customer(keys)
            if found:
                return found
        return self._one_customer(self._beginning(low)) or ("", ())

    def sounding(self, low: str) -> list[tuple[Hit, str]]:
        """Names of three characters or more spelt by ear in a text (网达集装箱), each with its right spelling."""
        heard: list[tuple[Hit, str]] = []
        if not self._rhymes:
            return heard
        spoken = syllables(low)
        for at in range(len(low) - 2):
            for size in self._rhymes.get(spoken[at] + spoken[at + 1], ()):
                keys = [key for key in self._sounds.get("".join(spoken[at : at + size]), ()) if len(key) == size]
                found = self._one_customer(keys)
                if found and len(found[1]) == 1:
                    heard.append((Hit(at, at + size, found[1]), found[0]))
                    break
        return heard

    def _one_customer(self, keys: Iterable[str]) -> tuple[str, tuple[str, ...]] | None:
        """The spelling and its owners when all the keys mean the same customers."""
        keys = list(keys)
        ids = tuple(dict.fromkeys(owner for key in keys for owner in self.customer_names.get(key)))
        if not ids:
            return None
        return keys[0], ids

    def _one_off(self, low: str) -> list[str]:
        size = len(low)
        if size == 3:
            near = (*self._halves.get(f"3<{low[:2]}", ()), *self._halves.get(f"3>{low[1:]}", ()))
            return [key for key in near if _slip(key, low)]
        if not 4 <= size <= 12:
            return []
        near = (*self._halves.get(f"{size}<{low[: size // 2]}", ()), *self._halves.get(f"{size}>{low[size // 2 :]}", ()))
        return [key for key in dict.fromkeys(near) if _slip(key, low)]

    def _beginning(self, low: str) -> list[str]:
        if len(low) < 3:
            return []
        return [key for key in self._starts.get(low[:2], ()) if key.startswith(low)]

    # ------------------------------------------------------------------ members, teams, groups
    def update_member(self, member: Member) -> None:
        """Learn a colleague, or the new names of one."""
        self.remove_member(member.id)
        if not member.active:
            return
        entry = _member_entry(member)
        self._members[entry.id] = entry
        for key in entry.keys:
            self.member_names.add(key, entry.id)
        for key in entry.weak:
            self.weak_names.add(key, entry.id)
        for team in {fold(t).text for t in (entry.team, entry.department) if len(t) > 2 or t[1:] in ("区", "部", "组", "队")}:
            self._teams[team] = self._teams.get(team, 0) + 1
            self.team_names.add(team, entry.team or entry.department)

    def remove_member(self, member_id: str) -> None:
        """Forget a colleague; unknown ids are ignored."""
        entry = self._members.pop(member_id, None)
        if entry is None:
            return
        for key in entry.keys:
            self.member_names.discard(key, entry.id)
        for key in entry.weak:
            self.weak_names.discard(key, entry.id)

    def update_group(self, group: Group) -> None:
        """Learn a chat group's name."""
        self._groups[group.id] = group.name

    def member(self, member_id: str) -> MemberEntry | None:
        """The entry of an id."""
        return self._members.get(member_id)

    def members(self) -> Iterator[MemberEntry]:
        """All colleagues that are still with us."""
        return iter(self._members.values())


def _slip(one: str, other: str) -> bool:
    """One character differs and begins or rhymes alike: a slip of the keyboard; 宏达 and 宏远 are two companies."""
    odd = [(loose(a), loose(b)) for a, b in zip(one, other, strict=True) if a != b]
    return len(odd) == 1 and (odd[0][0][:1] == odd[0][1][:1] or odd[0][0][1:] == odd[0][1][1:] != "")


def _append(table: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    known = table.get(key, ())
    if value not in known and len(known) < _MANY:
        table[key] = (*known, value)


def _drop(table: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    rest = tuple(other for other in table.get(key, ()) if other != value)
    if rest:
        table[key] = rest
    else:
        table.pop(key, None)


def _customer_entry(customer: Customer) -> CustomerEntry:
    parts = take_apart(customer.name)
    keys = [parts.full, squeeze(parts.full), parts.bare, parts.core, *parts.steps, parts.brand]
    for alias in customer.aliases:
        low = fold(alias).text.strip()
        apart = take_apart(alias)
        keys += [low, squeeze(low), apart.bare]
    return CustomerEntry(
        id=customer.id,
        name=customer.name,
        short=customer.short,
        full=squeeze(parts.full),
        city=fold(customer.city).text,
        contacts=tuple(dict.fromkeys(fold(contact.name).text for contact in customer.contacts if contact.name)),
        keys=tuple(dict.fromkeys(key for key in keys if len(key) > 1)),
        owner=customer.owner or "",
    )


def _member_entry(member: Member) -> MemberEntry:
    name = fold(member.name).text.strip()
    strong = [name, *(fold(alias).text.strip() for alias in member.aliases)]
    weak: list[str] = []
    if 2 <= len(name) <= 4 and not name.isascii():
        surname = name[:2] if name[:2] in words().compound_surnames and len(name) > 2 else name[:1]
        given = name[len(surname) :]
        if len(given) == 2:
            weak.append(given)
        weak += [prefix + surname for prefix in ("小", "老", "阿")] + [
            surname + s for s in ("哥", "姐", "总", "工", "经理", "主管", "总监")
        ]
        weak += [prefix + given[-1] for prefix in ("小", "阿")] if given else []
    return MemberEntry(
        id=member.id,
        name=member.name,
        aliases=member.aliases,
        team=member.team,
        department=member.department,
        keys=tuple(dict.fromkeys(key for key in strong if len(key) > 1)),
        weak=tuple(dict.fromkeys(key for key in weak if key not in strong)),
    )
