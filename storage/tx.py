"""One transaction: the database and the questions one may ask it."""

from collections.abc import Iterator
from contextlib import contextmanager

from storage.alert_rules import AlertRules
from storage.approvals import Approvals
from storage.conflicts import Conflicts
from storage.customers import Customers
from storage.db import Db
from storage.doors import Doors
from storage.errands import Errands
from storage.evidence import Evidence
from storage.fields import Fields
from storage.followups import Followups
from storage.jobs import Jobs
from storage.leaves import Leaves
from storage.log import Log
from storage.mail import Mail
from storage.merges import Merges
from storage.pages import Pages
from storage.people import People
from storage.reports import Reports
from storage.settings import Settings
from storage.talk import Talk
from storage.tasks import Tasks
from storage.visits import Visits
from storage.wires import Wires


class Tx:
    """What a handler works on. `touched` names the kinds it changed: members, customers, visits, letters, …"""

    __slots__ = (
        "alert_rules",
        "approvals",
        "conflicts",
        "customers",
        "db",
        "doors",
        "errands",
        "evidence",
        "fields",
        "followups",
        "jobs",
        "leaves",
        "log",
        "mail",
        "merges",
        "pages",
        "people",
        "reports",
        "settings",
        "talk",
        "tasks",
        "touched",
        "visits",
        "wires",
    )

    def __init__(self, db: Db) -> None:
        self.db = db
        self.touched: set[str] = set()
        self.people = People(db, self.touched)
        self.customers = Customers(db, self.touched)
        self.visits = Visits(db, self.touched)
        self.leaves = Leaves(db, self.touched)
        self.mail = Mail(db, self.touched)
        self.jobs = Jobs(db, self.touched)
        self.talk = Talk(db)
        self.log = Log(db, self.touched)
        self.conflicts = Conflicts(db, self.touched)
        self.approvals = Approvals(db, self.touched)
        self.settings = Settings(db, self.touched)
        self.followups = Followups(db, self.touched)
        self.tasks = Tasks(db, self.touched)
        self.reports = Reports(db, self.touched)
        self.evidence = Evidence(db, self.touched)
        self.alert_rules = AlertRules(db, self.touched)
        self.fields = Fields(db, self.touched)
        self.doors = Doors(db, self.touched)
        self.errands = Errands(db, self.touched)
        self.pages = Pages(db, self.touched)
        self.merges = Merges(db, self.touched)
        self.wires = Wires(db, self.touched)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A block whose changes alone are undone when it raises; the exception goes on."""
        noted = dict(self.talk.kept)
        try:
            with self.db.savepoint():
                yield
        except BaseException:
            self.jobs.afresh()
            self.talk.kept = noted
            raise

    def finish(self) -> None:
        """Write what was kept back; the store calls it when the transaction's function has returned."""
        self.talk.write()

    def lock(self, *names: str) -> None:
        """Hold these names until the transaction ends (see Db.lock); ask for all of them in one call.

        What was read before is read afresh: somebody else may have changed it until now.
        """
        self.db.lock(*names)
        if self.db.dialect == "postgresql":
            self.db.memory.clear()
