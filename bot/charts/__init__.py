"""Charts as pictures for a phone: drawn with Pillow and the Noto Sans SC that a package ships; imported only when one is made."""

import asyncio
from collections.abc import Mapping
from pathlib import Path


async def make(what: Mapping[str, object], path: Path) -> None:
    """Write the picture a recipe describes, in a thread beside the loop."""
    from bot.charts.draw import save

    await asyncio.to_thread(save, what, path)
