"""From the encrypted callback to the changed card: everything WeCom-side in one, with a stub for the bot."""

import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from bot.cards import Button, Card, Text
from bot.message import Message
from bot.platform import Delivery, Handled
from bot.platforms.wecom.build import Built, build
from bot.platforms.wecom.crypto import Envelope
from domain.desk import Letter
from tests.fakes.wecom import CORP, serving
from tests.platforms.wecom.conftest import Bench

DATA = Path(__file__).parent / "data" / "in"


class Bot:
    """Books what is said and lets it be undone; each message once."""

    def __init__(self) -> None:
        self.made: Built | None = None
        self.seen: set[str] = set()
        self.heard: list[Message] = []
        self.sending: list[asyncio.Task[str]] = []

    async def inbound(self, message: Message) -> Handled:
        if message.key in self.seen:
            return Handled(duplicate=True)
        self.seen.add(message.key)
        self.heard.append(message)
        assert self.made
        if message.click:
            card = Card("已撤销：宏远")
        elif message.image:
            card = Card("照片已收下")
        else:
            card = Card("已预约：宏远", (Text("3月12日 15:00"),), (Button("撤销", "撤销 v12"),))
        key = f"reply-{len(self.seen)}"
        # The outbox: on its own, right after the commit.
        self.sending.append(asyncio.create_task(self.made.platform.send(Delivery(key, message.sender, "", card))))
        return Handled((Letter(key, "u:wanglei", "reply", "{}"),))


async def test_book_and_undo_with_every_message_delivered_three_times(bench: Bench, tmp_path: Path) -> None:
    bot = Bot()
    config = replace(bench.config, window_s=600)
    bot.made = build(config, bench.session, bot.inbound, bench.clock.now, bench.alarms.append, folder=str(tmp_path))
    wecom = Envelope(config.token, config.encoding_aes_key, CORP)
    app = web.Application()
    app.add_routes(bot.made.routes)
    async with serving(app) as url:

        async def deliver(plaintext: bytes) -> None:
            for attempt in range(3):
                sealed = wecom.seal(plaintext, str(int(bench.clock())), f"n{attempt}")
                query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
                body = f"<xml><Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt></xml>"
                async with bench.session.post(f"{url}/wecom/callback?{urlencode(query)}", data=body) as response:
                    assert (response.status, await response.read()) == (200, b"")
                bench.clock.at += 5
            await asyncio.gather(*bot.sending)

        await deliver((DATA / "text.xml").read_bytes())
        (card,) = bench.fake.delivered
        assert card["touser"] == "WangLei"
        button = card["template_card"]["button_list"][0]["key"]
        click = (DATA / "card_click.xml").read_text().replace("撤销 v12", button)
        await deliver(click.replace("RC-1", bench.fake.click("WangLei")).encode())
        bench.fake.media["MEDIA_1"] = ("image", b"jpeg bytes", bench.clock())
        await deliver((DATA / "image.xml").read_bytes().replace(b"4561255354251345929", b"77"))

    assert [m.click or m.text or "image" for m in bot.heard] == ["明天下午3点拜访宏远，聊报价", "撤销 v12", "image"]
    assert await asyncio.to_thread(Path(bot.heard[2].image).read_bytes) == b"jpeg bytes"
    (update,) = bench.fake.updates
    assert update["template_card"]["main_title"]["title"] == "已撤销：宏远"
    assert len(bench.fake.delivered) == 2
    assert bench.alarms == []
    await bot.made.platform.close()
