"""Reports: what they hold, how they look, what follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot import says
from bot.cards import Block, Button, Card, Facts, Text, Tone
from bot.command import Reply, Turn
from domain import spoken
from domain.follow import Report, Task, is_late
from domain.model import OFFICE, Customer, Visit, When
from domain.permissions import sees_private
from handlers import _alerts, _fields, _life, _tasks, _views
from nlp import dictation
from nlp.said import Said

LABELS = {
    "contacts": "参会人", "intent_level": "意向", "outcome": "性质", "pains": "痛点", "needs": "需求", "budget": "预算",
    "decision_maker": "决策人", "competitor": "竞争对手", "objection": "顾虑", "result": "成果", "question": "待答复",
    "next_steps": "下一步",
}  # fmt: skip
"""The capture groups of R84 in the order shown; whatever else a report holds are fields made in the chat."""

WANTED = ("next_steps", "decision_maker", "competitor", "budget")
"""What is asked for when it is missing, most telling first; at most two (R84)."""
QUESTIONS = {
    "next_steps": "下一步做什么，什么时候？",
    "decision_maker": "谁拍板？",
    "competitor": "有竞争对手吗？",
    "budget": "预算多少？",
}
SLOTS = ("contact", "contacts", "intent_level", "budget", "objection", "competitor", "decision_maker", "next_step")
THANKS = frozenset(
    ("谢谢", "好的", "好", "收到", "知道了", "嗯", "嗯嗯", "ok", "行", "好嘞", "辛苦了", "稍等", "等下", "等一下", "晚点写")
) | frozenset(("先这样", "不用", "没了", "没有了", "就这些", "就这样", "暂时没有", "完成", "保存", "提交", "不补了"))
OUTCOMES = ("推进", "维持", "礼节")


def report_json(report: Report) -> dict[str, object]:
    """`data.report` of contract.md section 7: visit, by, late and every field."""
    return {
        **report.fields,
        "visit": report.visit,
        "customer": report.customer,
        "by": report.by,
        "at": report.at.astimezone(OFFICE).isoformat(),
        "late": report.late,
        "content": report.content,
        "version": report.version,
    }


def fields_of(turn: Turn, slots: Mapping[str, object], text: str) -> dict[str, object]:
    """The fields of a report: the parser's slots first, then what the words say besides."""
    heard: dict[str, object] = {k: v for k, v in slots.items() if k in SLOTS and v not in (None, "", [])}
    contact = heard.pop("contact", None)
    people = heard.pop("contacts", None) or ([contact] if contact else [])
    step = heard.pop("next_step", None)
    read = spoken.answers(text, ())
    if (asked := spoken.question(text)) and "question" not in heard:
        read["question"] = asked
    out = {**_fields.heard(turn, "report", text), **spoken.merged(heard, read)}
    if people:
        out["contacts"] = list(people) if isinstance(people, list | tuple) else [people]
    told = dictation.read(text, turn.now)
    if told is not None:
        out = {k: v for k, v in out.items() if k not in _TOLD} | told.values
    steps = [_told_step(turn, s) for s in told.steps] if told is not None else []
    if steps := steps or next_steps(turn, step, text):
        out["next_steps"] = steps
        out["next_step"] = steps[0]
    return out


_TOLD = ("contacts", "pains", "needs", "objection", "competitor", "decision_maker")
"""What a story told in one breath is read for as a whole; amounts and intent are found anywhere."""


def _told_step(turn: Turn, step: dictation.Step) -> dict[str, object]:
    """A step of a dictated story; the customer's own deed is the rep's to see through."""
    span = step.time
    due = _tasks.of_when(When(span.kind, span.start, span.end)) if span is not None else None  # type: ignore[arg-type]
    who = _tasks.assignee_in(turn, step.text) or turn.me.id
    return {"text": step.text, "due": due.isoformat() if due else None, "who": who}


def next_steps(turn: Turn, slot: object, text: str) -> list[dict[str, object]]:
    """Every next step with what, until when and who; the parser's one and those the words name besides."""
    said_steps = [*spoken.steps(text), *spoken.promises(text)]
    steps = [_step(turn, words, None, None) for words in dict.fromkeys(said_steps)]
    if isinstance(slot, Mapping) and slot.get("text"):
        said = _step(turn, str(slot["text"]), slot.get("due"), slot.get("who"), text if slot.get("due") else "")
        twin = next((s for s in steps if _same(str(s["text"]), str(said["text"]))), None)
        if twin is None:
            steps.insert(0, said)
        else:
            twin |= {k: v for k, v in said.items() if v and k != "text"}
    return steps


def _same(a: str, b: str) -> bool:
    return a in b or b in a


def _step(turn: Turn, text: str, due: object, who: object, whole: str = "") -> dict[str, object]:
    at = _tasks.due_of(due, whole or text, turn.now)
    person = _person(turn, str(who)) if who else _tasks.assignee_in(turn, text)
    return {"text": text, "due": at.isoformat() if at else None, "who": person or turn.me.id}


