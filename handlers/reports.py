"""看纪要：还有哪些没写，写过的随时看。"""

from dataclasses import dataclass
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Items, Text, Tone
from bot.command import Reply, Turn, command
from domain.follow import Report, report_due
from domain.model import OFFICE, Customer, Visit, When
from domain.refusal import NotAllowed, NotFound
from handlers import _audit, _report_visit, _reports, _team, _views, _who


@dataclass(frozen=True, slots=True)
class Pending:
    """Whose reports are missing; default one's own, a manager's team's."""

    people: tuple[str, ...] = ()
    team: str = ""
    time: When | None = None


@command("report.pending", Pending, group="纪要", example="我还有哪些报告没写")
def pending(ask: Pending, turn: Turn) -> Reply:
    """Done visits without report, the oldest first, with hours left or 逾期; 补一下 starts the oldest."""
    people = whose(turn, ask)
    if isinstance(people, Reply):
        return people
    visits = _reports.waiting(turn, people)
    if (span := _who.day_range(ask.time)) is not None:
        visits = [v for v in visits if span[0] < v.end and v.start < span[1]]
    if "逾期" in turn.said.text or "超时" in turn.said.text:
        visits = [v for v in visits if turn.now > report_due(v.end, turn.rules.report_due_hours)]
    mine = people == [turn.me.id]
    who = "您" if mine else f"{len(people)} 位同事" if len(people) > 1 else _views.name(turn, people[0])
    if not visits:
        return Reply(Card(f"{who}没有待写的纪要", tone=Tone.DONE))
    lines = tuple(_pending_line(turn, v, not mine) for v in visits[:10])
    own = [v for v in visits if v.rep == turn.me.id]
    buttons = tuple(
        Button(f"写{_views.label(turn, v)} {v.start.astimezone(OFFICE):%m-%d}"[:20], says.write("report.start", visit_id=v.id))
        for v in own[:5]
    )
    if own and any(w in turn.said.text for w in ("补一下", "帮我补", "写一下", "补写")):
        started = _report_visit.start_for(turn, own[0])
        return Reply(Card(started.card.title, (*started.card.blocks, Text("待写的纪要："), Items(lines)), started.card.buttons))
    return Reply(Card(f"{who}有 {len(visits)} 份纪要待写", (Items(lines),), buttons))


def _pending_line(turn: Turn, v: Visit, with_rep: bool) -> str:
    line = _views.visit_line(turn, v, with_day=True, with_rep=with_rep)
    return f"{line}：{_report_visit.time_left(turn, v)}"


def whose(turn: Turn, ask: Pending) -> list[str] | Reply:
    """The people asked about; unless he speaks of himself, a manager's own people."""
    asked = _team.asked_about(turn, ask.people, ask.team, "纪要情况", "report.pending")
    if asked is not None:
        return asked
    return _team.below(turn) if turn.me.role.leads and "我" not in turn.said.text else [turn.me.id]


@dataclass(frozen=True, slots=True)
class Show:
    """Which report."""

    customer: str | None = None
    customer_id: str | None = None
    visit_id: str | None = None
    time: When | None = None
    people: tuple[str, ...] = ()


@command("report.show", Show, group="纪要", example="看一下上周鼎盛的拜访纪要")
def show(ask: Show, turn: Turn) -> Reply:
    """The newest report that fits, as far as every reader may see it."""
    if ask.visit_id:
        visit = turn.tx.visits.get(ask.visit_id)
        if visit is None:
            raise NotFound("这次拜访已经找不到了")
        return shown(turn, visit)
    found = _who.candidates(turn, ask.customer, ask.customer_id)
    if ask.customer and not found:
        raise NotFound(f"没有找到客户「{ask.customer}」")
    if len(found) > 1:
        return _who.which_customer(turn, found, turn.said, "看")
    reports = _candidates(turn, found)
    visits = turn.tx.visits.many([r.visit for r in reports])
    fits = [visits[r.visit] for r in reports if r.visit in visits]
    if (span := _who.day_range(ask.time)) is not None:
        fits = [v for v in fits if span[0] < v.end and v.start < span[1]]
    if not fits:
        waiting = [v for v in _report_visit.begun(turn) if found and v.customer == found[0].id and v.status in ("done", "missed")]
        buttons = tuple(Button("写纪要", says.write("report.start", visit_id=v.id)) for v in waiting[-1:])
        name = found[0].short if found else "您"
        return Reply(Card(f"{name}在这段时间没有拜访纪要", (), buttons))
    return shown(turn, fits[0], len(fits))


def _candidates(turn: Turn, found: list[Customer]) -> list[Report]:
    if found:
        return turn.tx.reports.of_customer(found[0].id)
    recent = turn.tx.reports.between(turn.now - _report_visit.LOOK_BACK, turn.now + timedelta(seconds=1))
    return [r for r in reversed(recent) if r.by == turn.me.id]


def shown(turn: Turn, visit: Visit, others: int = 1) -> Reply:
    """One report; who may not read it learns that there is one."""
    report, customer = turn.tx.reports.get(visit.id), turn.tx.customers.get(visit.customer)
    if customer is None:
        raise NotFound("这位客户已经不在系统里")
    title = f"{_views.label(turn, visit, customer)} {_views.span(visit.slot)} 的拜访纪要"
    if report is None:
        return Reply(Card(f"{title}还没有写"))
    by = f"{_views.name(turn, report.by)} {_views.moment(report.at)}{'（逾期提交）' if report.late else ''}"
    if not _reports.sees(turn, customer, report):
        if not turn.group:
            words = "无权查看：纪要内容只对负责人、协作人和主管开放"
            raise NotAllowed(words, f"提交人：{by}", action="report.show", obj=visit.id)
        return Reply(Card(f"{title}：{by}提交，内容不在群里显示"))
    blocks: list[Block] = [Facts((("提交", by), *_reports.rows(turn, report)))]
    _audit.read(turn, "report.show", visit.id, "report")
    if report.content:
        blocks.append(Text(report.content))
    if others > 1:
        blocks.append(Text(f"这段时间共有 {others} 份纪要，这是最新的一份。"))
    return Reply(Card(title, tuple(blocks)), subject=f"report:{visit.id}")
