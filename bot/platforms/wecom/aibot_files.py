"""Pictures and files of the AI bot: people's are fetched within their five minutes and opened, ours go up in chunks.

W100719, W101463.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp

from bot.message import Message
from bot.platform import SendFailed
from bot.platforms.wecom.api import FILE_TIMEOUT, check_status, file_name, lost, read_up_to
from bot.platforms.wecom.crypto import WrongEnvelope, decrypt_file
from bot.platforms.wecom.draw import Json
from bot.platforms.wecom.errors import fault
from bot.platforms.wecom.link import Link
from bot.platforms.wecom.media import MAX_FILE, kind_of, stored, suffix, write

CHUNK = 512 * 1024
"""Raw bytes of one upload frame (W101463)."""


class AibotFiles:
    """`fetch` replaces the address in a message by the path of the opened file under `folder`."""

    def __init__(self, session: aiohttp.ClientSession, folder: str, proxy: str = "") -> None:
        self._session = session
        self._folder = Path(folder)
        self._proxy = proxy or None

    async def fetch(self, message: Message, aes_keys: Mapping[str, str]) -> Message:
        """The message with a path, fetched once; SendFailed when the file can't be had or opened."""
        source = message.image or message.file
        if not source:
            return message
        digest = hashlib.sha256(source.encode()).hexdigest()[:32]
        path = await asyncio.to_thread(stored, self._folder, digest)
        if path is None:
            sealed, name = await self._download(source)
            data = opened(sealed, aes_keys.get(source, ""))
            path = self._folder / f"{digest}{suffix(name, '.jpg' if message.image else '.bin')}"
            await asyncio.to_thread(write, path, data)
        return replace(message, image=str(path)) if message.image else replace(message, file=str(path))

    async def _download(self, url: str) -> tuple[bytes, str]:
        try:
            async with self._session.get(url, timeout=FILE_TIMEOUT, proxy=self._proxy, allow_redirects=False) as response:
                check_status(response.status)
                return await read_up_to(response, MAX_FILE), file_name(response.headers) or Path(response.url.path).name
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise lost(error) from None


async def upload(link: Link, name: str, data: bytes) -> Json:
    """Uploads over the long connection; returns the body of the message that shows it. SendFailed as for letters."""
    kind = kind_of(name, len(data))
    chunks = [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
    start: Json = {
        "type": kind,
        "filename": name,
        "total_size": len(data),
        "total_chunks": len(chunks),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
    upload_id = await _told(link, "aibot_upload_media_init", start, "upload_id")
    for number, chunk in enumerate(chunks):
        encoded = base64.b64encode(chunk).decode()
        part: Json = {"upload_id": upload_id, "chunk_index": number, "base64_data": encoded}
        await _told(link, "aibot_upload_media_chunk", part)
    media_id = await _told(link, "aibot_upload_media_finish", {"upload_id": upload_id}, "media_id")
    return {"msgtype": kind, kind: {"media_id": media_id}}


async def _told(link: Link, cmd: str, body: Json, name: str = "") -> str:
    answer = await link.ask(cmd, body)
    if answer.errcode:
        raise fault(answer.errcode, answer.errmsg).failed()
    value = answer.body.get(name) if isinstance(answer.body, dict) else None
    if name and (not isinstance(value, str) or not value):
        raise SendFailed(f"the AI bot gave no {name}", retry_s=60.0)
    return str(value or "")


def opened(data: bytes, aes_key: str) -> bytes:
    """The file behind WeCom's encryption; `aes_key` is base64 without its padding, "" = not encrypted."""
    if not aes_key:
        return data
    try:
        key = base64.b64decode(aes_key.rstrip("=") + "=" * (-len(aes_key.rstrip("=")) % 4))
        return decrypt_file(data, key)
    except (binascii.Error, ValueError, WrongEnvelope):
        raise SendFailed("the file can't be opened", retry_s=None) from None
