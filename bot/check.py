"""`python main.py check`: what is missing or wrong in the configuration, one line each, with the fix; tries every credential."""

import asyncio
import smtplib
import sys
from collections.abc import AsyncIterator
from datetime import datetime

from bot.config import Config
from bot.mail import Smtp, login
from bot.platforms.dingtalk.check import check as check_dingtalk
from bot.platforms.wecom.check import check as check_wecom
from domain.model import OFFICE, Role
from storage.store import StoreError, open_store


async def findings(config: Config) -> AsyncIterator[tuple[bool, str]]:
    """(fine?, line) for every part of the configuration; never raises, never prints a secret."""
    fine, line, bot_runs = await _storage(config)
    yield fine, line
    wecom, dingtalk = config.wecom, config.dingtalk
    if not (wecom.corp_id or wecom.aibot.ready or wecom.aibot_callback.ready or dingtalk.on):
        yield (
            False,
            "[wecom]/[dingtalk]: no messenger is configured; set [wecom] or [dingtalk] (docs/SETUP-WECOM.md, SETUP-DINGTALK.md)",
        )
    for found in await check_wecom(wecom, lambda: datetime.now(OFFICE).timestamp(), bot_runs=bot_runs):
        yield not found.cure, f"{found.what}{'：' + found.cure if found.cure else ''}"
    if dingtalk.on:
        for step in await check_dingtalk(dingtalk, lambda: datetime.now(OFFICE)):
            yield not step.cure, f"{step.what}{'：' + step.cure if step.cure else ''}"
    if config.smtp.host:
        yield await asyncio.to_thread(_smtp, config.smtp)
    if config.server.public_url == "" and (wecom.can_receive or wecom.aibot_callback.ready):
        yield False, "server.public_url: empty; set it to the https address WeCom calls (…/wecom/callback, …/wecom/aibot)"
    elif (wecom.can_receive or wecom.aibot_callback.ready) and not config.server.public_url.startswith("https://"):
        yield False, f"server.public_url = {config.server.public_url}: WeCom calls https addresses in production"


async def _storage(config: Config) -> tuple[bool, str, bool]:
    """(fine?, line, whether a bot holds the AI bot's connection)."""
    try:
        store = await open_store(config.storage.url)
    except StoreError as e:
        return False, f"storage.url: {e}", False
    except Exception as e:  # whatever the driver raises for a server that is not there
        where = "check host, user, password and that the database exists"
        return False, f"storage.url: can't be opened ({type(e).__name__}); {where}", False
    try:
        people = await store.read(lambda tx: tx.people.all())
        now, name = datetime.now(OFFICE), f"aibot:{config.wecom.aibot.bot_id}"
        bot_runs = await store.read(lambda tx: tx.wires.held(name, now))
    finally:
        await store.close()
    listed = {str(m.get("id")): str(m.get("role", "rep")) for m in config.members}
    if not people and not listed:
        how = "python main.py office people (address book), import members.xlsx, or [[members]]"
        return False, f"members: nobody is known yet; {how}", bot_runs
    if not any(m.role is Role.ADMIN for m in people) and "admin" not in listed.values():
        return False, 'members: there is no admin; name one in [[members]]: id = "…", name = "…", role = "admin"', bot_runs
    return True, f"storage.url: fine, {len(people)} members", bot_runs


def _smtp(config: Smtp) -> tuple[bool, str]:
    """The mail server answers and takes the credentials."""
    try:
        with login(config):
            return True, "smtp: fine"
    except smtplib.SMTPAuthenticationError:
        return False, "smtp.user / smtp.password: refused by the server"
    except (OSError, smtplib.SMTPException) as e:
        return False, f"smtp.host / smtp.port: not reachable ({type(e).__name__})"


def run(config: Config) -> bool:
    """Print the findings; True when all is fine."""

    async def work() -> bool:
        fine = True
        async for ok, line in findings(config):
            fine &= ok
            sys.stdout.write(f"{'ok ' if ok else 'fix'} {line}\n")
        return fine

    return asyncio.run(work())
