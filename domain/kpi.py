"""The figures of features.md section 0.4, each with its numerator, denominator, definition and boundary.

Pure: they get the period's rows and give a Figure; who may see which rows is decided before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain import cadence
from domain.desk import Clash
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
    "conflict_rate": "录入时撞上硬冲突的预约 ÷ 全部预约次数",
    "repeat_followup_rate": "7 天内被两位以上销售有效跟进的客户（同行与协助负责人除外）÷ 期间跟进过的客户",
    "churn": "期间标记流失的客户 ÷ 期初在跟客户",
    "timeliness": "按时完成的跟进、承诺和待办 ÷ 期间到期的",
    "coverage": "在跟进周期内联系过的客户 ÷ 名下客户（D 类除外）",
    "plan_completion": "计划内已完成的拜访 ÷ 期初已计划的拜访",
    "report_timeliness": "24 小时内提交纪要的拜访 ÷ 已完成拜访",
    "conversion": "拜访后 30 天内进入报价及以后阶段的客户 ÷ 拜访时未到报价的客户",
}
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
        return f"{round(100 * self.part / self.whole + 1e-9, 1):.1f}%" if self.whole else "暂无数据"


def alarm(figure: Figure, rules: Rules) -> bool:
    """Crossed exactly: more than 5 % and 10 %, less than 85 %; on the line is not crossed (R120–R122)."""
    if not figure.whole:
        return False
    limits = {"repeat_followup_rate": rules.repeat_followup_alarm, "churn": rules.churn_alarm}
    if (most := limits.get(figure.metric)) is not None:
        return figure.part > round(most * figure.whole, 9)
    if figure.metric == "timeliness":
        return figure.part < round(rules.timeliness_alarm * figure.whole, 9)
    return False


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
    "timeliness": "建议：把到期待办放进晨会，逾期的先补。",
}


# ---------------------------------------------------------------------- follow-ups
def repeat_followups(followups: Iterable[Followup], customers: Mapping[str, Customer], joint: frozenset[str]) -> Figure:
    """Customers that two or more reps followed inside seven days; `joint` are follow-ups' visits with several people."""
    by_customer: dict[str, list[Followup]] = {}
    for f in followups:
        if f.counts and f.visit not in joint:
            by_customer.setdefault(f.customer, []).append(f)
    hits = [c for c, rows in by_customer.items() if _repeated(rows, customers.get(c))]
    return Figure("repeat_followup_rate", len(hits), len(by_customer), tuple(sorted(hits)))


def _repeated(rows: Sequence[Followup], customer: Customer | None) -> bool:
    approved = {customer.owner, *customer.co_owners} if customer and customer.co_owners else set()
    ordered = sorted(rows, key=lambda f: f.at)
    for i, first in enumerate(ordered):
        for other in ordered[i + 1 :]:
            if (cadence.day_of(other.at) - cadence.day_of(first.at)).days >= REPEAT_DAYS:
                break
            if other.by != first.by and not {other.by, first.by} <= approved:
                return True
    return False


def coverage(customers: Iterable[Customer], rules: Rules, today: date) -> Figure:
    """Owned customers contacted inside their cadence; grade D and customers without a cadence are left out."""
    states = [(c.id, cadence.in_cadence(c, rules, today)) for c in customers]
    counted = [(i, ok) for i, ok in states if ok is not None]
    return Figure("coverage", sum(1 for _, ok in counted if ok), len(counted), tuple(i for i, ok in counted if not ok))


def timeliness(
    tasks: Iterable[Task], followups: Mapping[str, Sequence[Followup]], customers: Iterable[Customer], rules: Rules, period: Slot,
    now: datetime,
) -> Figure:  # fmt: skip
    """Tasks and promises due in the period, and follow-ups whose cadence ran out in it, done by their time."""
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
    first, last = cadence.day_of(period.start), cadence.day_of(min(period.end, now))
    for c in customers:
        limit = rules.cadence_days.get(c.grade)
        if limit is None or not cadence.has_clock(c):
            continue
        days = sorted({cadence.day_of(f.at) for f in followups.get(c.id, ()) if f.counts})
        for n, day in enumerate(days):
            ends = day + timedelta(days=limit)
            if first <= ends < last and not (n + 1 < len(days) and days[n + 1] < ends and days[n + 1] < first):
                due += 1
                in_time = n + 1 < len(days) and days[n + 1] < ends
                good += in_time
                if not in_time:
                    late.append(f"customer:{c.id}")
    return Figure("timeliness", good, due, tuple(late))


# ---------------------------------------------------------------------- customers
def churn(customers: Iterable[Customer], period: Slot) -> Figure:
    """Set to 流失 in the period, of those that were active when it began."""
    active, lost = [], []
    first, last = cadence.day_of(period.start), cadence.day_of(period.end)
    for c in customers:
        gone = str(c.extra.get("lost_on") or "")
        if c.created is None or c.created >= period.start or c.status in ("void", "merged"):
            continue
        if c.status == "lost":
            if gone and first <= date.fromisoformat(gone) < last:
                active.append(c.id)
                lost.append(c.id)
        elif c.status == "active":
            active.append(c.id)
    return Figure("churn", len(lost), len(active), tuple(lost))


def conversion(
    visits: Iterable[Visit], moves: Mapping[str, Sequence[tuple[datetime, str, str]]], now_stage: Mapping[str, str]
) -> Figure:
    """Visited customers below 报价 that reached it within 30 days; `moves` are (at, from, to) by customer, in order."""
    line = STAGES.index("报价")
    first: dict[str, Visit] = {}
    for v in sorted(visits, key=lambda v: v.start):
        first.setdefault(v.customer, v)
    base, hits = [], []
    for customer, visit in first.items():
        later = [m for m in moves.get(customer, ()) if m[0] >= visit.start]
        stage = later[0][1] if later else now_stage.get(customer, "")
        if stage in STAGES and STAGES.index(stage) >= line:
            continue
        base.append(customer)
        until = visit.start + timedelta(days=CONVERSION_DAYS)
        if any(m[2] in STAGES and STAGES.index(m[2]) >= line and m[0] <= until for m in later):
            hits.append(customer)
    return Figure("conversion", len(hits), len(base), tuple(hits))


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


def report_timeliness(visits: Iterable[Visit], reports: Mapping[str, Report], rules: Rules, now: datetime) -> Figure:
    """Reports in time, of the done visits whose report is there or overdue."""
    hours = timedelta(hours=rules.report_due_hours, minutes=1)
    counted = [v for v in visits if v.status == "done" and (v.id in reports or now >= v.end + hours)]
    good = [v.id for v in counted if v.id in reports and not reports[v.id].late]
    return Figure("report_timeliness", len(good), len(counted), tuple(v.id for v in counted if v.id not in good))


def plan_completion(planned: Iterable[Visit], now: datetime) -> Figure:
    """Of the visits planned when the period began, those done; visits still ahead are not counted yet."""
    counted = [v for v in planned if v.status in ("done", "missed", "empty", "cancelled") or v.end <= now]
    good = [v.id for v in counted if v.status == "done"]
    return Figure("plan_completion", len(good), len(counted), tuple(v.id for v in counted if v.id not in good))


def conflict_rate(clashes: Iterable[Clash], booked: int) -> Figure:
    """Attempts that met a hard conflict, of all attempts: a conflict's way out is no second attempt (contract 7b)."""
    first = [c for c in clashes if not c.draft.get("again")]
    hard = [c.id for c in first if c.hard]
    return Figure("conflict_rate", len(hard), len(first) + booked, tuple(hard))
