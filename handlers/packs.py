"""复盘包：每周五的周报、每月和每季度第一个工作日的复盘，自动发给主管和团队群。"""

from datetime import datetime

from bot.command import Turn, job
from domain.desk import Job
from handlers import _figures, _meeting, _packs, _watch


@job("weekly_pack")
def weekly_pack(turn: Turn, work: Job) -> None:
    """The pack of the week it was planned for; the next one is planned with it."""
    _packs.plan(turn, turn.now)
    start = datetime.fromisoformat(str(work.data["week"]))
    _packs.weekly(turn, _figures.current(start, "week"))


CHECKS_OF_THIS_AREA = (_meeting, _packs, _watch)
"""Importing them enters their checks."""
