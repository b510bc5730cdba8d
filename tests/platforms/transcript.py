"""Writes docs/TRANSCRIPTS.md: every flow played over both fake messengers, as the people saw it.

    python -m tests.platforms.transcript          # rewrites the file; tests/platforms/test_transcript.py holds it to this

Everything goes over the real wires: encrypted callbacks and message/send on WeCom, stream frames and cards on DingTalk.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.model import OFFICE
from tests.platforms.joint import NOW, Joint, joint

FILE = Path(__file__).parents[2] / "docs" / "TRANSCRIPTS.md"
NAMES = {"wecom": "企业微信", "dingtalk": "钉钉"}
MARKS = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")
HEAD = """# The flows, as people see them on the messengers

Written by `python -m tests.platforms.transcript` from the bot running between the strict fakes of tests/fakes, and held to the
flows in CI (tests/platforms/test_transcript.py). `〔…〕` are buttons; *changed* is an earlier card that changed in place.
"""


class Scribe:
    """Plays a flow and notes who said and saw what."""

    def __init__(self, office: Joint, names: dict[str, str]) -> None:
        self.office, self.names, self.lines = office, names, [""]
        self._wecom = self._cards = 0
        self._seen: dict[str, str] = {}
        self._said: dict[str, int] = {}
        self.skip()

    async def says(self, platform: str, who: str, text: str) -> None:
        """Somebody types."""
        self._note(platform, who, text)
        await (self.office.wecom_says if platform == "wecom" else self.office.dingtalk_says)(who, text)
        self.look()

    async def presses(self, platform: str, who: str, words: str) -> None:
        """Somebody presses a button."""
        self._note(platform, who, f"〔{words}〕")
        await (self.office.wecom_press if platform == "wecom" else self.office.dingtalk_press)(who, words)
        self.look()

    async def waits(self, to: datetime) -> None:
        """Time passes."""
        self.lines += ["", f"*{to.astimezone(OFFICE):%m-%d %H:%M}*"]
        await self.office.advance(to)
        self.look()

    def _note(self, platform: str, who: str, text: str) -> None:
        self.lines += ["", f"**{self.names[who]}（{NAMES[platform]}）**　{text}", ""]

    def skip(self) -> None:
        """What was there before is no part of the story."""
        self.look()
        self.lines.clear()

    def look(self) -> None:
        """Note what appeared since the last look, by receiver."""
        seen: list[tuple[str, str]] = []
        calls, self._wecom = self.office.wecom.calls[self._wecom :], len(self.office.wecom.calls)
        for path, body in calls:
            if path in ("message/send", "message/update_template_card"):
                who = str(body.get("touser") or body["userids"][0])
                changed = path != "message/send"
                seen.append((who, f"- → {self.names[who]}（企业微信）{'*changed* ' if changed else ''}{_wecom(body)}"))
        for track, card in self.office.dingtalk.cards.items():
            for who, values in [("", card.values), *card.mine.items()]:
                text, key = _dingtalk(values), f"{track}|{who}"
                if self._seen.get(key) != text:
                    to = who or card.space.partition(".")[2]
                    mark = "*changed* " if key in self._seen else ""
                    self._seen[key] = text
                    seen.append((to, f"- → {self.names.get(to, to)}（钉钉）{mark}{text}"))
        for chat, said in list(self.office.dingtalk.chats.items()):
            first, self._said[chat] = self._said.get(chat, 0), len(said)
            for _, body in said[first:]:
                words = str(body.get("text") or body.get("content")).replace("\n", " ")
                seen.append((chat, f"- → {self.names.get(chat, chat)}（钉钉）{words}"))
        self.lines += [line for _, line in sorted(seen, key=lambda x: x[0])]


def _wecom(body: dict[str, Any]) -> str:
    if "template_card" not in body:
        return str(body.get("text", {}).get("content", "")).translate(MARKS).replace("\n", " / ")
    card = body["template_card"]
    rows = [f"{r['keyname']} {r['value']}" for r in card.get("horizontal_content_list", [])]
    parts = [
        card["main_title"]["title"],
        card["main_title"].get("desc", ""),
        *rows,
        card.get("sub_title_text", "").replace("\n", " "),
    ]
    buttons = "".join(f"〔{b['text']}〕" for b in card.get("button_list", []) if b["key"] != "done")
    return " · ".join(p for p in parts if p) + (f"　{buttons}" if buttons else "")


def _dingtalk(values: dict[str, str]) -> str:
    buttons = "".join(f"〔{b['text']}〕" for b in json.loads(values["sys_full_json_obj"])["msgButtons"])
    body = values["markdown"].replace("<br>", " · ").replace("\n\n", " · ")
    return " · ".join(p for p in (values["title"], body) if p) + (f"　{buttons}" if buttons else "")


# ---------------------------------------------------------------------- the flows
def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In June 2026; the story begins on Tuesday the 9th, 09:07."""
    return datetime(2026, 6, day, hour, minute, tzinfo=OFFICE)


