"""Collecting the rows behind a figure for some people and a period; the formulas are domain/kpi.py's."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.command import Reply, Turn
from domain import kpi
from domain.model import OFFICE, Member, Role, Slot, Visit, When
from domain.refusal import NotAllowed, NotFound
from handlers import _views, _who
from handlers._books import Books, Scope, chunked, midnight, owned
from nlp.times import find
from nlp.words import words as words_of

T = TypeVar("T")
_COMPANY = re.compile("全公司|整个公司|公司整体|全体销售")
_PERIODS = (("年报", "year"), ("季报", "quarter"), ("季度复盘", "quarter"), ("月报", "month"), ("周报", "week"), ("日报", "day"))
"""What a report's name says about its period when nothing else does."""


def scope(turn: Turn, people: Sequence[Member], team: str) -> Scope:
    """A figure that names nobody is a rep's own, a manager's team's, a director's or admin's for all (contract 7b)."""
    tx, me = turn.tx, turn.me
    if people:
        found = tuple(people)
        for person in found:
            if person.id != me.id and not leads(turn, person.id):
                raise NotAllowed(f"无权：{person.name}的数据只有本人和主管能看", action="kpi.show", obj=person.id)
        return Scope(found, "、".join(p.name for p in found))
    if team:
        members = tx.people.team(team) or [m for m in tx.people.all() if m.department == team]
        if not members:
            raise NotFound(f"没有找到团队「{team}」")
        if me.role not in (Role.DIRECTOR, Role.ADMIN) and not _answers_for(turn, members, team):
            raise NotAllowed(f"无权：{team}的数据只有该团队和主管能看", action="kpi.show", obj=team)
        return Scope(tuple(members), team)
    if me.role in (Role.DIRECTOR, Role.ADMIN):
        return Scope(tuple(tx.people.all()), "全公司", True)
    if _COMPANY.search(turn.said.text):
        raise NotAllowed("无权：全公司的数据只有总监和管理员能看", action="kpi.show", obj="company")
    if me.role is Role.MANAGER:
        return below(turn, me)
    return Scope((me,), "您" if not turn.group else me.name)


def _answers_for(turn: Turn, members: Sequence[Member], team: str) -> bool:
    return turn.me.team == team or any(turn.me.id in _views.managers(turn, m.id) for m in members)


def below(turn: Turn, boss: Member) -> Scope:
    """A manager with everybody who reports to him."""
    people = turn.tx.people.reports_of(boss.id)
    return Scope((boss, *(m for m in people if m.id != boss.id)), boss.team or f"{boss.name}团队")


def leads(turn: Turn, person: str) -> bool:
    """The asker answers for this person."""
    return turn.me.role in (Role.DIRECTOR, Role.ADMIN) or turn.me.id in _views.managers(turn, person)


class Asked(Protocol):
    """Anything that says whose figures are meant, by words or by a button (`who`)."""

    @property
    def people(self) -> tuple[str, ...]: ...
    @property
    def team(self) -> str: ...
    @property
    def who(self) -> str: ...


_TEAM_SAID = re.compile(r"([\u4e00-\u9fff]{1,6}?)组(?=的|，|拜访|情况|汇总|总结|指标|业绩)")
_PERSON_SAID = re.compile(r"([\u4e00-\u9fff]{2,3}?)的(?=拜访|业绩|指标|数据|总结|汇总|情况|覆盖率|及时率|完成率|转化率|有效拜访)")
_NO_TEAM = (
    "我们",
    "咱们",
    "我",
    "本",
    "全",
    "各",
    "小",
    "一",
    "二",
    "三",
    "四",
    "这个",
    "那个",
    "哪个",
    "每个",
    "整个",
    "团队",
    "所有",
    "分",
)
_NO_PERSON = re.compile(
    r"^(周[一二三四五六日天末]|上|下|本|这|那|今|昨|前|去|最近|全|各|我|你|他|她|它|咱|大家|团队|公司|客户|部门|同事|所有|每)"
)


