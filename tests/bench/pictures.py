"""The screen as PNGs, for eyes.

    python -m tests.bench.pictures FOLDER [NAME ...]

Each scene is a real session on a pseudo-terminal, against the demo endpoint, read by a
terminal emulator and drawn in the font DejaVu Sans Mono (apt: `fonts-dejavu-core`).
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

from spark_cli.demo import sample
from spark_cli.repl.lines import columns_of
from tests.e2e.terminal import ENTER, ESC, Terminal

SIZE, WIDE, HIGH, MARGIN, BAR = 20, 12, 26, 22, 44
FONTS = Path("/usr/share/fonts/truetype/dejavu")
DARK = {
    "default": "#d7dae0",
    "ground": "#16181d",
    "bar": "#22252c",
    "dim": "#7d8490",
    "black": "#30343c",
    "red": "#ff6b70",
    "green": "#8fce7e",
    "brown": "#e5c07b",
    "blue": "#6fb3f7",
    "magenta": "#d58cec",
    "cyan": "#62c6d3",
    "white": "#d7dae0",
}
LIGHT = {
    "default": "#24292f",
    "ground": "#ffffff",
    "bar": "#eceef1",
    "dim": "#7a828c",
    "black": "#24292f",
    "red": "#c4202b",
    "green": "#1a7f37",
    "brown": "#9a6700",
    "blue": "#0a5fcf",
    "magenta": "#8a2fc4",
    "cyan": "#1b7c83",
    "white": "#6e7781",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A session up to the moment that is worth a picture."""

    play: Callable[[Terminal], object]
    columns: int = 100
    rows: int = 30
    words: Sequence[str] = ()
    colors: Mapping[str, str] = field(default_factory=lambda: DARK)


def said(words: str, until: str) -> Callable[[Terminal], object]:
    return lambda screen: screen.send(words, ENTER).shows(until)


def stopped(screen: Terminal) -> None:
    said("write 3000 tokens of prose", "## Part 3")(screen)
    screen.send(ESC).shows("(stopped").send("and now in one sentence")
    screen.shows("one sentence")


def status(screen: Terminal) -> None:
    said("what does this repository do?", "first ")(screen)
    said("/status", "requests")(screen)


def refused(screen: Terminal) -> None:
    said("rename net_price to price_before_tax", "your turn")(screen)
    screen.send("n").shows("say why").send("keep the old name here", ENTER)
    screen.send("q").shows("did not want")


def offered(screen: Terminal) -> None:
    said("rename net_price to price_before_tax", "h2 ")(screen)
    screen.send(ESC).shows("(stopped)").shows("what to do instead")


