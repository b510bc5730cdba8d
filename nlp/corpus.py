"""Written examples read for learning: corpus lines become lean sentences with their command."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from nlp.book import Book
from nlp.grammar import grammar
from nlp.scene import Reader


def lean_examples(book: Callable[[Path], Book], paths: Sequence[str]) -> list[tuple[str, str]]:
    """(lean sentence, command) of every single-command case in the files, and of the grammar's own examples.

    `book` gives the names that a file talks about.
    """
    found = []
    now = datetime.fromisoformat("2026-03-11T10:00:00+08:00")
    for path in sorted(paths):
        reader = Reader(book(Path(path)), ("拜访助手",))
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            lean = reader.read(case["text"], datetime.fromisoformat(case["now"])).lean
            if "commands" not in case["expect"] and lean:
                found.append((lean, case["expect"]["intent"]))
    reader = Reader(book(Path(paths[0])), ("拜访助手",))
    found += [(reader.read(entry.example, now).lean, entry.intent) for entry in grammar().labels()]
    return found
