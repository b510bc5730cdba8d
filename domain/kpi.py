"""The figures of features.md section 0.4, each with its numerator, denominator, definition and boundary.

Pure: they get the period's rows and give a Figure; who may see which rows is decided before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain import cadence
from domain.follow import Followup, Report, Task
from domain.model import STAGES, Customer, Slot, Visit
from domain.rules import Rules

NAMES = {
    "visits": "拜访量",
    "effective_visits": "有效拜访率",
    "conflict_rate": "冲突率",
    "repeat_followup_rate": "重复跟进率",
    "churn": "流失率",
    "timeliness": "跟进及时率",
    "coverage": "客户覆盖率",
    "plan_completion": "计划完成率",
    "report_timeliness": "报告及时率",
    "conversion": "商机转化率",
}
DEFINITIONS = {
    "visits": "期间已完成的拜访数",
    "effective_visits": "有纪要且结果为推进或维持的拜访 ÷ 已完成拜访",
    "conflict_rate": "录入时撞上硬冲突的预约 ÷ 全部预约次数（一条消息算一次，改选备选时间不另算）",
    "repeat_followup_rate": "7 天内被两位以上销售有效跟进的客户（同行与协助负责人除外）÷ 期间跟进过的客户",
    "churn": "期间标记流失的客户 ÷ 期初在跟客户",
    "timeliness": "按时完成的跟进、承诺和待办 ÷ 期间到期的",
    "coverage": "在跟进周期内联系过的客户 ÷ 名下客户（D 类除外）",
    "plan_completion": "计划内已完成的拜访 ÷ 期初已计划的拜访",
    "report_timeliness": "24 小时内提交纪要的拜访 ÷ 已完成拜访",
    "conversion": "拜访后 30 天内进入报价及以后阶段的客户 ÷ 拜访时未到报价的客户",
}
ROWS = {
    "visits": "已完成的拜访",
    "effective_visits": "没有算作有效的",
    "conflict_rate": "撞上的冲突",
    "repeat_followup_rate": "被重复跟进的客户",
    "churn": "流失的客户",
    "timeliness": "没有按时的",
    "coverage": "没有覆盖到的",
    "plan_completion": "没有完成的",
    "report_timeliness": "没有按时交纪要的",
    "conversion": "转化了的客户",
}
"""What a figure's `rows` are."""
WEEKLY = frozenset({"timeliness", "plan_completion"})
"""Checked by the week; the others by the month (R120–R122)."""
REPEAT_DAYS = 7
CONVERSION_DAYS = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """`part` of `whole`; `rows` are what the numerator counts (ids), so that every number opens to its rows (R141)."""

    metric: str
    part: int
    whole: int
    rows: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """None when there is nothing to divide by; a plain count has no rate."""
        return self.part / self.whole if self.whole and self.metric != "visits" else None

    @property
    def shown(self) -> str:
        """5.0%, a plain count, or 暂无数据."""
        if self.metric == "visits":
            return str(self.part)
        return _percent(self.part, self.whole, 1) if self.whole else "暂无数据"


def _percent(part: int, whole: int, places: int) -> str:
    """Rounded half up, in whole numbers: no float turns 84.95 % into 84.9 %."""
    unit = 10**places
    tenths = (200 * unit * part + whole) // (2 * whole)
    return f"{tenths // unit}.{tenths % unit:0{places}d}%"


def limit(metric: str, rules: Rules) -> float | None:
    """The line a figure must not cross, None when it has none."""
    lines = {
        "repeat_followup_rate": rules.repeat_followup_alarm,
        "churn": rules.churn_alarm,
        "timeliness": rules.timeliness_alarm,
    }
    return lines.get(metric)


def alarm(figure: Figure, rules: Rules) -> bool:
    """Crossed exactly: more than 5 % and 10 %, less than 85 %; on the line is not crossed (R120–R122)."""
    line = limit(figure.metric, rules)
    if line is None or not figure.whole:
        return False
    at = round(line * figure.whole, 9)
    return figure.part < at if figure.metric == "timeliness" else figure.part > at


def shown(figure: Figure, rules: Rules) -> str:
    """The figure in words; with a second decimal where one would make a crossed line look kept (5.03 % is not 5.0 %)."""
    line = limit(figure.metric, rules)
    if line is not None and alarm(figure, rules) and figure.shown == f"{100 * line:.1f}%":
        return _percent(figure.part, figure.whole, 2)
    return figure.shown


