"""The index on disk: a header in JSON, then flat arrays that are mapped as they lie; nothing in it is ever executed."""

from __future__ import annotations

import json
import mmap
import os
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from domain.matching.segment import Packed

_MAGIC = b"VBMATCH1"
_CHUNK = 1 << 20


def write(path: Path, stamp: str, segments: Sequence[Packed], dead: Sequence[int]) -> None:
    """Write the file beside its place and move it there, so that a reader sees the old one or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as out:
            out.write(bytes(32))
            sizes = [segment.write(out) for segment in segments]
            end = out.tell()
            out.write(json.dumps({"stamp": stamp, "order": sys.byteorder, "segments": sizes, "dead": list(dead)}).encode())
            out.flush()
            out.seek(0)
            out.write(_MAGIC + end.to_bytes(8, "little") + _sum(beside).to_bytes(8, "little"))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _sum(path: Path) -> int:
    """The checksum of everything behind the first 32 bytes, read piece by piece."""
    with path.open("rb") as file:
        file.seek(32)
        return _sum_rest(file)


def _sum_rest(file: BinaryIO) -> int:
    total = 0
    while piece := file.read(_CHUNK):
        total = zlib.crc32(piece, total)
    return total


def read(path: Path, stamp: str) -> tuple[list[Packed], list[int]] | None:
    """The segments and the dead slots; None when the file is missing, damaged, or of another stamp or machine."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
            if head[:8] != _MAGIC or _sum_rest(file) != int.from_bytes(head[16:24], "little"):
                return None
            end = int.from_bytes(head[8:16], "little")
            file.seek(end)
            told = json.loads(file.read())
            if told["stamp"] != stamp or told["order"] != sys.byteorder:
                return None
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    segments: list[Packed] = []
    at = 32
    for sizes in told["segments"]:
        segments.append(Packed.read(mapped[at:end], sizes))
        at += sum(size + -size % 8 for size in sizes)
    return segments, told["dead"]
