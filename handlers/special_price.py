"""特价申请：纪要里客户要折扣，一点就报给总监会签，纪要本身不用等。"""

from dataclasses import dataclass

from bot.cards import Card, Facts, Text, Tone
from bot.command import Reply, Turn, command
from domain.refusal import NotFound, Refusal
from handlers import _approvals, _life, _report_visit, _views


@dataclass(frozen=True, slots=True)
class Special:
    """The visit whose report asks for a special price."""

    visit_id: str = ""


@command("report.special", Special, intent="report.file")
def special(ask: Special, turn: Turn) -> Reply:
    """Start the branch of R90: directors decide on the price, once for a visit; the report is filed already."""
    visit, report = turn.tx.visits.get(ask.visit_id), turn.tx.reports.get(ask.visit_id)
    if visit is None or report is None:
        raise NotFound("这份纪要已经找不到了，没有提交")
    _report_visit.check_author(turn, visit)
    if any(a.subject.get("report") == visit.id for a in turn.tx.approvals.pending("special_price")):
        return Reply(Card("这次拜访的特价申请已经在等审批，没有重复提交"))
    bosses = [m.id for m in turn.tx.people.directors() if m.id != turn.me.id]
    approvers = bosses or _approvals.approvers_for(turn, "special_price", turn.me.id, turn.tx.customers.get(visit.customer))
    if not approvers:
        raise Refusal("没有可以批特价的总监，没有提交", "请联系管理员设置上级。")
    name = _life.short(turn, visit)
    rows = [("客户", name), ("拜访", _views.span(visit.slot)), ("纪要", report.content[:120])]
    subject = {"customer": visit.customer, "report": visit.id}
    made = _approvals.request(turn, "special_price", approvers, subject, f"{turn.me.name}申请特价：{name}", rows)
    who = _views.names(turn, made.approvers)
    facts = Facts((("审批人", who), ("纪要", "已提交，不用等特价结果")))
    return Reply(Card(f"已提交特价申请：{name}", (facts, Text("有结果会马上告诉您。")), (), Tone.DONE))
