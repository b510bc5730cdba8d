"""Visits stand in people's own calendars (R164): made, moved and taken out once, whatever the platform does; and back."""

import json
from datetime import datetime, timedelta

from domain.model import OFFICE
from tests.platforms.joint import NOW, Joint, joint

WED_10 = datetime(2026, 6, 10, 10, tzinfo=OFFICE)


def wecom_entries(office: Joint) -> list[tuple[str, str, list[str], int]]:
    """(summary, start, people, cancelled) of every schedule."""
    return [
        (
            s["summary"],
            datetime.fromtimestamp(s["start_time"], OFFICE).strftime("%d %H:%M"),
            [a["userid"] for a in s["attendees"]],
            s["status"],
        )
        for s in office.wecom.office.schedules.values()
    ]


def dingtalk_entries(office: Joint) -> list[tuple[str, str, str, list[str]]]:
    return [
        (e["summary"], e["start"]["dateTime"][8:16], e["organizer"], [a["id"] for a in e["attendees"]])
        for e in office.dingtalk.events.values()
    ]


async def test_booked_moved_and_cancelled_are_each_mirrored_once(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕，聊报价", times=3)
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei"], 0)]
        assert "目的：报价" in next(iter(office.wecom.office.schedules.values()))["description"]
        await office.wecom_says("hanmei", "飞燕那个改到周三下午四点")
        assert wecom_entries(office) == [("拜访 飞燕", "10 16:00", ["hanmei"], 0)]
        await office.wecom_says("hanmei", "撤销")
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei"], 0)]
        await office.wecom_says("hanmei", "取消周三飞燕的拜访")
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei"], 1)]
        calls = [path for path, _ in office.wecom.calls if path.startswith("oa/")]
        assert calls == ["oa/calendar/add", "oa/schedule/add", "oa/schedule/update", "oa/schedule/update", "oa/schedule/del"]
        assert office.dingtalk.events == {}


async def test_each_of_its_people_has_it_where_he_lives(db_url: str) -> None:
    """A rep on WeCom takes along a colleague on DingTalk: both calendars, each with its own people."""
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕，带上杜伟和秦岚")
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei", "qinlan"], 0)]
        assert dingtalk_entries(office) == [("拜访 飞燕", "10T10:00", "union-duwei", [])]
        await office.dingtalk_press("duwei", "婉拒")
        assert dingtalk_entries(office) == []
        assert len(wecom_entries(office)) == 1


async def test_a_platform_that_is_away_blocks_nothing_and_gets_it_later_once(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.break_("oa/schedule/add", http=502, times=3)
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        assert [e["visit"]["customer_name"] for e in office.named("visit.booked")] != []
        assert wecom_entries(office) == []
        await office.advance(NOW + timedelta(hours=1))
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei"], 0)]


async def test_an_unclear_add_is_looked_up_before_it_is_added_again(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.break_("oa/schedule/add", after=True, drop=True)
        office.dingtalk.fail("calendar POST", "answer lost")
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕，带上杜伟")
        await office.advance(NOW + timedelta(minutes=5))
        assert len(wecom_entries(office)) == 1
        assert len(dingtalk_entries(office)) == 1
        assert len(office.dingtalk.called("calendar POST")) == 2, "the second with the same x-client-token"
        # and it is known by its id: the next move finds it
        await office.wecom_says("hanmei", "飞燕那个改到周三下午四点")
        assert [e[1] for e in wecom_entries(office)] == ["10 16:00"]
        assert [e[1] for e in dingtalk_entries(office)] == ["10T16:00"]


async def test_cancelled_while_the_add_was_unclear_leaves_nothing_behind(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.break_("oa/schedule/add", after=True, drop=True)
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        await office.wecom_says("hanmei", "撤销")
        await office.advance(NOW + timedelta(minutes=5))
        assert [e[3] for e in wecom_entries(office)] == [1]


async def test_somebody_out_of_sight_does_not_keep_it_out_of_the_others_calendar(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.visible.discard("qinlan")
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕，带上秦岚")
        assert wecom_entries(office) == [("拜访 飞燕", "10 10:00", ["hanmei"], 0)]


async def test_what_was_booked_before_there_was_a_calendar_is_caught_up(db_url: str) -> None:
    async with joint(db_url) as office:
        assert office.service.mirror
        ahead = await office.service.mirror.catch_up()
        await office.settle()
        assert ahead > 0
        assert len(wecom_entries(office)) + len(dingtalk_entries(office)) == ahead
        assert await office.service.mirror.catch_up() == 0


async def moved_over_there(office: Joint, to: datetime) -> None:
    (schedule,) = office.wecom.office.schedules.values()
    schedule["start_time"], schedule["end_time"] = int(to.timestamp()), int(to.timestamp()) + 3600
    event = f"<Event>modify_schedule</Event><CalId>c</CalId><ScheduleId>{schedule['schedule_id']}</ScheduleId>"
    for _ in range(2):
        assert await office.wecom_event(event, "hanmei") == 200


async def test_moved_in_the_calendar_the_rep_is_asked_and_may_take_it_over(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        await moved_over_there(office, WED_10 + timedelta(hours=5))
        asked = [t for t in office.wecom_texts("hanmei") if "日历里的时间被改动了" in t]
        assert len(asked) == 1, "told twice, asked once"
        assert office.named("visit.rescheduled") == []
        await office.wecom_press("hanmei", "按日历改期")
        assert [e["visit"]["start"] for e in office.named("visit.rescheduled")] == ["2026-06-10T15:00:00+08:00"]
        assert [e[1] for e in wecom_entries(office)] == ["10 15:00"]


async def test_moved_in_the_calendar_the_rep_may_put_it_back(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        await moved_over_there(office, WED_10 + timedelta(hours=5))
        await office.wecom_press("hanmei", "恢复日历")
        assert [e[1] for e in wecom_entries(office)] == ["10 10:00"]
        assert office.named("visit.rescheduled") == []


async def test_deleted_in_the_calendar_the_rep_is_asked(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕")
        (schedule,) = office.wecom.office.schedules.values()
        schedule["status"] = 1
        event = f"<Event>delete_schedule</Event><CalId>c</CalId><ScheduleId>{schedule['schedule_id']}</ScheduleId>"
        await office.wecom_event(event, "hanmei")
        assert any("被删除" in t for t in office.wecom_texts("hanmei"))
        await office.wecom_press("hanmei", "恢复日历")
        assert [(e[1], e[3]) for e in wecom_entries(office)] == [("10 10:00", 1), ("10 10:00", 0)]


async def test_an_answer_in_the_calendar_is_an_answer_to_the_bot(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.wecom_says("hanmei", "周三上午10点拜访飞燕，带上秦岚")
        (schedule,) = office.wecom.office.schedules
        office.wecom.office.answer(schedule, "qinlan", 4)
        event = f"<Event>respond_schedule</Event><CalId>c</CalId><ScheduleId>{schedule}</ScheduleId>"
        for _ in range(2):
            await office.wecom_event(event, "qinlan")
        assert [e["visit"]["participants"] for e in office.named("visit.updated")] == [[]]
        assert sum("秦岚婉拒了同行" in t for t in office.wecom_texts("hanmei")) == 1


async def test_dingtalk_tells_of_its_calendar_too(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.dingtalk_says("duwei", "周三上午10点拜访山泉，带上陆佳")
        ((event, entry),) = office.dingtalk.events.items()
        data = {"calendarEventId": event, "unionIdList": ["union-duwei"], "changeType": "update"}

        async def tell(event_id: str) -> str:
            ack = await office.dingtalk.gateway.push(
                json.dumps(data), "*", "EVENT", eventId=event_id, eventType="calendar_event_change"
            )
            await office.settle()
            status: str = ack.data["status"]
            return status

        assert await tell("e1") == "SUCCESS"
        assert not any("日历" in t for t in office.dingtalk_texts("duwei")), "our own change is no news"
        entry["start"]["dateTime"], entry["end"]["dateTime"] = "2026-06-10T15:00:00+08:00", "2026-06-10T16:00:00+08:00"
        office.dingtalk.answer_event(event, "union-lujia", "accepted")
        assert await tell("e2") == "SUCCESS"
        assert any("钉钉日历里的时间被改动了" in t for t in office.dingtalk_texts("duwei"))
        assert any("陆佳接受了同行" in t for t in office.dingtalk_texts("duwei"))
        await office.dingtalk_press("duwei", "按日历改期")
        assert [e["visit"]["start"] for e in office.named("visit.rescheduled")] == ["2026-06-10T15:00:00+08:00"]


async def test_another_rep_another_organiser(db_url: str) -> None:
    """Only its organiser may change a DingTalk entry: it leaves the one calendar and appears in the other."""
    async with joint(db_url) as office:
        await office.dingtalk_says("duwei", "周三上午10点拜访山泉")
        await office.dingtalk_says("duwei", "周三山泉的拜访让陆佳替我去")
        await office.dingtalk_press("lujia", "接")
        assert [(e[1], e[2]) for e in dingtalk_entries(office)] == [("10T10:00", "union-lujia")]


async def test_to_dos_stand_in_dingtalks_list_and_are_ticked_off(db_url: str) -> None:
    async with joint(db_url) as office:
        await office.dingtalk_says("duwei", "提醒我明天下午3点给李总打电话")
        ((_, todo),) = office.dingtalk.tasks.items()
        assert todo["executorIds"] == ["union-duwei"]
        assert todo["detailUrl"]["appUrl"].startswith("https://visits.example.com/")
        assert "done" not in todo
        await office.dingtalk_says("duwei", "给李总打电话那个任务完成了")
        assert todo["done"] is True
        await office.wecom_says("hanmei", "提醒我明天下午3点给李总打电话")
        assert len(office.dingtalk.tasks) == 1


async def test_near_the_months_end_the_calendar_waits_for_the_reminders_sake(db_url: str) -> None:
    async with joint(db_url, monthly_api_calls=10) as office:
        client = office.service.wires["dingtalk"]
        client.api.quota.count("api", office.clock.now(), 8)  # type: ignore[attr-defined]
        await office.dingtalk_says("duwei", "周三上午10点拜访山泉")
        assert office.named("visit.booked")
        assert office.dingtalk.events == {}
