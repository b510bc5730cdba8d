"""`grammar.toml` compiled: which commands a sentence speaks for, how strongly, and because of which words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from nlp.words import alternation, read

CUSTOMER, PERSON, CONTACT, TIME, DURATION, TEAM, PHONE, EMAIL, MONEY = (chr(0xE001 + n) for n in range(9))
SIGNS = {
    "客户": CUSTOMER, "同事": PERSON, "联系人": CONTACT, "时间": TIME, "时长": DURATION, "团队": TEAM,
    "电话": PHONE, "邮箱": EMAIL, "金额": MONEY,
}  # fmt: skip
_CLASSES = {
    "人": f"[{PERSON}{CONTACT}]",
    "谁": f"[{CUSTOMER}{PERSON}{CONTACT}]",
    "数": "[0-9一二三四五六七八九十两]{1,3}",
    "等级": "[a-d]",
}
_GAP = "([^。!?]{0,18}?)"
SAYS, HINT, AGAINST = "says", "hints", "not"
_WEIGHT = {HINT: 0.8, AGAINST: -3.0}


@dataclass(slots=True)
class Pattern:
    """One line of the grammar; its regular expression is compiled when a sentence first comes near it, or by `warm`.

    A line that only lists words (`plain`) needs none: finding its anchor was finding it.
    """

    intent: str
    role: str
    source: str
    whole: bool
    expression: str
    plain: bool
    regex: re.Pattern[str] | None = None

    def compiled(self) -> re.Pattern[str]:
        """The regular expression of the line."""
        if self.regex is None:
            self.regex = re.compile(self.expression)
        return self.regex

    def find(self, lean: str, anchor: str) -> tuple[str, int] | None:
        """The words that fit, and how many of their characters the line names; None when it does not fit."""
        if self.plain:
            return anchor, len(anchor)
        found = self.compiled().search(lean)
        if found is None:
            return None
        return found[0], len(found[0]) - sum([len(gap) for gap in found.groups() if gap])


@dataclass(slots=True)
class Score:
    """What a sentence says for one intent."""

    best: float = 0.0
    rest: float = 0.0
    like: float = 0.0
    seen: str = ""
    against: list[str] = field(default_factory=list)

    @property
    def total(self) -> float:
        return self.best + self.like + min(self.rest, 2.5) - 3.0 * min(len(self.against), 2)


class GrammarError(ValueError):
    """A line of grammar.toml that cannot be compiled; names the line."""


class _Compiler:
    """Turns one line into a regular expression and its anchors (None = no literal has to occur)."""

    def __init__(self, line: str, macros: dict[str, str]) -> None:
        self.line, self.macros, self.at = line, macros, 0

    def compile(self) -> tuple[str, frozenset[str] | None]:
        regex, anchors = self._choice("")
        if self.at != len(self.line):
            raise GrammarError(f"unbalanced bracket in grammar line {self.line!r}")
        return regex, anchors

    def _choice(self, closing: str) -> tuple[str, frozenset[str] | None]:
        parts, anchors, complete = [], set[str](), True
        while True:
            regex, found = self._sequence(closing)
            parts.append(regex)
            if found is None:
                complete = False
            else:
                anchors |= found
            if self.at < len(self.line) and self.line[self.at] == "|":
                self.at += 1
                continue
            return "|".join(parts), frozenset(anchors) if complete and anchors else None

    def _sequence(self, closing: str) -> tuple[str, frozenset[str] | None]:
        regex, best, literal = "", None, ""
        while True:
            char = self.line[self.at] if self.at < len(self.line) else ""
            plain = char and char not in "()[]{}<>|…^$?*\\"
            if plain or char == "\\":
                if char == "\\":
                    self.at += 1
                    char = self.line[self.at]
                self.at += 1
                if self.line[self.at : self.at + 1] == "?":
                    self.at += 1
                    best, literal = _longer(best, literal), ""
                    regex += re.escape(char) + "?"
                else:
                    literal += char
                    regex += re.escape(char)
                continue
            best, literal = _longer(best, literal), ""
            if not char or char == "|" or char == closing:
                return regex, best
            piece, anchors = self._piece(char)
            regex += piece
            best = _better(best, anchors)

    def _piece(self, char: str) -> tuple[str, frozenset[str] | None]:
        self.at += 1
        if char == "…":
            return _GAP, None
        if char in "?*":
            raise GrammarError(f"stray {char!r} in grammar line {self.line!r}")
        if char in "^$":
            return ("^，?" if char == "^" else "[，。!?]*$"), None
        if char in "{<":
            end = self.line.index("}" if char == "{" else ">", self.at)
            name = self.line[self.at : end]
            self.at = end + 1
            regex, anchors = self._named(char, name)
            if self.line[self.at : self.at + 1] == "?":
                self.at += 1
                return f"(?:{regex})?", None
            return regex, anchors
        if char in "([":
            inner, anchors = self._choice(")" if char == "(" else "]")
            self.at += 1
            suffix = self.line[self.at : self.at + 1]
            if suffix in ("?", "*"):
                self.at += 1
                return f"(?:{inner}){'?' if suffix == '?' else '{0,3}'}", None
            if char == "[":
                return f"(?:{inner})?", None
            return f"(?:{inner})", anchors
        raise GrammarError(f"unbalanced {char!r} in grammar line {self.line!r}")

    def _named(self, char: str, name: str) -> tuple[str, frozenset[str] | None]:
        if char == "<":
            words = self.macros[name].split("|")
            return alternation(words), frozenset(words)
        if name in SIGNS:
            return SIGNS[name], frozenset(SIGNS[name])
        if name not in _CLASSES:
            raise GrammarError(f"unknown {{{name}}} in grammar line {self.line!r}")
        marks = frozenset(c for c in _CLASSES[name] if c >= "\ue000")
        return _CLASSES[name], marks or None


def _longer(best: frozenset[str] | None, literal: str) -> frozenset[str] | None:
    return _better(best, frozenset({literal}) if literal else None)


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return other if min(map(len, other)) > min(map(len, one)) else one


_PLAIN = re.compile(r"\([^()\[\]{}<>…^$?*\\]+\)|[^()\[\]{}<>…^$?*\\]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One command as the grammar describes it."""

    intent: str
    label: str
    example: str
    shown: str
    """The name of contract.md's closed list that `parse` gives (`as`; default: the command's own)."""


