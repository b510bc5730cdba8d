"""The path of a message: once, in order, side by side, through crashes, and races through `App.handle` on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

import handlers
from bot.app import App, Event
from bot.clock import VirtualClock
from bot.command import Reply, Turn
from bot.message import Message
from bot.names import Names
from bot.outbox import LEASE_S, Outbox
from bot.platform import Delivery, SendFailed
from domain.rules import Rules
from nlp.parser import Parser
from storage import postgres
from storage.store import Store, open_store
from tests.commands.kit import at, book, seed
from tests.dbs import postgres_database
from tests.talking import NOW, Chat, office, start, talking

MANY = 50


def crowd(**changes: Any) -> dict[str, Any]:
    """Fifty reps who all answer for one customer, so that only the slot can be in the way."""
    data = seed(**changes)
    reps = [f"r{n:02}" for n in range(MANY)]
    for n, rep in enumerate(reps):
        row = {"id": rep, "name": f"代表{n:02}", "role": "rep", "team": "东区一组", "department": "销售", "manager": "qinlan"}
        data["members"].append({**row, "aliases": []})
    next(c for c in data["customers"] if c["id"] == "k7")["co_owners"] = reps
    return data


def message(who: str, text: str, key: str, chat: Chat, **more: Any) -> Message:
    return Message("wecom", who, key, chat.clock.now(), text=text, **more)


async def standing(store: Store) -> list[Any]:
    """Every live visit of the days the tests use."""
    return [v for v in await store.read(lambda tx: tx.visits.between(at(1, "00:00"), at(30, "00:00"))) if v.live]


async def second(store: Store, chat: Chat) -> App:
    """Another process on the same database: everything of its own but the store's address."""
    names = Names(store)
    await names.refresh()
    commands, jobs = handlers.load()
    app = App(store, Parser(names.book, purposes=Rules().purposes), Rules(), commands, jobs, chat.clock, names=names)
    app.on_event.append(chat.events.append)
    return app


@asynccontextmanager
async def two_apps(db_url: str, data: dict[str, Any] | None = None) -> AsyncIterator[tuple[Chat, App]]:
    """The office run by two processes: on PostgreSQL two pools, on SQLite (one process a file) two apps on one writer."""
    async with talking(db_url, data) as chat:
        store = chat.app.store if db_url.startswith("sqlite") else await open_store(db_url)
        try:
            yield chat, await second(store, chat)
        finally:
            if store is not chat.app.store:
                await store.close()


# ---------------------------------------------------------------------- races
async def test_fifty_want_one_slot_and_one_gets_it(db_url: str) -> None:
    """D1: 50 concurrent bookings of one slot -> exactly 1 stored."""
    async with two_apps(db_url, crowd()) as (chat, other):
        apps = [chat.app, other]
        wishes = [message(f"r{n:02}", book("k7", 16, f"10:{n % 4 * 10:02}"), f"b{n}", chat) for n in range(MANY)]
        await asyncio.gather(*(apps[n % 2].handle(m) for n, m in enumerate(wishes)))
        assert len(chat.named("visit.booked")) == 1
        there = [v for v in await standing(chat.app.store) if v.customer == "k7"]
        assert len(there) == 1
        refused = [e for e in chat.named("conflict.found") if "customer_overlap" in e["kinds"]]
        assert len(refused) >= MANY // 2, "everybody else was told what is in the way"


