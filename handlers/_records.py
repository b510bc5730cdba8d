"""A customer's record before and after a change, and the way back that respects what others did since."""

from collections.abc import Mapping
from dataclasses import fields, replace

from domain.model import Customer
from domain.refusal import Stale

_KEPT = frozenset({"id", "code", "version"})


def put_back(now: Customer, before: Customer, after: Customer) -> Customer:
    """What a change turned from `before` into `after` as it was; everything that changed since stays as it is now.

    Raises Stale when the same thing was changed again meanwhile.
    """
    changes: dict[str, object] = {}
    for name in (f.name for f in fields(Customer) if f.name not in _KEPT):
        was, became, present = (getattr(c, name) for c in (before, after, now))
        if name == "extra":
            changes[name] = _extras(was, became, present)
        elif was != became:
            if present != became:
                raise Stale("之后又有别的变动，不能直接撤销", "请直接说要怎么改。")
            changes[name] = was
    return replace(now, **changes)  # type: ignore[arg-type]


def _extras(was: Mapping[str, object], became: Mapping[str, object], present: Mapping[str, object]) -> dict[str, object]:
    out = dict(present)
    for key in was.keys() | became.keys():
        if was.get(key) != became.get(key) and present.get(key) == became.get(key):
            out.pop(key, None)
            if key in was:
                out[key] = was[key]
    return out


def also(c: Customer, *names: str) -> tuple[str, ...]:
    """The aliases with further names behind; what people call the customer (its first alias, else its name) stays first."""
    first = c.aliases or (c.name,)
    more = tuple(n for n in names if n and n not in (*first, c.name))
    return tuple(dict.fromkeys((*first, *more))) if more else c.aliases
