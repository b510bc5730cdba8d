"""Why a figure is what it is: which reps, which grade, which rule, where the customers came from (R139, R140)."""

from collections import Counter
from collections.abc import Iterable

from domain import kpi
from domain.model import Customer
from handlers import _rows, _views
from handlers._books import Books, Scope

MOST = 3


def lines(books: Books, who: Scope, figure: kpi.Figure) -> list[str]:
    """Up to four lines with counts, the largest share first; none where there is nothing to split."""
    if figure.metric == "repeat_followup_rate":
        return _repeats(books, who)
    if figure.metric in ("churn", "coverage", "timeliness"):
        ids = [r.removeprefix("customer:") for r in figure.rows if not r.startswith("task:")]
        found = list(books.tx.customers.many(ids).values())
        tasks = [t for r in figure.rows if r.startswith("task:") and (t := books.tx.tasks.get(r[5:]))]
        people = [c.owner or "" for c in found] + [t.assignee for t in tasks]
        return [x for x in (_by_person(books, people), _by_grade(found)) if x] if people else []
    if figure.metric in ("effective_visits", "report_timeliness", "plan_completion"):
        return [x for x in (_by_person(books, [v.rep for v in books.tx.visits.many(figure.rows).values()]),) if x]
    if figure.metric == "conflict_rate":
        clashes = [c for c in books.clashes if c.id in set(figure.rows)]
        kinds = Counter(k for c in clashes for k in c.kinds)
        worded = [f"{_rows.KINDS.get(k, k)} {n}" for k, n in kinds.most_common(MOST)]
        return [x for x in (_by_person(books, [c.rep for c in clashes]), "按类型：" + "，".join(worded) if worded else "") if x]
    return []


def _repeats(books: Books, who: Scope) -> list[str]:
    found = kpi.repeats(books.followups_of(who), books.followed, books.joint, books.slot.start)
    if not found:
        return []
    turn = books.turn
    pairs = Counter(frozenset((r.first.by, r.second.by)) for r in found)
    worded = [f"{'和'.join(sorted(_views.name(turn, p) for p in pair))} {n} 家" for pair, n in pairs.most_common(MOST)]
    out = ["按销售：" + "，".join(worded)]
    customers = [c for r in found if (c := books.followed.get(r.customer))]
    out.append(_by_grade(customers))
    outsiders = sum(1 for r in found if (c := books.followed.get(r.customer)) and r.second.by != c.owner and c.owner)
    if outsiders:
        out.append(f"按规则：{outsiders} 家是非负责人跟进的，没有先申请协作")
    out.append(_by_source(customers))
    return [x for x in out if x]


def _by_person(books: Books, people: Iterable[str]) -> str:
    count = Counter(p for p in people if p)
    worded = [f"{_views.name(books.turn, p)} {n}" for p, n in count.most_common(MOST)]
    return "按销售：" + "，".join(worded) if len(count) > 1 else ""


def _by_grade(customers: Iterable[Customer]) -> str:
    count = Counter(c.grade or "未分级" for c in customers)
    return "按等级：" + "，".join(f"{g} {n}" for g, n in sorted(count.items())) if count else ""


def _by_source(customers: Iterable[Customer]) -> str:
    count = Counter(str(c.extra.get("source") or "") for c in customers)
    count.pop("", None)
    return "按来源：" + "，".join(f"{s} {n}" for s, n in count.most_common(MOST)) if count else ""
