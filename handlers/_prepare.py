"""The customer at a glance before a visit: what each reader may see, nothing else (R79)."""

from datetime import datetime, timedelta

from bot.command import Turn
from domain import cadence, spoken
from domain.follow import CHANNEL_WORDS, Report
from domain.model import OFFICE, Customer, Visit
from handlers import _tasks, _views

OBJECTIVES = ("取得初步意向", "解决客户痛点", "推进到报价", "谈成续约")
"""What A and B visits may aim at (R78)."""
CHECKLIST = {
    "产品演示": ("演示环境", "产品手册", "演示设备"),
    "合同谈判": ("合同文本", "报价单"),
    "初次接洽": ("公司介绍", "名片"),
}
"""What is prepared for a purpose (R80)."""


def contacts(turn: Turn, customer: Customer, private: bool, n: int = 5) -> list[str]:
    """The last contacts of every kind, newest first; texts only for those who may read them."""
    rows: list[tuple[datetime, str]] = []
    for f in turn.tx.followups.of_customer(customer.id, limit=n):
        words = f"：{f.content[:40]}" if private and f.content else ""
        result = f"，{f.result[:30]}" if f.result and not private else ""
        rows.append((f.at, f"{_views.day(f.at)} {_views.name(turn, f.by)} {CHANNEL_WORDS.get(f.channel, '')}{result}{words}"))
    visits = turn.tx.visits.at_customer_between(
        customer.id, turn.now - timedelta(days=400), turn.now, statuses=("done", "missed", "empty")
    )[-n:]
    reports = turn.tx.reports.many([v.id for v in visits])
    for v in visits:
        state = _views.STATUSES.get(v.status, "") if v.status != "done" else "拜访"
        words = brief(reports.get(v.id)) if private else ""
        rows.append((v.start, f"{_views.day(v.start)} {_views.name(turn, v.rep)} {state}{words}"))
    rows.sort(key=lambda r: r[0], reverse=True)
    return [text for _, text in rows[:n]]


def brief(report: Report | None) -> str:
    """The gist of a report in one line."""
    if report is None:
        return ""
    parts = []
    if level := report.fields.get("intent_level"):
        parts.append(f"意向{spoken.INTENT.get(str(level), level)}")
    if budget := report.fields.get("budget"):
        parts.append(f"预算{spoken.money(budget)}")
    if objection := report.fields.get("objection"):
        parts.append(f"顾虑{objection}")
    return "：" + ("，".join(parts) or report.content[:40]) if parts or report.content else ""


def promises(turn: Turn, customer: Customer) -> list[str]:
    """Open promises, questions and next steps, the most pressing first."""
    tasks = turn.tx.tasks.of_customer(customer.id)
    kinds = ("promise", "question", "next_step", "high_intent", "todo")
    return [f"{_tasks.kind_word(t)}：{_tasks.line(turn, t)}" for t in tasks if t.kind in kinds][:5]


def people(turn: Turn, customer: Customer) -> str:
    """Contacts with titles, and who decides as the reports say."""
    named = [f"{c.name}（{c.title}）" if c.title else c.name for c in customer.contacts[:5]]
    deciders = {
        str(r.fields["decision_maker"]) for r in turn.tx.reports.of_customer(customer.id, 5) if r.fields.get("decision_maker")
    }
    who = "、".join(named)
    return who + (f"；拍板：{'、'.join(sorted(deciders))}" if deciders else "")


def clock_words(turn: Turn, customer: Customer) -> str:
    """How the customer's cadence stands."""
    today = turn.now.astimezone(OFFICE).date()
    o, until = cadence.overdue(customer, turn.rules, today), cadence.next_contact(customer, turn.rules)
    return o.words if o else f"{_views.day(until)} 前联系" if until else ""


def next_visit(turn: Turn, customer: Customer) -> Visit | None:
    """The asker's next visit there, else anybody's."""
    ahead = turn.tx.visits.at_customer_between(
        customer.id, turn.now, turn.now + timedelta(days=120), statuses=("planned", "pending")
    )
    mine = [v for v in ahead if turn.me.id in v.people]
    return next(iter(mine or ahead), None)
