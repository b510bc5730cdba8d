"""The way to the pool, every workday morning (R55): released when its day has come, an A customer only after its manager.

Precedence lock > protection > approved exception > pool rule; nothing with a visit ahead goes (features.md 0.3).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot import says
from bot.cards import Button
from bot.command import Turn
from domain import cadence
from domain.model import OFFICE, Customer, Role
from handlers import _approvals, _daily, _owners, _views
from handlers._daily import Morning

ANSWER_WORKDAYS = 2
"""How long a manager has to answer before an A customer goes all the same (contract.md section 7b)."""


def _due(turn: Turn, morning: Morning) -> Iterable[tuple[Customer, date]]:
    """Customers whose pool day is here, with that day; the longest silent first."""
    ids: list[str] = []
    for grade, days in turn.rules.pool_days.items():
        until = datetime.combine(morning.day - timedelta(days=days - 1), time(0), OFFICE)
        ids += turn.tx.followups.silent((grade,), None, until)
    for c in turn.tx.customers.many(ids).values():
        day = cadence.pool_day(c, turn.rules)
        if day is not None and day <= morning.day:
            yield c, day


def check_release(turn: Turn, morning: Morning) -> None:
    """Each customer whose day has come: held by a visit, put to the manager (A), or released with a word to its owner."""
    for c, day in list(_due(turn, morning)):
        if c.owner is None:
            continue
        if visits := _owners.ahead(turn, c):
            if turn.tx.jobs.once(f"pool-held-{c.id}-{visits[0].id}"):
                line = f"{c.short}（{c.grade}）到了进公海的日子，{_views.moment(visits[0].start)} 有拜访，暂不释放"
                morning.add(c.owner, "公海预警", line, warn=True)
        elif c.grade == "A" and not answered(turn, c, day, morning.day):
            continue
        else:
            _let_go(turn, morning, c)


def _let_go(turn: Turn, morning: Morning, c: Customer) -> None:
    last = cadence.contact_day(c) or morning.day
    why = f"{(morning.day - last).days} 天没有有效跟进"
    _owners.release(turn, c, why)
    line = f"{c.short}（{c.grade}）已进公海：{why}，上次 {_views.day(last)}"
    free = _views.day(morning.day + timedelta(days=turn.rules.reclaim_cooldown_days))
    assert c.owner is not None
    morning.add(c.owner, "客户已进公海", f"{line}；{free} 起您可以再认领", warn=True)
    for person in c.co_owners:
        morning.add(person, "客户已进公海", line)
    for boss in turn.tx.people.managers_above(c.owner)[:1]:
        morning.add(boss.id, "团队客户已进公海", f"{line}，原负责人{_views.name(turn, c.owner)}")


def answered(turn: Turn, c: Customer, day: date, today: date) -> bool:
    """True when an A customer may go: its manager was asked about this very day and two workdays passed without a word.

    The first time he is asked (释放 / 延期7天 / 改派); without anybody to ask it may go at once.
    """
    noted = c.extra.get("pool_asked")
    if isinstance(noted, dict) and noted.get("day") == day.isoformat():
        asked = date.fromisoformat(str(noted["on"]))
        return turn.calendar.add_workdays(asked, ANSWER_WORKDAYS) <= today
    approvers = _approvals.approvers_for(turn, "pool", c.owner or "", c)
    if not approvers or c.owner is None:
        return True
    last = cadence.contact_day(c)
    rows = [
        ("客户", c.name),
        ("负责人", _views.name(turn, c.owner)),
        ("上次跟进", _views.day(last) if last else "没有记录"),
        ("说明", f"{turn.rules.pool_days[c.grade]} 天没有有效跟进；{ANSWER_WORKDAYS} 个工作日内不答复就进公海"),
    ]
    title = f"{c.short}（A类）该进公海了：释放、延期还是改派？"
    filed = _approvals.request(turn, "pool", approvers, {"customer": c.id}, title, rows, by=c.owner)
    for person in filed.approvers:
        turn.tx.talk.note(person, "customer", c.id)
    turn.event("alert.raised", kind="pool_decision", subject={"customer": c.id}, to=list(filed.approvers))
    extra = {**c.extra, "pool_asked": {"day": day.isoformat(), "on": today.isoformat()}}
    turn.tx.customers.put(replace(c, extra=extra))
    return False


def check_leavers(turn: Turn, morning: Morning) -> None:
    """Customers of who has left: his manager is told once, with a way to hand them over; nothing goes by itself (R64)."""
    for gone in turn.tx.people.all(inactive=True):
        owned = [] if gone.active else turn.tx.customers.owned_by(gone.id)
        if not owned or not turn.tx.jobs.once(f"leaver-{gone.id}-{len(owned)}"):
            continue
        boss = turn.tx.people.managers_above(gone.id)[:1] or turn.tx.people.directors()[:1] or turn.tx.people.admins()[:1]
        team = [m for m in turn.tx.people.team(gone.team) if m.role is Role.REP]
        team.sort(key=lambda m: len(turn.tx.customers.owned_by(m.id)))
        buttons = [Button(f"交给{m.name}", says.write("owner.handover", giver=gone.id, people=m.name)) for m in team[:3]]
        for person in boss:
            line = f"{gone.name}已离职，名下 {len(owned)} 家客户待交接：{'、'.join(c.short for c in owned[:5])}"
            morning.add(person.id, "离职交接", line, *buttons, warn=True)


_daily.CHECKS += [check_release, check_leavers]
