"""A planned change of the calendar, checked and carried out by every door alike (book, move, people, approval, import, API).

`attempt` is the one guard function (D3): it decides, and either carries the plan out or answers with the conflict card.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn
from domain import conflicts
from domain.desk import Clash
from domain.model import OFFICE, Slot, Visit
from domain.refusal import Refusal, Stale
from handlers import _after, _approvals, _hole, _views
from handlers._after import settle_clash
from handlers._clash import KIND_WORDS, describe, for_the_customer, reasons, short_kinds, ways_out
from handlers._wish import Checked, Plan, check, load_facts, plan_of
from nlp.said import Said

__all__ = [
    "KIND_WORDS", "Checked", "Plan", "attempt", "call_off", "carry_out", "check", "conflict", "describe", "done",
    "load_facts", "plan_of", "refuse", "settle_clash", "short_kinds",
]  # fmt: skip


# ---------------------------------------------------------------------- the guard
def attempt(turn: Turn, plan: Plan, *, accept: frozenset[str] = frozenset(), how: str = "", clash: str = "") -> Reply:
    """Carry the plan out when nothing speaks against it (or only what the person accepted); else ask with a conflict card."""
    checked = check(turn, plan)
    verdict = checked.verdict
    turn.because(*reasons(turn, checked))
    known = _accepted_before(turn, checked)
    if not verdict.hard and set(verdict.approval) <= known and set(verdict.soft) <= accept | known:
        visit = carry_out(turn, checked)
        if clash:
            settle_clash(turn, clash, how, visit.id)
        return done(turn, checked, visit)
    if clash:
        turn.tx.conflicts.resolve(clash, "dropped", "", turn.now)
    return conflict(turn, checked, again=bool(clash))


def _accepted_before(turn: Turn, checked: Checked) -> frozenset[str]:
    """What the standing visit raises with the people it has: taking somebody along does not ask for that again."""
    old = turn.tx.visits.get(checked.plan.visit) if checked.plan.do == "people" else None
    if old is None or old.status not in ("planned", "pending"):
        return frozenset()
    before = tuple(m for p in old.participants if (m := turn.tx.people.get(p)))
    verdict = conflicts.decide(replace(checked.wish, participants=before), checked.facts, turn.rules, turn.now)
    return frozenset(verdict.kinds) - set(verdict.hard)


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
    _after.booked(turn, saved, checked.customer, checked.facts.at_customer)
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
    saved = tx.visits.save(new, plan.version, at=turn.now, by=turn.me.id, why=plan.do, by_customer=plan.by_customer)
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


# ---------------------------------------------------------------------- what is shown
def done(turn: Turn, checked: Checked, visit: Visit) -> Reply:
    """已预约 / 已改期 / 已更新, with the facts and an undo."""
    word = {"book": "已预约", "move": "已改期", "people": "已更新同行"}[checked.plan.do]
    if visit.status == "pending":
        word = "已提交，待确认"
    name = _views.label(turn, visit, checked.customer)
    title = f"{word}：{_views.moment(visit.start)} 拜访{name}"
    old = _before(turn, checked) if checked.plan.do == "move" else None
    was = (("原时间", _views.span(old.slot)),) if old else ()
    blocks: list[Block] = [Facts((*was, *_views.visit_rows(turn, visit, checked.customer)))]
    hole = _hole.after_leaving(turn, old.slot) if old and visit.rep == turn.me.id and not old.slot.overlaps(visit.slot) else None
    if notes := [*_remarks(turn, checked, visit), *([hole[0]] if hole else [])]:
        blocks.append(Items(tuple(notes)))
    buttons = [Button("撤销", says.write("dialog.undo", visit=visit.id), "default"), *([hole[1]] if hole else [])]
    if checked.plan.do == "book" and not visit.purpose and not turn.group:
        buttons += [Button(p, says.write("visit.update", visit_id=visit.id, purpose=p)) for p in turn.rules.purposes[:5]]
    elif checked.plan.do == "book":
        buttons.append(Button("改时间", says.write("visit.retime", visit=visit.id)))
    return Reply(Card(title, tuple(blocks), tuple(buttons), Tone.DONE), subject=f"visit:{visit.id}")


def _before(turn: Turn, checked: Checked) -> Visit | None:
    """The visit as it was before a plan changed it."""
    return next((v for n, v, *_ in turn.tx.visits.versions(checked.plan.visit) if n == checked.plan.version), None)


def _understood(turn: Turn, checked: Checked, start: datetime) -> list[str]:
    """How the words were taken where they left something open: spelling (5), week (8), half of the day (14), a change of an
    open question (13)."""
    flags = turn.said.hints.get("new_time_flags" if checked.plan.do == "move" else "time_flags") or ()
    local = start.astimezone(OFFICE)
    out = [*read_as(turn), *_views.corrected(turn)]
    if isinstance(flags, list | tuple | frozenset | set):
        if "bare_clock" in flags and local.hour >= 13:
            out.append(f"没说上午下午，按下午 {_views.clock(local)}")
        today = turn.now.astimezone(OFFICE).date()
        if "bare_weekday" in flags and local.date() > today and local.date().weekday() < today.weekday():
            out.append(f"本周{_views.WEEK[local.weekday()]}已过，按下周的 {_views.day(local)}")
    return out


def _by_customer(turn: Turn, checked: Checked) -> list[str]:
    """That it was the customer who moved it, and how often he did (16, R20)."""
    if checked.plan.by_customer:
        since = turn.now - timedelta(days=turn.rules.elastic_days)
        n = len(turn.tx.visits.recent_changes(checked.customer.id, since))
        mark = "，易变动客户" if n >= turn.rules.elastic_changes else ""
        return [f"客户要求改期：{turn.rules.elastic_days} 天内第 {n} 次{mark}"]
    return []


def _remarks(turn: Turn, checked: Checked, visit: Visit) -> list[str]:
    """What is worth knowing besides: last contact (R41), when the reminder comes, 临时 (R22)."""
    out = [*_understood(turn, checked, visit.start), *_by_customer(turn, checked)]
    if checked.customer.owner in visit.participants and checked.plan.do == "book":
        out.append(f"和负责人{_views.name(turn, checked.customer.owner)}同行，对方同意才成行，不算撞单")
    if visit.status == "pending":
        out.append("主管同意后生效，期间这个时段算作已占用")
    elif (job := turn.tx.jobs.get(f"reminder-{visit.id}-{visit.version}")) is not None:
        same = job.due.date() == visit.start.astimezone(OFFICE).date()
        whom = "您" if visit.rep == turn.me.id else _views.name(turn, visit.rep)
        out.append(f"{_views.clock(job.due) if same else _views.moment(job.due)} 提醒{whom}")
    if checked.plan.do == "book":
        if (other := _nearby(turn, checked, visit)) is not None:
            out.append(
                f"您 {_views.moment(other.start)} 还有一次{checked.customer.short}，需要合并吗？可以说「取消{_views.day(other.start)}的{checked.customer.short}」"
            )
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


def _nearby(turn: Turn, checked: Checked, visit: Visit) -> Visit | None:
    """Another own visit to the same customer in the days around (sentence 4)."""
    around = _after.window(turn, visit)
    mine = (v for v in checked.facts.at_customer if v.rep == visit.rep and v.status == "planned" and v.id != visit.id)
    return next((v for v in mine if v.start > turn.now and around.overlaps(v.slot)), None)


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
    turn.tx.talk.note(plan.rep, f"clash:{clash.id}", draft.id)
    head = {"hard": "没有保存：时间冲突", "approval": "还没保存：需要审批", "soft": "还没保存：请确认一下"}[verdict.level]
    who = _views.label(turn, _draft_visit(checked), checked.customer)
    facts = (("想约" if plan.do == "book" else "想改到", f"{_views.span(plan.slot)} {who}"),)
    blocks: list[Block] = [Facts(facts), Items((*_understood(turn, checked, plan.slot.start), *describe(turn, checked)))]
    buttons = ways_out(turn, checked, slots, draft)
    if (lasting := for_the_customer(checked)) and lasting not in buttons and not turn.group:
        blocks.append(Text(f"也可以说「{lasting.text}{checked.customer.short}」，请负责人同意。"))
    title = f"{head}（{short_kinds(verdict.kinds)}）"
    if verdict.hard and "customer_overlap" in verdict.kinds:
        _tell_holder(turn, checked, clash)
    return Reply(Card(title, tuple(blocks), tuple(buttons), Tone.WARN), subject=f"conflict:{clash.id}")


def refuse(turn: Turn, checked: Checked) -> None:
    """One of several bookings can't be saved: it is on record like any other conflict (R28), and a holder hears of it."""
    clash = _record(turn, checked, conflicts.alternatives(checked.wish, checked.facts, turn.rules, turn.now), again=False)
    if checked.verdict.hard and "customer_overlap" in checked.verdict.kinds:
        _tell_holder(turn, checked, clash)
    turn.tx.conflicts.resolve(clash.id, "dropped", "", turn.now)


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
        {"visit": visit or None, "rep": rep, "start": start.isoformat(), "end": end.isoformat()}
        for visit, rep, start, end in seen
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
        conflict=clash.id,
        **({"again": True} if again else {}),
    )
    return clash


def _draft_visit(checked: Checked) -> Visit:
    plan = checked.plan
    return Visit(
        plan.visit, plan.customer, checked.customer.name, plan.rep, plan.slot.start, plan.slot.end, plan.people, plan.mode,
        plan.purpose, plan.contact, plan.location, "draft", plan.version,
    )  # fmt: skip


def _tell_holder(turn: Turn, checked: Checked, clash: Clash) -> None:
    """The holder of the slot learns at once that somebody else wanted it (contract.md section 7)."""
    for w in checked.verdict.with_:
        if w.kind == "customer_overlap":
            title = f"{checked.rep.name}也想在 {_views.span(checked.plan.slot)} 拜访{checked.customer.short}"
            text = f"您的拜访（{_views.span(Slot(w.start, w.end))}）不受影响，对方正在选择其他安排。"
            turn.tell(w.rep, Card(title, (Text(text),), tone=Tone.WARN), subject=f"conflict:{clash.id}")
