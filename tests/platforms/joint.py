"""The whole bot between both fake messengers: real callback, real stream, real senders, a clock that tests move.

    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        await office.dingtalk_press("duwei", "仍然预约")

`HOMES` says who lives where; whoever is not named is on WeCom.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

import handlers
from bot.app import App, Event
from bot.clock import VirtualClock, advance
from bot.config import Config, Server
from bot.names import Names
from bot.platforms.wecom.config import WeComConfig
from bot.platforms.wecom.crypto import Envelope
from bot.serve import Service
from domain.model import stamp
from nlp.parser import Parser
from storage.seed import seed_store
from storage.store import open_store
from tests.fakes.dingtalk import FakeDingTalk
from tests.fakes.wecom import AGENT, CORP, SECRET, FakeWeCom, running, serving
from tests.talking import NOW as MORNING
from tests.talking import office

NOW = MORNING + timedelta(minutes=7)
"""Not on the full hour, where what falls due is spread over some seconds."""
TOKEN = "callbackToken"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
HOMES = {"duwei": "dingtalk", "lujia": "dingtalk", "shenbo": "dingtalk"}


@dataclass
class Joint:
    """One company on two messengers."""

    wecom: FakeWeCom
    dingtalk: FakeDingTalk
    service: Service
    clock: VirtualClock
    session: aiohttp.ClientSession
    url: str
    events: list[Event] = field(default_factory=list)
    _n: int = 0

    @property
    def app(self) -> App:
        return self.service.app

    # ------------------------------------------------------------------ WeCom
    async def wecom_says(self, who: str, text: str, *, times: int = 1) -> list[int]:
        """Deliver a text `times` times, as WeCom does when it hears no answer; the statuses."""
        self._n += 1
        inner = f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{7_000_000 + self._n}</MsgId>"
        return [await self._callback(who, inner) for _ in range(times)]

    async def wecom_press(self, who: str, words: str, *, times: int = 1) -> list[int]:
        """Press the newest button with these words that WeCom shows this person."""
        card, button = self._wecom_button(who, words)
        code = self.wecom.click(who)
        inner = (
            f"<MsgType>event</MsgType><Event>template_card_event</Event><EventKey><![CDATA[{button['key']}]]></EventKey>"
            f"<TaskId>{card.get('task_id', 'old')}</TaskId><CardType>button_interaction</CardType><ResponseCode>{code}</ResponseCode>"
        )
        return [await self._callback(who, inner) for _ in range(times)]

    async def wecom_event(self, inner: str, who: str = "sys") -> int:
        """Any other event, by its own elements."""
        return await self._callback(who, f"<MsgType>event</MsgType>{inner}")

    async def _callback(self, who: str, inner: str) -> int:
        self._n += 1
        at = str(stamp(self.clock.now()))
        head = f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{who}</FromUserName><CreateTime>{at}</CreateTime>"
        plain = f"{head}{inner}<AgentID>{AGENT}</AgentID></xml>"
        sealed = Envelope(TOKEN, KEY, CORP).seal(plain.encode(), at, f"n{self._n}")
        query = urlencode({"msg_signature": sealed.signature, "timestamp": at, "nonce": f"n{self._n}"})
        data = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>"
        async with self.session.post(f"{self.url}/wecom/callback?{query}", data=data.encode()) as answer:
            status = answer.status
        await self.settle()
        return status

    def wecom_cards(self, who: str) -> list[dict[str, Any]]:
        """What WeCom showed this person, oldest first: bodies of messages and of changed cards."""
        out = []
        for path, body in self.wecom.calls:
            new = path == "message/send" and body.get("touser") == who and body in self.wecom.sent
            changed = path == "message/update_template_card" and who in body.get("userids", ()) and body in self.wecom.updates
            if new or changed:
                out.append(body)
        return out

    def _wecom_button(self, who: str, words: str) -> tuple[dict[str, Any], dict[str, Any]]:
        for body in reversed(self.wecom_cards(who)):
            card = body.get("template_card", {})
            for button in card.get("button_list", []):
                if words in button["text"]:
                    return card, button
        raise AssertionError(f"no button 「{words}」 was sent to {who}")

    def wecom_texts(self, who: str) -> list[str]:
        """Titles or texts of what WeCom showed this person."""
        out = []
        for body in self.wecom_cards(who):
            card = body.get("template_card")
            out.append(card["main_title"]["title"] if card else body.get("text", {}).get("content", ""))
        return out

    # ------------------------------------------------------------------ DingTalk
    async def dingtalk_says(self, who: str, text: str, group: str = "", *, times: int = 1) -> list[int]:
        """Push a bot message `times` times; the codes it was answered with."""
        data = self.dingtalk.message(who, text, group)
        codes = [(await self.dingtalk.gateway.push(data)).code for _ in range(times)]
        await self.settle()
        return codes

    async def dingtalk_press(self, who: str, words: str) -> int:
        """Press the newest button with these words on a card in this person's chat."""
        for track, card in reversed(self.dingtalk.cards.items()):
            for number, button in enumerate(card.buttons, 1):
                if card.space == f"IM_ROBOT.{who}" and words in button["text"]:
                    ack = await self.dingtalk.click(track, who, number)
                    await self.settle()
                    return ack.code
        raise AssertionError(f"no button 「{words}」 was sent to {who}")

    def dingtalk_texts(self, who: str) -> list[str]:
        """Titles of the cards and texts of the messages this person has, as they look now."""
        cards = [c.values["title"] for c in self.dingtalk.cards.values() if c.space == f"IM_ROBOT.{who}"]
        return cards + [str(m.get("title") or m.get("content")) for _, m in self.dingtalk.chats[who]]

    # ------------------------------------------------------------------ time
    async def settle(self) -> int:
        """Do what is due until nothing is left: jobs, letters, calendars."""
        total = 0
        while n := await self.app.do_due() + (await self.service.mirror.deliver() if self.service.mirror else 0):
            total += n
        return total

    async def advance(self, to: datetime) -> None:
        """Move the clock; everything due on the way happens in order."""
        await advance(self.clock, to, self.next_due, self.settle)

    async def next_due(self) -> datetime | None:
        mirror = await self.app.store.read(lambda tx: tx.wires.next_mirror())
        return min(filter(None, (await self.app.next_due(), mirror)), default=None)

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """The data of every event of this name so far."""
        return [e.data for e in self.events if e.name == name]


