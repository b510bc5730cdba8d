"""A planned change of the calendar, checked and carried out by every door alike (book, move, people, approval, import, API).

`attempt` is the one guard function (D3): it decides, and either carries the plan out or answers with the conflict card.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain import conflicts
from domain.wishes import Facts as Known
from domain.wishes import Verdict, Wish, With
from domain.desk import Clash, Draft
from domain.model import OFFICE, Customer, Member, Slot, Visit
from domain.refusal import NotFound, Refusal, Stale
from handlers import _after, _approvals, _views
from nlp.said import Said

@dataclass(frozen=True, slots=True)
class Plan:
    """`do` is book, move or people; times are ISO so that a draft or a button can carry it; `visit` is "" for a new one."""

    do: str
    customer: str
    rep: str
    start: str
    end: str
    people: tuple[str, ...] = ()
    visit: str = ""
    version: int = 0
    mode: str = "onsite"
    purpose: str = ""
    contact: str = ""
    location: str = ""
    agenda: str = ""
    source: str = ""
    series: str = ""
    by_customer: bool = False
    asked: tuple[str, ...] = ()
    """Those who asked to come along themselves and need no invitation."""

    @property
    def slot(self) -> Slot:
        return Slot(datetime.fromisoformat(self.start), datetime.fromisoformat(self.end))

    def at(self, slot: Slot) -> "Plan":
        """The same plan at another time."""
        return replace(self, start=slot.start.isoformat(), end=slot.end.isoformat())

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def plan_of(data: Mapping[str, object]) -> Plan:
    """The plan that `as_json` wrote."""
    people, asked = data.get("people") or (), data.get("asked") or ()
    return Plan(**{**data, "people": tuple(people), "asked": tuple(asked)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan with everything that was looked up to decide it."""

    plan: Plan
    customer: Customer
    rep: Member
    wish: Wish
    facts: Known
    verdict: Verdict


def check(turn: Turn, plan: Plan) -> Checked:
    """Decide a plan against every calendar and customer record. Takes the locks of all it concerns first."""
    tx = turn.tx
    customer = tx.customers.get(plan.customer)
    rep = tx.people.get(plan.rep)
    if customer is None or rep is None:
        raise NotFound("这位客户或同事已经不在系统里")
    participants = tuple(m for p in plan.people if (m := tx.people.get(p)))
    tx.lock(f"customer:{customer.id}", *(f"person:{p}" for p in (rep.id, *plan.people)))
    wish = Wish(customer, rep, plan.slot, plan.mode, participants, plan.visit, rep.line)
    facts = load_facts(turn, wish)
    return Checked(plan, customer, rep, wish, facts, conflicts.decide(wish, facts, turn.rules, turn.now))


def load_facts(turn: Turn, wish: Wish) -> Known:
    """What decides the wish and its alternatives: calendars and visits from a window before to two months ahead."""
    tx, rules = turn.tx, turn.rules
    window = conflicts.reach(wish.slot, rules, turn.now)
    first, last = window.start, window.end
    people = [wish.rep.id, *(p.id for p in wish.participants)]
    own = tx.visits.of_person(wish.rep.id, first, last)
    there = tx.visits.at_customer_between(wish.customer.id, first, last)
    reps = {v.rep for v in there} | {v.rep for v in own} | set(people)
    known = {i: m for i in reps if (m := tx.people.get(i))}
    since = turn.now - timedelta(days=rules.elastic_days)
    return Known(
        busy=tuple(tx.visits.busy(people, Slot(first, last))),
        own=tuple(own),
        at_customer=tuple(there),
        teams={i: m.team for i, m in known.items()},
        lines={i: m.line for i, m in known.items()},
        elastic=len(tx.visits.recent_changes(wish.customer.id, since)) >= rules.elastic_changes,
        calendar=turn.calendar,
    )


