"""A real `main.py chat --script -` process, driven line by line, killed and started again."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
Line = Mapping[str, Any] | str


class Bot:
    """One process. `says` sends a line and returns its output lines up to and with its `done`."""

    def __init__(self, db: str, now: str, seed: Path | None = None) -> None:
        argv = [sys.executable, "main.py", "chat", "--script", "-", "--db", db, "--now", now]
        argv += ["--seed", str(seed)] if seed else []
        env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        self._process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.outs: list[dict[str, Any]] = []
        self._n = 0

    def __enter__(self) -> "Bot":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def send(self, line: Line) -> None:
        """Send a line without waiting for its answer."""
        assert self._process.stdin
        self._n += 1
        self._process.stdin.write((line if isinstance(line, str) else json.dumps(line, ensure_ascii=True)) + "\n")
        self._process.stdin.flush()

    def says(self, line: Line) -> list[dict[str, Any]]:
        """Send a line; its output."""
        self.send(line)
        return self.read(self._n)

    def read(self, number: int) -> list[dict[str, Any]]:
        """The output up to the `done` of this line (work found at start included)."""
        assert self._process.stdout
        first = len(self.outs)
        for raw in self._process.stdout:
            out = json.loads(raw)
            self.outs.append(out)
            if out["type"] == "done" and out["line"] == number:
                return self.outs[first:]
        raise AssertionError(f"the process ended: {self._process.stderr.read() if self._process.stderr else ''}")

    def kill(self) -> None:
        """SIGKILL; what it had written before is kept."""
        self._process.kill()
        rest, _ = self._process.communicate()
        self.outs += [json.loads(raw) for raw in rest.splitlines() if raw.endswith("}")]

    def end(self) -> tuple[int, str]:
        """Close its input: (exit status, stderr)."""
        rest, err = self._process.communicate(timeout=30)
        self.outs += [json.loads(raw) for raw in rest.splitlines()]
        return self._process.returncode, err

    def events(self, name: str) -> list[dict[str, Any]]:
        """The data of every event of this name so far."""
        return [o["data"] for o in self.outs if o["type"] == "event" and o["name"] == name]

    def texts(self, who: str, why: str = "") -> list[str]:
        """What this person was sent so far."""
        return [o["text"] for o in self.outs if o["type"] == "message" and o["to"].get("user") == who and why in ("", o["why"])]
