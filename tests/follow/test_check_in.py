"""Check-in by place and words, delays, ad-hoc visits, photos."""

from pathlib import Path

import pytest
from PIL import Image

from domain.model import Customer
from domain.place import distance_m, distance_to, metres
from tests.follow.conftest import Office, at, visit

GATE = (31.3002, 120.6002, "金桥门口")
FAR = (31.45, 120.80, "某服务区")


def test_distances() -> None:
    assert distance_m(31.3, 120.6, 31.3, 120.6) == 0
    assert abs(distance_m(39.9087, 116.3975, 31.2304, 121.4737) - 1_067_000) < 2_000
    assert distance_to(Customer("x", "x"), 31.0, 120.0) is None
    assert distance_to(Customer("x", "x", lat=31.0, lng=120.0), 131.0, 120.0) is None
    assert [metres(d) for d in (120, 3240, 16_400)] == ["120 米", "3.2 公里", "16 公里"]


async def test_too_far_is_recorded_as_unverified_and_a_nearer_place_makes_it_verified(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "13:56"))
    got = await chat.says("hanmei", location=FAR)
    assert "未核实" in got[0].text
    assert "金桥" in got[0].text
    await chat.says("hanmei", location=GATE)
    first, second = chat.named("visit.checked_in")
    assert (first["verified"], second["verified"]) == (False, True)
    assert first["distance_m"] > 500 >= second["distance_m"]
    again = await chat.says("hanmei", location=FAR)
    assert "没有重复" in again[0].text
    assert len(chat.named("visit.checked_in")) == 2


@pytest.mark.parametrize(("lat", "verified"), [(31.3 + 0.00448, True), (31.3 + 0.00452, False)])
async def test_the_radius_is_500_metres(talk: Office, lat: float, verified: bool) -> None:
    chat = await talk()
    await chat.advance(at(11, "14:00"))
    await chat.says("hanmei", location=(lat, 120.6, ""))
    assert chat.named("visit.checked_in")[0]["verified"] is verified


async def test_words_alone_are_unverified(talk: Office) -> None:
    chat = await talk()
    await chat.advance(at(11, "13:50"))
    text = await chat.reply("hanmei", "到了")
    assert text.startswith("已签到（未核实）：金桥")
    assert chat.named("visit.checked_in")[0]["distance_m"] is None


async def test_the_place_decides_between_two_visits(talk: Office) -> None:
    later = visit("n1", "k7", "hanmei", 11, "15:30")
    chat = await talk(visits=[later])
    await chat.advance(at(11, "14:30"))
    await chat.says("hanmei", location=(31.3801, 120.9801, "飞燕"))
    assert chat.named("visit.checked_in")[0]["visit"]["id"] == "n1"


async def test_a_delay_is_weighed_against_the_next_visit_and_nobody_outside_is_told(talk: Office) -> None:
    chat = await talk(visits=[visit("n1", "k7", "hanmei", 11, "15:30")])
    await chat.advance(at(11, "13:58"))
    text = await chat.reply("hanmei", "到金桥了，门口排队登记，可能晚十分钟")
    assert "15:10" in text
    assert "有风险" in text
    assert "没有通知客户" in text
    assert chat.named("visit.delayed")[0]["minutes"] == 10
    assert [g.to for g in chat.wire.got if g.at == at(11, "13:58")] == ["hanmei"]


async def test_nobody_expects_him_so_an_ad_hoc_visit_is_offered(talk: Office) -> None:
    chat = await talk()
    got = await chat.says("hanmei", location=(31.5701, 120.3001, "绿洲楼下"))
    assert "没有您的拜访" in got[0].text
    assert not chat.named("visit.checked_in")
    await chat.press("hanmei", "临时登记")
    (booked,) = chat.named("visit.booked")
    (event,) = chat.named("visit.checked_in")
    assert booked["visit"]["customer"] == "k2"
    assert (event["visit"]["id"], event["verified"]) == (booked["visit"]["id"], True)


@pytest.mark.parametrize("place", [(91.0, 120.0, ""), (31.0, 190.0, ""), (float("nan"), 120.0, "")])
async def test_no_place_on_earth(talk: Office, place: tuple[float, float, str]) -> None:
    chat = await talk()
    got = await chat.says("hanmei", location=place)
    assert "读不出来" in got[0].text


# ---------------------------------------------------------------------- photos
def picture(path: Path, seed: int, size: int = 160) -> str:
    image = Image.new("L", (size, size))
    bars = [(seed * (x // 20 + 1) * (y // 20 + 2) * 37 + seed * 11) % 256 for y in range(size) for x in range(size)]
    image.putdata(bars)
    image.save(path)
    return str(path)


async def test_a_photo_goes_to_the_visit_going_on_and_a_used_one_is_flagged(talk: Office, tmp_path: Path) -> None:
    chat = await talk(visits=[visit("n1", "k7", "hanmei", 12, "14:00")])
    await chat.advance(at(11, "14:10"))
    photo = picture(tmp_path / "a.png", 2)
    got = await chat.says("hanmei", image=photo)
    assert got[0].text.startswith("照片已归到：金桥")
    got = await chat.says("hanmei", image=photo)
    assert "没有重复保存" in got[0].text
    await chat.advance(at(12, "14:10"))
    Image.open(photo).resize((120, 120)).save(tmp_path / "b.jpg", quality=80)
    got = await chat.says("hanmei", image=str(tmp_path / "b.jpg"))
    assert "相同" in got[0].text
    assert "6月11日" in got[0].text
    assert chat.named("photo.added")[1]["photo"]["reused"] == ["w1"]
    got = await chat.says("hanmei", image=picture(tmp_path / "c.png", 5))
    assert got[0].text.startswith("照片已归到：飞燕")


async def test_even_pictures_are_compared_by_their_bytes(talk: Office, tmp_path: Path) -> None:
    chat = await talk(visits=[visit("n1", "k7", "hanmei", 12, "14:00")])
    await chat.advance(at(11, "14:10"))
    for shade, name in ((10, "a.png"), (200, "b.png")):
        Image.new("L", (50, 50), shade).save(tmp_path / name)
    await chat.says("hanmei", image=str(tmp_path / "a.png"))
    await chat.advance(at(12, "14:10"))
    got = await chat.says("hanmei", image=str(tmp_path / "b.png"))
    assert got[0].text.startswith("照片已归到")


async def test_a_photo_without_a_visit_or_a_file_is_not_lost_silently(talk: Office, tmp_path: Path) -> None:
    chat = await talk()
    got = await chat.says("hanmei", image=str(tmp_path / "none.jpg"))
    assert "没有收到" in got[0].text
    (tmp_path / "junk.jpg").write_bytes(b"no picture at all")
    got = await chat.says("duwei", image=str(tmp_path / "junk.jpg"))
    assert "没有进行中的拜访" in got[0].text
