"""The connection: replaced before it breaks, rebuilt for ever, watched, bounded, stopped cleanly, silent on secrets."""

import asyncio
import logging
import time
from dataclasses import replace

import pytest

from bot.message import Message
from bot.platforms.dingtalk.budget import BackOff
from bot.platforms.dingtalk.frames import Event
from bot.platforms.dingtalk.stream import DingTalkStream
from tests.fakes.dingtalk import Conn, FakeDingTalk
from tests.platforms.dingtalk.kit import QUICK, Bot, make, now


async def gone(conn: Conn) -> None:
    async with asyncio.timeout(30):
        await conn.gone.wait()


@pytest.mark.asyncio
async def test_make_before_break_loses_nothing_and_handles_nothing_twice(fake: FakeDingTalk, bot: Bot) -> None:
    """Frames go on at full rate through 8 announced ends; each one pushed to a live socket is handled exactly once."""
    bot.reply = lambda message: None
    pushed: list[tuple[str, asyncio.Future[object]]] = []
    running = True

    async def chatter() -> None:
        while running:
            text = f"第{len(pushed)}条"
            pushed.append((text, fake.gateway.push(fake.message("u1", text))))  # type: ignore[arg-type]
            await asyncio.sleep(0.002)

    talking = asyncio.create_task(chatter())
    for _ in range(8):
        await asyncio.sleep(0.06)  # beyond stable_s: a replacement without any wait
        conn = (await fake.gateway.connected())[-1]
        before = fake.gateway.opens
        # the frame, then the server serves both for a moment, then sends no more on the old one and closes it
        fake.gateway.push({"reason": "connection is expired"}, "disconnect", "SYSTEM", conn)
        began = time.monotonic()
        fresh = await fake.gateway.connected(2)
        assert conn in fresh, "the old connection was closed before the new one was up"
        assert time.monotonic() - began < 30
        assert fake.gateway.opens == before + 1
        conn.topics = set()
        await asyncio.gather(*(answer for _, answer in pushed))
        fake.gateway.abort(conn)
        await gone(conn)
    running = False
    await talking
    await asyncio.gather(*(answer for _, answer in pushed))
    assert fake.gateway.lost == []
    assert len(pushed) > 16, "there was traffic through every change"
    assert sorted(m.text for m in bot.got) == sorted(text for text, _ in pushed)


@pytest.mark.asyncio
async def test_work_begun_on_the_old_connection_is_answered_there(fake: FakeDingTalk, bot: Bot) -> None:
    async def slow(message: Message) -> None:
        await asyncio.sleep(0.15)

    bot.work = slow
    old = (await fake.gateway.connected())[0]
    answer = fake.gateway.push(fake.message("u1", "你好"), conn=old)
    fake.gateway.push({"reason": "x"}, "disconnect", "SYSTEM", old)
    await fake.gateway.connected(2)
    ack = await answer
    assert (ack.code, ack.conn) == (200, old.number)


@pytest.mark.asyncio
async def test_the_old_connection_stays_until_its_work_is_answered(fake: FakeDingTalk) -> None:
    bot = make(fake, replace(QUICK, linger_s=0.05, ack_s=2.0))

    async def slow(message: Message) -> None:
        await asyncio.sleep(0.3)

    bot.work, bot.reply = slow, lambda message: None
    running = asyncio.create_task(bot.stream.run())
    old = (await fake.gateway.connected())[0]
    answer = fake.gateway.push(fake.message("u1", "你好"), conn=old)
    fake.gateway.push({"reason": "x"}, "disconnect", "SYSTEM", old)
    ack = await asyncio.wait_for(answer, 2)
    assert (ack.code, ack.conn) == (200, old.number)
    await gone(old)
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_one_message_on_two_connections_is_handled_once(fake: FakeDingTalk, bot: Bot) -> None:
    old = (await fake.gateway.connected())[0]
    fake.gateway.push({"reason": "x"}, "disconnect", "SYSTEM", old)
    both = await fake.gateway.connected(2)
    data = fake.message("u1", "你好")
    acks = await asyncio.gather(*(fake.gateway.push(data, conn=c) for c in both))
    assert {a.conn for a in acks} == {c.number for c in both}
    assert len(bot.got) == 1


