"""Which visit a report is about, and the way to its report."""

from datetime import datetime, timedelta
from typing import Protocol

from bot import says
from bot.cards import Button, Card, Text, Tone
from bot.command import Reply, Turn
from domain.follow import Report, report_due
from domain.model import Customer, Visit, When
from domain.refusal import NotAllowed, NotFound
from handlers import _life, _reports, _views, _who
from nlp.said import Said

LOOK_BACK = timedelta(days=30)
NARRATIVE = [
    "report.show", "followup.add", "task.add", "task.done", "customer.check", "customer.show", "customer.update", "visit.update",
    "visit.check_in", "owner.show", "kpi.show", "rule.set", "dialog.correct", "approval.approve",
]  # fmt: skip
"""What the answer to 请说说这次拜访 may look like when it is read alone; bookings, schedules and lists stay commands."""


class Meant(Protocol):
    """What was said of the visit."""

    @property
    def visit_id(self) -> str | None: ...
    @property
    def customer(self) -> str | None: ...
    @property
    def customer_id(self) -> str | None: ...
    @property
    def time(self) -> When | None: ...


def check_author(turn: Turn, visit: Visit) -> None:
    """The visit's people and the rep's managers upwards write its report."""
    chain = _views.managers(turn, visit.rep)
    if turn.me.id not in visit.people and turn.me.id not in chain and turn.me.role not in ("director", "admin"):
        who = _views.name(turn, visit.rep)
        raise NotAllowed(f"无权：这是{who}的拜访，没有保存纪要", f"请联系{who}。", action="report.file", obj=visit.id)


def pick_visit(turn: Turn, ask: Meant) -> Visit | Reply:
    """The visit meant: by its id, customer and time; the one just asked about; the only open one; else the question."""
    if ask.visit_id:
        visit = turn.tx.visits.get(ask.visit_id)
        if visit is None:
            raise NotFound("这次拜访已经找不到了，没有保存")
        return visit
    customers = _who.candidates(turn, ask.customer, ask.customer_id)
    mine = begun(turn)
    if customers:
        wanted = {c.id for c in customers}
        mine = [v for v in mine if v.customer in wanted]
    elif ask.customer:
        return no_visit(turn, ask.customer, None)
    on_time = _on_time(mine, ask.time)
    done = turn.tx.reports.many([v.id for v in mine])
    for group in (on_time, mine):
        fresh = [v for v in group if v.id not in done]
        if len(fresh) == 1:
            return fresh[0]
        if fresh:
            return _choose(turn, ask, fresh)
    if mine and customers:
        return max(mine, key=lambda v: v.end)
    return no_visit(turn, ask.customer or "", customers[0] if len(customers) == 1 else None)


def _choose(turn: Turn, ask: Meant, fresh: list[Visit]) -> Visit | Reply:
    """The one just asked about or just left, when nothing else was said; else the person chooses."""
    started = turn.tx.talk.noted(turn.me.id, "report_started")
    if isinstance(started, dict) and turn.now - datetime.fromisoformat(str(started["at"])) < timedelta(minutes=30):
        begun_ = next((v for v in fresh if v.id == started["visit"]), None)
        if begun_ is not None:
            return begun_
    if not ask.customer and not ask.time:
        noted = turn.tx.talk.noted(turn.me.id, "report_visit")
        asked = next((v for v in fresh if v.id == noted and turn.now - v.end < timedelta(hours=3)), None)
        if asked is not None:
            return asked
    just = [v for v in fresh if v.start <= turn.now < v.end + timedelta(hours=2)]
    if len(just) == 1 and any(w in turn.said.text for w in ("刚", "聊完", "谈完", "出来", "结束")):
        return just[0]
    same = {v.customer for v in fresh}
    if len(same) == 1:
        return max(fresh, key=lambda v: v.end)
    said = turn.said.with_slots(draft=None, content=turn.said.slots.get("content") or turn.said.text)
    return _who.which_visit(turn, sorted(fresh, key=lambda v: v.end, reverse=True), said, "这是哪次拜访的纪要？内容已经记下")


