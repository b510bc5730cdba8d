"""Decrypted XML → a tree of plain values: no document type, no entities, bounded depth and size.

Not wechatpy's parser: it needs xmltodict, which makes a dict of one `SelectedItem` and a list of two, None of an empty
tag, and reads nesting of any depth (wecom.md section 5, findings 3 and 4); its classes know no template_card_event.
"""

from collections.abc import Iterator
from xml.parsers import expat

from bot.platforms.wecom.crypto import WrongEnvelope

MAX_DEPTH = 12
MAX_ELEMENTS = 2_000

_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\r")
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


class Node:
    """One element: its own text, its children in order. Looking up what is not there gives "" or nothing."""

    __slots__ = ("children", "tag", "text")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.text = ""
        self.children: list[Node] = []

    def get(self, tag: str) -> str:
        """The text of the first child of that name, "" without one."""
        for child in self.children:
            if child.tag == tag:
                return child.text
        return ""

    def all(self, *path: str) -> "Iterator[Node]":
        """Every node at that path below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.tag == path[0]:
                yield from child.all(*path[1:])


class _Builder:
    """Collects the tree; anything a callback has no use for ends the parse."""

    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) > MAX_DEPTH:
            raise WrongEnvelope(400, "xml-size")
        node = Node(tag)
        self._open[-1].children.append(node)
        self._open.append(node)
        self._texts.append([])

    def data(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _tag: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def refuse(self, *_: object) -> None:
        raise WrongEnvelope(400, "doctype")


def parse(raw: bytes) -> Node:
    """The root element; WrongEnvelope 400 for anything that is not one small, plain UTF-8 document."""
    # A person may type or paste control characters that XML forbids; their message must not be lost for it.
    raw = raw.translate(None, _CONTROLS)
    for bad in _NONCHARACTERS:
        raw = raw.replace(bad, b"")
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, UnicodeError):
        raise WrongEnvelope(400, "xml") from None
    return builder.root.children[0]


def cdata(text: str) -> str:
    """Text as CDATA that user text can't break out of (wechatpy lets `]]>` through; wecom.md section 5, finding 5)."""
    clean = text.translate(_FORBIDDEN).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{clean}]]>"


_FORBIDDEN: dict[int, None] = dict.fromkeys(
    (*(c for c in range(32) if c not in (9, 10, 13)), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))
)
