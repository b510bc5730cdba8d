"""Taking back what was done to customers and their owners: the inverses for handlers/undo.py."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.command import Turn
from domain.desk import Deed
from domain.model import Customer
from domain.refusal import Stale
from handlers import _merging, _owners, _tasks, _views
from handlers._records import put_back
from storage.merges import customer_of


def _customer(turn: Turn, deed: Deed) -> Customer:
    id_ = str(deed.data["customer"])
    turn.tx.lock(f"customer:{id_}")
    found = turn.tx.customers.get(id_)
    if found is None or found.status == "merged":
        raise Stale("这位客户之后又有变动，不能直接撤销")
    return found


def _record(deed: Deed, key: str) -> Customer:
    data = deed.data[key]
    assert isinstance(data, dict), deed.name
    return customer_of(data)


def unclaim(turn: Turn, deed: Deed) -> str:
    """Back to the pool, unless more has come of it."""
    customer = _customer(turn, deed)
    if customer.version != deed.data["version"] or customer.owner != turn.me.id or _owners.ahead(turn, customer):
        raise Stale("之后又有别的变动，不能直接撤销", "可以说：把这家客户退回公海。")
    for task in turn.tx.tasks.of_customer(customer.id):
        if task.id == deed.data.get("task"):
            _tasks.close(turn, task, "cancelled")
    saved = turn.tx.customers.put(replace(customer, owner=None, status="pool", protected_until=None))
    turn.event("customer.released", customer=_views.customer_json(saved), **{"from": turn.me.id}, why=_owners.UNCLAIMED)
    return f"{saved.short}回到公海"


def unrelease(turn: Turn, deed: Deed) -> str:
    """Its owner has it again as before, with the tasks that ended."""
    customer, before = _customer(turn, deed), _record(deed, "before")
    if customer.owner is not None:
        who = _views.name(turn, customer.owner)
        raise Stale(f"{customer.short}已经被{who}认领，不能撤销")
    if customer.version != deed.data["version"]:
        raise Stale("之后又有别的变动，不能直接撤销")
    saved = turn.tx.customers.put(before)
    tasks = deed.data.get("tasks")
    for id_ in tasks if isinstance(tasks, list) else []:
        if turn.tx.tasks.reopen(str(id_)) and (task := turn.tx.tasks.get(str(id_))) is not None:
            _tasks.plan_reminder(turn, task)
    turn.event("customer.claimed", customer=_views.customer_json(saved), by=before.owner)
    return f"{saved.short}仍归{_views.name(turn, saved.owner)}"


def uncreate(turn: Turn, deed: Deed) -> str:
    """As if it had never been entered: kept on record, known by no name."""
    customer = _customer(turn, deed)
    first, last = turn.now - timedelta(days=1), turn.now + _owners.AHEAD
    if customer.version != deed.data["version"] or turn.tx.visits.at_customer_between(customer.id, first, last):
        raise Stale("之后又有别的变动，不能直接撤销", "可以说：把这家客户退回公海。")
    for asked in _owners.pending_about(turn, customer.id, ("ownership",)):
        turn.tx.approvals.decide(asked.id, "withdrawn", turn.me.id, turn.now)
    extra = {k: v for k, v in customer.extra.items() if k != "audit"}
    saved = turn.tx.customers.put(replace(customer, owner=None, status="void", protected_until=None, extra=extra))
    turn.event("customer.updated", customer=_views.customer_json(saved))
    return f"新建{saved.short}"


def unupdate(turn: Turn, deed: Deed) -> str:
    """The changed values as they were; a care task made with it is cancelled."""
    customer = _customer(turn, deed)
    saved = turn.tx.customers.put(put_back(customer, _record(deed, "before"), _record(deed, "after")))
    for task in turn.tx.tasks.of_customer(customer.id):
        if task.id == deed.data.get("task"):
            _tasks.close(turn, task, "cancelled")
    stage = {} if saved.stage == customer.stage else {"stage_was": customer.stage}
    turn.event("customer.updated", customer=_views.customer_json(saved), **stage)
    return f"{saved.short}的资料已恢复"


def unmerge(turn: Turn, deed: Deed) -> str:
    """Both records as before the merge."""
    return _merging.unmerge(turn, str(deed.data["merge"]))


INVERSE: dict[str, Callable[[Turn, Deed], str]] = {
    "customer.claimed": unclaim,
    "customer.released": unrelease,
    "customer.created": uncreate,
    "customer.updated": unupdate,
    "customer.merged": unmerge,
}
