"""`python main.py check`: what is missing or wrong in the configuration, one line each, with the fix; tries every credential."""

import asyncio
import smtplib
import sys
from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp

from bot.config import Config
from bot.mail import Smtp, login
from bot.platforms.dingtalk.check import check as check_dingtalk
from domain.model import OFFICE
from storage.store import StoreError, open_store

TIMEOUT = aiohttp.ClientTimeout(total=10)


async def findings(config: Config) -> AsyncIterator[tuple[bool, str]]:
    """(fine?, line) for every part of the configuration; never raises, never prints a secret."""
    yield await _storage(config)
    wecom, dingtalk = config.wecom, config.dingtalk
    if not (wecom.corp_id or wecom.aibot.ready or dingtalk.on):
        yield (
            False,
            "[wecom]/[dingtalk]: no messenger is configured; set [wecom] or [dingtalk] (docs/SETUP-WECOM.md, SETUP-DINGTALK.md)",
        )
    for line in _wecom_gaps(config):
        yield False, line
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        if wecom.can_send:
            yield await _wecom(config, session)
    if dingtalk.on:
        for found in await check_dingtalk(dingtalk, lambda: datetime.now(OFFICE)):
            yield not found.cure, f"{found.what}{'：' + found.cure if found.cure else ''}"
    if config.smtp.host:
        yield await asyncio.to_thread(_smtp, config.smtp)
    if config.server.public_url == "" and wecom.can_receive:
        yield False, "server.public_url: empty; set it to the https address WeCom calls (…/wecom/callback)"


async def _storage(config: Config) -> tuple[bool, str]:
    try:
        store = await open_store(config.storage.url)
    except StoreError as e:
        return False, f"storage.url: {e}"
    except Exception as e:  # whatever the driver raises for a server that is not there
        return (
            False,
            f"storage.url: can't be opened ({type(e).__name__}); check host, user, password and that the database exists",
        )
    try:
        people = await store.read(lambda tx: len(tx.people.all()))
    finally:
        await store.close()
    if not people:
        return (
            False,
            "members: nobody is known yet; import them: python main.py import members.xlsx (or [[members]], or run --seed FILE)",
        )
    return True, f"storage.url: fine, {people} members"


def _smtp(config: Smtp) -> tuple[bool, str]:
    """The mail server answers and takes the credentials."""
    try:
        with login(config):
            return True, "smtp: fine"
    except smtplib.SMTPAuthenticationError:
        return False, "smtp.user / smtp.password: refused by the server"
    except (OSError, smtplib.SMTPException) as e:
        return False, f"smtp.host / smtp.port: not reachable ({type(e).__name__})"


def _wecom_gaps(config: Config) -> list[str]:
    """Keys of WeCom that belong together and are not all there."""
    w = config.wecom
    out = []
    if w.corp_id and not w.secret:
        out.append("wecom.secret: missing; console → 应用管理 → the app → Secret")
    if w.corp_id and not w.agent_id:
        out.append("wecom.agent_id: missing; console → 应用管理 → the app → AgentId")
    if w.corp_id and not (w.token and w.encoding_aes_key):
        out.append("wecom.token / encoding_aes_key: missing; console → the app → 接收消息 → 设置API接收")
    if w.encoding_aes_key and len(w.encoding_aes_key) != 43:
        out.append(f"wecom.encoding_aes_key: {len(w.encoding_aes_key)} characters; must be exactly 43")
    return out


async def _wecom(config: Config, session: aiohttp.ClientSession) -> tuple[bool, str]:
    w = config.wecom
    url = w.api_base.rstrip("/") + "/cgi-bin/gettoken"
    params = {"corpid": w.corp_id, "corpsecret": w.secret}
    try:
        async with session.get(url, params=params, proxy=w.proxy or None) as answer:
            data = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as e:
        return False, f"wecom.api_base: not reachable ({type(e).__name__}); check the network, the proxy and api_base"
    code = data.get("errcode") if isinstance(data, dict) else None
    hints = {
        40001: "wecom.secret: wrong; copy it again from the app's page",
        40013: "wecom.corp_id: wrong; console → 我的企业 → 企业ID",
        40091: "wecom.secret: does not belong to this corp_id",
        60020: "wecom: this machine's IP is not trusted; console → the app → 企业可信IP, or set wecom.proxy",
    }
    if code == 0:
        return True, "wecom: credentials work"
    return False, hints.get(int(code or -1), f"wecom: gettoken answered errcode {code}")


def run(config: Config) -> bool:
    """Print the findings; True when all is fine."""

    async def work() -> bool:
        fine = True
        async for ok, line in findings(config):
            fine &= ok
            sys.stdout.write(f"{'ok ' if ok else 'fix'} {line}\n")
        return fine

    return asyncio.run(work())
