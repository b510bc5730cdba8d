"""拜访助手: builds the parts and runs them. The commands are those of contract.md section 1."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.options import parser, set_up_logging

if TYPE_CHECKING:
    from bot.app import App
    from bot.clock import Clock
    from bot.config import Config
    from bot.platforms.webchat.playground import Playground
    from bot.serve import Service
    from bot.web.build import Web


class Wrong(Exception):
    """Wrong use: one line on stderr, exit status 2."""


class Failed(Exception):
    """The work failed: one line on stderr, exit status 1."""


def load_config(args: argparse.Namespace) -> "Config":
    """The configuration named, or ./config.toml, or the defaults."""
    from bot.config import ConfigError, load

    path = Path(args.config) if args.config else Path("config.toml")
    try:
        return load(path if args.config or path.exists() else None)
    except ConfigError as e:
        raise Wrong(str(e)) from None


def load_seed(path: str | None) -> dict[str, Any] | None:
    """A seed file as JSON."""
    if path is None:
        return None
    try:
        data = json.loads(Path(path).read_text("utf-8"))
    except OSError as e:
        raise Failed(f"{path}: {e.strerror}") from None
    except ValueError as e:
        raise Failed(f"{path}: is no JSON: {e}") from None
    if not isinstance(data, dict):
        raise Failed(f"{path}: a seed is a JSON object")
    return data


@contextlib.asynccontextmanager
async def open_app(config: "Config", url: str, clock: "Clock", seed: dict[str, Any] | None) -> "AsyncIterator[App]":
    """The bot with its store open; the seed is applied once."""
    import handlers
    from bot import errands, mail
    from bot.app import App
    from bot.names import Names
    from handlers.data_api import doers
    from nlp.parser import Parser
    from storage.seed import seed_store
    from storage.store import StoreError, open_store

    try:
        store = await open_store(url)
    except StoreError as e:
        raise Failed(str(e)) from None
    try:
        if seed is not None:
            try:
                await seed_store(store, seed, clock.now(), config.rules.protect_days)
            except StoreError as e:
                raise Failed(f"seed: {e}") from None
        names = Names(store)
        await names.refresh()
        parser = Parser(names.book, purposes=config.rules.purposes, bot_names=config.wecom.aibot.names)
        commands, jobs = handlers.load()
        app = App(store, parser, config.rules, commands, jobs, clock, names=names, bot_names=config.wecom.aibot.names)
        app.errands = errands.Errands(app, doers)
        app.post, app.mail = mail.wires(config.smtp), config.smtp.address
        yield app
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_running(config: "Config", url: str, clock: "Clock", seed: dict[str, Any] | None) -> "AsyncIterator[App]":
    """The bot whose clock is going to run: what is still ahead is planned."""
    async with open_app(config, url, clock, seed) as app:
        await app.plan_seeded()
        yield app


def chat(args: argparse.Namespace) -> None:
    """`chat` and `chat --script`."""
    from bot.clock import VirtualClock
    from bot.script import moment, play
    from domain.model import OFFICE

    config = load_config(args)
    seed = load_seed(args.seed)
    try:
        now = moment(args.now) if args.now else datetime.now(OFFICE)
    except ValueError:
        raise Wrong(f"--now {args.now!r}: an ISO time such as 2026-03-11T10:00:00+08:00") from None

    async def run(url: str) -> None:
        clock = VirtualClock(now)
        async with open_running(config, url, clock, seed) as app:
            await play(app, clock, source)

    if args.script is None:
        from bot.platforms.terminal import TerminalError, talk

        try:
            asyncio.run(talk(config, args, open_running, seed))
        except TerminalError as e:
            raise Failed(str(e)) from None
        return
    with contextlib.ExitStack() as stack:
        source = sys.stdin if args.script == "-" else stack.enter_context(open(args.script, encoding="utf-8"))
        if args.db:
            asyncio.run(run(args.db))
            return
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="visitbot-"))
        asyncio.run(run(f"sqlite+aiosqlite:///{folder}/script.db"))


def run(args: argparse.Namespace) -> None:
    """`run`: the service, or the playground when there is no configuration."""
    from bot.config import Config

    config, plain = load_config(args), Config()
    configured = (
        bool(args.config)
        or Path("config.toml").exists()
        or (config.storage, config.wecom, config.dingtalk, config.members)
        != (plain.storage, plain.wecom, plain.dingtalk, plain.members)
    )
    seed = load_seed(args.seed)
    asyncio.run(serve(config, seed) if configured else playground_only(config, seed))


def announce(config: "Config", what: str) -> Any:
    """Prints the address once the port is open."""

    def ready(url: str) -> None:
        print(f"{what}：{config.server.public_url or url}", flush=True)

    return ready


async def playground_only(config: "Config", seed: dict[str, Any] | None) -> None:
    """The sample team in a browser; nothing is kept after the end."""
    from bot.platforms.webchat.server import attach
    from bot.serve import Service, stop_on_signals

    stop = stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="visitbot-") as folder:
        async with open_playground(config, Path(folder), seed) as playground:
            service = Service(playground.app, config)
            service.only_web = True
            web = add_web(service)
            playground.on_open.append(lambda app: setattr(service, "app", app))
            playground.on_open.append(web.use)
            service.attach.append(lambda web_app: attach(web_app, playground, config.server.public_url))
            await service.run(stop, announce(config, "拜访助手演示"))


def open_playground(config: "Config", folder: Path, seed: dict[str, Any] | None = None) -> "Playground":
    """A playground whose office is made afresh at every reset."""
    from bot.platforms.webchat.playground import Playground
    from bot.sample import team

    @contextlib.asynccontextmanager
    async def office(clock: "Clock") -> "AsyncIterator[App]":
        with tempfile.TemporaryDirectory(dir=folder) as own:
            async with open_running(config, f"sqlite+aiosqlite:///{own}/office.db", clock, seed or team()) as app:
                yield app

    return Playground(office, folder)


async def serve(config: "Config", seed: dict[str, Any] | None) -> None:
    """The bot with its messengers; one process per SQLite file."""
    from bot.clock import Clock
    from bot.platforms.webchat.server import attach
    from bot.serve import Service, stop_on_signals
    from bot.upkeep import let_go

    stop = stop_on_signals()
    clock = Clock()
    async with contextlib.AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_app(config, config.storage.url, clock, seed or config_seed(config)))
        app.parser.warm()  # the first message must not wait for patterns to be compiled
        if not app.store.claim_single():
            raise Failed("this database is already served by another `main.py run`")
        if config.storage.url.startswith("sqlite"):
            await app.store.run(let_go)
        await app.plan_seeded()
        service = Service(app, config)
        try:
            service.add_messengers()
        except ValueError as e:
            raise Failed(f"[wecom]: {e}") from None
        add_web(service)
        if app.errands is not None:
            service.work.append(app.errands.forever)
        if config.server.playground or not service.wires:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="visitbot-"))
            playground = await stack.enter_async_context(open_playground(config, Path(folder)))
            service.attach.append(lambda web_app: attach(web_app, playground, config.server.public_url))
        await service.run(stop, announce(config, "拜访助手"))


def add_web(service: "Service") -> "Web":
    """REST API, calendars, metrics, webhooks."""
    from bot.web.build import Web
    from handlers.data_api import LOOKS

    made = Web(service.app, service.config, LOOKS, lambda: sum(s.connected for s in service.streams))
    service.routes += made.routes
    service.work.append(made.run)
    return made


def config_seed(config: "Config") -> dict[str, Any] | None:
    """Members listed in the configuration, as a seed."""
    return {"members": [dict(m) for m in config.members]} if config.members else None


def parse(args: argparse.Namespace) -> None:
    """`parse` and `parse --times`."""
    if args.times:
        from nlp.times.cli import run as run_times

        run_times(sys.stdin, write_out)
        return
    from nlp.cli import run as run_parse

    run_parse(sys.stdin, write_out, load_seed(args.seed))


def match(args: argparse.Namespace) -> None:
    """`match`: the customer duplicate check over a base file."""
    from bot.match import run as run_match

    try:
        run_match(Path(args.base), sys.stdin, write_out)
    except OSError as e:
        raise Failed(f"{args.base}: {e.strerror}") from None


def write_out(line: str) -> None:
    """One answer, flushed at once."""
    sys.stdout.write(line)
    sys.stdout.flush()


def check(args: argparse.Namespace) -> None:
    """`check`: the configuration, tried."""
    from bot.check import run as run_check

    if not run_check(load_config(args)):
        raise Failed("something above needs fixing")


def db(args: argparse.Namespace) -> None:
    """`db upgrade`, `db backup FILE`, `db verify`."""
    from bot.upkeep import backup, verify
    from storage.store import StoreError, upgrade

    url = load_config(args).storage.url
    try:
        if args.what == "upgrade":
            asyncio.run(upgrade(url))
        elif args.what == "backup":
            asyncio.run(backup(url, Path(args.file)))
        elif bad := asyncio.run(verify(url)):
            raise Failed("; ".join(bad))
    except StoreError as e:
        raise Failed(str(e)) from None
    print(f"db {args.what}: done")


def token(args: argparse.Namespace) -> None:
    """`token MEMBER`: a new secret on standard output, and nothing else there."""
    from bot.web.tokens import run as run_token
    from storage.store import StoreError

    config = load_config(args)
    try:
        print(asyncio.run(run_token(config.storage.url, args.member, args.kind, config.server.public_url, revoked=args.revoke)))
    except StoreError as e:
        raise Failed(str(e)) from None


def import_(args: argparse.Namespace) -> None:
    """`import FILE [--dry-run]`: bad rows stand in the result file, so they are no failure."""
    from bot.sheets.cli import run as run_import

    path = Path(args.file)
    beside(args, path, lambda app, now: run_import(app, path, now, dry_run=args.dry_run, say=lambda line: write_out(line + "\n")))


def export(args: argparse.Namespace) -> None:
    """`export customers|members|visits --out FILE`: everything, as the system itself."""
    from bot.sheets.export import run as run_export
    from handlers.data_api import TABLES

    path = Path(args.out)
    rows = beside(args, path, lambda app, now: run_export(app, TABLES, args.what, path))
    print(f"{path}: {rows} rows")


def office(args: argparse.Namespace) -> None:
    """`office menu`, `office people`."""
    from bot.office import OfficeFailed
    from bot.office import run as run_office

    try:
        beside(args, Path(), lambda app, now: run_office(app, load_config(args), args.what, write_out))
    except OfficeFailed as e:
        raise Failed(str(e)) from None


def beside(args: argparse.Namespace, path: Path, work: Callable[["App", datetime], Coroutine[Any, Any, Any]]) -> Any:
    """Work on the store beside a running bot; what is wrong with a sheet is told in one line."""
    from bot.clock import Clock
    from bot.sheets.read import SheetError

    config, clock = load_config(args), Clock()

    async def run() -> Any:
        async with open_app(config, config.storage.url, clock, config_seed(config)) as app:
            return await work(app, clock.now())

    try:
        return asyncio.run(run())
    except SheetError as e:
        raise Failed(f"{path}: {e}") from None


RUN = {
    "run": run,
    "chat": chat,
    "parse": parse,
    "match": match,
    "check": check,
    "office": office,
    "db": db,
    "token": token,
    "import": import_,
    "export": export,
}


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    known = {*RUN, "-h", "--help"}
    if not any(a in known for a in argv):
        argv = ["run", *argv]
    args = parser().parse_args(argv)
    set_up_logging(full=args.command == "run" or bool(os.environ.get("VISITBOT_DEBUG")))
    try:
        RUN[args.command](args)
    except Wrong as e:
        print(f"main.py: {e}", file=sys.stderr)
        return 2
    except Failed as e:
        print(f"main.py: {e}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 0
    except OSError as e:
        print(f"main.py: {e.strerror or e}: {e.filename or ''}".rstrip(": "), file=sys.stderr)
        return 1
    except Exception as e:  # a bug: one line for people, the traceback only where it is asked for
        if os.environ.get("VISITBOT_DEBUG"):
            raise
        print(f"main.py: internal error ({type(e).__name__}: {e}); VISITBOT_DEBUG=1 shows where", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
