"""docs/TRANSCRIPTS.md holds the flows that are played today, and everybody who says something is answered where he said it."""

import re

from tests.platforms.transcript import FILE, write

_SAID = re.compile(r"\*\*(?P<who>.+?（.+?）)\*\*　")


def steps(text: str) -> list[str]:
    """Headings and what people say or press."""
    return [line for line in text.splitlines() if line.startswith(("#", "**"))]


async def test_the_transcripts_are_of_todays_flows_and_everybody_is_answered() -> None:
    """Wording belongs to the commands' own tests; `python -m tests.platforms.transcript` writes the file anew."""
    played = await write()
    assert steps(played) == steps(FILE.read_text("utf-8"))
    parts = re.split(r"\n(?=\*\*)", played)
    for part in parts[1:]:
        said = _SAID.match(part)
        assert said
        assert f"- → {said['who']}" in part, f"no answer to {part.splitlines()[0]}"
    assert "抱歉" not in played, "no bug's apology in any flow"
