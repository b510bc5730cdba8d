"""The confirmation by e-mail (R95): with .ics, after the minutes for an undo, moved and cancelled along, one address refused."""

from datetime import timedelta

from icalendar import Calendar

from bot.check import findings
from bot.config import Config
from bot.mail import Mail, Smtp
from bot.outbox import Outbox
from tests.fakes.smtp import FakeSmtp, running
from tests.follow.conftest import NOW, Office
from tests.talking import Chat

GU = [{"name": "顾总", "title": "总经理", "phone": "13900000001", "email": "gu@jinqiao.example"}]


def post(chat: Chat, fake: FakeSmtp) -> None:
    mail = Mail(Smtp("127.0.0.1", fake.port, sender="visits@we.example"))
    chat.app.post["mail"], chat.app.mail = mail, "visits@we.example"
    chat.app.outbox = Outbox(chat.app.store, chat.clock, chat.app.post, chat.wire)


def invite(fake: FakeSmtp) -> tuple[str, Calendar]:
    (part,) = [p for p in fake.letters[-1].walk() if p.get_content_type() == "text/calendar"]
    return str(part.get_param("method")), Calendar.from_ical(part.get_content())


async def test_booked_moved_and_cancelled_the_customers_calendar_follows(talk: Office) -> None:
    chat = await talk(customers={"k1": {"contacts": GU}}, drop=("w1", "w2", "w3"))
    async with running() as fake:
        post(chat, fake)
        await chat.says("hanmei", "周五下午三点拜访金桥，做产品演示")
        await chat.advance(NOW + timedelta(minutes=9))
        assert not fake.letters, "it can still be undone"
        await chat.advance(NOW + timedelta(minutes=10))
        letter = fake.letters[0]
        assert (letter["To"], letter["From"]) == ("gu@jinqiao.example", "visits@we.example")
        assert "拜访确认：6月12日 周五 15:00–16:00" in letter["Subject"]
        body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "产品演示" in body
        assert "BEGIN:VCALENDAR" not in body
        method, calendar = invite(fake)
        (event,) = calendar.walk("VEVENT")
        assert (method, event["DTSTART"].dt.hour, str(event["ATTENDEE"])) == ("REQUEST", 15, "mailto:gu@jinqiao.example")

        await chat.says("hanmei", "金桥那个改到四点")
        await chat.advance(NOW + timedelta(minutes=25))
        assert "拜访改期" in fake.letters[-1]["Subject"]
        (moved,) = invite(fake)[1].walk("VEVENT")
        assert (moved["UID"], moved["DTSTART"].dt.hour) == (event["UID"], 16)
        assert moved["SEQUENCE"] > event["SEQUENCE"]

        await chat.says("hanmei", "取消周五金桥的拜访")
        await chat.advance(NOW + timedelta(minutes=50))
        assert invite(fake)[0] == "CANCEL"
        assert len(fake.letters) == 3
        assert not [g for g in chat.wire.got if "@" in g.to], "no messenger gets the customer's mail"


async def test_nothing_for_an_undone_booking_a_draft_or_a_customer_that_wants_none(talk: Office) -> None:
    chat = await talk(customers={"k1": {"contacts": GU}, "k4": {"emails": ["x@y.example"]}}, drop=("w1", "w2"))
    async with running() as fake:
        post(chat, fake)
        await chat.says("hanmei", "周五下午三点拜访金桥")
        await chat.says("hanmei", "撤销")
        await chat.says("hanmei", "周四上午十点拜访星海")
        await chat.advance(NOW + timedelta(hours=1))
        assert not fake.letters
        assert "确认邮件：不再发送" in await chat.reply("hanmei", "别给金桥发确认邮件")
        await chat.says("hanmei", "周五下午四点拜访金桥")
        await chat.advance(NOW + timedelta(hours=2))
        assert not fake.letters


async def test_a_server_that_is_away_is_tried_again_and_a_refused_address_is_given_up(talk: Office) -> None:
    chat = await talk(customers={"k1": {"contacts": GU}}, drop=("w1", "w2", "w3"))
    async with running() as fake:
        post(chat, fake)
        fake.down = True
        await chat.says("hanmei", "周五下午三点拜访金桥")
        await chat.advance(NOW + timedelta(minutes=10))
        assert not fake.letters
        fake.down = False
        await chat.advance(NOW + timedelta(minutes=20))
        assert len(fake.letters) == 1

        fake.refuse.add("gu@jinqiao.example")
        await chat.says("hanmei", "金桥那个改到四点")
        await chat.advance(NOW + timedelta(hours=3))
        assert len(fake.letters) == 1
        assert not await chat.app.store.read(lambda tx: tx.mail.pending_count())


async def test_check_says_whether_the_mail_server_is_there() -> None:
    async with running() as fake:
        config = Config(smtp=Smtp("127.0.0.1", fake.port, sender="visits@we.example"))
        assert (True, "smtp: fine") in [x async for x in findings(config)]
    assert any(line.startswith("smtp.host") for ok, line in [x async for x in findings(config)] if not ok)