@pytest.mark.asyncio
async def test_the_old_connection_is_closed_by_us_when_the_server_forgets(fake: FakeDingTalk, bot: Bot) -> None:
    old = (await fake.gateway.connected())[0]
    fake.gateway.push({"reason": "x"}, "disconnect", "SYSTEM", old)
    await fake.gateway.connected(2)
    await gone(old)
    assert bot.stream.connected


@pytest.mark.parametrize("how", ["close", "abort"])
@pytest.mark.asyncio
async def test_a_broken_connection_is_rebuilt(fake: FakeDingTalk, bot: Bot, how: str) -> None:
    await asyncio.sleep(0.06)
    conn = (await fake.gateway.connected())[0]
    if how == "close":
        await fake.gateway.close(conn)
    else:
        fake.gateway.abort(conn)
    await gone(conn)
    await fake.gateway.connected()
    assert (await fake.gateway.push(fake.message("u1", "还在吗"))).code == 200


@pytest.mark.parametrize("refuse", ["500", "html", "qps", "slow", "foreign"])
@pytest.mark.asyncio
async def test_registration_troubles_are_outlived(fake: FakeDingTalk, refuse: str) -> None:
    fake.gateway.refuse = refuse
    bot = make(fake, replace(QUICK, open_s=0.1))
    running = asyncio.create_task(bot.stream.run())
    await asyncio.sleep(0.15)
    assert not bot.stream.connected
    assert fake.gateway.conns == []
    assert bot.alarms == []
    if refuse != "html":  # a banned address stays quiet for minutes
        fake.gateway.refuse = ""
        await fake.gateway.connected()
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_wrong_credentials_are_told_once_in_words_and_tried_slowly(fake: FakeDingTalk) -> None:
    fake.gateway.refuse = "401"
    bot = make(fake)
    running = asyncio.create_task(bot.stream.run())
    await asyncio.sleep(0.7)
    assert 2 <= fake.gateway.opens <= 4
    assert len(bot.alarms) == 1
    assert "client_secret" in bot.alarms[0]
    assert "鉴权失败" in bot.alarms[0]
    fake.gateway.refuse = ""
    await fake.gateway.connected()
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_a_server_that_closes_at_once_is_not_hammered(fake: FakeDingTalk) -> None:
    fake.gateway.slam = True
    bot = make(fake, replace(QUICK, stable_s=60.0, longest_wait_s=60.0))
    running = asyncio.create_task(bot.stream.run())
    await asyncio.sleep(2)
    assert fake.gateway.opens < 20
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_a_silent_connection_is_replaced_before_it_is_closed(fake: FakeDingTalk) -> None:
    bot = make(fake, replace(QUICK, idle_s=0.2))
    running = asyncio.create_task(bot.stream.run())
    silent = (await fake.gateway.connected())[0]
    fresh = await fake.gateway.connected(2)
    assert silent in fresh
    await gone(silent)
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_pings_are_echoed_and_keep_the_connection(fake: FakeDingTalk) -> None:
    bot = make(fake, replace(QUICK, idle_s=0.2))
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    for _ in range(5):
        await asyncio.sleep(0.1)
        ack = await fake.gateway.push({"opaque": "o-1"}, "ping", "SYSTEM")
        assert (ack.code, ack.data) == (200, {"opaque": "o-1"})
    assert fake.gateway.opens == 1
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_unknown_topics_and_garbage_do_no_harm(fake: FakeDingTalk, bot: Bot) -> None:
    conn = (await fake.gateway.connected())[0]
    for text in ("", "{", "[]", "null", '{"type":1}', '{"headers":[],"type":"CALLBACK"}', "[" * 100_000):
        fake.gateway.raw(text, conn)
    for topic in ("KEEPALIVE", "CONNECTED", "REGISTERED"):
        fake.gateway.push({}, topic, "SYSTEM", conn)
    ack = await fake.gateway.push({}, "/v1.0/graph/api/invoke", conn=conn)
    assert ack.code == 404
    for data in ("", "{", "[]", {}, {"msgtype": "text"}, {"text": 5, "senderStaffId": [], "msgId": {}}):
        assert (await fake.gateway.push(data, conn=conn)).code == 200
    assert (await fake.gateway.push(fake.message("u1", "你好"), conn=conn)).code == 200
    assert fake.gateway.opens == 1


