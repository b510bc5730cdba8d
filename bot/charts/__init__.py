"""Charts as pictures for a phone: drawn with Pillow and the Noto Sans SC that a package ships; imported only when one is made."""

from collections.abc import Mapping
from pathlib import Path


async def make(what: Mapping[str, object], path: Path) -> None:
    """Write the picture a recipe describes, in a process of its own: drawing holds the interpreter for longer than a reply takes."""
    from bot.charts.draw import save
    from bot.sheets.offload import in_process

    await in_process(save, what, path)
