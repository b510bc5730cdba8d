"""Every door gives the same verdict on the same pair and writes all or nothing (D15, R36); two at once make one customer (R31, R35)."""

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.message import Message
from domain.model import Customer
from nlp.said import Said
from tests.talking import NOW, Chat, chat

__all__ = ["chat"]
KNOWN = {
    "k01": ("苏州北辰测绘仪器有限公司", "13911110001", "li@beichen-ch.com"),
    "k02": ("南极光电科技股份有限公司", "0512-66880002", ""),
    "k03": ("上海瀚海阀门制造有限公司", "", "info@hanhai-valve.cn"),
    "k04": ("云杉供应链管理有限公司", "13911110004", ""),
    "k05": ("赤峰磁材集团有限公司", "", ""),
    "k06": ("墨竹文化传媒有限公司", "13911110006", "mozhu@163.com"),
}
PAIRS: list[tuple[str, str, str, str]] = [
    ("苏州北辰测绘仪器有限公司", "", "", "duplicate"), ("蘇州北辰測繪儀器有限公司", "", "", "duplicate"), ("苏州北辰测绘仪器", "", "", "duplicate"),
    ("北辰测绘仪器（苏州）有限公司", "", "", "duplicate"), ("苏州北晨测绘仪器有限公司", "", "", "possible"), ("北辰测绘仪器有限公司", "", "", "possible"),
    ("旭日彩印有限公司", "+86 139-1111-0001", "", "duplicate"), ("旭日彩印有限公司", "１３９１１１１０００１", "", "duplicate"),
    ("旭日彩印有限公司", "", "LI@BEICHEN-CH.COM", "duplicate"), ("旭日彩印有限公司", "", "wang@beichen-ch.com", "possible"),
    ("旭日彩印有限公司", "", "other@163.com", ""), ("旭日彩印有限公司", "13911119999", "", ""), ("南极光电科技有限公司", "", "", "duplicate"),
    ("南极光电", "", "", "possible"), ("旭日彩印有限公司", "(0512)6688 0002", "", "duplicate"), ("旭日彩印有限公司", "0512-66880003", "", ""),
    ("上海翰海阀门制造有限公司", "", "", "possible"), ("上海瀚海阀门制造有限公司苏州分公司", "", "", ""), ("瀚海阀门", "", "", "possible"),
    ("上海瀚海泵业制造有限公司", "", "", ""), ("云杉供应链", "", "", "possible"), ("云杉供应链管理有限责任公司", "", "", "duplicate"),
    ("冷杉供应链管理有限公司", "", "", ""), ("Chifeng Cicai Group Co., Ltd.", "", "", "possible"), ("赤峰磁材集团物业管理有限公司", "", "", ""),
    ("墨竹文化传媒", "", "", "duplicate"), ("墨竹文化传播有限公司", "", "", ""), ("墨  竹文化传媒有限公司", "", "", "duplicate"),
    ("旭日彩印有限公司", "86-13911110006", "", "duplicate"), ("旭日彩印有限公司", "", "mozhu@163.com", "duplicate"),
]  # fmt: skip


async def fill(chat: Chat) -> None:
    def work(tx: Any) -> None:
        for id_, (name, phone, email) in KNOWN.items():
            keys = {"phones": (phone,) if phone else (), "emails": (email,) if email else ()}
            tx.customers.add(Customer(id_, name, owner="hanmei", status="active", created=NOW - timedelta(days=90), **keys))
        tx.customers.add(Customer("spare", "待更正占位客户", owner="hanmei", status="active", created=NOW - timedelta(days=90)))

    await chat.app.store.run(work)


_COUNT = itertools.count()


async def click(chat: Chat, who: str, say: str) -> None:
    await chat.handle(Message("wecom", who, f"door-{next(_COUNT)}", chat.clock.now(), click=say))