class Grammar:
    """All commands; `scores` compares a lean sentence (nlp.scene) with every line that shares a word with it."""

    def __init__(self, raw: dict[str, object]) -> None:
        macros = dict(raw["words"])  # type: ignore[call-overload]
        self.entries: dict[str, Entry] = {}
        self._patterns: list[Pattern] = []
        self._always: list[int] = []
        self._heads: dict[str, list[tuple[str, list[int]]]] = {}
        by_anchor: dict[str, list[int]] = {}
        for intent, entry in raw.items():
            if intent == "words":
                continue
            assert isinstance(entry, dict)
            self.entries[intent] = Entry(intent, entry["label"], entry["example"], entry.get("as", intent))
            for role in (SAYS, HINT, AGAINST):
                for line in entry.get(role, ()):
                    self._add(intent, role, line, macros, by_anchor)
        for anchor, numbers in by_anchor.items():
            self._heads.setdefault(anchor[:2], []).append((anchor, numbers))

    def _add(self, intent: str, role: str, line: str, macros: dict[str, str], by_anchor: dict[str, list[int]]) -> None:
        regex, anchors = _Compiler(line, macros).compile()
        number = len(self._patterns)
        whole = line.startswith("^") and line.endswith("$")
        self._patterns.append(Pattern(intent, role, line, whole, regex, _PLAIN.fullmatch(line) is not None))
        if anchors is None:
            self._always.append(number)
        for anchor in anchors or ():
            by_anchor.setdefault(anchor, []).append(number)

    def scores(self, lean: str) -> dict[str, Score]:
        """Every intent that any line speaks for or against."""
        scores: dict[str, Score] = {}
        for number, anchor in self._candidates(lean).items():
            pattern = self._patterns[number]
            found = pattern.find(lean, anchor)
            if found is None:
                continue
            seen, size = found
            score = scores.setdefault(pattern.intent, Score())
            if pattern.role == SAYS:
                worth = 2.0 + 0.4 * min(size, 12)
                if pattern.whole:
                    worth += 1.5
                elif pattern.source.startswith("^"):
                    worth += 0.8
                if worth > score.best:
                    score.rest += 0.25 * min(score.best, 3.0)
                    score.best, score.seen = worth, seen
                else:
                    score.rest += 0.25 * min(worth, 3.0)
            elif pattern.role == HINT:
                score.rest += _WEIGHT[HINT]
            else:
                score.against.append(seen)
        return scores

    def _candidates(self, lean: str) -> dict[int, str]:
        """The lines of which a word stands in the sentence, each with the longest such word."""
        found: dict[str, list[int]] = {}
        heads = self._heads
        for at, char in enumerate(lean):
            for head in (char, lean[at : at + 2]):
                for anchor, several in heads.get(head, ()):
                    if lean.startswith(anchor, at):
                        found[anchor] = several
        numbers = dict.fromkeys(self._always, "")
        for anchor in sorted(found, key=len):
            for number in found[anchor]:
                numbers[number] = anchor
        return numbers

    def warm(self) -> None:
        """Compile every line now, so that no message waits for it."""
        for pattern in self._patterns:
            if not pattern.plain:
                pattern.compiled()

    def labels(self) -> Iterator[Entry]:
        """All commands in the order of the file."""
        return iter(self.entries.values())


@cache
def grammar() -> Grammar:
    """The grammar of this process."""
    return Grammar(read("grammar.toml"))