# ---------------------------------------------------------------------- the guard
def attempt(turn: Turn, plan: Plan, *, accept: frozenset[str] = frozenset(), how: str = "", clash: str = "") -> Reply:
    """Carry the plan out when nothing speaks against it (or only what the person accepted); else ask with a conflict card."""
    checked = check(turn, plan)
    verdict = checked.verdict
    turn.because(*reasons(turn, checked))
    if verdict.clear or (verdict.level == "soft" and set(verdict.kinds) <= accept):
        visit = carry_out(turn, checked)
        if clash:
            settle_clash(turn, clash, how, visit.id)
        return done(turn, checked, visit)
    if clash:
        turn.tx.conflicts.resolve(clash, "dropped", "", turn.now)
    return conflict(turn, checked, again=bool(clash))


def carry_out(turn: Turn, checked: Checked, status: str = "planned", overlap_ok: bool = False) -> Visit:
    """Write the plan: the visit, its jobs, its events, the letters to everybody concerned. Raises Refusal when the database
    itself refuses the slot (somebody was faster on another process)."""
    plan = checked.plan
    if plan.do == "book":
        return _book(turn, checked, status, overlap_ok)
    return _change(turn, checked, overlap_ok)


def _book(turn: Turn, checked: Checked, status: str, overlap_ok: bool) -> Visit:
    plan, tx = checked.plan, turn.tx
    asks_first = turn.rules.confirm_bookings and status == "planned" and not checked.rep.role.leads
    status = "pending" if asks_first else status
    visit = Visit(
        "", plan.customer, checked.customer.name, plan.rep, plan.slot.start, plan.slot.end, plan.people, plan.mode,
        plan.purpose, plan.contact, plan.location, status, 1, checked.rep.line, plan.agenda, plan.source, plan.series,
        overlap_ok,
    )  # fmt: skip
    saved = tx.visits.add(visit, at=turn.now, by=turn.me.id, why=plan.source)
    if saved is None:
        raise Refusal("这个时段刚刚被占用了，没有保存", "请换一个时间再试。")
    _after.booked(turn, saved, checked.customer)
    if asks_first:
        _ask_manager(turn, checked, saved)
    _tell_admin_of_unknown_year(turn, saved)
    turn.did("visit.booked", visit=saved.id, version=saved.version)
    tx.talk.note(turn.me.id, "visit", saved.id)
    return saved


def _ask_manager(turn: Turn, checked: Checked, visit: Visit) -> None:
    """`confirm_bookings`: every booking of a rep waits for his manager (R21)."""
    rows = [("客户", checked.customer.name), ("时间", _views.span(visit.slot)), ("目的", visit.purpose)]
    title = f"请确认：{checked.rep.name} {_views.moment(visit.start)} 拜访{checked.customer.short}"
    approvers = _approvals.approvers_for(turn, "confirm", visit.rep, checked.customer)
    subject = {"plan": checked.plan.as_json(), "visit": visit.id, "of": ["confirm"]}
    _approvals.request(turn, "confirm", approvers, subject, title, [(n, v) for n, v in rows if v])


def _tell_admin_of_unknown_year(turn: Turn, visit: Visit) -> None:
    """The official calendar of a year is not published yet: weekdays count, and each admin hears of it once (D13)."""
    year = visit.start.astimezone(OFFICE).year
    if turn.calendar.known(year):
        return
    card = Card(f"{year} 年的节假日安排还没有数据", (Text("目前按周一到周五为工作日；公布后可以直接告诉我调休日期。"),))
    for admin in turn.tx.people.admins():
        turn.tell(admin.id, card, key=f"calendar-{year}-{admin.id}")


def _change(turn: Turn, checked: Checked, overlap_ok: bool) -> Visit:
    plan, tx = checked.plan, turn.tx
    old = tx.visits.get(plan.visit)
    if old is None or old.version != plan.version or not old.live:
        raise Stale("这次拜访刚刚有变动，没有改动", "请再说一次要怎么改。")
    new = replace(
        old, start=plan.slot.start, end=plan.slot.end, participants=plan.people, mode=plan.mode, purpose=plan.purpose,
        contact=plan.contact, location=plan.location, overlap_ok=overlap_ok or (plan.do == "people" and old.overlap_ok),
    )  # fmt: skip
    saved = tx.visits.save(
        new, plan.version, at=turn.now, by=turn.me.id, why=plan.do, by_customer=plan.by_customer
    )
    if saved is None:
        raise Refusal("这个时段刚刚被占用了，没有改动", "请换一个时间再试。")
    if plan.do == "move":
        _after.moved(turn, old, saved, checked.customer, by_customer=plan.by_customer)
        turn.did("visit.rescheduled", visit=saved.id, version=saved.version, back_to=old.version)
    else:
        _after.people_changed(turn, old, saved, checked.customer, plan.asked)
        turn.did("visit.updated", visit=saved.id, version=saved.version, back_to=old.version)
    tx.talk.note(turn.me.id, "visit", saved.id)
    return saved


