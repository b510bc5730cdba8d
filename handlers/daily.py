"""每个工作日早上的检查：跟进逾期、公海预警、月度拜访任务、昨日漏访、晨报。"""

from bot.command import Turn, job
from domain.desk import Job
from handlers import _alerts, _cadence, _confirm, _daily, _gates, _morning, _selftest


@job("daily")
def daily(turn: Turn, work: Job) -> None:
    """Run the checks and plan the next morning."""
    _daily.run(turn)


CHECKS_OF_THIS_AREA = (_cadence, _gates, _confirm, _morning, _alerts, _selftest)
"""Importing them enters their checks."""
