"""Black box: promises 1, 2, 4 and 6 of contract.md section 8 through a real process, killed with SIGKILL and started again."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.process import Bot
from tests.talking import OFFICE_FILE

TUE, THU = "2026-06-09T09:00:00+08:00", "2026-06-11T09:00:00+08:00"
CLASH = {"from": "hanmei", "text": "周四下午两点半拜访飞燕，产品演示"}
CLEAR = {"from": "hanmei", "text": "周五上午十点去飞燕做售后回访"}


def reminders(bot: Bot, who: str = "hanmei") -> list[str]:
    return [t for t in bot.texts(who, "push") if "拜访提醒" in t]


def test_what_was_acknowledged_survives_and_cards_still_work(db_url: str) -> None:
    with Bot(db_url, TUE, OFFICE_FILE) as bot:
        bot.says({**CLEAR, "msgid": "m1"})
        shown = bot.says(CLASH)
        action = next(o for o in shown if o["type"] == "message")["card"]["buttons"][1]["action"]
        bot.kill()
    with Bot(db_url, TUE) as bot:
        again = bot.says({**CLEAR, "msgid": "m1"})
        assert again[-1]["duplicate"] is True
        assert not bot.events("visit.booked")
        bot.says({"from": "hanmei", "text": "1"})
        assert len(bot.events("visit.booked")) == 1, "a number answers the card of before the restart"
        bot.says({"from": "hanmei", "click": action})
        assert len(bot.events("visit.booked")) == 1, "the other button of the answered card is stale"
        listed = bot.says({"from": "hanmei", "text": "我周五几个拜访"})
        assert "飞燕" in listed[0]["text"]
        assert bot.end()[0] == 0


def test_a_button_of_before_the_restart(db_url: str) -> None:
    with Bot(db_url, TUE, OFFICE_FILE) as bot:
        shown = bot.says(CLASH)
        action = next(o for o in shown if o["type"] == "message")["card"]["buttons"][1]["action"]
        bot.kill()
    with Bot(db_url, TUE) as bot:
        bot.says({"from": "duwei", "click": action})
        assert bot.events("access.denied")
        bot.says({"from": "hanmei", "click": action})
        assert len(bot.events("visit.booked")) == 1


@pytest.mark.parametrize(("back", "late"), [("13:20", 1), ("13:59", 1), ("14:00", 0), ("15:30", 0)])
def test_a_reminder_that_fell_due_while_it_was_down(db_url: str, back: str, late: int) -> None:
    """Found late it comes once, marked 补发; when the visit has begun it is dropped."""
    with Bot(db_url, THU, OFFICE_FILE) as bot:
        bot.says({"from": "hanmei", "text": "我今天几个拜访"})
        bot.kill()
    with Bot(db_url, f"2026-06-11T{back}:00+08:00") as bot:
        bot.says({"now": f"2026-06-11T{back}:30+08:00"})
        assert len(reminders(bot)) == late
        assert sum("补发" in t for t in reminders(bot)) == late
        assert all(o["line"] == 0 for o in bot.outs if o["type"] == "message" and "补发" in o["text"])
        bot.kill()
    with Bot(db_url, f"2026-06-11T{back}:40+08:00") as bot:
        bot.says({"now": "2026-06-11T15:59:00+08:00"})
        assert not reminders(bot), "never twice"


def test_a_reminder_that_was_sent_is_not_sent_again(db_url: str) -> None:
    with Bot(db_url, THU, OFFICE_FILE) as bot:
        bot.says({"now": "2026-06-11T13:00:00+08:00"})
        assert len(reminders(bot)) == 1
        bot.kill()
    with Bot(db_url, "2026-06-11T13:00:00+08:00", OFFICE_FILE) as bot:
        bot.says({"now": "2026-06-11T14:00:00+08:00"})
        assert not reminders(bot)


def test_moved_and_cancelled_before_the_kill(db_url: str) -> None:
    with Bot(db_url, TUE, OFFICE_FILE) as bot:
        bot.says({"from": "hanmei", "text": "周四金桥改到下午四点"})
        bot.says({"from": "duwei", "text": "取消周五大桥的拜访"})
        bot.kill()
    with Bot(db_url, THU) as bot:
        bot.says({"now": "2026-06-12T18:00:00+08:00"})
        assert [t.splitlines()[0] for t in reminders(bot)] == ["拜访提醒：60 分钟后 16:00 拜访金桥"]
        assert not reminders(bot, "duwei")


def test_killed_at_any_moment_the_store_is_sound(db_url: str) -> None:
    """A booking is there after its `done`, whole or not at all before it; its card and its reminder come once."""
    for n, wait in enumerate((0.0, 0.02, 0.1)):
        at = f"2026-06-1{n + 5}T10:00:00+08:00"
        line = {"from": "hanmei", "msgid": f"k{n}", "text": f"/visit.book customer_id=k7 time={at}"}
        with Bot(db_url, TUE, OFFICE_FILE) as bot:
            bot.says({"from": "hanmei", "text": "你好"})
            bot.send(line)
            time.sleep(wait)
            bot.kill()
            seen = any(o["type"] == "done" and o["line"] == 2 for o in bot.outs)
            told = sum("已预约" in t for t in bot.texts("hanmei"))
        with Bot(db_url, TUE) as bot:
            done = bot.says(line)[-1]
            assert done.get("duplicate", False) or not seen
            assert told + sum("已预约" in t for t in bot.texts("hanmei")) >= 1
            day = bot.says({"from": "hanmei", "text": f"我6月1{n + 5}号几个拜访"})
            assert next(o for o in day if o["type"] == "message")["text"].count("飞燕") == 1
            bot.kill()


MALFORMED: list[Any] = [
    "this is not json", "[1, 2]", "5", '"text"', "null", "{", "{}", '{"text": "你好"}', '{"from": 5, "text": "x"}',
    '{"from": "hanmei", "text": 7}', '{"from": "hanmei", "text": "x", "platform": "telegram"}', '{"now": "yesterday"}', '{"now": 5}',
    '{"from": "hanmei", "location": "here"}', '{"from": "hanmei", "location": {"lat": "x", "lng": 1}}',
    '{"from": "hanmei", "click": 3}', '{"from": "hanmei", "click": "/x", "values": [1]}', "[" * 5000,
]  # fmt: skip


def test_malformed_lines_get_an_error_and_a_done_and_nothing_stops(tmp_path: Path) -> None:
    with Bot(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", TUE, OFFICE_FILE) as bot:
        for line in MALFORMED:
            out = bot.says(line)
            assert [o["type"] for o in out] == ["error", "done"], line
            assert out[0]["error"]
        assert len(bot.says(CLEAR)) > 1
        assert len(bot.events("visit.booked")) == 1
        code, err = bot.end()
        assert code == 0
        assert "Traceback" not in err


ODD: list[dict[str, Any]] = [
    {"text": ""}, {"text": "   "}, {"text": "\u0000"}, {"text": "周五\u0000上午\ud800十点"}, {"text": "\ud83c"}, {"text": "🎉👨‍👩‍👧‍👦"}, {"text": "拜访" * 2500},
    {"text": "明天下午三点" * 800}, {"text": "9" * 4000}, {"text": "(" * 4000}, {"text": "/visit.book"}, {"text": "/visit.book time=x customer_id=k7"},
    {"text": "/visit.settle draft=d999 how=anyway"}, {"text": "/visit.settle"}, {"text": "/no.such thing=1"}, {"click": ""}, {"click": "garbage"},
    {"click": "/dialog.undo", "values": {"self": 1, "visit": {"a": []}, "a b": 2}}, {"click": "/visit.reschedule", "values": {"shift_min": []}},
    {"click": "/draft.fill draft=d1 index=x person=y"}, {"text": "x", "msgid": "\u0000" * 5}, {"text": "x", "msgid": "m" * 9000},
    {"text": "x", "group": "g" * 9000}, {"text": "x", "group": "no such group"}, {"location": {"lat": 1e308, "lng": -1e308}},
    {"location": {"lat": float("nan"), "lng": 0}}, {"image": "no/such.jpg"}, {"file": "/no/such.xlsx"}, {"image": "\u0000"},
    {"voice": "帮我约一下"}, {"text": "'; DROP TABLE visits; --"}, {"text": "%s %d {0} {x}"}, {"text": "<script>alert(1)</script>"},
    {"text": "@拜访助手", "group": "east"},
]  # fmt: skip


def test_anything_else_gets_an_answer(db_url: str) -> None:
    """Promise 6; on both databases: PostgreSQL refuses NUL bytes and long keys in its own ways."""
    with Bot(db_url, TUE, OFFICE_FILE) as bot:
        for odd in ODD:
            out = bot.says(json.dumps({"from": "hanmei", **odd}))
            assert out[-1]["type"] == "done", odd
            texts = [o["text"] for o in out if o["type"] == "message"]
            assert texts or any(o["type"] == "error" for o in out), odd
            assert not any("没有处理成功" in t for t in texts), (odd, texts)
        for who in ("nobody", "\u0000", "x" * 9000, "\ud800"):
            out = bot.says(json.dumps({"from": who, "text": "金桥是谁的"}))
            assert any(o["type"] == "message" and "不是" in o["text"] for o in out), who
        assert not bot.events("visit.booked")
        bot.says(CLEAR)
        assert len(bot.events("visit.booked")) == 1
        code, err = bot.end()
        assert code == 0
        assert "Traceback" not in err


def test_lines_and_times_are_in_order_over_days(tmp_path: Path) -> None:
    with Bot(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", TUE, OFFICE_FILE) as bot:
        bot.says({"now": "2026-06-15T12:00:00+08:00"})
        bot.says({"from": "hanmei", "text": "我今天几个拜访", "now": "2026-06-15T13:00:00+08:00"})
        bot.says({"now": "2026-06-01T00:00:00+08:00"})
        times = [o["at"] for o in bot.outs]
        assert times == sorted(times)
        assert [o["line"] for o in bot.outs if o["type"] == "done"] == [1, 2, 3]
        sent = [
            o["data"]["visit"] for o in bot.outs if o["type"] == "event" and o["name"] == "reminder.sent" and "visit" in o["data"]
        ]
        assert sent[:3] == ["w3", "w1", "w2"]


def test_one_message_id_on_two_platforms_is_two_messages(tmp_path: Path) -> None:
    with Bot(f"sqlite+aiosqlite:///{tmp_path / 'x.db'}", TUE, OFFICE_FILE) as bot:
        bot.says({"from": "hanmei", "msgid": "7", "text": "周五上午十点去飞燕做售后回访"})
        bot.says({"from": "hanmei", "msgid": "7", "platform": "dingtalk", "text": "下周一上午十点去飞燕做售后回访"})
        assert len(bot.events("visit.booked")) == 2
        for platform in ("wecom", "dingtalk"):
            out = bot.says({"from": "hanmei", "msgid": "7", "platform": platform, "text": "下周二上午十点去飞燕"})
            assert out[-1]["duplicate"] is True
            assert not [o for o in out if o["type"] == "event"]
        assert len(bot.events("visit.booked")) == 2
