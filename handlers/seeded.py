"""种子数据：给还没开始的拜访安排提醒。"""

from datetime import timedelta

from bot.command import Turn, job
from domain.desk import Job
from handlers import _after


@job("seeded")
def seeded(turn: Turn, work: Job | None) -> None:
    """Plan the jobs of visits that have none yet."""
    first, last = turn.now - timedelta(days=2), turn.now + timedelta(days=400)
    for visit in turn.tx.visits.between(first, last, ("planned", "pending")):
        if not turn.tx.jobs.of(f"visit:{visit.id}"):
            _after.plan_jobs(turn, visit)