def call_off(turn: Turn, visit: Visit, *, quiet: bool = False) -> Visit:
    """Cancel a standing visit: its jobs, its events, the letters to everybody concerned. The one place for every door.

    `quiet`: nobody but the asker knew of it (a request that was turned down).
    """
    customer = turn.tx.customers.get(visit.customer)
    gone = replace(visit, status="cancelled")
    saved = turn.tx.visits.save(gone, visit.version, at=turn.now, by=turn.me.id, why="cancelled")
    if saved is None or customer is None:
        raise Stale("这次拜访刚刚有变动，没有取消")
    for approval in turn.tx.approvals.pending(subject_visit=visit.id):
        turn.tx.approvals.decide(approval.id, "withdrawn", turn.me.id, turn.now)
    _after.cancelled(turn, saved, customer, quiet=quiet)
    turn.did("visit.cancelled", visit=saved.id, version=saved.version, back_to=visit.version)
    turn.tx.talk.note(turn.me.id, "visit", saved.id)
    return saved


def settle_clash(turn: Turn, clash: str, how: str, visit: str) -> None:
    """Record how a conflict ended (R28) and change the cards of everybody who got one (R16)."""
    found = turn.tx.conflicts.get(clash) if clash else None
    if found is None or not turn.tx.conflicts.resolve(clash, how, visit, turn.now):
        return
    turn.event("conflict.resolved", kinds=list(found.kinds), by=how, visit=visit or None)
    words = {"dropped": "对方已放弃", "joined": "改为同行", "alternative": "已改到别的时间", "moved": "已改期"}
    card = Card("已解决：这次撞单已经处理", (Text(words.get(how, "已处理，无需再操作。")),), tone=Tone.DONE)
    turn.change_cards(f"conflict:{clash}", card, but=turn.chat)


# ---------------------------------------------------------------------- what is shown
def done(turn: Turn, checked: Checked, visit: Visit) -> Reply:
    """已预约 / 已改期 / 已更新, with the facts and an undo."""
    word = {"book": "已预约", "move": "已改期", "people": "已更新同行"}[checked.plan.do]
    if visit.status == "pending":
        word = "已提交，待确认"
    name = _views.label(turn, visit, checked.customer)
    title = f"{word}：{_views.moment(visit.start)} 拜访{name}"
    blocks: list[Block] = [Facts(_views.visit_rows(turn, visit, checked.customer))]
    if notes := _remarks(turn, checked, visit):
        blocks.append(Items(tuple(notes)))
    buttons = [Button("撤销", says.write("dialog.undo", visit=visit.id), "default")]
    if checked.plan.do == "book" and not visit.purpose and not turn.group:
        buttons += [
            Button(p, says.write("visit.update", visit_id=visit.id, purpose=p)) for p in turn.rules.purposes[:5]
        ]
    elif checked.plan.do == "book":
        buttons.append(Button("改时间", says.write("visit.retime", visit=visit.id)))
    return Reply(Card(title, tuple(blocks), tuple(buttons), Tone.DONE), subject=f"visit:{visit.id}")