def limit_words(metric: str, rules: Rules) -> str:
    """The line a figure is held against, "" when it has none."""
    words = {
        "repeat_followup_rate": f"标准 ≤ {rules.repeat_followup_alarm:.0%}",
        "churn": f"标准 ≤ {rules.churn_alarm:.0%}",
        "timeliness": f"标准 ≥ {rules.timeliness_alarm:.0%}",
        "conflict_rate": "参考线 ≤ 5%，首月目标 2%",
    }
    return words.get(metric, "")


ADVICE = {
    "repeat_followup_rate": "建议：明确负责人，跟进前先查「谁在跟」，需要协同的加为协助负责人。",
    "churn": "建议：加强售后回访和客户反馈，先看本期流失的客户。",
    "timeliness": "建议：把到期的待办放进晨会，落下的先补。",
}


# ---------------------------------------------------------------------- follow-ups
@dataclass(frozen=True, slots=True)
class Repeat:
    """A customer two reps followed: the follow-up that was there, and the one that repeated it."""

    customer: str
    first: Followup
    second: Followup


def repeats(
    followups: Iterable[Followup], customers: Mapping[str, Customer], joint: frozenset[str], since: datetime
) -> list[Repeat]:
    """The first repetition of each customer whose second contact lies at or after `since`; the first may lie before it.

    `joint` are follow-ups that came of a visit several people made together: nobody's repetition.
    """
    out = []
    for customer, rows in sorted(_by_customer(followups, joint).items()):
        approved = _approved(customers.get(customer))
        if (pair := _pair(rows, approved, since)) is not None:
            out.append(Repeat(customer, *pair))
    return out


def repeat_followups(
    followups: Iterable[Followup], customers: Mapping[str, Customer], joint: frozenset[str], since: datetime
) -> Figure:
    """Customers that two or more reps followed inside seven days, of those followed since `since`."""
    rows = list(followups)
    hits = [r.customer for r in repeats(rows, customers, joint, since)]
    followed = {f.customer for f in rows if f.counts and f.at >= since}
    return Figure("repeat_followup_rate", len(hits), len(followed), tuple(hits))


def _by_customer(followups: Iterable[Followup], joint: frozenset[str]) -> dict[str, list[Followup]]:
    out: dict[str, list[Followup]] = {}
    for f in sorted(followups, key=lambda f: f.at):
        if f.counts and f.id not in joint:
            out.setdefault(f.customer, []).append(f)
    return out


def _approved(customer: Customer | None) -> frozenset[str | None]:
    """Owner and co-owners, when there are any: they may follow side by side."""
    return frozenset((customer.owner, *customer.co_owners)) if customer and customer.co_owners else frozenset()


def _pair(rows: Sequence[Followup], approved: frozenset[str | None], since: datetime) -> tuple[Followup, Followup] | None:
    for i, first in enumerate(rows):
        for other in rows[i + 1 :]:
            if (cadence.day_of(other.at) - cadence.day_of(first.at)).days >= REPEAT_DAYS:
                break
            if other.at >= since and other.by != first.by and not {other.by, first.by} <= approved:
                return first, other
    return None


def coverage(customers: Iterable[Customer], rules: Rules, today: date) -> Figure:
    """Owned customers contacted inside their cadence; grade D and customers without a cadence are left out."""
    states = [(c.id, cadence.in_cadence(c, rules, today)) for c in customers]
    counted = [(i, ok) for i, ok in states if ok is not None]
    return Figure("coverage", sum(1 for _, ok in counted if ok), len(counted), tuple(i for i, ok in counted if not ok))


def timeliness(
    tasks: Iterable[Task], followups: Mapping[str, Sequence[Followup]], customers: Iterable[Customer], rules: Rules, period: Slot,
    now: datetime,
) -> Figure:  # fmt: skip
    """Tasks and promises due in the period, and follow-ups whose cadence ran out in it, done by their time; what is still
    ahead is not due yet."""
    due = good = 0
    late: list[str] = []
    for t in tasks:
        if t.due is None or t.state == "cancelled" or not period.start <= t.due < min(period.end, now + timedelta(seconds=1)):
            continue
        due += 1
        if t.done is not None and t.done <= t.due:
            good += 1
        else:
            late.append(f"task:{t.id}")
    for c in customers:
        for in_time in _deadlines(c, followups.get(c.id, ()), rules, period, now):
            due += 1
            good += in_time
            if not in_time:
                late.append(f"customer:{c.id}")
    return Figure("timeliness", good, due, tuple(late))


