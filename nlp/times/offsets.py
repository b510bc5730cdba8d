"""What stands behind a duration: 后, 前, 内, 以来 or 一次."""

from __future__ import annotations

from nlp.times.lazy import Pattern
from nlp.times.values import Token

_OFFSET = Pattern(
    r"(?:的时间|的)?(?:(?P<after>之后|以后|过后|后(?=续[约签费保])|后(?![天台面勤续来年期市裔勤备代果悔门]|来))|(?P<before>之前|以前|前(?![台面往来端去期线沿提任言年天途]))|(?P<within>之内|以内|内(?![容部审存蒙地陆])|里(?![面程]))|(?P<since>以来|来(?![了的看访不电到自我拜公])))"
)
_ONCE = Pattern(r"\s?(?:要|得|来)?(?:[一1]|(?P<more>[两二三四五六2-6]))[次回趟](?!性)")


def settle(s: str, token: Token) -> Token:
    """A duration becomes an offset (kind off, negative when 前), a deadline (within), a past span (since) or a rhythm (every)."""
    m = _OFFSET.match(s, token.end)
    if m is None:
        once = _ONCE.match(s, token.end)
        again = _again(token) if once is not None and (not once["more"] or s[token.start] in "一1") else None
        if again is not None and once is not None:
            again.end = once.end()
            return again
        return token
    if m["before"] and token.name == "halfday":
        return token
    token.end = m.end()
    token.kind = "within" if m["within"] else "since" if m["since"] else "off"
    if m["before"]:
        token.a, token.b = -token.a, -token.b
        token.name += "<"
    return token


def settle_window(s: str, token: Token) -> Token:
    """未来三天内 is a deadline, 过去三天内 still a window."""
    m = _OFFSET.match(s, token.end)
    if m is not None and m["within"]:
        token.end = m.end()
        if token.c & 1:
            token.kind, token.c = "within", token.c // 2
    return token


def _again(token: Token) -> Token | None:
    """三天一次 → every three days."""
    for rank, unit, size in ((1, "HOURLY", 60), (0, "MINUTELY", 1), (2, "DAILY", 1440), (3, "WEEKLY", 10080)):
        if token.c == rank and not token.a:
            return Token("every", token.start, token.end, token.b // size, name=unit)
    if token.c == 4:
        return Token("every", token.start, token.end, token.a, name="MONTHLY")
    return Token("every", token.start, token.end, token.a // 12, name="YEARLY") if token.c == 5 else None
