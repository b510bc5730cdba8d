"""`kill -9` at random moments while bookings come in and reminders go out; then everything is counted.

    python -m tests.torture.kill [--kills 40] [--seed 1]

As a messenger does, what got no answer is sent again with the same id, and now and then something answered is too.
Every message must have made exactly one visit, every reminder must have gone exactly once by its key, and nothing may wait.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from bot.platforms.wecom.crypto import Envelope
from bot.upkeep import findings
from storage.store import Store, open_store
from storage.tx import Tx
from tests.torture.server import BEGIN, CORP, HOURS, KEY, TOKEN, sentences

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


@dataclass(slots=True)
class Totals:
    """What happened, and what is left of it."""

    kills: int = 0
    messages: int = 0
    deliveries: int = 0
    unanswered: int = 0
    visits: int = 0
    double_visits: int = 0
    missing_visits: int = 0
    reminders: int = 0
    reminders_missing: int = 0
    reminders_twice: int = 0
    letters: int = 0
    letters_lost: int = 0
    sent_again_with_the_same_key: int = 0
    findings: int = 0


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A server; killed at the end at the latest."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.torture.server", str(folder)), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout
        line = await process.stdout.readline()
        yield f"http://127.0.0.1:{json.loads(line)['port']}", process
    finally:
        end(process)
        await process.wait()


def end(process: asyncio.subprocess.Process) -> None:
    """kill -9, dead already or not."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # Process.kill() may take the exit status away from who waits for it


