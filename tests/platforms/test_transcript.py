"""docs/TRANSCRIPTS.md is what the bot says today."""

from tests.platforms.transcript import FILE, write


async def test_the_transcripts_are_what_the_bot_says() -> None:
    assert await write() == FILE.read_text("utf-8"), "python -m tests.platforms.transcript writes it anew; read what changed"
