"""签到：发个位置或说「到了」；太远或没有定位记为未核实；晚到会算下一场来不来得及。"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from bot import says
from bot.cards import Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from bot.message import Place
from domain import place as ground
from domain import spoken
from domain.model import Customer, Slot, When
from domain.refusal import NotFound
from handlers import _check_in, _empty, _plan, _views, _who
from nlp.said import Said
from nlp.times import find

_LATE = re.compile(r"晚|迟|耽误|堵|排队|等会")
_ON_THE_WAY = re.compile(r"(?:还没|没有?|快)到|路上|赶过去|堵车|堵在|要?迟到|晚到")
_ARRIVED = re.compile(r"(?<!没)(?<!快)(?<!晚)(?<!迟)到了|已到|到达|抵达|到.{1,12}了|签到|打卡|在.{1,10}(?:门口|楼下|前台)")


@dataclass(frozen=True, slots=True)
class Arrived:
    """The customer named, if any; `visit_id` from a button."""

    customer: str | None = None
    customer_id: str | None = None
    time: When | None = None
    visit_id: str | None = None
    draft: str = ""


@command("visit.check_in", Arrived, group="签到", example="到宏远了")
def check_in(ask: Arrived, turn: Turn) -> Reply:
    """Check in without a location (未核实), note a delay, or an empty run; each only for what was said."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    text = "" if turn.said.text.startswith("/") else turn.said.text
    if spoken.is_empty_run(text):
        return _empty.run(turn, _empty.Wanted(ask.customer, ask.customer_id, ask.time, ask.visit_id, text))
    customers = _who.candidates(turn, ask.customer, ask.customer_id)
    place = turn.message.place if turn.message else None
    here = _check_in.near(turn, place, customers)
    if ask.visit_id:
        here = [h for h in here if h.visit.id == ask.visit_id]
    minutes = delay_min(turn, text)
    if not here:
        return nobody_expects(turn, customers[0] if len(customers) == 1 else None, ask.customer or "", place)
    if len(customers) > 1 and len({h.customer.id for h in here}) > 1:
        return _who.which_visit(turn, [h.visit for h in here], turn.said, "到的是哪一家？")
    first = here[0]
    extra = _check_in.delay_blocks(turn, first.visit, minutes) if minutes else []
    if minutes and _ON_THE_WAY.search(text) and not _ARRIVED.search(text):
        move = _check_in.next_button(turn, first.visit)
        title = f"已记下：{_views.label(turn, first.visit, first.customer)} 预计晚 {minutes} 分钟"
        arrive = Button("我到了", says.write("visit.check_in", visit_id=first.visit.id))
        return Reply(Card(title, tuple(extra), (arrive, *((move,) if move else ()))))
    return _check_in.check_in(turn, first, place, extra)


def delay_min(turn: Turn, text: str) -> int:
    """The minutes of 可能晚十分钟; 0 when no delay was said."""
    if not _LATE.search(text):
        return 0
    lengths = [s.minutes for s in find(text, turn.now) if s.kind == "duration" and s.minutes]
    return lengths[0] if lengths and 0 < lengths[0] <= 600 else 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A location message has no slots."""


@command("got.place", Sent, intent="visit.check_in")
def got_place(ask: Sent, turn: Turn) -> Reply:
    """A location: the nearest planned visit by place and time is checked in (R174)."""
    place = turn.message.place if turn.message else None
    if place is None or not (abs(place.lat) <= 90 and abs(place.lng) <= 180):
        raise NotFound("这个位置读不出来，没有签到", "请重新发送定位。")
    here = _check_in.near(turn, place)
    if here:
        return _check_in.check_in(turn, here[0], place)
    return nobody_expects(turn, closest(turn, place), "", place)


def closest(turn: Turn, place: Place) -> Customer | None:
    """One's own customer inside the radius, the nearest first."""
    mine = [*turn.tx.customers.owned_by(turn.me.id), *turn.tx.customers.helped_by(turn.me.id)]
    far = [(d, c) for c in mine if (d := ground.distance_to(c, place.lat, place.lng)) is not None and _check_in.inside(turn, d)]
    return min(far, key=lambda x: x[0])[1] if far else None


def nobody_expects(turn: Turn, customer: Customer | None, name: str, place: Place | None) -> Reply:
    """No visit near: say so, and offer to note one on the spot."""
    rows = (("位置", place.label),) if place and place.label else ()
    nxt = turn.tx.visits.next_of(turn.me.id, turn.now, statuses=("planned",))
    words = f"下一次拜访是 {_views.moment(nxt.start)} {_views.label(turn, nxt)}。" if nxt else "您近期没有安排拜访。"
    what = f"{customer.short if customer else name}现在没有您的拜访" if customer or name else "现在附近没有您的拜访"
    blocks = (*((Facts(rows),) if rows else ()), Text(words))
    if customer is None and name:
        return Reply(Card(f"{what}，还没签到", blocks, (), Tone.WARN))
    if customer is None:
        draft = turn.ask(Said("visit.adhoc", _spot(place)), "customer", 60)
        text = Text("要临时登记一次拜访，直接回复客户名称。")
        return Reply(Card(f"{what}，还没签到", (*blocks, text), (), Tone.WARN), subject=f"draft:{draft.id}")
    button = Button(
        f"临时登记{customer.short}"[:16], says.write("visit.adhoc", customer_id=customer.id, **_spot(place)), "primary"
    )
    skip = Button("算了", says.write("draft.drop"))
    return Reply(Card(f"{what}，还没签到", blocks, (button, skip), Tone.WARN))


def _spot(place: Place | None) -> dict[str, object]:
    return {"lat": place.lat, "lng": place.lng, "label": place.label[:40]} if place else {}


@dataclass(frozen=True, slots=True)
class Adhoc:
    """A visit noted on the spot: where, and the place that was sent."""

    customer: str | None = None
    customer_id: str | None = None
    lat: float | None = None
    lng: float | None = None
    label: str = ""
    draft: str = ""


@command("visit.adhoc", Adhoc, intent="visit.check_in")
def adhoc(ask: Adhoc, turn: Turn) -> Reply:
    """Book a visit from now on, checked like any other, and check it in."""
    if ask.draft:
        turn.tx.talk.close(ask.draft, "done")
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if not found:
        raise NotFound(f"没有找到客户「{ask.customer or ''}」，没有登记", "请先新建客户，或写全名再试。")
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said.with_slots(draft=None), "登记")
    start = turn.now.replace(second=0, microsecond=0)
    start = start if start >= turn.now else start + timedelta(minutes=1)
    slot = Slot(start, start + timedelta(minutes=turn.rules.default_visit_min))
    plan = _plan.Plan("book", found[0].id, turn.me.id, slot.start.isoformat(), slot.end.isoformat(), source="adhoc")
    booked = _plan.attempt(turn, plan)
    visits = turn.tx.visits.of_person(turn.me.id, slot.start, slot.end, statuses=("planned",))
    visit = next((v for v in visits if v.customer == found[0].id and v.start == slot.start), None)
    if visit is None:
        return booked
    place = Place(ask.lat, ask.lng, ask.label) if ask.lat is not None and ask.lng is not None else None
    distance = ground.distance_to(found[0], ask.lat, ask.lng)
    checked = _check_in.check_in(turn, _check_in.Here(visit, found[0], distance), place)
    return replace(checked, card=replace(checked.card, title=f"已登记并{checked.card.title.removeprefix('已')}"))