def unknown_name(turn: Turn) -> str:
    """A team or person that a sentence names and nobody is called so: better asked than answered for somebody else."""
    text = turn.said.text
    if text.startswith("/"):
        return ""
    for span in reversed(find(text, turn.now)):
        text = text[: span.span[0]] + "，" + text[span.span[1] :]
    if (found := _TEAM_SAID.search(text)) and not found[1].endswith(_NO_TEAM) and not turn.tx.people.team(found[0]):
        return f"团队「{found[0]}」"
    person = _PERSON_SAID.search(text)
    known = words_of().top_surnames
    if person and person[1][0] in known and not _NO_PERSON.match(person[1]) and not turn.tx.people.named(person[1]):
        return f"同事「{person[1]}」"
    return ""


def whose(turn: Turn, ask: Asked) -> Scope | Reply:
    """The people meant, or the question which one. Raises NotAllowed, NotFound."""
    if not (ask.people or ask.team or ask.who) and (name := unknown_name(turn)):
        known = "、".join(sorted({m.team for m in turn.tx.people.all() if m.team})[:8])
        raise NotFound(f"没有找到{name}", f"现有团队：{known}；同事请写全名。")
    kind, _, value = ask.who.partition(":")
    if kind == "t":
        return scope(turn, [], value)
    if kind == "p":
        return scope(turn, [m for i in value.split(",") if (m := turn.tx.people.get(i))], "")
    named = _who.people(turn, ask.people, turn.said) if ask.people else []
    if isinstance(named, Reply):
        return named
    return scope(turn, named or ([turn.me] if ask.people else []), ask.team)


def token(turn: Turn, who: Scope, ask: Asked) -> str:
    """What a button carries so that it asks about the same people."""
    if ask.who:
        return ask.who
    if ask.team:
        return f"t:{ask.team}"
    return f"p:{','.join(who.ids)}" if ask.people else ""


def period(turn: Turn, when: When | None, *, weekly: bool = True, usual: str = "") -> Slot:
    """The period asked about; else the one a report's name means (月报), else `usual`: day, week, month, quarter, year."""
    if when is not None and when.start is None and when.end is not None:
        return Slot(min(turn.now, when.end) - timedelta(days=3650), when.end)
    if when is not None and when.start is not None:
        if when.kind == "range" and when.end is None:
            return Slot(when.start, max(midnight(turn.now) + timedelta(days=1), when.start + timedelta(days=1)))
        start = midnight(when.start) if when.kind == "instant" else when.start
        return Slot(start, when.end or start + timedelta(days=1))
    named = next((name for word, name in _PERIODS if word in turn.said.text), "")
    return current(turn.now, named or usual or ("week" if weekly else "month"))


def current(now: datetime, unit: str, back: int = 0) -> Slot:
    """The day, week, month, quarter or year of a moment, or the one `back` before it."""
    day = midnight(now)
    if unit == "day":
        start = day - timedelta(days=back)
        return Slot(start, start + timedelta(days=1))
    if unit == "week":
        start = day - timedelta(days=day.weekday() + 7 * back)
        return Slot(start, start + timedelta(days=7))
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = day.year * 12 + (day.month - 1) // months * months - months * back
    return Slot(_month(day, first), _month(day, first + months))