async def test_one_rep_in_many_groups_at_once(db_url: str) -> None:
    """Each group is a conversation of its own, so the lanes do not help."""
    data = office()
    data["groups"] += [{"id": f"g{n}", "name": f"群{n}", "members": ["hanmei"], "team": ""} for n in range(20)]
    async with two_apps(db_url, data) as (chat, other):
        apps = [chat.app, other]
        wishes = [message("hanmei", book(("k7", "k2")[n % 2], 16, "10:00"), f"b{n}", chat, group=f"g{n}") for n in range(20)]
        await asyncio.gather(*(apps[n // 2 % 2].handle(m) for n, m in enumerate(wishes)))
        assert len(chat.named("visit.booked")) == 1
        assert len([v for v in await standing(chat.app.store) if v.rep == "hanmei" and v.start == at(16, "10:00")]) == 1


@pytest.fixture
def pg_url() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.mark.parametrize("guarded", [True, False])
async def test_on_postgres_the_lock_alone_is_enough_and_nothing_is_not(
    pg_url: str, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The proof that the race above tests something: without constraint the lock holds; without both it is lost."""
    async with two_apps(pg_url, crowd()) as (chat, other):
        conn = await asyncpg.connect(pg_url.replace("+asyncpg", ""))
        await conn.execute("ALTER TABLE visits DROP CONSTRAINT guard_rep, DROP CONSTRAINT guard_customer")
        await conn.close()
        if not guarded:
            monkeypatch.setattr(postgres.PostgresDb, "lock", lambda self, *names: None)
        apps = [chat.app, other]
        most = 0
        for day in (16, 17, 18, 22, 23):
            wishes = [message(f"r{n:02}", book("k7", day, "10:00"), f"b{day}-{n}", chat) for n in range(20)]
            await asyncio.gather(*(apps[n % 2].handle(m) for n, m in enumerate(wishes)))
            there = [v for v in await standing(chat.app.store) if v.customer == "k7" and v.start == at(day, "10:00")]
            most = max(most, len(there))
        assert (most == 1) is guarded


async def test_a_companion_is_not_taken_twice(db_url: str) -> None:
    """No constraint knows companions: the lock and the look do it."""
    async with two_apps(db_url, crowd()) as (chat, other):
        apps = [chat.app, other]
        data = [(f"r{n:02}", f"{book('k7', 16 + n % 2, '10:00')} people=江涛") for n in range(10)]
        data += [("hanmei", f"{book('k2', 16, '10:30')} people=江涛"), ("duwei", f"{book('k3', 16, '09:30')} people=江涛")]
        await asyncio.gather(*(apps[n % 2].handle(message(who, text, f"c{n}", chat)) for n, (who, text) in enumerate(data)))
        mine = sorted(v.slot for v in await standing(chat.app.store) if "jiangtao" in v.participants)
        assert mine
        assert not any(a.overlaps(b) for a, b in pairwise(mine))


async def test_two_claim_one_pool_customer(db_url: str) -> None:
    async with two_apps(db_url, crowd()) as (chat, other):
        apps = [chat.app, other]
        claims = [message(f"r{n:02}", "/owner.claim customer_id=k6", f"c{n}", chat) for n in range(10)]
        await asyncio.gather(*(apps[n % 2].handle(m) for n, m in enumerate(claims)))
        (claimed,) = chat.named("customer.claimed")
        owner = await chat.app.store.read(lambda tx: tx.customers.get("k6"))
        assert owner is not None
        assert owner.owner == claimed["customer"]["owner"]
        await chat.due()
        losers = [g.text for g in chat.wire.got if g.why == "reply" and g.to != owner.owner]
        assert len(losers) == 9
        assert all(f"代表{owner.owner[1:]}" in text for text in losers), "told who won"


async def pending(chat: Chat) -> str:
    """A request of hanmei for a protected customer; its id."""
    await chat.says("hanmei", book("k3", 16, "10:00"))
    await chat.press("hanmei", "申请审批")
    return str(chat.named("approval.requested")[0]["approval"]["id"])


PROTECTED = {"k3": {"created": "2026-06-01T10:00:00+08:00"}}


async def test_two_decide_at_once(db_url: str) -> None:
    async with two_apps(db_url, seed(**PROTECTED)) as (chat, other):
        id_ = await pending(chat)
        words = [("qinlan", "approve"), ("songhe", "reject"), ("wuxin", "approve"), ("qinlan", "approve"), ("songhe", "reject")]
        apps = [chat.app, other]
        said = [message(who, f"/approval.{word} id={id_}", f"d{n}", chat) for n, (who, word) in enumerate(words)]
        await asyncio.gather(*(apps[n % 2].handle(m) for n, m in enumerate(said)))
        decided = len(chat.named("approval.approved")) + len(chat.named("approval.rejected"))
        assert decided == 1
        assert len(chat.named("visit.booked")) == len(chat.named("approval.approved"))
        assert len(chat.named("visit.cancelled")) == len(chat.named("approval.rejected"))


async def test_undo_against_approval(db_url: str) -> None:
    async with two_apps(db_url, seed(**PROTECTED)) as (chat, other):
        id_ = await pending(chat)
        await asyncio.gather(
            chat.app.handle(message("hanmei", "撤销", "u", chat)),
            other.handle(message("qinlan", f"/approval.approve id={id_}", "a", chat)),
        )
        assert len(chat.named("undo.done")) + len(chat.named("approval.approved")) == 1
        visit = await chat.app.store.read(lambda tx: tx.visits.get("v1001"))
        assert visit is not None
        assert visit.status == ("cancelled" if chat.named("undo.done") else "planned")


async def test_undo_against_a_second_press(db_url: str) -> None:
    async with two_apps(db_url) as (chat, other):
        await chat.says("hanmei", book("k7", 16, "10:00"))
        text = chat.wire.got[-1].card.buttons[0].says
        await asyncio.gather(*(app.handle(message("hanmei", text, f"u{n}", chat)) for n, app in enumerate((chat.app, other))))
        assert len(chat.named("undo.done")) == 1


# ---------------------------------------------------------------------- once
async def test_one_delivery_many_times_at_once(db_url: str) -> None:
    """D4, D6: the platform sends again while the first is being worked on, to either process."""
    async with two_apps(db_url) as (chat, other):
        same = message("hanmei", book("k7", 16, "10:00"), "same", chat)
        handled = await asyncio.gather(*((chat.app, other)[n % 2].handle(same) for n in range(10)))
        assert len(chat.named("visit.booked")) == 1
        assert sorted(h.duplicate for h in handled) == [False] + [True] * 9
        assert {tuple(r.key for r in h.replies) for h in handled} == {tuple(r.key for r in handled[0].replies)}
        await chat.due()
        assert len([g for g in chat.wire.got if g.why == "reply"]) == 1, "its sender sees one answer"


async def test_one_key_on_two_platforms_is_two_messages(chat: Chat) -> None:
    first = message("hanmei", book("k7", 16, "10:00"), "7", chat)
    await chat.handle(first)
    await chat.handle(replace(first, platform="dingtalk", text=book("k7", 17, "10:00")))
    assert len(chat.named("visit.booked")) == 2


def broken(ask: object, turn: Turn) -> Reply:
    """A bug that strikes after it changed something."""
    turn.event("visit.booked", visit={"id": "none"})
    turn.tx.talk.note(turn.me.id, "half", "done")
    raise RuntimeError("bug")


async def test_a_bug_changes_nothing_and_is_said(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    chat.app.commands["smalltalk"] = replace(chat.app.commands["smalltalk"], run=broken)
    await chat.app.handle(message("hanmei", "谢谢", "x", chat))
    await chat.due()
    assert "没有处理成功" in chat.wire.got[-1].text
    assert chat.wire.faults.pop().startswith("a bug's apology")
    assert not chat.events
    assert await chat.app.store.read(lambda tx: tx.talk.noted("hanmei", "half")) is None
    again = await chat.app.handle(message("hanmei", "谢谢", "x", chat))
    assert again.duplicate
    await chat.says("hanmei", book("k7", 16, "10:00"))
    assert len(chat.named("visit.booked")) == 1, "the bot goes on"


# ---------------------------------------------------------------------- letters
class Dying:
    """A wire whose process dies right after the platform took the letter."""

    name = "script"

    def __init__(self) -> None:
        self.got: list[str] = []

    async def send(self, delivery: Delivery) -> str:
        self.got.append(delivery.key)
        raise asyncio.CancelledError


async def test_a_crash_between_commit_and_sending_loses_nothing(chat: Chat) -> None:
    """At least once, always under one key by which the platform makes a repeat harmless."""
    handled = await chat.app.handle(message("hanmei", book("k7", 16, "10:00"), "x", chat))
    dying = Dying()
    with pytest.raises(asyncio.CancelledError):
        await Outbox(chat.app.store, chat.clock, {}, dying).deliver()
    assert dying.got == [handled.replies[0].key]
    assert await chat.due() == 0, "somebody else's lease"
    chat.clock.move(NOW + timedelta(seconds=LEASE_S - 1))
    assert await chat.due() == 0
    chat.clock.move(NOW + timedelta(seconds=LEASE_S))
    await chat.due()
    assert [g.key for g in chat.wire.got] == dying.got
    assert await chat.due() == 0


async def test_two_outboxes_send_each_letter_once(db_url: str) -> None:
    async with two_apps(db_url, crowd()) as (chat, other):
        assert chat.app.outbox
        for n in range(20):
            await chat.app.handle(message(f"r{n:02}", "我今天几个拜访", f"m{n}", chat))
        twin = Outbox(other.store, chat.clock, {}, chat.wire)
        for _ in range(4):
            await asyncio.gather(chat.app.outbox.deliver(), twin.deliver())
        keys = [g.key for g in chat.wire.got]
        assert len(keys) == len(set(keys)) == 20


class Down:
    """A wire that fails a number of times."""

    name = "script"

    def __init__(self, times: int, clock: VirtualClock) -> None:
        self.got: list[str] = []
        self._left, self._clock = times, clock

    async def send(self, delivery: Delivery) -> str:
        if self._left:
            self._left -= 1
            raise SendFailed("no answer", retry_s=2)
        self.got.append(delivery.card.title)
        return delivery.key


async def test_a_failed_letter_is_tried_again_and_does_not_hold_up_others(chat: Chat) -> None:
    down = Down(1, chat.clock)
    chat.app.outbox = Outbox(chat.app.store, chat.clock, {}, down)
    await chat.app.handle(message("hanmei", book("k7", 16, "10:00"), "a", chat))
    await chat.app.handle(message("duwei", "我今天几个拜访", "b", chat))
    await chat.due()
    assert len(down.got) == 1
    due = await chat.app.next_due()
    assert due is not None
    assert NOW < due <= NOW + timedelta(seconds=10)
    chat.clock.move(due)
    await chat.due()
    assert len(down.got) == 2


async def test_two_processes_do_each_job_once(db_url: str) -> None:
    async with two_apps(db_url) as (chat, other):
        chat.clock.move(at(11, "13:00"))
        for _ in range(6):
            await asyncio.gather(chat.app.do_due(), other.do_due())
        sent = [(e["visit"], e["to"]) for e in chat.named("reminder.sent") if e["kind"] == "visit"]
        assert sent.count(("w1", "hanmei")) == 1
        assert len(sent) == len(set(sent))
        summaries = [(e["kind"], e["period"], e["to"]) for e in chat.named("summary.sent")]
        assert len(summaries) == len(set(summaries))


# ---------------------------------------------------------------------- order
async def test_one_conversation_keeps_its_order(chat: Chat) -> None:
    days = range(1, 16)
    texts = [f"我7月{n}号有哪些拜访" for n in days]
    await asyncio.gather(*(chat.app.handle(message("hanmei", t, f"o{n}", chat)) for n, t in enumerate(texts)))
    await chat.due()
    got = [g.card.title for g in chat.wire.got]
    assert [f"7月{n}日" in title for n, title in zip(days, got, strict=True)] == [True] * len(texts)


async def test_conversations_go_side_by_side(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is held up holds up nobody else, and nothing is left of a lane when nobody waits in it."""
    gate, order = asyncio.Event(), []
    run = chat.app.store.run

    async def slow(work: Callable[[Any], Any]) -> Any:
        if not gate.is_set() and len(order) == 0:
            order.append("held")
            await gate.wait()
        return await run(work)

    monkeypatch.setattr(chat.app.store, "run", slow)
    held = asyncio.create_task(chat.app.handle(message("hanmei", "我今天几个拜访", "a", chat)))
    behind = asyncio.create_task(chat.app.handle(message("hanmei", "我明天几个拜访", "b", chat)))
    await asyncio.sleep(0)
    await chat.app.handle(message("duwei", "我今天几个拜访", "c", chat))
    assert not held.done()
    assert not behind.done()
    gate.set()
    await asyncio.gather(held, behind)
    assert chat.app._lanes == {}


async def test_events_are_published_after_the_commit(chat: Chat) -> None:
    """Promise 1: a `visit.booked` event means the data is on disk."""
    seen: list[bool] = []
    tasks: list[asyncio.Task[Any]] = []

    def look(event: Event) -> None:
        async def find() -> None:
            visit = event.data["visit"]
            assert isinstance(visit, dict)
            seen.append(await chat.app.store.read(lambda tx: tx.visits.get(str(visit["id"])) is not None))

        if event.name == "visit.booked":
            tasks.append(asyncio.create_task(find()))

    chat.app.on_event.append(look)
    await chat.says("hanmei", book("k7", 16, "10:00"))
    await asyncio.gather(*tasks)
    assert seen == [True]


async def test_a_fresh_start_on_a_filled_store_repeats_nothing(db_url: str) -> None:
    """The seed is applied once; what was due before the start is history."""
    async with talking(db_url) as chat:
        await chat.says("hanmei", "/visit.cancel visit_id=w1")
    store = await open_store(db_url)
    try:
        chat = await start(store, office(), at(11, "9:00"))
        await chat.advance(at(11, "18:00"))
        assert not [t for t in chat.to("hanmei", "push") if "金桥" in t and "拜访提醒" in t]
        visit = await store.read(lambda tx: tx.visits.get("w1"))
        assert visit is not None
        assert visit.status == "cancelled"
    finally:
        await store.close()
