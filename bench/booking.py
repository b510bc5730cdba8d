"""Booking through the encrypted WeCom callback against a bare server with the same crypto and one durable insert (T1).

    python -m bench.booking [--seconds 3] [--rounds 3] [--clients 64] [--folder DIR]

Both servers run in a process of their own, the load in this one; they take turns in one run, medians of the rounds are
printed, and only the ratios mean something. "bare" is aiohttp, the same Envelope, the MsgId read out, one row in one
transaction (WAL, synchronous=FULL), 200. "bot" is everything: parsing, names (1,000 customers), rights, conflict check,
commit, card, outbox. CPU is the server process's user+system time by request.

On a busy disk the waiting makes "bare" dear and the ratio kind: `--folder /dev/shm` keeps both stores in memory, where a commit
waits for nothing, the hardest comparison for the bot.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psutil
from aiohttp import web
from rich.console import Console
from rich.table import Table

from bot.platforms.wecom.crypto import Envelope
from domain.model import OFFICE
from domain.workdays import Calendar

CORP, TOKEN, KEY = "benchcorp", "benchToken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
REPS, CUSTOMERS = 250, 1000
BRANDS = "安博诚达恒丰广和海汇宏华佳嘉金京凯康乐联美明南欧平启强瑞盛顺泰天通万旺文新兴旭雅永裕元正志中"


def office() -> dict[str, object]:
    """250 reps with four customers each, as a seed."""
    members = [{"id": f"r{i}", "name": f"员工{i:03d}", "role": "rep", "team": "一组", "department": "销售"} for i in range(REPS)]
    n = len(BRANDS)
    names = [BRANDS[i % n] + BRANDS[i // n % n] + BRANDS[(i * 7 + i // n) % n] for i in range(CUSTOMERS)]
    customers = [
        {"id": f"c{i}", "name": f"{name}{i % 10}科技有限公司", "aliases": [name + str(i)], "owner": f"r{i % REPS}", "grade": "B"}
        for i, name in enumerate(names)
    ]
    return {"members": members, "groups": [], "customers": customers, "visits": [], "followups": []}


def sentences(now: datetime) -> list[tuple[str, str]]:
    """(rep, sentence) of bookings that are all free: each rep, each workday ahead, two-hour steps."""
    data = office()["customers"]
    assert isinstance(data, list)
    calendar, out, day = Calendar(), [], now.date()
    for _ in range(30):
        day = calendar.next_workday(day)
        for hour in (9, 11, 13, 15):
            for rep in range(REPS):
                customer = data[rep + REPS * ((hour - 9) // 2)]
                out.append((f"r{rep}", f"{day.month}月{day.day}日{hour}:00去{customer['aliases'][0]}，聊报价方案"))
    return out


def requests(now: datetime) -> list[tuple[str, bytes]]:
    """Encrypted deliveries: (query, body)."""
    envelope, at = Envelope(TOKEN, KEY, CORP), str(int(now.timestamp()))
    out = []
    for i, (rep, text) in enumerate(sentences(now)):
        xml = (
            f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{rep}</FromUserName><CreateTime>{at}</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{10**9 + i}</MsgId><AgentID>1</AgentID></xml>"
        )
        sealed = envelope.seal(xml.encode(), at, f"n{i}")
        query = urlencode({"msg_signature": sealed.signature, "timestamp": at, "nonce": f"n{i}"})
        out.append((query, f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode()))
    return out


# ---------------------------------------------------------------------- the two servers
def bare(folder: Path) -> web.Application:
    """The floor: crypto and one durable insert."""
    conn = sqlite3.connect(folder / "bare.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE inbox (key TEXT PRIMARY KEY, body BLOB)")
    envelope = Envelope(TOKEN, KEY, CORP)

    async def receive(request: web.Request) -> web.Response:
        body, q = await request.read(), request.query
        start = body.index(b"<Encrypt>") + 9
        sealed = body[start : body.index(b"</Encrypt>")]
        plain = envelope.open(q["msg_signature"], q["timestamp"], q["nonce"], sealed)
        key = plain[plain.index(b"<MsgId>") + 7 : plain.index(b"</MsgId>")].decode()
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("INSERT INTO inbox VALUES (?, ?) ON CONFLICT DO NOTHING", (key, plain))
        conn.execute("COMMIT")
        return web.Response()

    app = web.Application()
    app.router.add_post("/wecom/callback", receive)
    return app


async def bot(folder: Path) -> web.Application:
    """The whole bot; what it would send goes to a wire that takes everything."""
    import handlers
    from bot.app import App
    from bot.clock import Clock, tick_forever
    from bot.names import Names
    from bot.outbox import Outbox
    from bot.platform import Delivery
    from bot.platforms.wecom import callback
    from bot.platforms.wecom.config import WeComConfig
    from domain.rules import Rules
    from nlp.parser import Parser
    from storage.seed import seed_store
    from storage.store import open_store

    class Sink:
        name = "wecom"

        async def send(self, delivery: Delivery) -> str:
            return ""

    store, clock, rules = await open_store(f"sqlite+aiosqlite:///{folder}/bot.db"), Clock(), Rules()
    await seed_store(store, office(), clock.now())
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    app = App(store, Parser(names.book, purposes=rules.purposes), rules, commands, jobs, clock, names=names)
    app.outbox = Outbox(store, clock, {"wecom": Sink()})
    config = WeComConfig(corp_id=CORP, token=TOKEN, encoding_aes_key=KEY)
    web_app = web.Application()
    web_app.add_routes(callback.routes(config, app.handle, clock.now))
    web_app["loop"] = asyncio.create_task(tick_forever(clock, app.do_due, app.wake))
    return web_app


async def serve(kind: str, folder: Path) -> None:
    """A server process: prints its port, runs until it is killed."""
    app = bare(folder) if kind == "bare" else await bot(folder)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------------- the load
@asynccontextmanager
async def server(kind: str, where: Path | None) -> AsyncIterator[tuple[int, psutil.Process]]:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=where) as folder:
        cmd = [sys.executable, "-m", "bench.booking", "--serve", kind, "--folder", folder]
        process = await asyncio.create_subprocess_exec(*cmd, stdout=subprocess.PIPE)
        assert process.stdout
        port = json.loads(await process.stdout.readline())["port"]
        try:
            yield port, psutil.Process(process.pid)
        finally:
            process.kill()
            await process.wait()


async def load(port: int, work: list[tuple[str, bytes]], clients: int, seconds: float) -> tuple[int, float, list[float]]:
    """(answered, seconds, latencies) of a closed loop with so many clients."""
    todo, latencies = iter(work), list[float]()
    end = time.perf_counter() + seconds
    url = f"http://127.0.0.1:{port}/wecom/callback?"

    async def client(session: aiohttp.ClientSession) -> None:
        while time.perf_counter() < end and (item := next(todo, None)) is not None:
            began = time.perf_counter()
            async with session.post(url + item[0], data=item[1]) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"status {answer.status}")
            latencies.append(time.perf_counter() - began)

    start = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients)) as session:
        await asyncio.gather(*(client(session) for _ in range(clients)))
    return len(latencies), time.perf_counter() - start, latencies


async def measure(args: argparse.Namespace) -> None:
    now = datetime.now(OFFICE) + timedelta(0)
    work = requests(now)
    found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "bot": []}
    for _ in range(args.rounds):
        for kind in found:
            async with server(kind, args.folder) as (port, process):
                await load(port, work[-200:], 8, 5)
                before = process.cpu_times()
                n, took, latencies = await load(port, work[:-200], args.clients, args.seconds)
                after = process.cpu_times()
                cpu = (after.user + after.system - before.user - before.system) / n
                latencies.sort()
                found[kind].append((n / took, cpu * 1e6, latencies[int(len(latencies) * 0.99)] * 1000))
    table = Table(
        title=f"{args.clients} clients, {args.rounds} rounds of {args.seconds:g} s (load 1 min: {os.getloadavg()[0]:.1f})"
    )
    for column in ("", "messages/s", "CPU µs/message", "p99 ms"):
        table.add_column(column)
    mid = {k: [statistics.median(x) for x in zip(*rows, strict=True)] for k, rows in found.items()}
    for kind, (rate, cpu, p99) in mid.items():
        table.add_row(kind, f"{rate:.0f}", f"{cpu:.0f}", f"{p99:.1f}")
    rate, cpu = mid["bot"][0] / mid["bare"][0], mid["bot"][1] / mid["bare"][1]
    table.add_row("bot : bare", f"{rate:.1%}", f"{cpu:.1f}x", "")
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--serve", choices=["bare", "bot"])
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    asyncio.run(serve(args.serve, args.folder) if args.serve else measure(args))


if __name__ == "__main__":
    main()
