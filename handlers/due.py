"""该联系谁了：逾期、快进公海、这段时间没人联系、沉睡、过度打扰的客户。"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain import cadence
from domain.model import OFFICE, Customer, When
from domain.permissions import may_change_customer
from domain.refusal import NotAllowed, NotFound
from handlers import _cadence, _due, _life, _shown, _team, _views, _who
from nlp.said import Said

MOST = 10
_POOL = ("公海", "掉", "回收")
_TOO_MUCH = ("打扰", "过度", "太频繁", "跟得太", "重复跟进")
_OTHER_LISTS = (*_POOL, "睡", *_TOO_MUCH)


@dataclass(frozen=True, slots=True)
class Due:
    """Whose customers, of which grade, silent since when; or one customer."""

    customer: str | None = None
    customer_id: str | None = None
    grade: str = ""
    time: When | None = None
    people: tuple[str, ...] = ()
    team: str = ""


@command("customer.due", Due, group="客户", example="哪些A类客户这周没人联系")
def due(ask: Due, turn: Turn) -> Reply:
    """Who has been without contact too long, with days and owner (R100, R116, 54)."""
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said, "看")
    if found:
        return one(turn, found[0])
    if ask.customer:
        raise NotFound(f"没有找到客户「{ask.customer}」")
    people = people_of(turn, ask)
    if isinstance(people, Reply):
        return people
    text, today = turn.said.text, turn.now.astimezone(OFFICE).date()
    window = _who.day_range(ask.time)
    past = window is not None and window[0] <= turn.now
    if not past and not any(w in text for w in _OTHER_LISTS):
        late, n = _due.overdue(turn, people, ask.grade.upper(), today, 50)
        return listed(turn, ask, late, n)
    customers = [c for c in _due.in_scope(turn, people) if not ask.grade or c.grade == ask.grade.upper()]
    if any(w in text for w in _POOL):
        return near_pool(turn, customers, today)
    if "睡" in text:
        return sleeping(turn, customers, today)
    if any(w in text for w in _TOO_MUCH):
        return over_touched(turn, customers)
    start, end = window or (turn.now, turn.now)
    return silent(turn, customers, start, min(end, turn.now))


def people_of(turn: Turn, ask: Due) -> list[str] | Reply | None:
    """The owners asked about, None when nobody was spoken of."""
    asked = _team.asked_about(turn, ask.people, ask.team, "客户跟进情况", "customer.due")
    if asked is None and turn.said.text.startswith("我") and "我们" not in turn.said.text:
        return [turn.me.id]
    return asked


def listed(turn: Turn, ask: Due, late: list[cadence.Overdue], n: int) -> Reply:
    """The overdue list; `n` is how many there are in all."""
    grade = f"{ask.grade.upper()}类" if ask.grade else ""
    if not late:
        return Reply(Card(f"没有逾期未跟进的{grade}客户", (Text("都在跟进周期内。"),), tone=Tone.DONE))
    others = any(o.customer.owner != turn.me.id for o in late)
    lines = tuple(_cadence.overdue_line(turn, o, owner=others) for o in late[:MOST])
    more = (Text(f"共 {n} 家，先列最久的 {MOST} 家。"),) if n > MOST else ()
    title = f"逾期未跟进的{grade}客户 {n} 家"
    if turn.group and others:
        plain = Card(f"{title}，名单已私信您")
        return Reply(plain, private=Card(title, (Items(lines), *more), buttons_for(turn, [o.customer for o in late]), Tone.WARN))
    return Reply(Card(title, (Items(lines), *more), buttons_for(turn, [o.customer for o in late]), Tone.WARN))


def buttons_for(turn: Turn, customers: list[Customer]) -> tuple[Button, ...]:
    """Book, or call the owners to it."""
    own = [c for c in customers if c.owner == turn.me.id]
    if own:
        return tuple(Button(f"约{c.short}"[:12], says.write("visit.book", customer_id=c.id)) for c in own[:3])
    if not turn.me.role.leads:
        return ()
    owners = dict.fromkeys(c.owner for c in customers if c.owner)
    ids = ",".join(c.id for c in customers[:20])
    return (Button(f"提醒负责人（{len(owners)} 位）", says.write("customer.nudge", customers=ids), "primary"),)


def silent(turn: Turn, customers: list[Customer], start: datetime, end: datetime) -> Reply:
    """Those nobody contacted in a period: no valid follow-up, no done visit."""
    ids = [c.id for c in customers]
    touched = {f.customer for f in turn.tx.followups.of_customers(ids, start, end + timedelta(seconds=1), valid_only=True)}
    touched |= {v.customer for v in turn.tx.visits.between(start, end, ("done",))}
    quiet = [c for c in customers if c.id not in touched and cadence.has_clock(c) and c.grade != "D"]
    if not quiet:
        return Reply(Card("这段时间客户都有人联系", tone=Tone.DONE))
    today = turn.now.astimezone(OFFICE).date()
    quiet.sort(key=lambda c: (c.grade, cadence.contact_day(c) or today))
    others = any(c.owner != turn.me.id for c in quiet)
    lines = []
    for c in quiet[:MOST]:
        o = cadence.overdue(c, turn.rules, today)
        last = cadence.contact_day(c)
        state = f"，{o.words}" if o else ""
        who = f"，负责人{_views.name(turn, c.owner)}" if others else ""
        lines.append(f"{c.short}（{c.grade}）上次 {_views.day(last) if last else '没有记录'}{state}{who}")
    period = f"{_views.day(start)} – {_views.day(end)}"
    card = Card(f"{period} 没人联系的客户 {len(quiet)} 家", (Items(tuple(lines)),), buttons_for(turn, quiet), Tone.WARN)
    if turn.group and others:
        return Reply(Card(f"{period} 没人联系的客户 {len(quiet)} 家，名单已私信您"), private=card)
    return Reply(card)


def near_pool(turn: Turn, customers: list[Customer], today: date) -> Reply:
    """Those whose pool day is near."""
    most = max(turn.rules.pool_warn_days, default=7)
    near = sorted((d, c.id, c) for c in customers if (d := cadence.pool_day(c, turn.rules)) and (d - today).days <= most)
    if not near:
        return Reply(Card(f"{most} 天内没有客户会进公海", tone=Tone.DONE))
    lines = tuple(f"{c.short}（{c.grade}）{_views.day(d)} 进公海，还有 {max((d - today).days, 0)} 天" for d, _, c in near[:MOST])
    return Reply(Card(f"快进公海的客户 {len(near)} 家", (Items(lines),), buttons_for(turn, [c for _, _, c in near]), Tone.WARN))


def sleeping(turn: Turn, customers: list[Customer], today: date) -> Reply:
    """A and B without contact for more than two cadences (R117)."""
    asleep = sorted(
        (c for c in customers if cadence.asleep(c, turn.rules, today)), key=lambda c: (c.grade, cadence.contact_day(c) or today)
    )
    if not asleep:
        return Reply(Card("没有沉睡的 A、B 类客户", tone=Tone.DONE))
    lines = tuple(
        f"{c.short}（{c.grade}）{(today - (cadence.contact_day(c) or today)).days} 天没有联系，负责人{_views.name(turn, c.owner)}"
        for c in asleep[:MOST]
    )
    return Reply(Card(f"沉睡客户 {len(asleep)} 家", (Items(lines),), buttons_for(turn, asleep), Tone.WARN))


def over_touched(turn: Turn, customers: list[Customer]) -> Reply:
    """Contacted more often than three times a cadence in 30 days (R116)."""
    since = turn.now - timedelta(days=30)
    ids = [c.id for c in customers]
    counts = dict.fromkeys(ids, 0)
    for f in turn.tx.followups.of_customers(ids, since, turn.now + timedelta(seconds=1)):
        counts[f.customer] += 1
    for v in turn.tx.visits.between(since, turn.now, ("done",)):
        if v.customer in counts:
            counts[v.customer] += 1
    hits = [(counts[c.id], c) for c in customers if (n := cadence.contact_limit(c, turn.rules)) and counts[c.id] > n]
    if not hits:
        return Reply(Card("最近 30 天没有联系过于频繁的客户", tone=Tone.DONE))
    hits.sort(key=lambda x: -x[0])
    lines = tuple(f"{c.short}（{c.grade}）30 天联系 {n} 次，负责人{_views.name(turn, c.owner)}" for n, c in hits[:MOST])
    return Reply(
        Card(f"联系过于频繁的客户 {len(hits)} 家", (Items(lines), Text("建议放缓，把时间给久未联系的客户。")), (), Tone.WARN)
    )


def one(turn: Turn, c: Customer) -> Reply:
    """恒信什么时候掉公海: last contact, cadence, pool day, and what starts the clocks anew (39)."""
    if not _shown.of(turn, c).has("last_touch"):
        who = f"负责人{_views.name(turn, c.owner)}" if c.owner else "在公海"
        raise NotAllowed(f"无权：{c.short}的跟进情况只对同部门开放，{who}", action="customer.due", obj=c.id)
    today = turn.now.astimezone(OFFICE).date()
    last, day, o = cadence.contact_day(c), cadence.pool_day(c, turn.rules), cadence.overdue(c, turn.rules, today)
    until = cadence.next_contact(c, turn.rules)
    if c.owner is None:
        return Reply(Card(f"{c.short}已经在公海", (), (Button("认领", says.write("owner.claim", customer_id=c.id)),)))
    state = (
        f"{o.words}（{_views.day(o.since)} 起）"
        if o and o.late
        else o.words
        if o
        else f"{_views.day(until)} 前联系即可"
        if until
        else "没有跟进周期"
    )
    rows = [
        ("上次跟进" if c.last_followup else "录入", _views.day(last) if last else ""),
        ("跟进周期", state),
        ("进公海", f"{_views.day(day)}（还有 {max((day - today).days, 0)} 天）" if day else "不会自动进公海"),
        ("负责人", _views.name(turn, c.owner)),
    ]
    blocks: list[Block] = [Facts(tuple((n, v) for n, v in rows if v))]
    chain = _views.managers(turn, c.owner)
    if may_change_customer(turn.me, c, chain):
        blocks.append(Text("有效跟进或拜访纪要会重新计时。"))
        buttons: tuple[Button, ...] = (
            Button("写跟进", says.write("followup.start", customer_id=c.id)),
            Button("约拜访", says.write("visit.book", customer_id=c.id)),
        )
    else:
        buttons = ()
    title = f"{c.short} {_views.day(day)} 进公海" if day and "公海" in turn.said.text else f"{c.short}：{state}"
    turn.because(
        f"{c.grade} 类 {turn.rules.pool_days.get(c.grade, '不设')} 天未跟进进公海（R55），跟进周期 {turn.rules.cadence_days.get(c.grade, '不设')} 天"
    )
    return Reply(Card(title, tuple(blocks), buttons))


@dataclass(frozen=True, slots=True)
class Nudge:
    """Customers whose owners are called to them: ids, comma-separated."""

    customers: str = ""


@command("customer.nudge", Nudge, intent="customer.due")
def nudge(ask: Nudge, turn: Turn) -> Reply:
    """提醒负责人: each owner gets one card with his customers; only from those who answer for him."""
    known = turn.tx.customers.many([x for x in ask.customers.split(",") if x][:50])
    below = set(_team.below(turn))
    by_owner: dict[str, list[Customer]] = {}
    for c in known.values():
        if c.owner:
            by_owner.setdefault(c.owner, []).append(c)
    foreign = [p for p in by_owner if p not in below]
    if foreign or not turn.me.role.leads:
        raise NotAllowed("无权：只有主管可以提醒负责人", action="customer.nudge", obj=foreign[0] if foreign else "")
    today = turn.now.astimezone(OFFICE).date()
    for owner, mine in by_owner.items():
        lines = [f"{c.short}（{c.grade}）上次 {_views.day(cadence.contact_day(c) or today)}" for c in mine[:MOST]]
        card = Card(f"{turn.me.name}请您联系 {len(mine)} 家客户", (Items(tuple(lines)),), (), Tone.WARN)
        turn.tell(owner, card)
        for c in mine:
            turn.event("reminder.sent", kind="cadence", customer=c.id, to=owner, late=False)
    return Reply(Card(f"已提醒 {len(by_owner)} 位负责人", tone=Tone.DONE))


@dataclass(frozen=True, slots=True)
class Start:
    """写跟进 on a card."""

    customer_id: str = ""


@command("followup.start", Start, intent="followup.add")
def start(ask: Start, turn: Turn) -> Reply:
    """One sentence is asked for."""
    c = turn.tx.customers.get(ask.customer_id)
    if c is None:
        raise NotFound("这位客户已经不在系统里")
    said = Said("followup.add", {"customer_id": c.id})
    draft = turn.ask(said, "words", 24 * 60, field="content", accepts=["followup.add", "report.file", "task.add", "smalltalk"])
    last = _life.last_contact(turn, c.id)
    note = f"上次 {_views.day(datetime.fromisoformat(last))}。" if last else ""
    text = Text(f"{note}一句话说：怎么联系的、客户怎么说、下一步。")
    return Reply(Card(f"请说说和{c.short}的这次联系", (text,)), subject=f"draft:{draft.id}")