@asynccontextmanager
async def joint(db_url: str, seed: Mapping[str, Any] | None = None, now: datetime = NOW, **changes: Any) -> AsyncIterator[Joint]:
    """The bot as `run` builds it; `changes` go into the configuration of DingTalk."""
    clock = VirtualClock(now)
    seed = office() if seed is None else seed
    people = [m["id"] for m in seed["members"]]
    wecom = FakeWeCom(now=lambda: clock.now().timestamp(), visible={*people, "wanglei"})
    dingtalk = await FakeDingTalk(now=lambda: clock.now().timestamp()).start()
    dingtalk.users |= {p: f"union-{p}" for p in people}
    store = await open_store(db_url)
    await seed_store(store, seed, clock.now())
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    async with running(wecom), aiohttp.ClientSession() as session:
        config = Config(
            server=Server(public_url="https://visits.example.com"),
            wecom=WeComConfig(CORP, AGENT, SECRET, TOKEN, KEY, wecom.url),
            dingtalk=dingtalk.config(**changes),
        )
        app = App(store, Parser(names.book, purposes=config.rules.purposes), config.rules, commands, jobs, clock, names=names)
        service = Service(app, config)
        service.add_wecom()
        service.add_dingtalk()
        service.add_calendars()
        service.open_outbox()
        web_app = web.Application()
        web_app.add_routes(service.routes)
        try:
            async with serving(web_app) as url:
                made = Joint(wecom, dingtalk, service, clock, session, url)
                app.on_event.append(made.events.append)
                await at_home(app)
                running_stream = [asyncio.create_task(s.run()) for s in service.streams]
                await dingtalk.gateway.connected()
                yield made
                for stream in service.streams:
                    await stream.stop()
                await asyncio.gather(*running_stream)
            assert dingtalk.wrongs == []
        finally:
            await service.close()
            await store.close()
            await dingtalk.stop()


async def at_home(app: App) -> None:
    """Everybody has written once from where he lives."""

    def work(tx: Any) -> None:
        for member in tx.people.all():
            tx.talk.note(member.id, "platform", HOMES.get(member.id, "wecom"))

    await app.store.run(work)


async def until(ready: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that happens on its own."""
    async with asyncio.timeout(seconds):
        while not ready():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.01)
