"""Which way a letter takes: the person's messenger, another one of his, never twice, never lost in silence (R106, D29)."""

from datetime import datetime, timedelta

from bot.cards import Card, to_json
from bot.outbox import spread
from domain.desk import Letter
from domain.model import OFFICE, Group
from storage.tx import Tx
from tests.platforms.joint import NOW, Joint, joint


async def post(office: Joint, to: str, *titles: str, why: str = "push", platform: str = "") -> None:
    def work(tx: Tx) -> None:
        for i, title in enumerate(titles):
            tx.mail.post(Letter(f"k-{to[2:]}-{i}", to, why, to_json(Card(title)), platform=platform), office.clock.now())

    await office.app.store.run(work)
    await office.settle()


async def test_two_hundred_reminders_for_one_person_all_arrive_in_time(db_url: str) -> None:
    """Through the outbox, not only through the sender: what waits for one person is claimed together."""
    async with joint(db_url) as office:
        titles = [f"拜访提醒：60 分钟后 10:00 拜访客户{i:03d}" for i in range(200)]
        await post(office, "u:hanmei", *titles)
        shown = "\n".join(office.wecom_texts("hanmei"))
        assert office.clock.now() == NOW, "nobody had to wait for the next minute"
        assert all(shown.count(title) == 1 for title in titles)
        assert len(office.wecom.sent) <= 30
        assert office.wecom.dropped == []


async def test_order_of_a_reply_behind_pushes_is_kept(db_url: str) -> None:
    async with joint(db_url) as office:

        def work(tx: Tx) -> None:
            for i, why in enumerate(("push", "push", "reply", "push")):
                tx.mail.post(Letter(f"k{i}", "u:hanmei", why, to_json(Card(f"第{i}"))), office.clock.now())

        await office.app.store.run(work)
        await office.settle()
        assert [t[:2] for t in office.wecom_texts("hanmei")] == ["第0", "第1", "第2", "第3"]


async def test_out_of_sight_on_one_messenger_reached_by_the_other(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.visible.discard("hanmei")
        await post(office, "u:hanmei", "您好")
        assert office.dingtalk_texts("hanmei") == ["您好"]
        assert await office.app.store.read(lambda tx: tx.mail.state_of("k-hanmei-0")) == "sent"


async def test_reached_nowhere_the_admin_hears_why_and_what_to_do(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.visible.discard("hanmei")
        del office.dingtalk.users["hanmei"]
        await post(office, "u:hanmei", "您好", "再见")
        await office.service.alarm.close()
        await office.settle()
        (told,) = [t for t in office.wecom_texts("wuxin") if "韩梅" in t]
        assert "没有送达" in told
        assert "可见范围" in told


async def test_a_messenger_that_stays_away_is_left_for_the_other_one(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.break_("message/send", errcode=45009, times=50)
        await post(office, "u:hanmei", "您好")
        assert office.dingtalk_texts("hanmei") == []
        await office.advance(NOW + timedelta(minutes=5))
        assert office.dingtalk_texts("hanmei") == ["您好"]
        assert office.wecom.sent == []


async def test_an_unclear_try_never_goes_the_other_way_too(db_url: str) -> None:
    """What may have arrived is repeated where the platform recognises the repeat, nowhere else."""
    async with joint(db_url) as office:
        office.wecom.break_("message/send", after=True, drop=True, times=6)
        await post(office, "u:hanmei", "您好")
        await office.advance(NOW + timedelta(minutes=20))
        assert office.dingtalk_texts("hanmei") == []
        assert len(office.wecom.delivered) == 1


async def test_60020_is_told_to_the_admin_with_the_address(db_url: str) -> None:
    async with joint(db_url) as office:
        office.wecom.break_("message/send", errcode=60020, errmsg="not allow to access from your ip, hint: [1], from ip: 1.2.3.4")
        await post(office, "u:hanmei", "您好")
        await office.service.alarm.close()
        await office.advance(NOW + timedelta(minutes=10))
        (told,) = [t for t in office.wecom_texts("wuxin") if "60020" in t]
        assert "1.2.3.4" in told
        assert "可信IP" in told
        assert "您好" in office.wecom_texts("hanmei")[0]


async def test_a_groups_letter_goes_where_the_group_is(db_url: str) -> None:
    async with joint(db_url) as office:

        def work(tx: Tx) -> None:
            tx.people.put_group(Group("south", "南区群", ("lujia",), "南区组"))
            tx.people.link_chat("south", "dingtalk", "cidEast==")

        await office.app.store.run(work)
        await post(office, "g:south", "本周拜访")
        assert [(c.space, c.values["title"]) for c in office.dingtalk.cards.values()] == [("IM_GROUP.cidEast==", "本周拜访")]


def test_the_full_hour_is_spread_by_receiver_and_nothing_else() -> None:
    def at(hour: int, minute: int, second: int = 0) -> datetime:
        return datetime(2026, 6, 9, hour, minute, second, tzinfo=OFFICE)

    times = {spread(f"u:p{i}", at(9, 0)) for i in range(200)}
    assert len(times) > 20
    assert at(9, 0, 5) <= min(times) <= max(times) <= at(9, 0, 45)
    assert spread("u:a", at(9, 30, 1)) == spread("u:a", at(9, 30, 4)) > at(9, 30, 4)
    assert spread("u:a", at(9, 0, 5)) == at(9, 0, 5)
    assert spread("u:a", at(9, 7)) == at(9, 7)


async def test_what_a_job_writes_on_the_full_hour_leaves_a_little_later_and_answers_at_once(db_url: str) -> None:
    early = NOW.replace(minute=0)
    async with joint(db_url, now=early) as office:
        await office.wecom_says("hanmei", "今天上午11点拜访飞燕")
        assert office.wecom_texts("hanmei"), "an answer does not wait"
        await office.advance(early + timedelta(hours=1))
        assert not any("拜访提醒" in t for t in office.wecom_texts("hanmei"))
        await office.advance(early + timedelta(hours=1, seconds=50))
        assert any("拜访提醒" in t for t in office.wecom_texts("hanmei"))