def _remarks(turn: Turn, checked: Checked, visit: Visit) -> list[str]:
    """What is worth knowing besides: last contact (R41), when the reminder comes, 临时 (R22)."""
    out = []
    if visit.status == "pending":
        out.append("主管同意后生效，期间这个时段算作已占用")
    elif (job := turn.tx.jobs.get(f"reminder-{visit.id}-{visit.version}")) is not None:
        same = job.due.date() == visit.start.astimezone(OFFICE).date()
        out.append(f"{_views.clock(job.due) if same else _views.moment(job.due)} 提醒您")
    if checked.plan.do == "book":
        out += read_as(turn)
        if (other := _nearby(turn, visit)) is not None:
            out.append(f"您 {_views.moment(other.start)} 还有一次{checked.customer.short}，需要合并吗？可以说「取消{_views.day(other.start)}的{checked.customer.short}」")
        if checked.facts.elastic:
            out.append("易变动客户：前后多留了 30 分钟")
        if visit.start - turn.now < timedelta(minutes=turn.rules.lead_time_min):
            out.append("临时拜访：距开始不到 2 小时")
        if (last := checked.customer.last_followup) and not turn.group:
            days = (turn.now.astimezone(OFFICE).date() - last.astimezone(OFFICE).date()).days
            out.append(f"上次联系：{_views.day(last)}" + ("（昨天刚联系过）" if days == 1 else ""))
    if checked.plan.do == "book" and not visit.purpose and not turn.group:
        out.append("这次的目的是？点一下即可补上")
    return out


def read_as(turn: Turn) -> list[str]:
    """A corrected spelling is said (sentence 5)."""
    pairs = turn.said.hints.get("read_as")
    return [f"「{a}」按「{b}」理解" for a, b in pairs] if isinstance(pairs, list | tuple) else []


def _nearby(turn: Turn, visit: Visit) -> Visit | None:
    """Another own visit to the same customer in the days around (sentence 4)."""
    window = timedelta(days=turn.rules.customer_window_days)
    near = turn.tx.visits.at_customer_between(visit.customer, visit.start - window, visit.end + window, statuses=("planned",))
    return next((v for v in near if v.rep == visit.rep and v.id != visit.id and v.start > turn.now), None)


def conflict(turn: Turn, checked: Checked, *, again: bool = False) -> Reply:
    """The conflict card: what is in the way, at least three free times, and every way out (R15). Nothing is saved.

    `again`: it came up while settling another one, so it is no second attempt for the conflict rate (contract 7b).
    """
    plan, verdict = checked.plan, checked.verdict
    slots = conflicts.alternatives(checked.wish, checked.facts, turn.rules, turn.now)
    clash = _record(turn, checked, slots, again)
    hints = {"customer_ids": [checked.customer.id], "people_ids": [[p] for p in plan.people]}
    said = Said("visit.book" if plan.do == "book" else "visit.reschedule", _slots(turn, checked), hints=hints)
    draft = turn.ask(said, "settle", plan=plan.as_json(), clash=clash.id, kinds=list(verdict.kinds))
    head = {"hard": "没有保存：时间冲突", "approval": "还没保存：需要审批", "soft": "还没保存：请确认一下"}[verdict.level]
    who = _views.label(turn, _draft_visit(checked), checked.customer)
    facts = (("想约" if plan.do == "book" else "想改到", f"{_views.span(plan.slot)} {who}"),)
    blocks: list[Block] = [Facts(facts), Items((*read_as(turn), *describe(turn, checked)))]
    buttons = ways_out(turn, checked, slots, draft)
    title = f"{head}（{short_kinds(verdict.kinds)}）"
    if verdict.hard and "customer_overlap" in verdict.kinds:
        _tell_holder(turn, checked, clash)
    return Reply(Card(title, tuple(blocks), tuple(buttons), Tone.WARN), subject=f"conflict:{clash.id}")


def _slots(turn: Turn, checked: Checked) -> dict[str, object]:
    plan = checked.plan
    time = {"kind": "instant", "start": plan.start, "end": None}
    out: dict[str, object] = {"customer": checked.customer.short, "duration_min": plan.slot.minutes}
    out |= {"time": time} if plan.do == "book" else {"new_time": time, "visit_id": plan.visit}
    names = [m.name for p in plan.people if (m := turn.tx.people.get(p))]
    extra = {"people": names, "purpose": plan.purpose, "mode": plan.mode, "contact": plan.contact, "location": plan.location}
    return out | {k: v for k, v in extra.items() if v}


