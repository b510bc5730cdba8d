"""Several cards as one, when there are too many for one person at once (D29)."""

from bot.cards import Button, Card, Facts, Text, Tone, plain
from bot.gather import MAX_MERGED, WHOLE, merged


def test_merged_leaves_nothing_out() -> None:
    cards = [
        Card("拜访宏远", (Facts((("时间", "15:00"), ("地点", "苏州"))),)),
        Card("拜访鼎盛", (Text("带样品"),), tone=Tone.WARN, files=(("a", "/a"),)),
    ]
    one = merged(cards)
    text = plain(one)
    for words in ("拜访宏远", "时间：15:00", "地点：苏州", "拜访鼎盛", "带样品"):
        assert words in text
    assert (one.tone, one.files) == (Tone.WARN, (("a", "/a"),))
    assert merged(cards[:1]) is cards[0]


def test_what_buttons_would_do_is_said_in_words() -> None:
    card = Card(
        "拜访提醒：15:00 宏远", (), (Button("改时间", "/visit.retime visit=v1"), Button("取消拜访", "/visit.cancel visit_id=v1"))
    )
    one = merged([card, Card("拜访提醒：16:00 鼎盛")])
    assert one.buttons == ()
    assert "可以：改时间、取消拜访" in plain(one)
    assert "直接说一句话" in plain(one)


def test_many_become_a_list_that_fits_two_texts() -> None:
    cards = [Card(f"拜访提醒：60 分钟后 15:00 拜访第{i}家机械有限公司", (Text("聊报价" * 20),)) for i in range(MAX_MERGED)]
    text = plain(merged(cards))
    assert all(card.title in text for card in cards)
    assert "聊报价" not in text
    assert len(text.encode()) < 2 * 2048
    assert "聊报价" in plain(merged(cards[:WHOLE]))
