"""E-mail to customers: one more wire of the outbox, and the invitation that goes with it (R95).

A letter for it is a card whose last text block is the iCalendar object; everything before is what the customer reads.
"""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from bot.cards import Card, Text, plain
from bot.platform import Delivery, Platform, SendFailed
from domain.model import OFFICE, Visit

NAME = "mail"
"""The platform of letters that go by e-mail; their address is the customer's."""
_ICS = "BEGIN:VCALENDAR"
TIMEOUT_S = 15
_FOR_EVER = frozenset({550, 551, 552, 553, 554})
"""Answers of a mail server that no repetition will change: no such box, refused."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """`[smtp]` of the configuration; without a host no mail is sent. `sender` is its key `from`."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    sender: str = ""

    @property
    def address(self) -> str:
        """Where mail comes from; "" = none is sent."""
        return (self.sender or self.user) if self.host else ""


def wires(config: Smtp) -> dict[str, Platform]:
    """The outbox's wire for e-mail, when there is a server."""
    return {NAME: Mail(config)} if config.host else {}


class Mail:
    """The company's mail server. Blocking SMTP runs beside the loop; a server that is away is tried again by the outbox."""

    name = NAME

    def __init__(self, config: Smtp) -> None:
        self._config = config

    async def send(self, delivery: Delivery) -> str:
        """Send one letter; its key becomes the Message-ID, so that a repeat is the same mail."""
        letter = message(delivery.card, self._config.address, delivery.user, delivery.key)
        try:
            await asyncio.to_thread(self._post, letter)
        except smtplib.SMTPRecipientsRefused as e:
            codes = {int(code) for code, _ in e.recipients.values()}
            raise SendFailed("the address was refused", retry_s=None if codes <= _FOR_EVER else 60) from None
        except (OSError, smtplib.SMTPException) as e:
            code = getattr(e, "smtp_code", 0)
            raise SendFailed(f"mail server: {type(e).__name__}", retry_s=None if code in _FOR_EVER else 60) from None
        return ""

    def _post(self, letter: EmailMessage) -> None:
        with login(self._config) as server:
            server.send_message(letter)


def login(c: Smtp) -> smtplib.SMTP:
    """A connection to the server, encrypted where it can be, signed in when there is a user."""
    server = (smtplib.SMTP_SSL if c.port == 465 else smtplib.SMTP)(c.host, c.port, timeout=TIMEOUT_S)
    server.ehlo()
    if c.port != 465 and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    if c.user:
        server.login(c.user, c.password)
    return server


def message(card: Card, sender: str, to: str, key: str) -> EmailMessage:
    """The card as a mail: its title the subject, its words the text, the calendar object as invitation."""
    calendars = [b.text for b in card.blocks if isinstance(b, Text) and b.text.startswith(_ICS)]
    words = Card(card.title, tuple(b for b in card.blocks if not (isinstance(b, Text) and b.text.startswith(_ICS))))
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = card.title, sender, to
    letter["Message-ID"] = f"<{key}@visitbot>"
    letter.set_content("\n".join(plain(words).splitlines()[1:]) + "\n")
    for ics in calendars:
        method = "CANCEL" if "METHOD:CANCEL" in ics else "REQUEST"
        letter.add_attachment(
            ics.encode(),
            maintype="text",
            subtype="calendar",
            filename="invite.ics",
            params={"method": method, "charset": "utf-8"},
        )
    return letter


def invitation(visit: Visit, *, summary: str, place: str, text: str, rep: str, sender: str, to: str, at: datetime) -> str:
    """The iCalendar object for the customer: REQUEST, or CANCEL for a visit that was called off; moves raise SEQUENCE."""
    from icalendar import Calendar, Event, vCalAddress, vText

    cancelled = visit.status == "cancelled"
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//visitbot//visits//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event.add("uid", f"{visit.id}-customer@visitbot")
    event.add("sequence", visit.version - 1)
    event.add("dtstamp", at)
    event.add("dtstart", visit.start.astimezone(OFFICE))
    event.add("dtend", visit.end.astimezone(OFFICE))
    event.add("summary", summary)
    event.add("description", text)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if place:
        event.add("location", place)
    organizer = vCalAddress(f"mailto:{sender}")
    organizer.params["cn"] = vText(rep)
    guest = vCalAddress(f"mailto:{to}")
    guest.params["rsvp"] = vText("TRUE")
    event.add("organizer", organizer)
    event.add("attendee", guest)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return str(calendar.to_ical(), "utf-8")
