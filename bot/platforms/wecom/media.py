"""Files up and down (W90253, W90254): what goes out with a card, and what a person sent."""

import asyncio
import hashlib
import re
from dataclasses import replace
from pathlib import Path

from bot.message import Message
from bot.platform import SendFailed
from bot.platforms.wecom.api import Api

MAX_FILE = 20 << 20
MAX_IMAGE = 10 << 20
MIN_BYTES = 5
"""WeCom takes files of more than five bytes."""
IMAGES = frozenset((".jpg", ".jpeg", ".png"))
_UNSAFE = re.compile(r"[^\w.\-]+")


def kind_of(name: str, size: int) -> str:
    """`image` or `file`; SendFailed for good when WeCom takes neither."""
    if size <= MIN_BYTES or size > MAX_FILE:
        raise SendFailed(f"a file of {size} bytes can't be sent", retry_s=None)
    return "image" if Path(name).suffix.lower() in IMAGES and size <= MAX_IMAGE else "file"


async def load(path: str) -> bytes:
    """A file to be sent, read off the loop; SendFailed for good when it is gone or too large."""
    try:
        size = (await asyncio.to_thread(Path(path).stat)).st_size
        if size > MAX_FILE:
            raise SendFailed(f"a file of {size} bytes can't be sent", retry_s=None)
        return await asyncio.to_thread(Path(path).read_bytes)
    except OSError as error:
        raise SendFailed(f"the file to send can't be read: {type(error).__name__}", retry_s=None) from None


class Media:
    """Uploads and downloads of the app; `folder` is where what people send is kept ("" = it is not fetched)."""

    def __init__(self, api: Api, folder: str = "") -> None:
        self._api = api
        self._folder = folder

    async def put(self, name: str, data: bytes) -> tuple[str, str]:
        """Uploads; returns (`image` or `file`, media id good for three days)."""
        kind = kind_of(name, len(data))
        answer = await self._api.upload("media/upload", {"type": kind}, name, data)
        media_id = answer.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise SendFailed("WeCom gave no media id", retry_s=60.0)
        return kind, media_id

    async def get(self, media_id: str) -> tuple[bytes, str]:
        """Downloads; returns the bytes and the file name WeCom tells."""
        return await self._api.download("media/get", {"media_id": media_id}, MAX_FILE)

    async def fetch(self, message: Message) -> Message:
        """The message with its media id replaced by the path of the file; a repeated delivery fetches nothing."""
        if not message.image or not self._folder:
            return message
        digest = hashlib.sha256(message.image.encode()).hexdigest()[:32]
        folder = Path(self._folder)
        path = await asyncio.to_thread(stored, folder, digest)
        if path is None:
            data, name = await self.get(message.image)
            path = folder / f"{digest}{suffix(name, '.jpg')}"
            await asyncio.to_thread(write, path, data)
        return replace(message, image=str(path))


def stored(folder: Path, digest: str) -> Path | None:
    """The whole file kept under that name before, if any."""
    return next((path for path in sorted(folder.glob(f"{digest}.*")) if path.suffix != ".part"), None)


def suffix(name: str, default: str) -> str:
    """A harmless file ending of the name somebody chose."""
    ending = _UNSAFE.sub("", Path(name).suffix.lower())[:8]
    return ending if len(ending) > 1 else default


def write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)