def _record(turn: Turn, checked: Checked, slots: list[Slot], again: bool) -> Clash:
    verdict = checked.verdict
    draft = _views.visit_json(_draft_visit(checked))
    draft["id"] = checked.plan.visit or None
    seen = dict.fromkeys((w.visit, w.rep, w.start, w.end) for w in verdict.with_)
    others = tuple(
        {"visit": visit or None, "rep": rep, "start": start.isoformat(), "end": end.isoformat()} for visit, rep, start, end in seen
    )
    kept = {**draft, "again": True} if again else draft
    clash = turn.tx.conflicts.add(
        Clash("", verdict.kinds, verdict.level == "hard", checked.rep.id, checked.customer.id, turn.now, kept, others)
    )
    turn.event(
        "conflict.found",
        kinds=list(verdict.kinds),
        hard=verdict.level == "hard",
        draft=draft,
        **{"with": list(others)},
        alternatives=[{"start": s.start.isoformat(), "end": s.end.isoformat()} for s in slots],
    )
    return clash


def _draft_visit(checked: Checked) -> Visit:
    plan = checked.plan
    return Visit(
        plan.visit, plan.customer, checked.customer.name, plan.rep, plan.slot.start, plan.slot.end, plan.people, plan.mode,
        plan.purpose, plan.contact, plan.location, "draft", plan.version,
    )  # fmt: skip


KIND_WORDS = {
    "rep_overlap": "您的时间撞了",
    "participant_overlap": "同行的人没空",
    "customer_overlap": "客户这个时段已被约",
    "third_team": "7 天内第三个团队",
    "owned_by_other": "客户在同事的保护期或锁定中",
    "customer_window": "同事近期也约了这家",
    "duplicate_visit": "当天已约过这家",
    "buffer": "前后间隔不够",
    "overload": "当天拜访太多",
    "off_hours": "不在工作时间",
    "holiday": "节假日",
    "owner_notice": "这是同事的客户",
}


def short_kinds(kinds: tuple[str, ...]) -> str:
    return "、".join(KIND_WORDS[k] for k in kinds[:2])


def describe(turn: Turn, checked: Checked) -> list[str]:
    """One concrete line for each thing in the way."""
    out = []
    for kind in checked.verdict.kinds:
        out += _KIND_LINES[kind](turn, checked, [w for w in checked.verdict.with_ if w.kind == kind])
    return list(dict.fromkeys(out))


def _visit_facts(turn: Turn, checked: Checked, w: With) -> str:
    visit = turn.tx.visits.get(w.visit) if w.visit else None
    where = f"{_views.span(Slot(w.start, w.end))}"
    if visit is None:
        return f"{where} 请假/外出"
    side = "线上" if visit.mode == "online" else "电话" if visit.mode == "phone" else "线下"
    return f"{where} {_views.label(turn, visit)}（{side}）"


