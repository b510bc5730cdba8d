"""Photos: what makes two of them the same picture."""

import hashlib
import warnings
from io import BytesIO
from pathlib import Path

from domain.refusal import Refusal

MOST_BYTES = 20 * 1024 * 1024
_MOST_PIXELS = 60_000_000
_LEAST_EDGES = 6
"""A hash with fewer set (or unset) bits comes from an even surface and says nothing about the picture."""


def read(path: str) -> bytes:
    """The bytes of a photo; Refusal when there is none, or it is too large."""
    file = Path(path)
    try:
        size = file.stat().st_size
        data = file.read_bytes() if 0 < size <= MOST_BYTES else b""
    except OSError:
        raise Refusal("照片没有收到，没有保存", "请重新发送一次。") from None
    if not data:
        raise Refusal("照片是空的或太大（上限 20 MB），没有保存", "请换一张再发。")
    return data


def fingerprint(data: bytes) -> int:
    """A 64-bit difference hash of the picture; of its bytes when it can't be read or is an even surface."""
    looks = _difference_hash(data)
    if looks is not None and _LEAST_EDGES <= looks.bit_count() <= 64 - _LEAST_EDGES:
        return looks
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def _difference_hash(data: bytes) -> int | None:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(BytesIO(data)) as image:
                if image.width * image.height > _MOST_PIXELS:
                    return None
                image.draft("L", (64, 64))
                small = image.convert("L").resize((9, 8), Image.Resampling.BILINEAR)
        except Exception:  # a picture nobody can read is still a file: its bytes are compared instead
            return None
    pixels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (pixels[row * 9 + column] > pixels[row * 9 + column + 1])
    return bits
