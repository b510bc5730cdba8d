"""The encrypted envelope of WeCom callbacks (W90968): verify, then decrypt, with one kind of exception.

Own code on `cryptography` because wechatpy's is three times slower, compares signatures with `!=`, does not check the
padding and raises a dozen kinds of exception (performance.md A1, A9; wecom.md section 5); it is the oracle in tests.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
"""Padding goes to multiples of 32 although AES blocks have 16 (W90968)."""
HEAD = 20
"""16 random bytes and the length."""
MAX_BODY = 65_536
"""Bytes of a callback body we read (performance.md D6)."""

_KEY = re.compile(r"[A-Za-z0-9]{43}\Z")
_OPEN, _CLOSE = b"<Encrypt>", b"</Encrypt>"
_CDATA, _END = b"<![CDATA[", b"]]>"


class WrongEnvelope(Exception):
    """Not a message of the platform: `status` is the HTTP status to refuse with, `reason` one word for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted answer and its signature; all ASCII."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str

    def xml(self) -> bytes:
        """The envelope of a passive reply (W90241). The nonce is ours: no user text is in here."""
        return (
            f"<xml><Encrypt><![CDATA[{self.encrypt}]]></Encrypt><MsgSignature><![CDATA[{self.signature}]]></MsgSignature>"
            f"<TimeStamp>{self.timestamp}</TimeStamp><Nonce><![CDATA[{self.nonce}]]></Nonce></xml>"
        ).encode()

    def json(self) -> dict[str, object]:
        """The envelope of an AI bot's answer (W101033)."""
        return {
            "encrypt": self.encrypt,
            "msgsignature": self.signature,
            "timestamp": int(self.timestamp),
            "nonce": self.nonce,
        }


class Envelope:
    """Seals and opens messages for one (token, key, receive id); raises ValueError for a key that can't be one.

    `receive_id` is the corp id for the self-built app and "" for the AI bot of one's own corp (wecom.md 1.3).
    """

    __slots__ = ("_cipher", "_receive_id", "_token")

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        if not _KEY.match(encoding_aes_key):
            raise ValueError("encoding_aes_key must be 43 letters and digits")
        # The 43rd character may carry stray low bits, which a strict decoder would refuse: b64decode drops them.
        key = base64.b64decode(encoding_aes_key + "=")
        self._cipher = Cipher(AES(key), CBC(key[:16]))
        self._token = token.encode()
        self._receive_id = receive_id.encode()

    def sign(self, timestamp: str, nonce: str, encrypt: bytes) -> str:
        """Lower-case hex SHA-1 over the four sorted parts (UTF-8 sorts as the strings do)."""
        parts = sorted((self._token, timestamp.encode(), nonce.encode(), encrypt))
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypt: bytes) -> bytes:
        """The plaintext.

        WrongEnvelope 403 for a wrong signature or receiver, 400 for signed bytes that are no envelope.
        """
        # Bytes on both sides: compare_digest refuses non-ASCII str with TypeError.
        if not hmac.compare_digest(self.sign(timestamp, nonce, encrypt).encode(), signature.encode()):
            raise WrongEnvelope(403, "signature")
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except binascii.Error:
            raise WrongEnvelope(400, "base64") from None
        if not sealed or len(sealed) % 16:
            raise WrongEnvelope(400, "block")
        decryptor = self._cipher.decryptor()
        return self._unwrap(decryptor.update(sealed) + decryptor.finalize())

    def _unwrap(self, raw: bytes) -> bytes:
        raw = unpad(raw)
        if len(raw) < HEAD:
            raise WrongEnvelope(400, "short")
        end = HEAD + int.from_bytes(raw[16:HEAD], "big")
        if end > len(raw):
            raise WrongEnvelope(400, "length")
        if not hmac.compare_digest(raw[end:], self._receive_id):
            raise WrongEnvelope(403, "receiver")
        return raw[HEAD:end]

    def seal(self, message: bytes, timestamp: str, nonce: str) -> Sealed:
        """The message encrypted and signed, as WeCom (or, in tests, we) will open it."""
        raw = b"".join((secrets.token_bytes(16), len(message).to_bytes(4, "big"), message, self._receive_id))
        fill = BLOCK - len(raw) % BLOCK
        encryptor = self._cipher.encryptor()
        sealed = base64.b64encode(encryptor.update(raw + bytes([fill]) * fill) + encryptor.finalize())
        return Sealed(sealed.decode(), self.sign(timestamp, nonce, sealed), timestamp, nonce)


def unpad(raw: bytes) -> bytes:
    """PKCS#7 to 32, every byte of it checked; WrongEnvelope 400 when it is none."""
    fill = raw[-1] if raw else 0
    if not 1 <= fill <= BLOCK or not raw.endswith(bytes([fill]) * fill):
        raise WrongEnvelope(400, "padding")
    return raw[:-fill]


def encrypted_part(body: bytes) -> bytes:
    """The one Encrypt element of a callback, taken before any XML parser sees unverified bytes; else WrongEnvelope."""
    if len(body) > MAX_BODY:
        raise WrongEnvelope(413, "size")
    start, end = body.find(_OPEN), body.find(_CLOSE)
    if start < 0 or end < start or body.count(_OPEN) != 1 or body.count(_CLOSE) != 1:
        raise WrongEnvelope(400, "encrypt")
    text = body[start + len(_OPEN) : end].strip()
    if text.startswith(_CDATA) and text.endswith(_END):
        text = text[len(_CDATA) : -len(_END)]
    # What is no base64 can't be signed by WeCom and fails there; markup is no text of an element at all.
    if not text or b"<" in text or b"&" in text:
        raise WrongEnvelope(400, "encrypt")
    return text


def decrypt_file(data: bytes, key: bytes) -> bytes:
    """A media file of the AI bot (AES-256-CBC, IV = key[:16], padded to 32; W100719); else WrongEnvelope 400."""
    if len(key) != 32 or not data or len(data) % 16:
        raise WrongEnvelope(400, "file")
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    return unpad(decryptor.update(data) + decryptor.finalize())
