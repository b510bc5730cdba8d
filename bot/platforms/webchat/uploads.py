"""Pictures and files that people of the playground send: kept in a folder, few and small, shown back only when pictures."""

import asyncio
import re
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 10 * 1024 * 1024
MAX_KEPT = 40
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_PICTURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class TooBig(Exception):
    """More than MAX_BYTES."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on disk; `picture` is its media type when it really is a picture, else ""."""

    token: str
    name: str
    path: Path
    picture: str


class Uploads:
    """The newest MAX_KEPT files; older ones are deleted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: OrderedDict[str, Upload] = OrderedDict()

    async def keep(self, name: str, chunks: AsyncIterator[bytes]) -> Upload:
        """Store what comes in. Raises TooBig, leaving nothing behind."""
        data = bytearray()
        async for chunk in chunks:
            data += chunk
            if len(data) > MAX_BYTES:
                raise TooBig
        token = secrets.token_urlsafe(12)
        safe = _UNSAFE.sub("_", name).strip(". ")[-80:] or "file"
        path = self._folder / token / safe
        await asyncio.to_thread(_write, path, bytes(data))
        upload = Upload(token, safe, path, kind_of(bytes(data[:16])))
        self._kept[token] = upload
        while len(self._kept) > MAX_KEPT:
            _, old = self._kept.popitem(last=False)
            await asyncio.to_thread(_delete, old.path)
        return upload

    def get(self, token: str) -> Upload | None:
        """The upload with this token, while it is kept."""
        return self._kept.get(token)


def kind_of(head: bytes) -> str:
    """The media type of a picture by its first bytes; "" for anything else, so that no file can pose as a page."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES if head.startswith(magic)), "")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.parent.rmdir()
