"""Files that are handed out: in a folder nobody can guess, cleared away after a week."""

import contextlib
import os
import secrets
import tempfile
import time
from pathlib import Path

KEEP_S = 7 * 86_400
"""A messenger may be down for a while; after that nobody fetches the file any more."""


def handout(name: str) -> Path:
    """A path for a new file of this name; old ones are cleared away."""
    root = _root()
    _clear(root)
    folder = root / secrets.token_urlsafe(9)
    folder.mkdir(parents=True, mode=0o700)
    return folder / Path(name).name


def _root() -> Path:
    """VISITBOT_FILES, else data/files beside the data folder, else the machine's temporary folder."""
    if given := os.environ.get("VISITBOT_FILES"):
        return Path(given)
    if Path("data").is_dir() and os.access("data", os.W_OK):
        return Path("data/files").absolute()
    return Path(tempfile.gettempdir()) / f"visitbot-files-{os.getuid()}"


def _clear(root: Path) -> None:
    with contextlib.suppress(OSError):
        for folder in root.iterdir():
            if folder.stat().st_mtime < time.time() - KEEP_S:
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
