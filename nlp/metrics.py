"""Every figure a sentence names: 撞单几次 重复跟进率多少 asks for two."""

from nlp.words import read


def metrics_in(text: str) -> list[str]:
    """The metrics of contract.md section 5 in the order in which they are named; a longer name swallows a shorter one."""
    low = text.lower()
    found: list[tuple[int, int, str]] = []
    for name, several in read("slots.toml")["metrics"].items():
        for word in several.split():
            at = low.find(word)
            if at >= 0:
                found.append((at, -len(word), name))
    out: list[str] = []
    end = -1
    for at, length, name in sorted(found):
        if at >= end:
            end = at - length
            if name not in out:
                out.append(name)
    return out
