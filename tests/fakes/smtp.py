"""A mail server on a local port: speaks just enough SMTP, keeps what it is given, refuses what it is told to refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class FakeSmtp:
    """`letters` are the mails that arrived; a recipient in `refuse` gets 550, with `down` every connection is cut."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    down: bool = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        if self.down:
            writer.close()
            return
        await say("220 fake")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb in ("EHLO", "HELO"):
                await say("250 fake")
            elif verb == "RCPT" and any(a in line for a in self.refuse):
                await say("550 no such box")
            elif verb == "DATA":
                await say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                parsed = message_from_bytes(raw[:-3], policy=policy.default)
                assert isinstance(parsed, EmailMessage)
                self.letters.append(parsed)
                await say("250 kept")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 ok")
        writer.close()


@asynccontextmanager
async def running() -> AsyncIterator[FakeSmtp]:
    """The server on a free port of this machine."""
    fake = FakeSmtp()
    server = await asyncio.start_server(fake.talk, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    async with server:
        yield fake
