"""The envelope: official vectors, wechatpy both ways, and everything wrong."""

import base64
import contextlib
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.work.crypto import WeChatCrypto

from bot.platforms.wecom.crypto import Envelope, WrongEnvelope, decrypt_file, encrypted_part

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
KEY = base64.b64decode(AES_KEY + "=")
HELLO = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
APP = Envelope(TOKEN, AES_KEY, CORP)
BOT = Envelope(TOKEN, AES_KEY, "")


def encrypted(raw: bytes) -> bytes:
    """Raw bytes (already padded) under the key, base64."""
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(raw) + encryptor.finalize())


def opened(envelope: Envelope, encrypt: bytes) -> bytes:
    """Opens it under its right signature."""
    return envelope.open(envelope.sign("1", "n", encrypt), "1", "n", encrypt)


def test_official_message() -> None:
    plain = APP.open("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", HELLO.encode())
    assert b"<Content><![CDATA[hello]]></Content>" in plain
    assert b"<MsgId>4561255354251345929</MsgId>" in plain


def test_official_address_check() -> None:
    plain = APP.open("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780", ECHO.encode())
    assert plain == b"1616140317555161061"


@pytest.mark.parametrize(
    ("envelope", "text", "encrypt", "signature"),
    [
        (
            APP,
            "<xml><Content><![CDATA[约周三下午3点]]></Content></xml>",
            "sKqRbbiSUnDhFHOvPjtUMbnvdexvynI8iFoaKqkkz4sbI3qTHqRCeh8MiIjCGCiIuj47fw07cLGUqoYjdDmuWKYyDJ50hO2vkAPmPY4ybVXIOJnC"
            "YwXAjGzvhRgzVqIuOL2unCGIuZPZHc6o3sNtVtlcLSpaQxPcNmj9/0dcpSE=",
            "8cc59ae9809439744a6a3cd22b1f623bd721c908",
        ),
        (
            BOT,
            '{"msgtype":"text","text":{"content":"@拜访助手 你好"}}',
            "sKqRbbiSUnDhFHOvPjtUMRTV0M2swU1sz8QM2Vy5FtQ5E62Tc1f0gqduAirufBMqK8debUdkxSXa9GWnEabjRZH0LpG4xpP1sYYUDHh3uxu+QIIc"
            "xE+9jrUiH9LGpxXf",
            "d70d770c2262d213cffdc50ed1ef31aa169bdf83",
        ),
        (
            BOT,
            "abcdefghijkl",
            "sKqRbbiSUnDhFHOvPjtUMUfqZ8gy0HoJdHhWsbA2EEFHqj1mfMBvIlGtXOBIa4rja4UFmdhXIsymo71Xiz3GgA==",
            "f0c3a5f4134ad6e7b1bec16eccf2081ca3138b63",
        ),
    ],
)
def test_vectors_of_an_independent_implementation(
    envelope: Envelope, text: str, encrypt: str, signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert envelope.open(signature, "1700000000", "nonce123", encrypt.encode()).decode() == text
    monkeypatch.setattr("secrets.token_bytes", lambda count: b"0123456789abcdef"[:count])
    sealed = envelope.seal(text.encode(), "1700000000", "nonce123")
    assert (sealed.encrypt, sealed.signature) == (encrypt, signature)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=700, alphabet=st.characters(exclude_categories=["Cs"])))
def test_wechatpy_reads_ours_and_we_read_its(text: str) -> None:
    peer = WeChatCrypto(TOKEN, AES_KEY, CORP)
    sealed = APP.seal(text.encode(), "1700000000", "n1")
    assert peer.decrypt_message(sealed.xml(), sealed.signature, "1700000000", "n1") == text
    theirs = peer.encrypt_message(text, "n2", "1700000001").encode()
    encrypt = encrypted_part(theirs)
    assert APP.open(APP.sign("1700000001", "n2", encrypt), "1700000001", "n2", encrypt).decode() == text


def test_two_seals_of_one_message_differ() -> None:
    assert APP.seal(b"x", "1", "n").encrypt != APP.seal(b"x", "1", "n").encrypt


