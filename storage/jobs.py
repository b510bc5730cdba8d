"""What is to be done at a moment: reminders, the ends of visits, expiries. Taken once, by one process."""

from collections.abc import Sequence
from datetime import datetime

from domain.desk import Job
from domain.model import moment, stamp
from storage.db import Db, Row, dumps, mapping, number
from storage.part import Part


def _job(row: Row) -> Job:
    key, kind, subject, due, data = row
    return Job(str(key), str(kind), str(subject), moment(number(due)), mapping(data))


class Jobs(Part):
    """A job that was taken stays on record, so its key is never done a second time."""

    __slots__ = ("_made",)

    def __init__(self, db: Db, touched: set[str]) -> None:
        super().__init__(db, touched)
        self._made: dict[str, Job] = {}

    def afresh(self) -> None:
        """Read afresh from here on (something was rolled back)."""
        self._made.clear()

    def plan(self, job: Job) -> bool:
        """Note a job; False when its key is planned or was done before."""
        return self.plan_all([job]) == 1

    def plan_all(self, jobs: Sequence[Job]) -> int:
        """Note several jobs; how many of their keys were neither planned nor done before."""
        if not jobs:
            return 0
        self.touched.add("jobs")
        values = ", ".join(["(?, ?, ?, ?, ?, 0)"] * len(jobs))
        n = self.db.run(
            f"INSERT INTO jobs (key, kind, subject, due, data, done) VALUES {values} ON CONFLICT DO NOTHING",
            *(x for j in jobs for x in (j.key, j.kind, j.subject, stamp(j.due), dumps(dict(j.data)))),
        )
        if n == len(jobs):
            self._made.update((job.key, job) for job in jobs)
        return n

    def move(self, key: str, due: datetime) -> bool:
        """Do a known job at another moment, also when it was done already; False when there is none."""
        self.touched.add("jobs")
        self._made.clear()
        return self.db.run("UPDATE jobs SET due = ?, done = 0 WHERE key = ?", stamp(due), key) == 1

    def drop(self, subject: str, kind: str | None = None) -> int:
        """Forget what is still to be done about a subject (of one kind, or all); how many they were."""
        self._made.clear()
        sql = "DELETE FROM jobs WHERE subject = ? AND done = 0"
        return self.db.run(sql, subject) if kind is None else self.db.run(f"{sql} AND kind = ?", subject, kind)

    def take_due(self, now: datetime, limit: int) -> list[Job]:
        """The jobs due at `now`, by time; they are this transaction's from here on, and done when it commits."""
        self._made.clear()
        skip = " FOR UPDATE SKIP LOCKED" if self.db.dialect == "postgresql" else ""
        rows = self.db.rows(
            "UPDATE jobs SET done = 1 WHERE no IN (SELECT no FROM jobs WHERE done = 0 AND due <= ? "
            f"ORDER BY due, no LIMIT ?{skip}) RETURNING key, kind, subject, due, data, no",
            *(stamp(now), limit),
        )
        return [_job(row[:-1]) for row in sorted(rows, key=lambda row: (number(row[3]), number(row[5])))]

    def next_due(self) -> datetime | None:
        """When the next job is due."""
        row = self.db.row("SELECT due FROM jobs WHERE done = 0 ORDER BY due LIMIT 1")
        return moment(number(row[0])) if row else None

    def of(self, subject: str) -> list[Job]:
        """What is still to be done about a subject, by time."""
        sql = "SELECT key, kind, subject, due, data FROM jobs WHERE subject = ? AND done = 0 ORDER BY due, no"
        return [_job(row) for row in self.db.rows(sql, subject)]

    def subjects(self, kind: str) -> set[str]:
        """The subjects `kind:…` about which something is still to be done."""
        sql = "SELECT DISTINCT subject FROM jobs WHERE subject LIKE ? AND done = 0"
        return {str(row[0]) for row in self.db.rows(sql, f"{kind}:%")}

    def get(self, key: str) -> Job | None:
        """The job with this key while it is still to be done."""
        if (made := self._made.get(key)) is not None:
            return made
        row = self.db.row("SELECT key, kind, subject, due, data FROM jobs WHERE key = ? AND done = 0", key)
        return _job(row) if row else None

    def forget(self, before: datetime, limit: int = 1000) -> int:
        """Drop the record of the oldest jobs done that were due before a moment, `limit` at most; how many they were."""
        old = "SELECT no FROM jobs WHERE done = 1 AND due < ? ORDER BY no LIMIT ?"
        return self.db.run(f"DELETE FROM jobs WHERE no IN ({old})", stamp(before), limit)

    def once(self, key: str) -> bool:
        """True for the first caller with this key, ever."""
        return self.db.run("INSERT INTO marks (key) VALUES (?) ON CONFLICT DO NOTHING", key) == 1
