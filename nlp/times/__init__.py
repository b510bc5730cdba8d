"""Times in Chinese sentences: find them, take the best one, say one."""

from __future__ import annotations

from nlp.times.api import best, combine, find
from nlp.times.say import say
from nlp.times.values import Conventions, Mode, TimeSpan

__all__ = ["Conventions", "Mode", "TimeSpan", "best", "combine", "find", "say"]
