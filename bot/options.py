"""What main.py is told on its command line, and how it logs."""

import argparse
import logging
import traceback
from pathlib import Path
from typing import Any


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="main.py", description="拜访助手 visit bot")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", help="configuration file (default: config.toml when it exists)")
    sub = top.add_subparsers(dest="command")
    p = sub.add_parser("run", parents=[common], help="run the bot (the default)")
    p.add_argument("--seed", help="seed file with members, groups, customers, visits")
    p = sub.add_parser("chat", parents=[common], help="talk to the bot in the terminal, or play a script")
    p.add_argument("--as", dest="who", metavar="ID", help="speak as this member")
    p.add_argument("--group", metavar="ID", help="speak in this group")
    p.add_argument("--script", metavar="FILE", help="play a JSONL scenario (- = standard input)")
    p.add_argument("--seed", help="seed file")
    p.add_argument("--db", metavar="URL", help="store (default: a fresh temporary SQLite file)")
    p.add_argument("--now", metavar="ISO", help="where the virtual clock starts")
    p = sub.add_parser("parse", parents=[common], help="JSONL in, JSONL out: what the language layer understands")
    p.add_argument("--seed", help="seed file with the known names")
    p.add_argument("--times", action="store_true", help="time expressions only")
    p = sub.add_parser("match", parents=[common], help="JSONL in, JSONL out: customer duplicate check")
    p.add_argument("--base", required=True, metavar="FILE", help="JSONL with the known customers")
    p = sub.add_parser("token", parents=[common], help="print a secret that acts as this member")
    p.add_argument("member", metavar="MEMBER", help="a member's id, or a name that only one has")
    p.add_argument(
        "--kind", choices=("api", "ical"), default="api", help="bearer of the REST API (default), or a calendar's address"
    )
    p.add_argument("--revoke", action="store_true", help="make the member's tokens of this kind worthless instead")
    p = sub.add_parser("import", parents=[common], help="members, customers, visits from .xlsx or .csv")
    p.add_argument("file", metavar="FILE")
    p.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
    p = sub.add_parser("export", parents=[common], help="customers, members or visits to .xlsx or .csv, by the file's ending")
    p.add_argument("what", choices=("customers", "members", "visits"))
    p.add_argument("--out", required=True, metavar="FILE")
    sub.add_parser("check", parents=[common], help="say what in the configuration is missing or wrong")
    p = sub.add_parser("office", parents=[common], help="set up the messengers: the app's menu, people from the address books")
    p.add_argument("what", choices=("menu", "people"))
    p = sub.add_parser("db", help="migrations, backup, verification")
    what = p.add_subparsers(dest="what", required=True)
    what.add_parser("upgrade", parents=[common], help="bring the schema up to date")
    what.add_parser("verify", parents=[common], help="check the invariants and the audit log")
    b = what.add_parser("backup", parents=[common], help="write a consistent copy while the bot runs")
    b.add_argument("file")
    return top


class OneLine(logging.Formatter):
    """A log line without traceback: the last frame says where."""

    def formatException(self, ei: Any) -> str:
        frame = traceback.extract_tb(ei[2])[-1] if ei[2] else None
        where = f" at {Path(frame.filename).name}:{frame.lineno}" if frame else ""
        return f"{ei[0].__name__}: {ei[1]}{where}"


def set_up_logging(*, full: bool) -> None:
    """Warnings and worse on stderr; tracebacks only in the service's log, never in front of somebody at a terminal."""
    handler = logging.StreamHandler()
    form = logging.Formatter if full else OneLine
    handler.setFormatter(form("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