def begun(turn: Turn) -> list[Visit]:
    """The person's visits of the last weeks that have begun and were not called off."""
    until = turn.now + timedelta(minutes=15)
    found = turn.tx.visits.of_person(turn.me.id, turn.now - LOOK_BACK, until, statuses=("planned", "done", "missed", "empty"))
    return [v for v in found if v.start <= until]


def _on_time(visits: list[Visit], when: When | None) -> list[Visit]:
    """Those that fit a time said in the past (昨天的, 下午)."""
    span = _who.day_range(when)
    return [v for v in visits if span and span[0] < v.end and v.start < span[1]]


def last_report(turn: Turn) -> tuple[Visit, Report] | None:
    """The report this person filed or corrected in the last two hours."""
    noted = turn.tx.talk.noted(turn.me.id, "report")
    if not isinstance(noted, dict) or turn.now - datetime.fromisoformat(str(noted["at"])) > timedelta(hours=2):
        return None
    visit, report = turn.tx.visits.get(str(noted["visit"])), turn.tx.reports.get(str(noted["visit"]))
    return (visit, report) if visit and report else None


def no_visit(turn: Turn, name: str, customer: Customer | None) -> Reply:
    """A report for no visit: nothing is lost; it can be kept as a follow-up, or belongs to another visit."""
    said = turn.said.with_slots(draft=None, content=turn.said.slots.get("content") or turn.said.text)
    draft = turn.ask(said, "visit")
    buttons: list[Button] = []
    if customer is not None:
        buttons.append(Button("记为跟进", says.write("report.as_followup", draft=draft.id, customer_id=customer.id), "primary"))
    for v in _reports.waiting(turn, [turn.me.id])[-3:]:
        text = f"{_views.moment(v.start)} {_views.label(turn, v)}"[:24]
        buttons.append(Button(text, says.write("draft.fill", draft=draft.id, visit_id=v.id)))
    buttons.append(Button("算了", says.write("draft.drop", draft=draft.id)))
    what = f"最近没有{customer.short if customer else name}的拜访" if customer or name else "没有等着写纪要的拜访"
    return Reply(Card(f"{what}，还没保存", (Text("内容已经记下。要记到哪里？"),), tuple(buttons), Tone.WARN))


def start_for(turn: Turn, visit: Visit, outcome: str = "") -> Reply:
    """Open the question for one visit's report."""
    check_author(turn, visit)
    if turn.tx.reports.get(visit.id):
        return Reply(Card(f"{_life.short(turn, visit)}的纪要已经写过了", (Text("直接说要改哪一项即可，例如：意向高。"),)))
    slots = {"visit_id": visit.id, "outcome": outcome or None}
    said = Said("report.file", {k: v for k, v in slots.items() if v})
    turn.ask(said, "words", 24 * 60, field="content", accepts=NARRATIVE)
    turn.tx.talk.note(turn.me.id, "report_started", {"visit": visit.id, "at": turn.now.isoformat()})
    due = report_due(visit.end, turn.rules.report_due_hours)
    text = Text("一句话说：见了谁、聊了什么、意向、预算、顾虑、下一步（谁、什么时候）。")
    buttons = (Button("跳过", says.write("report.skip", visit_id=visit.id)),) if outcome else ()
    title = f"请说说{_life.short(turn, visit)}这次拜访（{_views.span(visit.slot)}）"
    return Reply(Card(title, (text, Text(f"提交时限：{_views.moment(due)}，{time_left(turn, visit)}。")), buttons))


def time_left(turn: Turn, visit: Visit) -> str:
    """还剩 3 小时, or 逾期 1 天 2 小时, of a visit's report."""
    due = report_due(visit.end, turn.rules.report_due_hours)
    return f"逾期 {hours_words(turn.now - due)}" if turn.now > due else f"还剩 {hours_words(due - turn.now)}"


def hours_words(gap: timedelta) -> str:
    """3 小时, 2 天 4 小时, 40 分钟."""
    minutes = max(0, int(gap.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} 分钟"
    days, hours = divmod(minutes // 60, 24)
    return f"{days} 天 {hours} 小时" if days else f"{hours} 小时"
