"""The tables that can be exported, cell by cell as far as the asker may see (R154–R157, R163)."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.command import Turn
from bot.sheets.tables import PAGE, Exported, Filter, Page
from bot.sheets.write import Value
from domain.follow import Report
from domain.model import OFFICE, Customer, Visit
from domain.permissions import Layer, sees_private, sees_visit
from handlers import _customers, _data_more, _data_reports, _data_shown, _fields, _owners, _shown, _views

CUSTOMER_STATUS = {"active": "在跟", "pool": "公海", "lost": "流失", "won": "成交"}
VISIT_STATUS = {
    "planned": "计划",
    "pending": "待确认",
    "done": "已完成",
    "cancelled": "已取消",
    "missed": "漏访",
    "empty": "扑空",
}
ROLES = {"rep": "销售", "manager": "主管", "director": "总监", "admin": "管理员"}
_CUSTOMERS = ["客户编号", "客户名称", "负责人", "阶段", "等级", "状态", "保护期到", "别名", "联系人", "职务", "电话", "邮箱", "统一社会信用代码",
              "城市", "地址", "来源", "创建时间", "最近联系"]  # fmt: skip
_VISITS = ["编号", "客户", "销售", "开始", "结束", "状态", "方式", "目的", "参与人", "联系人", "地点", "纪要"]
_MEMBERS = ["账号", "姓名", "角色", "团队", "部门", "上级", "别名", "产品线"]


# ---------------------------------------------------------------------- customers
def _custom(turn: Turn, object_: str = "customer") -> list[str]:
    return [f.name for f in turn.tx.fields.of(object_)]


def _customer_page(turn: Turn, wanted: Filter, place: str) -> Page:
    rows = turn.tx.pages.customers(after=int(place or 0), limit=PAGE, status=wanted.status)
    custom = _custom(turn)
    out: list[Sequence[Value]] = []
    for _, c in rows:
        if wanted.people and c.owner not in wanted.people and not set(wanted.people) & set(c.co_owners):
            continue
        if wanted.grade and (c.grade != wanted.grade or _customers.sees(turn, c) < Layer.PUBLIC):
            continue
        out.append(_customer_row(turn, c, custom))
    return Page(out, str(rows[-1][0]) if len(rows) == PAGE else "")


def _customer_row(turn: Turn, c: Customer, custom: Sequence[str]) -> Sequence[Value]:
    shown = _shown.of(turn, c)
    made = dict(_fields.rows(turn, "customer", c.extra)) if custom else {}
    cells: list[tuple[str, Value]] = [
        ("grade", c.grade), ("status", CUSTOMER_STATUS.get(c.status, c.status)), ("status", c.protected_until),
        ("aliases", "、".join(c.aliases)), ("contacts", "、".join(x.name for x in shown.contacts)),
        ("contacts", "、".join(x.title for x in shown.contacts if x.title)), ("phones", "；".join(shown.phones)),
        ("emails", "；".join(shown.emails)), ("uscc", c.uscc), ("city", c.city), ("address", c.address),
        ("source", str(c.extra.get("source") or "")), ("created", _day(c.created)), ("last_touch", _day(c.last_followup)),
        *((name, made.get(name, "")) for name in custom),
    ]  # fmt: skip
    return [c.code, c.name, _views.owner(turn, c), c.stage, *(value if shown.has(field) else None for field, value in cells)]


def _day(at: datetime | None) -> date | None:
    return at.astimezone(OFFICE).date() if at else None


# ---------------------------------------------------------------------- visits
def _visit_page(turn: Turn, wanted: Filter, place: str) -> Page:
    first, _, last = place.partition(".")
    after = (int(first), int(last)) if place else None
    rows = turn.tx.pages.visits(start=wanted.since, end=wanted.until, after=after, limit=PAGE)
    shown = [v for _, v in rows if not wanted.people or v.rep in wanted.people]
    known = turn.tx.customers.many(list({v.customer for v in shown}))
    reports = turn.tx.reports.many([v.id for v in shown]) if shown else {}
    made = _custom(turn, "visit"), _custom(turn, "report")
    out = [_visit_row(turn, v, known[v.customer], reports.get(v.id), made) for v in shown if v.customer in known]
    return Page(out, f"{rows[-1][0][0]}.{rows[-1][0][1]}" if len(rows) == PAGE else "")


def _visit_row(turn: Turn, v: Visit, c: Customer, report: Report | None, made: tuple[list[str], list[str]]) -> Sequence[Value]:
    """A visit with its report's text; `made` are the fields of visits and of reports made in the chat."""
    chain = _views.managers(turn, v.rep) | _owners.customer_chain(turn, c)
    name = str(_data_shown.visit(turn, v, c)["customer_name"])
    details = sees_visit(turn.me, v, c, chain)
    row: list[Value] = [v.id, name, _views.name(turn, v.rep), v.start, v.end, VISIT_STATUS.get(v.status, v.status)]
    inside: list[Value] = [_views.MODES.get(v.mode, v.mode), v.purpose, _views.names(turn, v.participants), v.contact, v.location]
    private: list[Value] = [report.content if report else ""]
    own = dict(_fields.rows_of_visit(turn, v.id)) if made[0] else {}
    told = dict(_fields.rows(turn, "report", report.fields)) if report and made[1] else {}
    private += [told.get(name, "") for name in made[1]]
    inside += [own.get(name, "") for name in made[0]]
    if not details:
        inside = [None] * len(inside)
    if not sees_private(turn.me, c, chain, author=v.rep):
        private = [None] * len(private)
    n = len(inside) - len(made[0])
    return [*row, *inside[:n], private[0], *inside[n:], *private[1:]]


# ---------------------------------------------------------------------- members
def _member_page(turn: Turn, wanted: Filter, place: str) -> Page:
    people = [m for m in turn.tx.people.all() if not wanted.people or m.id in wanted.people]
    rows: list[Sequence[Value]] = [
        [
            m.id,
            m.name,
            ROLES[m.role],
            m.team,
            m.department,
            _views.name(turn, m.manager) if m.manager else "",
            "、".join(m.aliases),
            m.line,
        ]
        for m in people
    ]
    return Page(rows)


TABLES = {
    "customers": Exported("客户", lambda turn: [*_CUSTOMERS, *_custom(turn)], _customer_page),
    "visits": Exported("拜访", lambda turn: [*_VISITS, *_custom(turn, "visit"), *_custom(turn, "report")], _visit_page),
    "members": Exported("成员", lambda _: _MEMBERS, _member_page),
    "followups": Exported("跟进记录", lambda _: _data_more.FOLLOWUPS, _data_more.followup_page),
    "report": Exported("按人", lambda _: _data_more.REPORT, _data_more.report_page),
    "kpi": Exported("指标", lambda _: _data_reports.KPI, _data_reports.kpi_page),
    "conflicts": Exported("冲突", lambda _: _data_reports.CONFLICTS, _data_reports.conflict_page),
    "ranking": Exported("排行", lambda _: _data_reports.RANKING, _data_reports.ranking_page),
}
