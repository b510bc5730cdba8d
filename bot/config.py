"""config.toml and the environment → frozen values; a wrong key, type or value is named with what is allowed."""

import dataclasses
import json
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.mail import Smtp
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.wecom.config import WeComConfig
from domain.flows import KINDS as FLOW_KINDS
from domain.flows import parse as parse_flow
from domain.intake import MODES
from domain.rules import Rules
from domain.visibility import LAYERS

ENV = "VISITBOT_"


class ConfigError(Exception):
    """One line for the admin: key, value, what is allowed."""


@dataclass(frozen=True, slots=True)
class Server:
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    playground: bool = False


@dataclass(frozen=True, slots=True)
class Storage:
    url: str = "sqlite+aiosqlite:///data/visits.db"


@dataclass(frozen=True, slots=True)
class Time:
    zone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Keep:
    """Days after which paperwork is dropped; customers, visits, reports and the audit log stay for ever."""

    messages_days: int = 30
    """That a message was handled (a repeat after that would be handled again; messengers repeat within minutes)."""
    letters_days: int = 400
    """What was sent, with its text."""
    jobs_days: int = 90
    """That a reminder or another job was done."""


@dataclass(frozen=True, slots=True)
class Log:
    level: str = "warning"
    """debug, info (a line for every message: ids, never content), warning or error."""
    format: str = "text"
    """text, or json: one object a line."""