def verdict(chat: Chat) -> str:
    """What the last entry met, and that it wrote all or nothing."""
    met = [m["verdict"] for e in chat.named("customer.duplicate_found") for m in e["matches"] if m["id"] in KNOWN]
    wrote = [e for name in ("customer.created", "customer.updated") for e in chat.named(name)]
    assert bool(wrote) != any(v in ("duplicate", "possible") for v in met)
    return str(next((v for v in met if v in ("duplicate", "possible")), ""))


async def by_chat(chat: Chat, name: str, phone: str, email: str) -> str:
    await click(chat, "hanmei", said("customer.create", customer=name, phone=phone or "13800000000", email=email))
    found = verdict(chat)
    await chat.says("hanmei", "算了" if found else "撤销")
    return found


def said(intent: str, **slots: str) -> str:
    from bot import says

    return says.write(intent, **{k: v for k, v in slots.items() if v})


async def by_api(chat: Chat, name: str, phone: str, email: str) -> str:
    me = await chat.app.store.read(lambda tx: tx.people.get("hanmei"))
    assert me
    slots = {"customer": name, "phone": phone or "13800000000", "email": email}
    _, events = await chat.app.perform(me, Said("customer.create", slots), "api")
    chat.events[:] = events
    if chat.app.names:
        await chat.app.names.refresh()
    found = verdict(chat)
    await chat.says("hanmei", "撤销") if not found else None
    return found


async def by_correction(chat: Chat, name: str, phone: str, email: str) -> str:
    await click(chat, "hanmei", said("customer.update", customer_id="spare", field="名称", value=name, phone=phone, email=email))
    found = verdict(chat)
    await chat.says("hanmei", "算了" if found else "撤销")
    return found


@pytest.mark.parametrize("door", [by_chat, by_api, by_correction], ids=lambda d: d.__name__)
async def test_thirty_pairs_at_this_door(chat: Chat, door: Any) -> None:
    await fill(chat)
    out = []
    for name, phone, email, wanted in PAIRS:
        chat.forget()
        got = await door(chat, name, phone, email)
        out.append((name, phone, email, wanted, got))
    assert [row for row in out if row[3] != row[4]] == []


async def test_thirty_pairs_in_a_file(chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISITBOT_FILES", str(tmp_path / "out"))
    await fill(chat)
    boss = next(m.id for m in await chat.app.store.read(lambda tx: tx.people.managers_above("hanmei")) if m.role == "manager")
    for n, (name, phone, email, wanted) in enumerate(p for p in PAIRS if p[3]):
        path = tmp_path / f"{n}.csv"
        path.write_text(f'公司,电话,邮箱\n"{name}",{phone},{email}\n', encoding="utf-8")
        await chat.handle(Message("wecom", boss, f"file-{n}", chat.clock.now(), file=str(path)))
        await chat.press(boss, "确认")
        met = [m for m in chat.named("customer.duplicate_found")[-1]["matches"] if m["id"] in KNOWN]
        assert (name, met[0]["verdict"]) == (name, wanted)
    assert not chat.named("customer.created")


async def test_two_at_once_make_one_customer_with_its_own_number(chat: Chat) -> None:
    say = "/customer.create customer=北极星测绘有限公司 phone=13911117777"
    await asyncio.gather(
        *(
            chat.app.handle(Message("wecom", who, f"race-{who}", chat.clock.now(), text=say))
            for who in ("hanmei", "qinlan", "songhe", "shenbo")
        )
    )
    await asyncio.gather(
        *(
            chat.app.handle(
                Message(
                    "wecom", who, f"free-{who}", chat.clock.now(), text=say.replace("北极星", f"{n}号").replace("7777", f"888{n}")
                )
            )
            for n, who in enumerate(("hanmei", "qinlan", "songhe", "shenbo"))
        )
    )
    made = [e["customer"] for e in chat.named("customer.created")]
    assert sum(c["name"] == "北极星测绘有限公司" for c in made) == 1
    codes = [c["code"] for c in made]
    assert len(codes) == len(set(codes)) >= 2