def _own(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    who = "您" if checked.rep.id == turn.me.id else checked.rep.name
    return [f"{who}已有：{_visit_facts(turn, checked, w)}" for w in ws]


def _others(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    return [f"{_views.name(turn, w.rep)} {_views.span(Slot(w.start, w.end))} 没空" for w in ws]


def _holders(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    verb = {True: "已拜访", False: "已约"}
    return [f"{_views.name(turn, w.rep)} {_views.span(Slot(w.start, w.end))} {verb[w.end <= turn.now]}这家客户" for w in ws]


def _teams(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    return [f"前后 {turn.rules.customer_window_days} 天内已有：{'、'.join(checked.verdict.teams)}", *_holders(turn, checked, ws)]


def _owner(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    c = checked.customer
    protected = c.protected(turn.now.astimezone(OFFICE).date()) and not c.locked
    until = f"，保护期到 {_views.day(c.protected_until)}" if protected and c.protected_until else ""
    return [f"负责人是{_views.name(turn, c.owner)}（{c.stage or '未定阶段'}{'，已锁定' if c.locked else until}）"]


def _buffer(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    v = checked.verdict
    return [f"缓冲不足：与 {_visit_facts(turn, checked, w)} 只隔 {v.gap_min} 分钟，需要 {v.need_min} 分钟" for w in ws[:1]]


def _overload(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    lighter = conflicts.lighter_day(checked.wish, checked.facts, turn.rules, turn.now)
    hint = f"；{_views.day(lighter)}比较空" if lighter else ""
    return [f"{_views.day(checked.plan.slot.start)} 这是第 {checked.verdict.day_count} 个拜访（上限 {turn.rules.visits_per_day}）{hint}"]


def _hours(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    rules = turn.rules
    return [f"{_views.moment(checked.plan.slot.start)} 不在工作时间（工作日 {rules.work_start:%H:%M}–{rules.work_end:%H:%M}）"]


def _holiday(turn: Turn, checked: Checked, ws: list[With]) -> list[str]:
    d = checked.plan.slot.start.astimezone(OFFICE).date()
    return [f"{_views.day(d)} 是{turn.calendar.holiday_name(d) or '节假日'}假期"]


_KIND_LINES = {
    "rep_overlap": _own, "participant_overlap": _others, "customer_overlap": _holders, "third_team": _teams,
    "owned_by_other": _owner, "customer_window": _holders, "duplicate_visit": _own, "buffer": _buffer,
    "overload": _overload, "off_hours": _hours, "holiday": _holiday, "owner_notice": _owner,
}  # fmt: skip


def reasons(turn: Turn, checked: Checked) -> list[str]:
    """For 为什么: the rules that fired and their facts."""
    return [f"{KIND_WORDS[k]}（规则 {k}）" for k in checked.verdict.kinds] + describe(turn, checked)


def ways_out(turn: Turn, checked: Checked, slots: list[Slot], draft: Draft) -> list[Button]:
    """At most six buttons: going on where it is allowed, three free times, joining or asking the other, giving up."""
    verdict = checked.verdict

    def choice(text: str, how: str, style: str = "default", **more: object) -> Button:
        return Button(text, says.write("visit.settle", draft=draft.id, how=how, **more), style)

    def when(slot: Slot) -> Button:
        return choice(_views.moment(slot.start), "alternative", start=slot.start.isoformat())

    first: list[Button] = []
    if verdict.level == "soft":
        first.append(choice("仍然预约", "anyway", "primary"))
    elif verdict.level == "approval":
        first.append(choice("申请审批", "approval", "primary"))
    last = [choice("算了", "dropped")]
    if (other := joinable(turn, checked)) is not None:
        last.insert(0, choice("同行", "joined", visit=other.id))
    double = next((w for w in verdict.with_ if w.kind == "duplicate_visit" and w.visit), None)
    if double is not None and verdict.level == "soft" and checked.plan.do == "book":
        last.insert(0, choice("改那一次的时间", "shift", visit=double.visit))
    if verdict.hard and "customer_overlap" in verdict.hard and checked.plan.do == "book":
        last.insert(-1, choice("请对方改约", "asked"))
    elif verdict.overridable:
        if turn.me.role.leads:
            last.insert(0, choice("说明原因后特批", "override"))
        elif verdict.with_ and verdict.with_[0].visit:
            last.insert(0, choice("改约原来那个", "moved", visit=verdict.with_[0].visit))
            last.insert(0, choice("请主管特批", "special"))
    room = 6 - len(first) - len(last)
    return [*first, *(when(s) for s in slots[: max(room, 0)]), *last]


def joinable(turn: Turn, checked: Checked) -> Visit | None:
    """A standing visit of a colleague at this customer that the booker could join (同行)."""
    if checked.plan.do != "book" or checked.customer.grade == "C" and checked.customer.owner != checked.rep.id:
        return None
    for w in checked.verdict.with_:
        if w.kind in ("customer_overlap", "customer_window", "third_team") and w.visit and w.rep != checked.rep.id:
            visit = turn.tx.visits.get(w.visit)
            if visit and visit.status in ("planned", "pending") and visit.start > turn.now:
                return visit
    return None


def _tell_holder(turn: Turn, checked: Checked, clash: Clash) -> None:
    """The holder of the slot learns at once that somebody else wanted it (contract.md section 7)."""
    for w in checked.verdict.with_:
        if w.kind == "customer_overlap":
            title = f"{checked.rep.name}也想在 {_views.span(checked.plan.slot)} 拜访{checked.customer.short}"
            text = f"您的拜访（{_views.span(Slot(w.start, w.end))}）不受影响，对方正在选择其他安排。"
            turn.tell(w.rep, Card(title, (Text(text),), tone=Tone.WARN), subject=f"conflict:{clash.id}")