@pytest.mark.asyncio
async def test_events_are_taken_once_or_asked_for_later(fake: FakeDingTalk) -> None:
    seen: list[Event] = []
    broken = True

    async def on_event(event: Event) -> None:
        if broken:
            raise OSError("away")
        seen.append(event)

    stream = DingTalkStream(fake.config(), make(fake).inbound, now, lambda text: None, on_event=on_event, timing=QUICK)
    running = asyncio.create_task(stream.run())
    await fake.gateway.connected()
    event = {"calendarEventId": "e1", "unionIdList": ["union1"], "changeType": "update"}

    async def push() -> object:
        pushed = fake.gateway.push(event, "*", "EVENT", eventId="E1", eventType="calendar_event_change")
        return (await pushed).data

    assert await push() == {"status": "LATER"}
    broken = False
    assert await push() == {"status": "SUCCESS"}
    assert await push() == {"status": "SUCCESS"}
    assert seen == [Event("E1", "calendar_event_change", event)]
    await stream.stop()
    await running


@pytest.mark.asyncio
async def test_no_more_than_so_many_are_handled_side_by_side(fake: FakeDingTalk) -> None:
    bot = make(fake, replace(QUICK, ack_s=30.0))
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    busy = most = 0
    full, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message: Message) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        if busy == 64:
            full.set()
        await go_on.wait()
        busy -= 1

    bot.work, bot.reply = slow, lambda message: None
    answers = [fake.gateway.push(fake.message("u1", f"{i}")) for i in range(300)]
    async with asyncio.timeout(30):
        await full.wait()
    await asyncio.sleep(0.2)  # time enough for a 65th, were it let in
    go_on.set()
    acks = await asyncio.gather(*answers)
    assert {a.code for a in acks} == {200}
    assert most == 64
    await bot.stream.stop()
    await running


@pytest.mark.asyncio
async def test_stop_finishes_and_answers_what_was_taken(fake: FakeDingTalk) -> None:
    bot = make(fake)

    async def slow(message: Message) -> None:
        await asyncio.sleep(0.1)

    bot.work, bot.reply = slow, lambda message: None
    running = asyncio.create_task(bot.stream.run())
    await fake.gateway.connected()
    answer = fake.gateway.push(fake.message("u1", "最后一条"))
    await asyncio.sleep(0.03)
    began = time.monotonic()
    await bot.stream.stop()
    assert time.monotonic() - began < 5
    await asyncio.wait_for(running, 1)
    assert (await asyncio.wait_for(answer, 1)).code == 200
    assert not bot.stream.connected


@pytest.mark.asyncio
async def test_stop_while_nothing_can_be_reached(fake: FakeDingTalk) -> None:
    bot = make(fake, api_base="http://127.0.0.1:9")
    running = asyncio.create_task(bot.stream.run())
    await asyncio.sleep(0.05)
    await asyncio.wait_for(bot.stream.stop(), 1)
    await running


@pytest.mark.asyncio
async def test_cancelling_the_run_ends_it(fake: FakeDingTalk) -> None:
    bot = make(fake)
    running = asyncio.create_task(bot.stream.run())
    conn = (await fake.gateway.connected())[0]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await gone(conn)


@pytest.mark.asyncio
async def test_neither_ticket_nor_secret_nor_text_is_logged(
    fake: FakeDingTalk, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await fake.gateway.push(fake.message("u1", "绝密的一句话"))
    conn = (await fake.gateway.connected())[0]
    tickets = []
    original = fake.gateway.tickets

    class Spy(dict):  # type: ignore[type-arg]
        def pop(self, key: str, *default: object) -> object:
            tickets.append(key)
            return super().pop(key, *default)

    fake.gateway.tickets = Spy(original)
    fake.gateway.abort(conn)
    await gone(conn)
    await fake.gateway.connected()
    await bot.sent()
    assert tickets
    for record in caplog.records:
        if record.name.startswith("bot."):
            line = record.getMessage()
            assert not any(x in line for x in (*tickets, "绝密", "secret", fake.token)), line


def test_waits_grow_with_full_jitter_and_start_anew() -> None:
    waits = BackOff(60.0)
    seen = [waits.next() for _ in range(12)]
    assert seen[0] == 0.0
    assert all(w <= min(60.0, 2 ** (i - 1)) for i, w in enumerate(seen) if i)
    assert len(set(seen)) > 10
    waits.reset()
    assert waits.next() == 0.0
