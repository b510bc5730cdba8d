"""Commands and jobs: one file each, found because it is there (a name starting with `_` is shared code)."""

import importlib
import pkgutil

from bot.command import Command, JobKind


def load() -> tuple[list[Command], list[JobKind]]:
    """Every command and job described in this folder."""
    commands: list[Command] = []
    jobs: list[JobKind] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Command):
                commands.append(value)
            elif isinstance(value, JobKind):
                jobs.append(value)
    return commands, jobs