def _deadlines(c: Customer, followups: Sequence[Followup], rules: Rules, period: Slot, now: datetime) -> list[bool]:
    """Each deadline of a customer's cadence inside the period: kept or not. A contact starts the clock, the entry the first."""
    limit = rules.cadence_days.get(c.grade)
    if limit is None or not cadence.has_clock(c):
        return []
    first, last = cadence.day_of(period.start), cadence.day_of(period.end - timedelta(seconds=1))
    starts = {cadence.day_of(f.at) for f in followups if f.counts}
    starts |= {cadence.day_of(at) for at in (c.created, c.last_followup) if at is not None}
    days, out = sorted(d for d in starts if d <= cadence.day_of(now)), []
    for n, day in enumerate(days):
        ends = day + timedelta(days=limit)
        if not first <= ends <= min(last, cadence.day_of(now)):
            continue
        following = days[n + 1] if n + 1 < len(days) else None
        kept = following is not None and following < ends
        if kept and following is not None and following < first:
            continue  # renewed before the period began: nothing fell due in it
        out.append(kept)
    return out


# ---------------------------------------------------------------------- customers
def churn(customers: Iterable[Customer], period: Slot, was: Mapping[str, str] | None = None) -> Figure:
    """Set to 流失 in the period, of those that were active when it began; `was` is a customer's status at that moment where it
    was another one than today's."""
    active, lost = [], []
    first, last = cadence.day_of(period.start), cadence.day_of(period.end - timedelta(seconds=1))
    for c in customers:
        if c.created is None or c.created >= period.start or c.status in ("void", "merged"):
            continue
        gone = str(c.extra.get("lost_on") or "") if c.status == "lost" else ""
        left = date.fromisoformat(gone) if gone else None
        before = (was or {}).get(c.id) or ("active" if left and left >= first else c.status)
        if before != "active":
            continue
        active.append(c.id)
        if left and first <= left <= last:
            lost.append(c.id)
    return Figure("churn", len(lost), len(active), tuple(lost))


Move = tuple[datetime, str, str]
"""A change of stage: when, from, to."""


def conversion(visits: Iterable[Visit], moves: Mapping[str, Sequence[Move]], now_stage: Mapping[str, str]) -> Figure:
    """Visited customers below 报价 that reached it within 30 days of a visit; `moves` by customer, in order, up to today."""
    line = STAGES.index("报价")
    base: dict[str, bool] = {}
    for v in sorted(visits, key=lambda v: v.start):
        later = [m for m in moves.get(v.customer, ()) if m[0] >= v.start]
        stage = later[0][1] if later else now_stage.get(v.customer, "")
        if stage in STAGES and STAGES.index(stage) >= line:
            continue
        until = v.start + timedelta(days=CONVERSION_DAYS)
        hit = any(to in STAGES and STAGES.index(to) >= line and at <= until for at, _, to in later)
        base[v.customer] = base.get(v.customer, False) or hit
    hits = tuple(c for c, hit in base.items() if hit)
    return Figure("conversion", len(hits), len(base), hits)


# ---------------------------------------------------------------------- visits
def done_visits(visits: Iterable[Visit]) -> Figure:
    """Visits that took place."""
    ids = [v.id for v in visits if v.status == "done"]
    return Figure("visits", len(ids), len(ids), tuple(ids))


def effective(visits: Iterable[Visit], reports: Mapping[str, Report]) -> Figure:
    """Visits with a report and the outcome 推进 or 维持."""
    done = [v.id for v in visits if v.status == "done"]
    good = [i for i in done if i in reports and reports[i].effective]
    return Figure("effective_visits", len(good), len(done), tuple(i for i in done if i not in good))


def report_timeliness(visits: Iterable[Visit], reports: Mapping[str, Report]) -> Figure:
    """Visits done whose report came in time, of all visits done."""
    done = [v.id for v in visits if v.status == "done"]
    good = [i for i in done if i in reports and not reports[i].late]
    return Figure("report_timeliness", len(good), len(done), tuple(i for i in done if i not in good))


def plan_completion(planned: Iterable[Visit], now: datetime) -> Figure:
    """Of the visits planned when the period began, those done; visits still ahead are not counted yet."""
    counted = [v for v in planned if v.status in ("done", "missed", "empty", "cancelled") or v.end <= now]
    good = [v.id for v in counted if v.status == "done"]
    return Figure("plan_completion", len(good), len(counted), tuple(v.id for v in counted if v.id not in good))


def conflict_rate(attempts: Iterable[str], hard: Mapping[str, str]) -> Figure:
    """Booking messages that met a hard conflict, of all booking messages (contract 7b "Counting"); `hard` = message → conflict."""
    known = set(attempts) | set(hard)
    return Figure("conflict_rate", len(hard), len(known), tuple(hard.values()))