class Torture:
    """One story; `chance` decides when to kill."""

    def __init__(self, folder: Path, kills: int, seed: int) -> None:
        self.folder, self.kills, self.chance, self.totals = folder, kills, random.Random(seed), Totals()
        self._envelope = Envelope(TOKEN, KEY, CORP)
        self._nonce = 0

    def request(self, n: int, rep: str, text: str) -> tuple[str, bytes]:
        """Message n as WeCom delivers it; each delivery has a nonce of its own, the id stays."""
        self._nonce += 1
        at = str(int(BEGIN.timestamp()))
        xml = (
            f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{rep}</FromUserName><CreateTime>{at}</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{10**9 + n}</MsgId><AgentID>1</AgentID></xml>"
        )
        sealed = self._envelope.seal(xml.encode(), at, f"n{self._nonce}")
        query = urlencode({"msg_signature": sealed.signature, "timestamp": at, "nonce": f"n{self._nonce}"})
        return query, f"<xml><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode()

    async def deliver(
        self, url: str, process: asyncio.subprocess.Process, todo: dict[int, tuple[str, str]], stop: int
    ) -> set[int]:
        """Send what is to do, eight at a time; after so many answers the process is killed. Those that were answered."""
        answered: set[int] = set()
        waiting = iter(list(todo.items()))

        async def client(session: aiohttp.ClientSession) -> None:
            for n, (rep, text) in waiting:
                query, body = self.request(n, rep, text)
                self.totals.deliveries += 1
                try:
                    async with session.post(f"{url}/wecom/callback?{query}", data=body) as answer:
                        if answer.status == 200:
                            answered.add(n)
                except (aiohttp.ClientError, OSError):
                    self.totals.unanswered += 1
                    return
                if len(answered) >= stop:
                    end(process)

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(client(session) for _ in range(8)))
        return answered

    async def bookings(self) -> None:
        """Half of the kills while bookings come in."""
        every = dict(enumerate((rep, text) for rep, text, _ in sentences()))
        self.totals.messages = len(every)
        todo = dict(every)
        for left in range(self.kills // 2, -1, -1):
            async with running(self.folder) as (url, process):
                stop = self.chance.randint(1, max(1, len(todo) // max(1, left))) if left else len(every) + 99
                answered = await self.deliver(url, process, todo, stop)
                if left:
                    end(process)
                    self.totals.kills += 1
            again = self.chance.sample(sorted(every), 2)
            todo = {n: every[n] for n in every if (n in todo and n not in answered) or n in again}

    async def reminders(self) -> None:
        """The other half while reminders fall due, at most an hour late at a time."""
        moments = [BEGIN.replace(hour=hour - 1) + timedelta(minutes=self.chance.randint(0, 20)) for hour in HOURS]
        shares = [len(range(n, self.kills - self.kills // 2, len(moments))) for n in range(len(moments))]
        steps = [(moment, fatal) for moment, n in zip(moments, shares, strict=True) for fatal in (*([True] * n), False)]
        while steps:
            async with running(self.folder) as (url, process), aiohttp.ClientSession() as session:
                fatal = False
                while steps and not fatal:
                    moment, fatal = steps.pop(0)
                    await (await session.post(f"{url}/move", data=moment.isoformat())).read()
                    if fatal:
                        await asyncio.sleep(self.chance.uniform(0, 0.06))
                        end(process)
                        self.totals.kills += 1
                    else:
                        await self.quiet(int(moment.timestamp()))

    async def quiet(self, now: int) -> None:
        """Wait until nothing that is due waits any more."""

        def waits(tx: Tx) -> int:
            due = tx.db.row("SELECT COUNT(*) FROM jobs WHERE done = 0 AND due <= ?", now)
            return tx.mail.pending_count() + int(str(due[0] if due else 0))

        store = await open_store(f"sqlite+aiosqlite:///{self.folder}/bot.db", create=False)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while await store.read(waits):  # noqa: ASYNC110 - another process does the work
                    await asyncio.sleep(0.05)
        finally:
            await store.close()

    async def count(self) -> Totals:
        """Look at what is there."""
        store = await open_store(f"sqlite+aiosqlite:///{self.folder}/bot.db", create=False)
        try:
            await self._count(store)
        finally:
            await store.close()
        return self.totals

    async def _count(self, store: Store) -> None:
        t = self.totals
        sent = Counter((self.folder / "sent").read_text().split())
        rows = await store.read(lambda tx: tx.db.rows("SELECT m.id, v.starts FROM visits v JOIN members m ON m.no = v.rep_no"))
        made = Counter((str(rep), int(str(start))) for rep, start in rows)
        wanted = {(rep, int(start.timestamp())) for rep, _, start in sentences()}
        t.visits, t.double_visits = sum(made.values()), sum(n - 1 for n in made.values())
        t.missing_visits = len(wanted - made.keys())
        keys = {str(key) for (key,) in await store.read(lambda tx: tx.db.rows("SELECT key FROM outbox"))}
        t.letters, t.letters_lost = len(keys), len(keys - sent.keys()) + len(sent.keys() - keys)
        t.sent_again_with_the_same_key = sum(n - 1 for n in sent.values())
        told = await store.read(lambda tx: tx.db.rows("SELECT data FROM events WHERE name = 'reminder.sent'"))
        reminded = Counter(json.loads(str(data))["visit"] for (data,) in told)
        t.reminders, t.reminders_twice = len(reminded), sum(n - 1 for n in reminded.values())
        t.reminders_missing = t.visits - len(reminded)
        t.findings = len(await store.read(findings))


async def torture(kills: int, seed: int) -> Totals:
    """The whole story in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    try:
        story = Torture(folder, kills, seed)
        await story.bookings()
        await story.reminders()
        return await story.count()
    finally:
        shutil.rmtree(folder)


def broken(t: Totals) -> dict[str, int]:
    """The promises that were not kept; {} when all were."""
    bad = ("double_visits", "missing_visits", "reminders_missing", "reminders_twice", "letters_lost", "findings")
    return {name: value for name in bad if (value := int(getattr(t, name)))}


def main() -> int:
    """Torture, print the totals as a line of JSON."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    args = options.parse_args()
    totals = asyncio.run(torture(args.kills, args.seed))
    print(json.dumps({"seed": args.seed, **asdict(totals), "broken": broken(totals)}, ensure_ascii=False))
    return 1 if broken(totals) else 0


if __name__ == "__main__":
    sys.exit(main())
