"""起动时：给种子里还没结束的拜访排好提醒和后续，开始每日检查。"""

from datetime import timedelta

from bot.command import Turn, job
from domain.desk import Job
from domain.follow import report_due
from domain.model import Visit
from handlers import _after, _daily, _life, _packs


@job("seeded")
def seeded(turn: Turn, work: Job | None) -> None:
    """Plan what has no plan yet; what was due before now is history and is not sent (contract.md section 7b "Seed")."""
    first, last = turn.now - timedelta(days=2), turn.now + timedelta(days=400)
    planned = turn.tx.jobs.subjects("visit")
    for visit in turn.tx.visits.between(first, last, ("planned", "pending", "done")):
        if visit.end >= turn.now:
            if f"visit:{visit.id}" not in planned:
                _after.plan_jobs(turn, visit)
        else:
            _plan_rest(turn, visit)
    _daily.begin(turn)
    _packs.plan(turn, turn.now)


def _plan_rest(turn: Turn, visit: Visit) -> None:
    """A visit that ended shortly before: what of its end is still ahead."""
    end = {"version": visit.version, "start": visit.start.isoformat(), "end": visit.end.isoformat()}
    missed = visit.end + timedelta(minutes=turn.rules.missed_after_min)
    if visit.status == "planned" and missed >= turn.now:
        turn.tx.jobs.plan(Job(f"missed-{visit.id}-{visit.version}", "visit_missed", f"visit:{visit.id}", missed, end))
    if visit.status == "done" and report_due(visit.end, turn.rules.report_due_hours) >= turn.now:
        _life.plan_due(turn, visit)
