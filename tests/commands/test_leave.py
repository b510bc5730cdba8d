"""Leave blocks slots like a visit; its reason stays private (D26, R27)."""

import pytest

from tests.commands.kit import at, book, booked, kinds, move
from tests.talking import Chat


@pytest.mark.parametrize(("text", "start", "end"), [
    ("我周五请假", (12, "00:00"), (13, "00:00")), ("下周一到周三出差", (15, "00:00"), (18, "00:00")),
    ("周五下午请假", (12, "12:00"), (12, "18:00")), ("明天全天培训", (10, "00:00"), (11, "00:00")),
])  # fmt: skip
async def test_periods(chat: Chat, text: str, start: tuple[int, str], end: tuple[int, str]) -> None:
    await chat.says("hanmei", text)
    (event,) = chat.named("leave.added")
    leave = event["leave"]
    assert (leave["member"], leave["start"], leave["end"]) == ("hanmei", at(*start).isoformat(), at(*end).isoformat())


async def test_visits_in_it_are_named_with_a_way_out(chat: Chat) -> None:
    text = await chat.reply("hanmei", "我周四请假，发烧了")
    assert "金桥" in text
    assert "改约" in text
    assert not chat.named("visit.cancelled"), "nothing is cancelled by guess"
    assert "发烧" not in text


async def test_its_edges_are_half_open(chat: Chat) -> None:
    await chat.says("hanmei", "周五下午请假")
    await chat.says("hanmei", book("k7", 12, "11:00"))
    assert booked(chat) == [("k7", "12T11:00")]
    await chat.says("hanmei", book("k2", 12, "17:59"))
    assert kinds(chat)[0] == "rep_overlap"


async def test_undo_frees_the_time(chat: Chat) -> None:
    await chat.says("hanmei", "我周五请假")
    await chat.says("hanmei", "撤销")
    assert chat.named("leave.cancelled")
    await chat.says("hanmei", book("k7", 12, "10:00"))
    assert booked(chat) == [("k7", "12T10:00")]


async def test_a_visit_is_not_moved_or_offered_into_it(chat: Chat) -> None:
    await chat.says("hanmei", "我周五请假")
    await chat.says("hanmei", move("w1", 12, "10:00"))
    assert kinds(chat) == ["rep_overlap"]
    assert not any(a["start"].startswith("2026-06-12") for a in chat.named("conflict.found")[-1]["alternatives"])


async def test_only_the_own_leave_is_cancelled(chat: Chat) -> None:
    await chat.says("hanmei", "我周五请假")
    id_ = chat.named("leave.added")[0]["leave"]["id"]
    await chat.says("duwei", f"/leave.cancel id={id_}")
    assert not chat.named("leave.cancelled")
    await chat.says("hanmei", "周五的假不请了")
    assert chat.named("leave.cancelled")[0]["leave"]["id"] == id_


async def test_nobody_is_asked_to_stand_in_while_away(chat: Chat) -> None:
    await chat.says("duwei", "我周四请假")
    text = await chat.reply("hanmei", "周四谁能替我去金桥")
    assert "杜伟" not in text


async def test_the_past_is_not_registered(chat: Chat) -> None:
    await chat.says("hanmei", "昨天请假")
    assert not chat.named("leave.added")