def _person(turn: Turn, who: str) -> str | None:
    if who in ("我", "自己", turn.me.id):
        return turn.me.id
    found = turn.tx.people.get(who)
    if found is not None:
        return found.id
    named = turn.tx.people.named(who)
    return named[0].id if len(named) == 1 else None


# ---------------------------------------------------------------------- filing
def file(turn: Turn, visit: Visit, content: str, fields: Mapping[str, object]) -> Report | None:
    """File a report at once: the visit is done, its task closed, next steps become tasks; None when there is one already."""
    late = is_late(turn.now, visit.end, turn.rules.report_due_hours)
    new = Report(visit.id, visit.customer, turn.me.id, turn.now, late, content, dict(fields))
    report = turn.tx.reports.file(new)
    if report is None:
        return None
    before = visit.status
    if visit.status in ("planned", "missed", "empty"):
        visit = _life.finish(turn, visit, "done") or visit
    turn.event("report.filed", report=report_json(report))
    closed = _life.report_tasks(turn, visit, "done")
    if not closed and visit.end > turn.now:
        turn.tx.jobs.drop(f"report:{visit.id}")
    contact = _life.last_contact(turn, visit.customer)
    _life.contacted(turn, visit.customer, min(turn.now, visit.end))
    made = [*make_steps(turn, visit, report), *intent_task(turn, visit, report)]
    tasks = [t.id for t in made]
    closed_ids = [t.id for t in closed]
    _rules_on(turn, visit, report)
    turn.did("report.filed", visit=visit.id, status=before, tasks=tasks, closed=closed_ids, contact=contact)
    turn.tx.talk.note(turn.me.id, "report", {"visit": visit.id, "at": turn.now.isoformat()})
    return report


def make_steps(turn: Turn, visit: Visit, report: Report) -> list[Task]:
    """A task for each next step that has none yet; a promise to the customer is one of its own kind (R89, R92)."""
    known = [t.title for t in turn.tx.tasks.of_visit(visit.id, states=("open", "done"))]
    out = []
    for step in _list(report.fields.get("next_steps")):
        text = str(step.get("text") or "")
        if not text or text in known:
            continue
        kind = "promise" if spoken.promised(text) else "next_step"
        due = _tasks.due_of(step.get("due"), text, turn.now)
        who = str(step.get("who") or turn.me.id)
        out.append(_tasks.create(turn, Task("", text, who, due, visit.customer, visit.id, kind, by=turn.me.id)))
    if (asked := str(report.fields.get("question") or "")) and asked not in known:
        task = Task("", asked, turn.me.id, None, visit.customer, visit.id, "question", by=turn.me.id)
        out.append(_tasks.create(turn, task))
    return out


def intent_task(turn: Turn, visit: Visit, report: Report) -> list[Task]:
    """Intent high: one task so many days on; no longer high: it is cancelled unless it was worked on (R98)."""
    standing = turn.tx.tasks.of_visit(visit.id, kind="high_intent")
    if report.fields.get("intent_level") != "high":
        for task in standing:
            if not task.touched:
                _tasks.close(turn, task, "cancelled")
        return []
    if standing:
        return []
    days = turn.rules.high_intent_followup_days
    due = _tasks.end_of(turn.now.astimezone(OFFICE).date() + timedelta(days=days))
    title = f"{days}日内跟进{_life.short(turn, visit)}（客户意向高）"
    return [_tasks.create(turn, Task("", title, visit.rep, due, visit.customer, visit.id, "high_intent", by=turn.me.id))]


def _rules_on(turn: Turn, visit: Visit, report: Report) -> None:
    """Rules that wait for a high intent."""
    customer = turn.tx.customers.get(visit.customer)
    if customer is not None and report.fields.get("intent_level") == "high":
        _alerts.fire(turn, "intent_high", customer, f"high-{visit.id}", "客户意向高", visit.rep)


def update(turn: Turn, visit: Visit, report: Report, changes: Mapping[str, object], content: str = "") -> Report | None:
    """Correct some fields of a report; the state before stays on record, tasks follow."""
    fields = {**report.fields, **changes}
    words = f"{report.content}\n{content}" if content and content not in report.content else report.content
    saved = turn.tx.reports.update(visit.id, words, fields, turn.me.id, turn.now)
    if saved is None:
        return None
    turn.event("report.updated", report=report_json(saved))
    make_steps(turn, visit, saved)
    intent_task(turn, visit, saved)
    _rules_on(turn, visit, saved)
    turn.tx.talk.note(turn.me.id, "report", {"visit": visit.id, "at": turn.now.isoformat()})
    return saved


# ---------------------------------------------------------------------- looks
def value_words(turn: Turn, name: str, value: object) -> str:
    """A field's value as people read it."""
    if name == "intent_level":
        return spoken.INTENT.get(str(value), str(value))
    if name == "budget":
        return spoken.money(value)
    if name == "next_steps":
        return "；".join(_step_words(turn, s) for s in _list(value))
    if isinstance(value, list | tuple):
        return "、".join(str(v) for v in value)
    return str(value)


