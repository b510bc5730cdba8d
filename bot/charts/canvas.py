"""A sheet to draw on: one width, one palette, one typeface, so that all charts look alike and are read at arm's length.

A phone shows 1080 pixels at about 360 points, so 30 pixels are ten points: nothing is written smaller than 28.
"""

from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

WIDTH = 1080
MARGIN = 56
INK, SOFT, LINE, PAPER = "#1D2733", "#66727F", "#E4E9EE", "#FFFFFF"
BLUE, GREEN, AMBER, RED, GREY = "#2F6FED", "#2B9A66", "#D99100", "#D43F3F", "#97A3AF"
SERIES = (BLUE, "#18A3A8", "#8A63D2", AMBER, "#E0678B", GREY, GREEN)
TITLE, BODY, SMALL = 46, 34, 29
Point = tuple[float, float]


@lru_cache(maxsize=16)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans SC of a size."""
    return ImageFont.truetype(str(sans_path()), size)


class Canvas:
    """Draws from the top; `height` is fixed when it is made, `y` is where the next thing goes."""

    def __init__(self, height: int, title: str, note: str = "") -> None:
        self.image = Image.new("RGB", (WIDTH, height), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.y: float = MARGIN
        for line in wrap(title, TITLE, WIDTH - 2 * MARGIN)[:2]:
            self.text((MARGIN, self.y), line, TITLE, INK, bold=True)
            self.y += 62
        if note:
            for line in wrap(note, SMALL, WIDTH - 2 * MARGIN)[:2]:
                self.text((MARGIN, self.y + 4), line, SMALL, SOFT)
                self.y += 42
        self.y += 26

    def text(self, at: Point, words: str, size: int, colour: str = INK, *, anchor: str = "la", bold: bool = False) -> None:
        """Words at a point; bold is the regular weight with a thin outline."""
        self.draw.text(
            at, words, fill=colour, font=font(size), anchor=anchor, stroke_width=0.7 if bold else 0, stroke_fill=colour
        )

    def halo(self, at: Point, words: str, size: int, colour: str, *, anchor: str) -> None:
        """Bold words on a white edge, readable over a line."""
        self.draw.text(at, words, fill=PAPER, font=font(size), anchor=anchor, stroke_width=6, stroke_fill=PAPER)
        self.text(at, words, size, colour, anchor=anchor, bold=True)

    def box(
        self, corners: tuple[float, float, float, float], colour: str, *, radius: int = 10, outline: str = "", width: int = 3
    ) -> None:
        """A rounded rectangle."""
        self.draw.rounded_rectangle(corners, radius, fill=colour or None, outline=outline or None, width=width)

    def rule(self, a: Point, b: Point, colour: str = LINE, width: int = 2, dash: int = 0) -> None:
        """A straight line, dashed when `dash` is given (horizontal or vertical ones)."""
        if not dash:
            self.draw.line((a, b), fill=colour, width=width)
            return
        length = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
        n = int(length // dash)
        for i in range(0, n, 2):
            p, q = i / n, min(1.0, (i + 1) / n)
            start = (a[0] + (b[0] - a[0]) * p, a[1] + (b[1] - a[1]) * p)
            end = (a[0] + (b[0] - a[0]) * q, a[1] + (b[1] - a[1]) * q)
            self.draw.line((start, end), fill=colour, width=width)

    def legend(self, items: Sequence[tuple[str, str]]) -> None:
        """Coloured squares with their words, wrapped."""
        x: float = MARGIN
        for colour, words in items:
            wide = 34 + measure(words, SMALL) + 34
            if x + wide > WIDTH - MARGIN:
                x, self.y = MARGIN, self.y + 48
            self.box((x, self.y + 8, x + 24, self.y + 32), colour, radius=5)
            self.text((x + 34, self.y), words, SMALL, SOFT)
            x += wide
        self.y += 50


def measure(words: str, size: int) -> float:
    """The width of words."""
    return font(size).getlength(words)


def fit(words: str, size: int, width: float) -> str:
    """Words cut with … so that they are no wider than `width`."""
    if measure(words, size) <= width:
        return words
    while words and measure(words + "…", size) > width:
        words = words[:-1]
    return words + "…"


def wrap(words: str, size: int, width: float) -> list[str]:
    """Words broken into lines; Chinese may break anywhere."""
    out, line = [], ""
    for ch in words:
        if line and measure(line + ch, size) > width:
            out.append(line)
            line = ch.strip()
        else:
            line += ch
    return [*out, line] if line else out


def tint(colour: str, share: float = 0.12) -> str:
    """A colour thinned with white."""
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - c) * share):02X}" for c in rgb)
