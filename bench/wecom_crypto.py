"""Our envelope against wechatpy.work's, us per operation (performance.md A1).  usage: -m bench.wecom_crypto [N=5000]"""

import statistics
import sys
import time
from collections.abc import Callable

from wechatpy.work.crypto import WeChatCrypto

from bot.platforms.wecom.crypto import Envelope, WrongEnvelope, encrypted_part

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
STAMP, NONCE = "1700000000", "nonce123"


def median_us(work: Callable[[], object], count: int) -> float:
    """The median of `count` runs."""
    times = []
    for _ in range(count):
        began = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - began)
    return statistics.median(times) / 1000


def main(count: int) -> None:
    """Prints one line per operation: ours, wechatpy's, their ratio."""
    ours, peer = Envelope(TOKEN, AES_KEY, CORP), WeChatCrypto(TOKEN, AES_KEY, CORP)

    def row(name: str, mine: Callable[[], object], theirs: Callable[[], object]) -> None:
        a, b = median_us(mine, count), median_us(theirs, count)
        print(f"{name:28} ours {a:6.1f} us   wechatpy {b:6.1f} us   {b / a:4.1f}x")

    for size in (40, 680):
        text = f"<xml><Content>{'约' * size}</Content></xml>"
        raw = text.encode()
        sealed = ours.seal(raw, STAMP, NONCE)
        body = sealed.xml()

        def mine_open(body: bytes = body, signature: str = sealed.signature) -> bytes:
            return ours.open(signature, STAMP, NONCE, encrypted_part(body))

        def their_open(body: bytes = body, signature: str = sealed.signature) -> object:
            return peer.decrypt_message(body, signature, STAMP, NONCE)

        def mine_seal(raw: bytes = raw) -> bytes:
            return ours.seal(raw, STAMP, NONCE).xml()

        def their_seal(text: str = text) -> object:
            return peer.encrypt_message(text, NONCE, STAMP)

        row(f"open {size} characters", mine_open, their_open)
        row(f"seal {size} characters", mine_seal, their_seal)

    def mine_refuse() -> None:
        try:
            ours.open("0" * 40, STAMP, NONCE, encrypted_part(body))
        except WrongEnvelope:
            return

    def their_refuse() -> None:
        try:
            peer.decrypt_message(body, "0" * 40, STAMP, NONCE)
        except Exception:
            return

    row("refuse a wrong signature", mine_refuse, their_refuse)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