async def one_visit(s: Scribe, platform: str, who: str, customer: str, mate: str) -> None:
    """From the sentence to the report."""
    await s.says(platform, who, f"明天上午10点拜访{customer}，聊报价")
    await s.says(platform, who, f"{customer}那个改到明天下午四点")
    await s.presses(platform, who, "撤销")
    await s.says(platform, who, f"明天{customer}的拜访带上{mate}")
    await s.waits(at(10, 9, 2))
    await s.says(platform, who, f"到{customer}了")
    await s.waits(at(10, 11, 12))
    await s.says(platform, who, "见了王总，意向高，嫌价格高，预算五十万，下周三前给方案")
    await s.says(platform, who, "我还有哪些待办")


async def questions(s: Scribe, platform: str, who: str, customer: str) -> None:
    """What is asked back, and answered by number, word and button."""
    await s.says(platform, who, f"约一下{customer}")
    await s.says(platform, who, "周四下午三点")
    await s.says(platform, who, "1")
    await s.says(platform, who, "今天食堂吃什么")
    await s.says(platform, who, "帮助")


async def across(s: Scribe) -> None:
    """A rep on WeCom and one on DingTalk want the same customer at the same time (M17)."""
    await s.says("wecom", "hanmei", "明天上午10点拜访飞燕，聊报价")
    await s.says("dingtalk", "duwei", "明天上午10点拜访飞燕")
    await s.presses("dingtalk", "duwei", "同行")
    await s.presses("wecom", "hanmei", "同意")
    await s.says("dingtalk", "duwei", "我明天有哪些拜访")
    await s.waits(at(10, 9, 2))
    await s.says("wecom", "hanmei", "飞燕那个改到明天下午四点")


async def decided(s: Scribe) -> None:
    """What one asks on DingTalk is decided on WeCom."""
    await s.says("dingtalk", "duwei", "东方我来跟")
    await s.says("dingtalk", "duwei", "把金桥转给我")
    await s.says("wecom", "qinlan", "有什么要批的吗")


FLOWS: tuple[tuple[str, Callable[[Scribe], Awaitable[None]]], ...] = (
    ("A visit on WeCom", lambda s: one_visit(s, "wecom", "hanmei", "飞燕", "秦岚")),
    ("A visit on DingTalk", lambda s: one_visit(s, "dingtalk", "duwei", "山泉", "陆佳")),
    ("Questions and answers on WeCom", lambda s: questions(s, "wecom", "hanmei", "飞燕")),
    ("Questions and answers on DingTalk", lambda s: questions(s, "dingtalk", "duwei", "山泉")),
    ("Two messengers, one customer", across),
    ("Asked here, decided there", decided),
)


async def write() -> str:
    """The whole file."""
    out = [HEAD]
    for title, flow in FLOWS:
        with tempfile.TemporaryDirectory() as folder:
            async with joint(f"sqlite+aiosqlite:///{folder}/v.db", now=NOW + timedelta(0)) as office:
                names = {m.id: m.name for m in await office.app.store.read(lambda tx: tx.people.all())}
                scribe = Scribe(office, names)
                await flow(scribe)
                out += [f"## {title}", *scribe.lines, ""]
    return "\n".join(out)


if __name__ == "__main__":
    text = asyncio.run(write())
    FILE.write_text(text, "utf-8")
    sys.stdout.write(f"{FILE.name}: {len(text.splitlines())} lines\n")
