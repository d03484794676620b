"""The real view, painter and output on a terminal that is a string, read by pyte."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import pyte
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input

from spark_cli.core.effects import Approval
from spark_cli.core.events import Event
from spark_cli.repl.complete import SlashCompleter
from spark_cli.repl.composer import Composer
from spark_cli.repl.history import open_history
from spark_cli.repl.keys import Situation
from spark_cli.repl.paint import FrameOutput, Painter, Tail
from spark_cli.repl.picker import Picker
from spark_cli.repl.screen import Face, application
from spark_cli.repl.theme import Palette
from spark_cli.repl.toolbar import Status, toolbar
from spark_cli.repl.view import View

KNOWN = re.compile(
    r"\x1b\[(?:[0-9;]*m"  # how text looks
    r"|[0-9;]*[ABCDHJK]"  # where the cursor goes, and what is erased
    r"|\?(?:2026|2004|1004|25|7)[hl]"  # frames, pastes, the focus, the cursor, wrapping
    r"|\?12l|\?1l)|\x1b[78]"  # a cursor and keys as they always are
)
"""All that spark ever says to a terminal but text."""

Cell: TypeAlias = tuple[str, str, bool, bool]
"""A character, its color, whether it is bold, and whether it leans."""

CHROME = 3
"""An empty row, the prompt and the status line."""

_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
"""pyte drops what follows one of these."""


class Stage:
    """Play events, in groups that each become a frame."""

    def __init__(self, columns: int = 60, rows: int = 20) -> None:
        self.columns, self.rows = columns, rows
        self.raw = ""
        self.frames: list[tuple[int, int]] = []
        """After each frame: how much was written, and how many rows may change."""

    def play(self, groups: Iterable[Sequence[Event]]) -> Stage:
        self.raw = asyncio.run(self._played(list(groups)))
        return self

    async def _played(self, groups: Sequence[Sequence[Event]]) -> str:
        stream = io.StringIO()
        size = Size(self.rows, self.columns)
        output = FrameOutput(stream, lambda: size, term="xterm", enable_cpr=False)
        view = View("m-1", "demo", Approval.ASK, self.columns)
        composer = Composer(open_history(None), SlashCompleter())
        tail = Tail()
        face = Face(
            Situation,
            lambda _: None,
            list,
            lambda columns: toolbar(
                Status(view.phase, view.model, view.approval.value), columns
            ),
            Picker(lambda: size),
        )
        with create_pipe_input() as source:
            app = application(face, composer, tail, output, Palette(), source)
            painter = Painter(app, output, view, tail, lambda: CHROME)
            drawn = asyncio.Event()
            app.after_render += lambda _: drawn.set()
            running = asyncio.create_task(
                app.run_async(set_exception_handler=False, handle_sigint=False)
            )
            await drawn.wait()
            for events in groups:
                for event in events:
                    view.see(event)
                while painter._paint():
                    pass
                app._redraw()
                self.frames.append((stream.tell(), len(tail.rows) + CHROME))
            painter.finish()
            app.exit(result=0)
            await running
        return stream.getvalue()

    @property
    def said(self) -> str:
        """What was written, without what spark says to the terminal."""
        return KNOWN.sub("", self.raw)

    def screen(self, end: int | None = None) -> pyte.HistoryScreen:
        """What the terminal shows after so much of the output."""
        screen = pyte.HistoryScreen(self.columns, self.rows, history=100_000)
        pyte.Stream(screen).feed(_JOINERS.sub("", self.raw[:end]))
        return screen

    def scrollback(self, end: int | None = None) -> list[list[Cell]]:
        """Every row from the first to the last that is not empty."""
        screen = self.screen(end)
        rows = [*screen.history.top, *(screen.buffer[y] for y in range(self.rows))]
        return filled([[_cell(row[x]) for x in range(self.columns)] for row in rows])

    @property
    def lines(self) -> list[str]:
        return [text_of(row).rstrip() for row in self.scrollback()]


def filled(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows without the empty ones at their end."""
    last = max((n for n, row in enumerate(rows, 1) if text_of(row).strip()), default=0)
    return rows[:last]


def text_of(row: Sequence[Cell]) -> str:
    return "".join(cell[0] for cell in row)


def _cell(char: pyte.screens.Char) -> Cell:
    return char.data, char.fg, char.bold, char.italics
