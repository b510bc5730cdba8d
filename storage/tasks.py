"""Tasks: what is to be done by whom until when; promises to customers are tasks of their own kind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.follow import Task
from domain.model import moment, stamp
from storage.db import Row, dumps, mapping, number, one_of, seconds, when
from storage.part import Part

_COLUMNS = "id, title, assignee, due, customer, visit, kind, state, created, who, done, touched, data"
_SELECT = f"SELECT {_COLUMNS} FROM tasks t"
_BY_DUE = "ORDER BY CASE WHEN t.due IS NULL THEN 1 ELSE 0 END, t.due, t.no"


def _task(row: Row) -> Task:
    id_, title, assignee, due, customer, visit, kind, state, created, by, done, touched, data = row
    return Task(
        id=str(id_),
        title=str(title),
        assignee=str(assignee),
        due=when(due),
        customer=str(customer),
        visit=str(visit),
        kind=str(kind),
        state=str(state),
        created=moment(number(created)),
        by=str(by),
        done=when(done),
        touched=bool(touched),
        data=mapping(data),
    )


class Tasks(Part):
    """Tasks stay on record when done or cancelled. Lists are in the order of their due times, those without one last."""

    __slots__ = ()

    def add(self, task: Task, at: datetime) -> Task:
        """Enter a task (id given when empty, created at `at` when it does not say)."""
        new = replace(task, id=task.id or self.new_id("task", "tasks", "t"), created=task.created or at)
        self.db.run(
            f"INSERT INTO tasks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(new.id, new.title, new.assignee, seconds(new.due), new.customer, new.visit, new.kind, new.state),
            *(stamp(new.created or at), new.by, seconds(new.done), int(new.touched), dumps(dict(new.data))),
        )
        self.touched.add("tasks")
        return new

    def get(self, id: str) -> Task | None:
        """The task with this id, whatever its state."""
        row = self.db.row(f"{_SELECT} WHERE t.id = ?", id)
        return _task(row) if row else None

    def save(self, task: Task) -> bool:
        """Replace a task that is there; False when there is none."""
        t = task
        self.touched.add("tasks")
        return (
            self.db.run(
                "UPDATE tasks SET title = ?, assignee = ?, due = ?, customer = ?, visit = ?, kind = ?, state = ?, done = ?, "
                "touched = ?, data = ? WHERE id = ?",
                *(t.title, t.assignee, seconds(t.due), t.customer, t.visit, t.kind, t.state, seconds(t.done)),
                *(int(t.touched), dumps(dict(t.data)), t.id),
            )
            == 1
        )

    def close(self, id: str, state: str, at: datetime) -> bool:
        """Turn an open task done or cancelled; True only for the first."""
        self.touched.add("tasks")
        sql = "UPDATE tasks SET state = ?, done = ?, touched = 1 WHERE id = ? AND state = 'open'"
        return self.db.run(sql, state, stamp(at), id) == 1

    def reopen(self, id: str) -> bool:
        """The inverse of `close`."""
        self.touched.add("tasks")
        return self.db.run("UPDATE tasks SET state = 'open', done = NULL WHERE id = ? AND state <> 'open'", id) == 1

    def open_of(self, person: str, *, due_before: datetime | None = None) -> list[Task]:
        """A person's open tasks; with `due_before` only those due earlier."""
        if due_before is None:
            sql = f"{_SELECT} WHERE t.assignee = ? AND t.state = 'open' {_BY_DUE}"
            return [_task(row) for row in self.db.rows(sql, person)]
        sql = f"{_SELECT} WHERE t.assignee = ? AND t.state = 'open' AND t.due < ? {_BY_DUE}"
        return [_task(row) for row in self.db.rows(sql, person, stamp(due_before))]

    def overdue(self, people: Sequence[str], now: datetime) -> list[Task]:
        """The open tasks of several people whose due time has passed."""
        marks, ids = one_of(people)
        sql = f"{_SELECT} WHERE t.assignee IN {marks} AND t.state = 'open' AND t.due < ? {_BY_DUE}"
        return [_task(row) for row in self.db.rows(sql, *ids, stamp(now))]

    def due_between(self, since: datetime, until: datetime, people: Sequence[str] | None = None) -> list[Task]:
        """The tasks with since ≤ due < until that were not cancelled, of everybody or of some people."""
        base = f"{_SELECT} WHERE t.due >= ? AND t.due < ? AND t.state <> 'cancelled'"
        if people is None:
            return [_task(row) for row in self.db.rows(f"{base} {_BY_DUE}", stamp(since), stamp(until))]
        marks, ids = one_of(people)
        rows = self.db.rows(f"{base} AND t.assignee IN {marks} {_BY_DUE}", stamp(since), stamp(until), *ids)
        return [_task(row) for row in rows]

    def of_customer(self, customer: str, *, states: Sequence[str] = ("open",), kind: str | None = None) -> list[Task]:
        """A customer's tasks in these states, of one kind or all."""
        marks, names = one_of(states)
        sql = f"{_SELECT} WHERE t.customer = ? AND t.state IN {marks}"
        if kind is None:
            return [_task(row) for row in self.db.rows(f"{sql} {_BY_DUE}", customer, *names)]
        return [_task(row) for row in self.db.rows(f"{sql} AND t.kind = ? {_BY_DUE}", customer, *names, kind)]

    def of_visit(self, visit: str, *, states: Sequence[str] = ("open",), kind: str | None = None) -> list[Task]:
        """A visit's tasks in these states, of one kind or all."""
        marks, names = one_of(states)
        sql = f"{_SELECT} WHERE t.visit = ? AND t.visit <> '' AND t.state IN {marks}"
        if kind is None:
            return [_task(row) for row in self.db.rows(f"{sql} {_BY_DUE}", visit, *names)]
        return [_task(row) for row in self.db.rows(f"{sql} AND t.kind = ? {_BY_DUE}", visit, *names, kind)]

    def hand_over(self, person: str, to: str, customer: str | None = None) -> int:
        """Give a person's open tasks (of one customer, or all) to somebody else; how many they were."""
        self.touched.add("tasks")
        sql = "UPDATE tasks SET assignee = ? WHERE assignee = ? AND state = 'open'"
        return self.db.run(sql, to, person) if customer is None else self.db.run(f"{sql} AND customer = ?", to, person, customer)

    def move(self, customer: str, to: str) -> int:
        """Hand a customer's tasks over to another record (merge); how many they were."""
        self.touched.add("tasks")
        return self.db.run("UPDATE tasks SET customer = ? WHERE customer = ?", to, customer)
