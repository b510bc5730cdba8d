"""The whole bot behind the encrypted WeCom callback, made to be killed: its clock is moved from outside and kept in a file,
what it sends is written to a file as the messenger would see it.

    python -m tests.torture.server FOLDER
"""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path

from aiohttp import web

import handlers
from bot.app import App
from bot.clock import VirtualClock, tick_forever
from bot.names import Names
from bot.outbox import Outbox
from bot.platform import Delivery
from bot.platforms.wecom import callback
from bot.platforms.wecom.config import WeComConfig
from domain.model import OFFICE
from domain.rules import Rules
from nlp.parser import Parser
from storage.seed import seed_store
from storage.store import open_store

CORP, TOKEN, KEY = "tortured", "tortureToken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
BEGIN = datetime(2026, 6, 9, 8, tzinfo=OFFICE)
"""A Tuesday."""
REPS = 12
HOURS = (12, 14, 16)
NAMES = ("鼎晟", "蓝岳", "恒朗", "金澜", "宏泰", "启诺", "云汇", "华曜", "瑞丰", "天衡", "中骏", "海岚")


def office() -> dict[str, object]:
    """Twelve reps, each with a customer of their own for every hour."""
    members = [{"id": f"r{i}", "name": f"员工{NAMES[i]}", "role": "rep", "team": "一组"} for i in range(REPS)]
    kinds = ("机械", "医药", "电子")
    customers = [
        {"id": f"c{i}-{n}", "name": f"{NAMES[i]}{kind}有限公司", "aliases": [f"{NAMES[i]}{kind}"], "owner": f"r{i}", "grade": "B"}
        for i in range(REPS)
        for n, kind in enumerate(kinds)
    ]
    return {"members": members, "customers": customers}


def sentences() -> list[tuple[str, str, datetime]]:
    """(rep, sentence, start): bookings that are all free."""
    out = []
    for n, hour in enumerate(HOURS):
        for i in range(REPS):
            name = NAMES[i] + ("机械", "医药", "电子")[n]
            out.append((f"r{i}", f"6月9日{hour}:00去{name}，聊报价方案", BEGIN.replace(hour=hour)))
    return out


class Wire:
    """A messenger that takes everything; one line for every call, written before it says yes."""

    name = "wecom"

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")

    async def send(self, delivery: Delivery) -> str:
        self._file.write(f"{delivery.key}\n")
        self._file.flush()
        await asyncio.sleep(0.002)  # a kill may fall between the sending and the note that it was sent
        return ""


async def main(folder: Path) -> None:
    """Serve until killed; prints the port."""
    kept = folder / "clock"
    clock = VirtualClock(datetime.fromisoformat(kept.read_text()) if kept.exists() else BEGIN)
    store, rules = await open_store(f"sqlite+aiosqlite:///{folder}/bot.db"), Rules()
    assert store.claim_single()
    await store.run(lambda tx: tx.mail.unlease())  # as main.py does: nobody else sends from this file
    await seed_store(store, office(), clock.now())
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    app = App(store, Parser(names.book, purposes=rules.purposes), rules, commands, jobs, clock, names=names)
    app.outbox = Outbox(store, clock, {"wecom": Wire(folder / "sent")})

    async def move(request: web.Request) -> web.Response:
        to = await request.text()
        kept.write_text(to)
        clock.move(datetime.fromisoformat(to))
        app.wake.set()
        return web.Response()

    site = web.Application()
    config = WeComConfig(corp_id=CORP, token=TOKEN, encoding_aes_key=KEY, window_s=0)
    site.add_routes([*callback.routes(config, app.handle, clock.now), web.post("/move", move)])
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    await tick_forever(clock, app.do_due, app.wake)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