def _step_words(turn: Turn, step: Mapping[str, object]) -> str:
    due = _tasks.due_of(step.get("due"), "", turn.now) if step.get("due") else None
    who = str(step.get("who") or "")
    extra = [_tasks.due_words(due), _views.name(turn, who) if who and who != turn.me.id else ""]
    inside = "，".join(x for x in extra if x)
    return f"{step.get('text')}" + (f"（{inside}）" if inside else "")


def _list(value: object) -> list[Mapping[str, object]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list | tuple) else []


def rows(turn: Turn, report: Report) -> list[tuple[str, str]]:
    """What is filled, in order."""
    names = [*LABELS, *(k for k in report.fields if k not in LABELS and k != "next_step")]
    return [(LABELS.get(n, n), value_words(turn, n, v)) for n in names if (v := report.fields.get(n)) not in (None, "", [])]


def missing(turn: Turn, report: Report) -> list[str]:
    """The capture groups still empty, and the required fields made in the chat."""
    needed = ("intent_level", "budget", "decision_maker", "competitor", "objection", "next_steps")
    return [n for n in needed if report.fields.get(n) in (None, "", [])] + _fields.missing(turn, "report", report.fields)


def sees(turn: Turn, customer: Customer, report: Report) -> bool:
    """Whether every reader of this reply may see texts and amounts (R156)."""
    people = [p for p in (customer.owner, *customer.co_owners, report.by) if p]
    chain = frozenset(m for p in people for m in _views.managers(turn, p))
    return all(sees_private(r, customer, chain, author=report.by) for r in turn.readers)


def filed_card(turn: Turn, visit: Visit, report: Report, *, title: str = "", ask: bool = True) -> Card:
    """Filled and empty fields, and at most two questions with 跳过."""
    name = _life.short(turn, visit)
    late = "（逾期提交）" if report.late else ""
    title = title or f"已提交纪要{late}：{name} {_views.moment(visit.start)}"
    empty = missing(turn, report)
    blocks: list[Block] = [Facts(tuple(rows(turn, report)))]
    if empty:
        blocks.append(Text("未填：" + "、".join(LABELS.get(n, n) for n in empty)))
    asked = [*(n for n in empty if n not in LABELS), *(n for n in WANTED if n in empty)][:2] if ask else []
    buttons = _chips(visit, report)
    if asked:
        said = Said("report.update", {"visit_id": visit.id})
        accepts = ["dialog.correct", "customer.update", "customer.show", "customer.check", "rule.set"]
        accepts += ["task.add", "followup.add"] if "next_steps" in asked else []
        turn.ask(said, "words", 60, field="content", asked=asked, accepts=accepts)
        blocks.append(Text("还想确认：" + " ".join(QUESTIONS.get(n, f"{n}？") for n in asked) + " 直接回复即可。"))
        buttons.append(Button("跳过", says.write("report.skip", visit_id=visit.id)))
    if spoken.special_price(report.content):
        buttons.append(Button("申请特价", says.write("report.special", visit_id=visit.id)))
    buttons.append(Button("撤销", says.write("dialog.undo")))
    return Card(title, tuple(b for b in blocks if not isinstance(b, Facts) or b.rows), tuple(buttons[:6]), Tone.DONE)


def _chips(visit: Visit, report: Report) -> list[Button]:
    """One-tap answers: the intent when it is open, else what kind of visit it was."""
    if not report.fields.get("intent_level"):
        levels = (("意向高", "high"), ("意向中", "medium"), ("意向低", "low"))
        return [Button(text, says.write("report.set", visit_id=visit.id, intent_level=level)) for text, level in levels]
    if not report.fields.get("outcome"):
        return [Button(word, says.write("report.set", visit_id=visit.id, outcome=word)) for word in OUTCOMES]
    return []


def group_safe(turn: Turn, visit: Visit, report: Report, card: Card) -> Reply:
    """In a group only that there is a report, when somebody there may not read it; the rest in private."""
    customer = turn.tx.customers.get(visit.customer)
    if not turn.group or customer is None or sees(turn, customer, report):
        return Reply(card, subject=f"report:{visit.id}")
    title = f"{_views.name(turn, report.by)}已提交纪要：{_views.label(turn, visit)} {_views.moment(visit.start)}"
    plain = Card(title, tone=Tone.DONE)
    return Reply(plain, private=card, subject=f"report:{visit.id}")


def waiting(turn: Turn, people: Sequence[str], days: int = 30) -> list[Visit]:
    """Visits of these reps that still need a report, by their ends."""
    return turn.tx.reports.missing(people, turn.now - timedelta(days=days), turn.now, ("done", "missed", "planned"))


def put_back(turn: Turn, visit: Visit, status: str) -> Visit:
    """A visit put back to the state before its report."""
    saved = turn.tx.visits.save(replace(visit, status=status), visit.version, at=turn.now, by=turn.me.id, why="undo")
    return saved or visit


def polite(text: str) -> bool:
    """Polite words that are no report."""
    return text.strip("。.！!~， ").lower() in THANKS