def test_answer_of_the_ai_bot_is_json() -> None:
    sealed = BOT.seal(b"{}", "1700000000", "abc")
    assert sealed.json() == {
        "encrypt": sealed.encrypt,
        "msgsignature": sealed.signature,
        "timestamp": 1700000000,
        "nonce": "abc",
    }


GOOD = b"r" * 16 + struct.pack(">I", 2) + b"hi" + CORP.encode()


def pad(raw: bytes) -> bytes:
    fill = 32 - len(raw) % 32
    return raw + bytes([fill]) * fill


def test_the_envelope_built_by_hand_is_right() -> None:
    assert opened(APP, encrypted(pad(GOOD))) == b"hi"


@pytest.mark.parametrize(
    ("encrypt", "status"),
    [
        (b"", 400),
        (b"!!!!", 400),
        (b"QUJD", 400),
        (b"QQ=", 400),
        (HELLO.encode() + b"\n", 400),
        ("中文".encode(), 400),
        (base64.b64encode(b"x" * 31), 400),
        (encrypted(b"\x00" * 32), 400),
        (encrypted(b"x" * 31 + b"\x21"), 400),
        (encrypted(pad(GOOD)[:-2] + b"\x00" + pad(GOOD)[-1:]), 400),
        (encrypted(b"\x20" * 32), 400),
        (encrypted(pad(b"short")), 400),
        (encrypted(pad(b"r" * 16 + b"\xff\xff\xff\xff" + b"hi" + CORP.encode())), 400),
        (encrypted(pad(b"r" * 16 + struct.pack(">I", 3) + b"hi" + CORP.encode())), 403),
        (encrypted(pad(b"r" * 16 + struct.pack(">I", 2) + b"hi" + b"ww-other")), 403),
        (encrypted(pad(b"r" * 16 + struct.pack(">I", 2) + b"hi")), 403),
    ],
)
def test_signed_but_wrong(encrypt: bytes, status: int) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        opened(APP, encrypt)
    assert caught.value.status == status


@pytest.mark.parametrize("signature", ["", "0" * 40, "477715D11CDB4164915DEBCBA66CB864D751F3E6", "签名", "\x00"])
def test_wrong_signature(signature: str) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        APP.open(signature, "1409659813", "1372623149", HELLO.encode())
    assert caught.value.status == 403


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_signed_bytes_give_one_kind_of_exception(raw: bytes) -> None:
    for encrypt in (raw, base64.b64encode(raw), encrypted(pad(raw))):
        with contextlib.suppress(WrongEnvelope):
            opened(APP, encrypt)


@pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "中", "a" * 43 + "\n"])
def test_impossible_key(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Envelope(TOKEN, key, CORP)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"<xml><Encrypt></Encrypt></xml>", 400),
        (b"<xml><Encrypt>AAAA</Encrypt><Encrypt>AAAA</Encrypt></xml>", 400),
        (b"<xml><Encrypt><![CDATA[AA&A]]></Encrypt></xml>", 400),
        (b"\xff\xfe<xml>", 400),
        (b"x" * 65_537, 413),
    ],
)
def test_body_without_one_encrypt(body: bytes, status: int) -> None:
    with pytest.raises(WrongEnvelope) as caught:
        encrypted_part(body)
    assert caught.value.status == status


def test_order_and_form_of_the_body_do_not_matter() -> None:
    assert encrypted_part(b"<xml>\n<Encrypt> AAAA </Encrypt><ToUserName>c</ToUserName></xml>") == b"AAAA"
    assert encrypted_part(b"<xml><AgentID>1</AgentID><Encrypt><![CDATA[AA==]]></Encrypt></xml>") == b"AA=="


def test_media_file_of_the_ai_bot() -> None:
    assert decrypt_file(base64.b64decode(encrypted(pad(b"photo"))), KEY) == b"photo"
    for data, key in ((b"", KEY), (b"x" * 15, KEY), (b"x" * 32, KEY), (b"x" * 32, b"short")):
        with pytest.raises(WrongEnvelope):
            decrypt_file(data, key)