@dataclass(frozen=True, slots=True)
class Web:
    login_ttl_min: int = 10


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    secret: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the admin may set; every key has a default (contract.md section 2)."""

    server: Server = field(default_factory=Server)
    storage: Storage = field(default_factory=Storage)
    time: Time = field(default_factory=Time)
    wecom: WeComConfig = field(default_factory=WeComConfig)
    dingtalk: DingTalkConfig = field(default_factory=DingTalkConfig)
    rules: Rules = field(default_factory=Rules)
    web: Web = field(default_factory=Web)
    keep: Keep = field(default_factory=Keep)
    log: Log = field(default_factory=Log)
    smtp: Smtp = field(default_factory=Smtp)
    webhooks: tuple[Webhook, ...] = ()
    members: tuple[Mapping[str, object], ...] = ()


_RENAMED = {"from": "sender"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def load(path: Path | None, env: Mapping[str, str] = os.environ) -> Config:
    """Config from a TOML file (None = defaults) with `VISITBOT_SECTION__KEY` on top. Raises ConfigError."""
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except OSError as e:
            raise ConfigError(f"{path}: can't be read ({e.strerror})") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
            raise ConfigError(f"{path}: is no TOML: {e}") from None
    for name, value in env.items():
        if name.startswith(ENV) and "__" in name:
            *sections, key = name[len(ENV) :].lower().split("__")
            spot = data
            for section in sections:
                spot = spot.setdefault(section, {})
            spot[key] = _env_value(value)
    config = typing.cast(Config, _build(Config, data, ""))
    _check(config)
    return config


def _env_value(text: str) -> object:
    """An environment value as TOML would read it; anything that is no TOML is text."""
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text


def _build(cls: type, data: object, at: str) -> object:
    if not isinstance(data, Mapping):
        raise ConfigError(f"[{at}]: expected a table, got {data!r}")
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    values = {}
    for key, value in data.items():
        name = _RENAMED.get(key, key)
        where = f"{at}.{key}" if at else str(key)
        if name not in known:
            raise ConfigError(f"{where}: unknown key (known here: {', '.join(sorted(known))})")
        values[name] = _value(hints[name], value, where)
    try:
        return cls(**values)
    except TypeError as e:
        raise ConfigError(f"[{at}]: {e}") from None


def _value(kind: Any, value: object, where: str) -> object:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _build(kind, value, where)
    if origin in (typing.Union, types.UnionType):
        kind = next(a for a in args if a is not type(None))
        return None if value is None else _value(kind, value, where)
    if origin is tuple and args[-1] is Ellipsis:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where} = {value!r}: expected a list")
        return tuple(_value(args[0], v, f"{where}[{i}]") for i, v in enumerate(value))
    if origin is tuple:
        pair = list(value.values()) if isinstance(value, Mapping) else value
        if not isinstance(pair, list | tuple) or len(pair) != len(args):
            raise ConfigError(f"{where} = {value!r}: expected {len(args)} values")
        return tuple(_value(a, v, where) for a, v in zip(args, pair, strict=True))
    if origin in (dict, Mapping) or str(origin).endswith("Mapping'>"):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} = {value!r}: expected a table")
        return {str(k): (v if args[1] is object else _value(args[1], v, f"{where}.{k}")) for k, v in value.items()}
    return _plain(kind, value, where)


def _plain(kind: Any, value: object, where: str) -> object:
    if kind is time:
        try:
            return time.fromisoformat(str(value))
        except ValueError:
            raise ConfigError(f'{where} = {value!r}: expected a time like "08:30"') from None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is str and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        names = {int: "a whole number", float: "a number", bool: "true or false", str: "text in quotes"}
        raise ConfigError(f"{where} = {json.dumps(value, default=str)}: expected {names.get(kind, kind)}")
    return value


def _check(config: Config) -> None:
    """Values that have the right type and still make no sense."""
    rules = config.rules
    for f in dataclasses.fields(Rules):
        value = getattr(rules, f.name)
        if f.type is int and value < 0:
            raise ConfigError(f"rules.{f.name} = {value}: must not be negative")
        if f.type is float and not 0 <= value <= 1:
            raise ConfigError(f"rules.{f.name} = {value}: must be between 0 and 1")
    if not 1 <= rules.default_visit_min <= 24 * 60:
        raise ConfigError(f"rules.default_visit_min = {rules.default_visit_min}: allowed 1 to 1440 minutes")
    _check_policies(rules)
    if rules.work_start >= rules.work_end:
        raise ConfigError(f"rules.work_start = {rules.work_start:%H:%M}: must be before work_end {rules.work_end:%H:%M}")
    day, _, clock = rules.weekly_pack.partition(" ")
    try:
        time.fromisoformat(clock)
    except ValueError:
        clock = ""
    if day not in _DAYS or not clock:
        raise ConfigError(f'rules.weekly_pack = "{rules.weekly_pack}": expected a day and a time like "Fri 17:00"')
    _check_running(config)
    if not 0 <= config.server.port <= 65535:
        raise ConfigError(f"server.port = {config.server.port}: allowed 0 to 65535")
    try:
        ZoneInfo(config.time.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(f'time.zone = "{config.time.zone}": no such time zone (example: "Asia/Shanghai")') from None
    if not config.storage.url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise ConfigError("storage.url: must start with sqlite+aiosqlite:/// or postgresql+asyncpg://")


def _check_running(config: Config) -> None:
    for f in dataclasses.fields(Keep):
        if getattr(config.keep, f.name) < 1:
            raise ConfigError(f"keep.{f.name} = {getattr(config.keep, f.name)}: at least 1 day")
    for key, allowed in (("level", ("debug", "info", "warning", "error")), ("format", ("text", "json"))):
        if (word := getattr(config.log, key)) not in allowed:
            raise ConfigError(f'log.{key} = "{word}": allowed {", ".join(allowed)}')


def _check_policies(rules: Rules) -> None:
    """Modes, layers and flows that do not exist are named with what there is."""
    for key in ("assign_types", "assign_grades", "assign_sources"):
        for part, mode in getattr(rules, key).items():
            if mode not in MODES:
                raise ConfigError(f'rules.{key}.{part} = "{mode}": allowed {", ".join(MODES)}')
    for name, layer in rules.field_layers.items():
        if layer not in LAYERS:
            raise ConfigError(f'rules.field_layers.{name} = "{layer}": allowed {", ".join(LAYERS)}')
    for kind, flow in rules.approval_flows.items():
        try:
            parse_flow(flow)
        except ValueError:
            raise ConfigError(
                f'rules.approval_flows."{kind}" = "{flow}": expected steps like "manager > director + admin"'
            ) from None
        if kind.partition(".")[0] not in FLOW_KINDS:
            raise ConfigError(f'rules.approval_flows."{kind}": allowed kinds {", ".join(FLOW_KINDS)}')
    if not 1 <= rules.split_main <= 100:
        raise ConfigError(f"rules.split_main = {rules.split_main}: allowed 1 to 100 percent")
