"""Pictures and files: what people sent us, and what we send them. dingtalk.md sections 2 (download) and 4 (media)."""

import asyncio
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

from aiohttp import ClientError, ClientTimeout
from yarl import URL

from bot.platforms.dingtalk.api import Api, ApiError, form
from bot.platforms.dingtalk.errors import Fault, Kind
from bot.platforms.dingtalk.frames import text_of

MAX_BYTES = 20 * 1024 * 1024
FILE_TYPES = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})
"""What sampleFile takes; anything else is sent inside a zip."""
IMAGE_TYPES = frozenset({"jpg", "jpeg", "gif", "png", "bmp"})
DOWNLOAD = ClientTimeout(total=60, connect=5)
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')
_SNIFF = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp"), (b"RIFF", ".webp"))


class Media:
    """Downloads into the configured folder, uploads from anywhere."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._folder = Path(api.config.media_dir)

    async def fetch(self, code: str, name: str = "") -> str:
        """The path of a picture or file somebody sent; `name` is the sender's file name. Raises ApiError.

        The code expires, so this happens before the message is handled.
        """
        body = {"downloadCode": code, "robotCode": self._api.config.robot}
        answer = await self._api.call("POST", "/v1.0/robot/messageFiles/download", body)
        data = await self._download(text_of(answer.get("downloadUrl")))
        kind = next((ending for magic, ending in _SNIFF if data.startswith(magic)), "")
        safe = _UNSAFE.sub("_", name).strip(". ")[-100:] or f"picture{kind}"
        path = self._folder / hashlib.sha256(data).hexdigest()[:32] / safe
        await asyncio.to_thread(_write, path, data)
        return str(path)

    async def message(self, name: str, path: str) -> tuple[str, str]:
        """(msgKey, msgParam) that shows the file at `path` under `name`. Raises ApiError."""
        data = await asyncio.to_thread(_read, path)
        ending = Path(name).suffix.lower().lstrip(".")
        if ending in IMAGE_TYPES:
            return "sampleImageMsg", json.dumps({"photoURL": await self._upload("image", data, name)})
        if ending not in FILE_TYPES:
            data, name, ending = await asyncio.to_thread(_zip, data, name), f"{Path(name).stem}.zip", "zip"
        param = {"mediaId": await self._upload("file", data, name), "fileName": name, "fileType": ending}
        return "sampleFile", json.dumps(param, ensure_ascii=False)

    async def _upload(self, kind: str, data: bytes, name: str) -> str:
        if len(data) > MAX_BYTES:
            raise ApiError(Fault(Kind.REFUSED, "", f"{name}: more than {MAX_BYTES} bytes"))
        answer = await self._api.oapi("/media/upload", lambda: form(type=kind, media=(data, name)))
        media_id = text_of(answer.get("media_id"))
        if not media_id:
            raise ApiError(Fault(Kind.UNCLEAR, "", "no media_id in the answer"))
        return media_id

    async def _download(self, address: str) -> bytes:
        """The file behind a temporary address (of DingTalk's storage, any host); at most MAX_BYTES."""
        try:
            url = URL(address, encoded=True)
            if url.scheme != "https" and url.origin() != URL(self._api.config.api_base).origin():
                raise ApiError(Fault(Kind.REFUSED, "", "the file's address is not https"))
            async with self._api.http.get(url, timeout=DOWNLOAD) as response:
                if response.status != 200:
                    raise ApiError(Fault(Kind.REFUSED, "", f"the file's address answered HTTP {response.status}"))
                data = await response.content.read(MAX_BYTES + 1)
                while len(data) <= MAX_BYTES and (more := await response.content.read(MAX_BYTES + 1 - len(data))):
                    data += more
        except (ClientError, TimeoutError, OSError, ValueError) as e:
            raise ApiError(Fault(Kind.UNCLEAR, "", f"the file did not come: {type(e).__name__}")) from None
        if len(data) > MAX_BYTES:
            raise ApiError(Fault(Kind.REFUSED, "", f"the file has more than {MAX_BYTES} bytes"))
        return data


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as e:
        raise ApiError(Fault(Kind.REFUSED, "", f"{Path(path).name}: {e.strerror}")) from None


def _zip(data: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()