def _month(day: datetime, n: int) -> datetime:
    return day.replace(year=n // 12, month=n % 12 + 1, day=1)


def words(slot: Slot) -> str:
    """2026年3月, 2026年第1季度, 3月9日–3月15日 or one day."""
    first, end = slot.start.astimezone(OFFICE), slot.end.astimezone(OFFICE)
    last = end - timedelta(minutes=1)
    months = (end.year - first.year) * 12 + end.month - first.month
    whole = (first.day, end.day) == (1, 1) and midnight(first) == first and midnight(end) == end
    if whole and months == 1:
        return f"{first.year}年{first.month}月"
    if whole and months == 3 and first.month % 3 == 1:
        return f"{first.year}年第{first.month // 3 + 1}季度"
    if whole and months == 6 and first.month in (1, 7):
        return f"{first.year}年{'上' if first.month == 1 else '下'}半年"
    if whole and months == 12 and first.month == 1:
        return f"{first.year}年"
    if first.date() == last.date():
        return _views.day(first)
    return f"{_views.day(first)}–{_views.day(last)}"


def label(turn: Turn, slot: Slot) -> str:
    """The period with the word people use for it: 本周（3月9日 周一–3月15日 周日）."""
    for unit, now, before in (
        ("day", "今天", "昨天"),
        ("week", "本周", "上周"),
        ("month", "本月", "上月"),
        ("quarter", "本季度", "上季度"),
    ):
        if slot == current(turn.now, unit):
            return f"{now}（{words(slot)}）"
        if slot == current(turn.now, unit, 1):
            return f"{before}（{words(slot)}）"
    return f" {words(slot)} "


def visits(turn: Turn, who: Scope, slot: Slot) -> list[Visit]:
    """Visits of these reps that begin in the period, cancelled ones too."""
    return Books(turn, who, slot).visits


def figure(turn: Turn, metric: str, who: Scope, slot: Slot, books: Books | None = None) -> kpi.Figure:
    """One figure; `books` (of at least these people and this very period) saves loading the rows again."""
    return _MAKERS[metric](books or Books(turn, who, slot), who)


def _visits(books: Books, who: Scope) -> kpi.Figure:
    return kpi.done_visits(v for v in books.visits if who.has(v.rep))


def _effective(books: Books, who: Scope) -> kpi.Figure:
    return kpi.effective([v for v in books.visits if who.has(v.rep)], books.reports)


def _report_timeliness(books: Books, who: Scope) -> kpi.Figure:
    return kpi.report_timeliness([v for v in books.visits if who.has(v.rep)], books.reports)


def _conflicts(books: Books, who: Scope) -> kpi.Figure:
    tried, hard = books.attempts
    mine = {message: clash for rep, found in hard.items() if who.has(rep) for message, clash in found.items()}
    return kpi.conflict_rate([message for message, rep in tried.items() if who.has(rep)], mine)


def _repeat(books: Books, who: Scope) -> kpi.Figure:
    return kpi.repeat_followups(books.followups_of(who), books.followed, books.joint, books.slot.start)


def _churn(books: Books, who: Scope) -> kpi.Figure:
    return kpi.churn(owned(who, books.customers), books.slot, books.statuses)


def _coverage(books: Books, who: Scope) -> kpi.Figure:
    turn, own = books.turn, owned(who, books.customers)
    if books.slot.end > turn.now:
        return kpi.coverage(own, turn.rules, turn.now.astimezone(OFFICE).date())
    # a period that is over: as it stood on its last day
    last = books.slot.end - timedelta(seconds=1)
    then = []
    for c in own:
        if c.created is None or c.created < books.slot.end:
            at = [f.at for f in books.contacts.get(c.id, ()) if f.counts]
            at += [c.last_followup] if c.last_followup and c.last_followup < books.slot.end else []
            then.append(replace(c, last_followup=max(at, default=None)))
    return kpi.coverage(then, turn.rules, last.astimezone(OFFICE).date())


def _timeliness(books: Books, who: Scope) -> kpi.Figure:
    tasks = [t for t in books.tasks if who.has(t.assignee) and t.kind not in ("confirm", "prep")]
    own = owned(who, books.customers)
    return kpi.timeliness(tasks, books.contacts, own, books.turn.rules, books.slot, books.turn.now)


def _plan(books: Books, who: Scope) -> kpi.Figure:
    return kpi.plan_completion([v for v in books.planned if who.has(v.rep)], books.turn.now)


def _conversion(books: Books, who: Scope) -> kpi.Figure:
    done = [v for v in books.visits if v.status == "done" and who.has(v.rep)]
    known = chunked((v.customer for v in done), books.tx.customers.many)
    return kpi.conversion(done, books.moves, {i: c.stage for i, c in known.items()})


_MAKERS = {
    "visits": _visits, "effective_visits": _effective, "report_timeliness": _report_timeliness, "conflict_rate": _conflicts,
    "repeat_followup_rate": _repeat, "churn": _churn, "coverage": _coverage, "timeliness": _timeliness,
    "plan_completion": _plan, "conversion": _conversion,
}  # fmt: skip


def privately(turn: Turn, make: Callable[[], T]) -> T:
    """What the asker alone may read, made while a group looks on."""
    everybody, turn.readers = turn.readers, [turn.me]
    try:
        return make()
    finally:
        turn.readers = everybody