@cache
def silence() -> int:
    """The port of an endpoint that never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    _silent.append(listener)
    return int(listener.getsockname()[1])


_silent: list[socket.socket] = []

SCENES: Mapping[str, Scene] = {
    "first-start": Scene(lambda screen: screen.shows("main"), rows=18),
    "streaming-code": Scene(said("write 3000 tokens of python code", "_12(")),
    "streaming-prose": Scene(said("write 3000 tokens of prose", "## Part 4")),
    "light": Scene(
        said("write 3000 tokens of prose", "## Part 4"),
        words=["--set", "theme=light"],
        colors=LIGHT,
    ),
    "60-columns": Scene(said("write 3000 tokens of prose", "## Part 4"), columns=60),
    "40-columns": Scene(said("write 3000 tokens of prose", "## Part 4"), columns=40),
    "stopped": Scene(stopped),
    "error": Scene(
        said("hello", "hint"),
        rows=18,
        words=["--set", "providers.demo.base_url=http://127.0.0.1:9/v1"],
    ),
    "waiting": Scene(
        said("explain the tax", "first token 2 s"),
        rows=12,
        words=["--set", f"providers.demo.base_url=http://127.0.0.1:{silence()}/v1"],
    ),
    "status": Scene(status, rows=34),
    "model": Scene(said("/model", "gpt"), rows=20),
    "keys": Scene(lambda screen: screen.send("?").shows("Ctrl-R"), rows=30),
    "diff-forming": Scene(
        said("rename net_price to price_before_tax", "what to do instead"), rows=30
    ),
    "hunk-refused": Scene(refused, rows=40),
    "hunks-offered": Scene(offered, rows=40),
    "hunk-review": Scene(
        said("rename net_price to price_before_tax", "your turn"), rows=44
    ),
}


class Screen(pyte.HistoryScreen):
    """pyte knows no dim text: it is kept where blinking would be."""

    def select_graphic_rendition(self, *codes: int) -> None:
        rest = (code for code in codes if code != 2)
        super().select_graphic_rendition(*rest)
        if 2 in codes:
            self.cursor.attrs = self.cursor.attrs._replace(blink=True)


@contextmanager
def playing(scene: Scene) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        work = home / "cafe"
        sample.make(work)
        command = [sys.executable, "-m", "spark_cli", "--provider", "demo"]
        environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "TERM": "xterm-256color",
        }
        screen = Terminal(
            [*command, *scene.words],
            environment,
            cwd=work,
            columns=scene.columns,
            rows=scene.rows,
        )
        try:
            scene.play(screen.shows("ask"))
            yield screen
        finally:
            screen.close()


def picture(raw: bytes, scene: Scene) -> Image.Image:
    """What a terminal shows that was sent these bytes."""
    screen = Screen(scene.columns, scene.rows, history=1)
    pyte.ByteStream(screen).feed(raw)
    colors = scene.colors
    size = (
        scene.columns * WIDE + 2 * MARGIN,
        scene.rows * HIGH + 2 * MARGIN + BAR,
    )
    image = Image.new("RGB", size, colors["ground"])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], BAR), fill=colors["bar"])
    for number, dot in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        at = MARGIN + number * 24
        draw.ellipse((at, 15, at + 14, 29), fill=dot)
    for y in range(scene.rows):
        for x in range(scene.columns):
            _cell(draw, screen.buffer[y][x], (x, y), colors)
    if not screen.cursor.hidden:
        x, y = MARGIN + screen.cursor.x * WIDE, BAR + MARGIN + screen.cursor.y * HIGH
        draw.rectangle((x, y + 2, x + 2, y + HIGH - 3), fill=colors["default"])
    return image


def _cell(
    draw: ImageDraw.ImageDraw,
    char: pyte.screens.Char,
    place: tuple[int, int],
    colors: Mapping[str, str],
) -> None:
    x, y = MARGIN + place[0] * WIDE, BAR + MARGIN + place[1] * HIGH
    ink = colors.get(char.fg, f"#{char.fg}")
    if char.blink:
        ink = colors["dim"]
    ground = colors["ground"]
    if char.reverse:
        ink, ground = ground, ink
        draw.rectangle((x, y, x + WIDE - 1, y + HIGH - 1), fill=ground)
    if char.data.strip():
        drawn = font(char.data, bold=char.bold, leaning=char.italics)
        draw.text((x, y + 1), char.data, fill=ink, font=drawn)
    span = WIDE * max(columns_of(char.data), 1)
    if char.underscore:
        draw.line((x, y + HIGH - 3, x + span, y + HIGH - 3), fill=ink)
    if char.strikethrough:
        draw.line((x, y + HIGH // 2, x + span, y + HIGH // 2), fill=ink)


def font(text: str, *, bold: bool, leaning: bool) -> ImageFont.FreeTypeFont:
    """The monospaced font, or the one that has what it lacks."""
    style = "Bold" * bold + "Oblique" * leaning
    name = f"DejaVuSansMono-{style}.ttf" if style else "DejaVuSansMono.ttf"
    return _font(name) if _has(name, text[0]) else _font("DejaVuSans.ttf")


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / name), SIZE)


@cache
def _has(name: str, char: str) -> bool:
    missing = bytes(_font(name).getmask("\U0010ffff"))
    return bytes(_font(name).getmask(char)) != missing


def main(folder: str, *names: str) -> None:
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    for name in names or SCENES:
        with playing(SCENES[name]) as screen:
            picture(screen.raw, SCENES[name]).save(where / f"{name}.png")
        print(where / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
