"""Taking back what was logged: the inverses for handlers/undo.py."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.command import Turn
from domain.custom_fields import Field
from domain.desk import Deed
from domain.model import Visit
from domain.refusal import Stale
from handlers import _followups, _leads, _life, _reports, _tasks, _views


def _ids(data: Mapping[str, object], key: str) -> list[str]:
    value = data.get(key)
    return [str(x) for x in value] if isinstance(value, list) else []


def _drop_tasks(turn: Turn, ids: list[str]) -> None:
    for id_ in ids:
        task = turn.tx.tasks.get(id_)
        if task is not None:
            _tasks.close(turn, task, "cancelled")


def _reopen(turn: Turn, ids: list[str]) -> None:
    for id_ in ids:
        if turn.tx.tasks.reopen(id_) and (task := turn.tx.tasks.get(id_)) is not None:
            _tasks.plan_reminder(turn, task)


def _visit(turn: Turn, deed: Deed) -> Visit:
    visit = turn.tx.visits.get(str(deed.data["visit"]))
    if visit is None:
        raise Stale("这次拜访已经找不到了，没有撤销")
    return visit


def unfile(turn: Turn, deed: Deed) -> str:
    """The report is gone again, its visit as before, its tasks cancelled, the report task open."""
    visit = _visit(turn, deed)
    report = turn.tx.reports.get(visit.id)
    if report is None or not turn.tx.reports.withdraw(visit.id):
        raise Stale("这份纪要已经不在了，没有撤销")
    _drop_tasks(turn, _ids(deed.data, "tasks"))
    _reopen(turn, _ids(deed.data, "closed"))
    status = str(deed.data["status"])
    if visit.status == "done" and status != "done":
        visit = _reports.put_back(turn, visit, status)
    if visit.end <= turn.now:
        _life.plan_due(turn, visit)
        _life.watch_missed(turn, visit)
    _life.put_back_contact(turn, visit.customer, str(deed.data["contact"]), deed.at)
    turn.event("report.withdrawn", report=_reports.report_json(report))
    return f"{_life.short(turn, visit)} {_views.moment(visit.start)} 的纪要已撤回"


def unempty(turn: Turn, deed: Deed) -> str:
    """The visit is no empty run any more."""
    visit = _visit(turn, deed)
    if visit.status != "empty":
        raise Stale("这次拜访之后又有变动，没有撤销")
    status = str(deed.data["status"])
    visit = _reports.put_back(turn, visit, status)
    _reopen(turn, _ids(deed.data, "closed"))
    _life.watch_missed(turn, visit)
    turn.event("visit.restored", visit=_views.visit_json(visit))
    return f"{_life.short(turn, visit)} {_views.moment(visit.start)} 不再记为扑空"


def unfollow(turn: Turn, deed: Deed) -> str:
    """The follow-up counts no more; it stays on record as void."""
    followup = turn.tx.followups.get(str(deed.data["followup"]))
    if followup is None or followup.state == "void":
        raise Stale("这条跟进已经撤销过了")
    new = replace(followup, state="void")
    turn.tx.followups.save(new)
    _drop_tasks(turn, _ids(deed.data, "tasks"))
    if followup.counts:
        _life.put_back_contact(turn, followup.customer, str(deed.data["contact"]), followup.at)
    turn.event("followup.voided", followup=_followups.followup_json(new))
    return "这条跟进不再计入"


def untask(turn: Turn, deed: Deed) -> str:
    """The tasks are cancelled."""
    ids = _ids(deed.data, "tasks")
    task = turn.tx.tasks.get(ids[0]) if ids else None
    _drop_tasks(turn, ids)
    return f"待办「{task.title if task else ''}」已取消"


def undone_task(turn: Turn, deed: Deed) -> str:
    """The task is open again."""
    id_ = str(deed.data["task"])
    if not turn.tx.tasks.reopen(id_):
        raise Stale("这项待办已经是未完成了")
    task = turn.tx.tasks.get(id_)
    if task is not None:
        _tasks.plan_reminder(turn, task)
        turn.event("task.created", task=_tasks.task_json(task), reopened=True)
    return f"待办「{task.title if task else ''}」恢复为未完成"


def unset(turn: Turn, deed: Deed) -> str:
    """A personal reminder setting as before."""
    before = deed.data.get("before")
    _leads.put_back(turn, before if isinstance(before, dict) else {})
    return "提醒设置恢复为原来的"


def unrule(turn: Turn, deed: Deed) -> str:
    """A rule or number as before; its record keeps both steps."""
    settings = deed.data.get("settings")
    if isinstance(settings, dict):
        for key, value in settings.items():
            turn.tx.settings.set_company(str(key), value, turn.now, turn.me.id)
            turn.event("rule.changed", rule={"id": key, "key": key, "value": value, "undone": True})
        return "规则数字恢复为原来的"
    rule = turn.tx.alert_rules.get(str(deed.data["rule"]))
    if rule is None:
        raise Stale("这条规则已经找不到了")
    saved = turn.tx.alert_rules.put(replace(rule, active=bool(deed.data.get("off"))), turn.now, turn.me.id)
    turn.event("rule.changed", rule={**saved.spec(), "id": saved.id, "version": saved.version, "active": saved.active})
    return f"规则「{saved.words()}」{'恢复' if saved.active else '不再生效'}"


def unfield(turn: Turn, deed: Deed) -> str:
    """The field is gone, or as it was; values entered meanwhile stay on record."""
    object_, name, before = str(deed.data["object"]), str(deed.data["field"]), deed.data.get("before")
    if isinstance(before, dict):
        turn.tx.fields.put(Field.read(object_, name, before), turn.now, turn.me.id)
        return f"字段「{name}」恢复为原来的"
    turn.tx.fields.drop(object_, name)
    turn.event("field.removed", field={"object": object_, "name": name})
    return f"字段「{name}」已去掉"


def unset_fields(turn: Turn, deed: Deed) -> str:
    """The values of a visit's own fields as before."""
    visit, before = _visit(turn, deed), deed.data.get("before")
    for name, value in (before if isinstance(before, dict) else {}).items():
        turn.tx.fields.set_value("visit", visit.id, str(name), value)
    turn.event("visit.updated", visit={**_views.visit_json(visit), "fields": turn.tx.fields.values("visit", visit.id)})
    return f"{_views.moment(visit.start)} 拜访{_life.short(turn, visit)}，已恢复原样"


INVERSE: dict[str, Callable[[Turn, Deed], str]] = {
    "report.filed": unfile,
    "visit.empty": unempty,
    "followup.added": unfollow,
    "task.created": untask,
    "task.done": undone_task,
    "reminder.set": unset,
    "rule.changed": unrule,
    "field.added": unfield,
    "visit.fields": unset_fields,
}
