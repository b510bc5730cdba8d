"""From evidence to an answer: which of the candidates is certain, likely, related, and why (contract.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.matching import keys as own
from domain.matching import places
from domain.matching.compare import NOTHING
from domain.matching.parts import take_apart
from domain.matching.values import Likeness, Match, Query, Stored, Verdict

_KEY_WORDS = {"uscc": "统一社会信用代码相同", "phone": "电话相同", "email": "邮箱相同", "domain": "公司邮箱域名相同"}
_FLOOR = 0.5
_MARGIN = 0.1
_RIVAL = 0.15
"""A short form that fits one customer to the letter and another one this much less names neither for certain."""


@dataclass(slots=True)
class Evidence:
    """Why one record came up: the keys it shares with the query, and how alike the names are."""

    stored: Stored
    likeness: Likeness = NOTHING
    keys: set[str] = field(default_factory=set)

    def carries(self, kind: str, value: str) -> bool:
        """Whether the record really has this key (two values may share a hash)."""
        known = self.stored
        if kind == "phone":
            return value in known.phones
        if kind == "email":
            return value in known.emails
        if kind == "domain":
            return any(own.domain(address) == value for address in known.emails)
        return value == known.uscc


@dataclass(frozen=True, slots=True)
class _Field:
    """All candidates at once: those that bear the very name, whether one of them is certain, and what a guess must reach."""

    firm: tuple[Evidence, ...]
    certain: bool
    floor: float


def _survey(query: Query, found: list[Evidence], code: str) -> _Field:
    open_ = [held for held in found if not _other_code(code, held)]
    same = [held for held in open_ if held.likeness.same]
    firm = tuple(held for held in same if held.likeness.score == 1.0) or tuple(same)
    best = max((held.likeness.score for held in open_ if _likely(held)), default=0.0)
    top = max((held.likeness.score for held in firm), default=0.0)
    rival = bool(firm) and top < 1.0 and best >= top - _RIVAL and not take_apart(query.name).whole
    if firm and not rival:
        return _Field(firm, len(firm) == 1, 1.0)
    return _Field(firm, False, max(_FLOOR, best - _MARGIN))


def judge(query: Query, found: list[Evidence]) -> list[Match]:
    """The answer, best first."""
    code = own.uscc(query.uscc) if query.uscc else ""
    shared = {kind: sum(kind in held.keys for held in found) for kind in _KEY_WORDS}
    survey = _survey(query, found, code)
    answers: list[Match] = []
    for held in found:
        by_key = _by_key(held, shared, code)
        by_name = _by_name(held, survey, code, query)
        chosen = max((m for m in (by_key, by_name) if m), key=lambda m: (m.verdict is Verdict.DUPLICATE, m.score), default=None)
        if chosen:
            why = tuple(dict.fromkeys([*(by_key.why if by_key else ()), *(by_name.why if by_name else ())]))
            answers.append(Match(chosen.id, chosen.score, chosen.verdict, why))
    return sorted(answers, key=lambda m: (-m.score, m.id))


def _likely(held: Evidence) -> bool:
    return bool(held.likeness.score) and not held.likeness.same and not held.likeness.kin


def _other_code(code: str, held: Evidence) -> bool:
    """Both have a credit code that is in order, and they differ."""
    theirs = held.stored.uscc
    return bool(code) and bool(theirs) and code != theirs and own.uscc_valid(code) and own.uscc_valid(theirs)


def _by_key(held: Evidence, shared: dict[str, int], code: str) -> Match | None:
    if not held.keys:
        return None
    why = tuple(word for kind, word in _KEY_WORDS.items() if kind in held.keys)
    if "uscc" in held.keys:
        return Match(held.stored.id, 1.0, Verdict.DUPLICATE, why)
    named = held.likeness.score >= 0.6 and not held.likeness.kin
    if _other_code(code, held):
        return Match(held.stored.id, 0.6, Verdict.POSSIBLE, (*why, "统一社会信用代码不同"))
    own_keys = [kind for kind in ("phone", "email") if kind in held.keys]
    if own_keys and (named or any(shared[kind] == 1 for kind in own_keys)):
        return Match(held.stored.id, 0.99 if named else 0.98, Verdict.DUPLICATE, why)
    if own_keys:
        return Match(held.stored.id, 0.9, Verdict.POSSIBLE, (*why, "多家客户共用"))
    return Match(held.stored.id, 0.9 if named else 0.75, Verdict.POSSIBLE, why)


def _by_name(held: Evidence, survey: _Field, code: str, query: Query) -> Match | None:
    like = held.likeness
    if not like.score:
        return None
    id_ = held.stored.id
    if _other_code(code, held):
        return Match(id_, 0.45, Verdict.POSSIBLE, (*like.why, "统一社会信用代码不同")) if like.score == 1.0 else None
    if like.kin:
        return Match(id_, like.score, Verdict.RELATED, like.why)
    if like.same:
        if not any(held is other for other in survey.firm):
            return Match(id_, 0.5, Verdict.RELATED, (*like.why, "另有名称完全相同的客户"))
        if survey.certain:
            return Match(id_, like.score, Verdict.DUPLICATE, like.why)
        return Match(id_, round(like.score - 0.05, 4), Verdict.POSSIBLE, (*like.why, "有多家同样相符"))
    if like.score < survey.floor:
        return None
    return Match(id_, round(_nearby(like.score, held.stored, query), 4), Verdict.POSSIBLE, like.why)


def _nearby(score: float, known: Stored, query: Query) -> float:
    """The score with the two cities weighed in, when both are told."""
    asked, theirs = places.place(query.city), places.place(known.city)
    if not asked or not theirs:
        return score
    return min(0.96, score + 0.03) if places.agree(asked, theirs) else max(_FLOOR, score - 0.1)
