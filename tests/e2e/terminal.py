"""A pseudo-terminal for a program: keys go in, and pyte reads the screen."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte
import pytest

from tests.ptys import received, started

ENTER, ESC, CTRL_C, CTRL_D, CTRL_J = "\r", "\x1b", "\x03", "\x04", "\n"
CTRL_G, CTRL_L, CTRL_R, CTRL_Z = "\x07", "\x0c", "\x12", "\x1a"
UP, TAB = "\x1b[A", "\t"
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"
PATIENCE_S = 20.0


class Terminal:
    """A process on a pseudo-terminal, its screen, and every byte that it wrote."""

    patience_s = PATIENCE_S

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        cwd: Path | None = None,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.raw = b""
        self.screen = pyte.HistoryScreen(columns, rows, history=10_000)
        self._stream = pyte.ByteStream(self.screen)
        self.process, self._master, self.slave, self.before = started(
            command,
            {"TERM": "xterm", **environment},
            cwd=cwd,
            columns=columns,
            rows=rows,
        )

    def send(self, *keys: str) -> Self:
        os.write(self._master, "".join(keys).encode())
        return self

    def paste(self, text: str) -> Self:
        """Paste it as a terminal does: in pieces, for as long as they are taken."""
        data = f"{PASTE_BEGIN}{text}{PASTE_END}".encode()
        while data:
            self.read(0)
            if select.select([], [self._master], [], 0.05)[1]:
                data = data[os.write(self._master, data[:1024]) :]
        return self

    def read(self, timeout_s: float) -> bool:
        data = received(self._master, timeout_s)
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    def until(self, met: Callable[[], bool], what: str) -> Self:
        deadline = time.monotonic() + self.patience_s
        while not met():
            left = deadline - time.monotonic()
            if left <= 0:
                pytest.fail(f"never {what}; the screen:\n{self.text}")
            self.read(min(left, 0.05))
        return self

    def shows(self, text: str) -> Self:
        return self.until(lambda: text in self.text, f"showed {text!r}")

    def hides(self, text: str) -> Self:
        return self.until(lambda: text not in self.text, f"hid {text!r}")

    def ends(self) -> int:
        self.until(lambda: self.process.poll() is not None, "ended")
        while self.read(0):
            pass
        return self.process.wait()

    def resize(self, columns: int, rows: int) -> Self:
        self.screen.resize(rows, columns)
        termios.tcsetwinsize(self.slave, (rows, columns))
        os.kill(self.process.pid, signal.SIGWINCH)
        return self

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()

    @property
    def scrollback(self) -> str:
        """All that was ever printed, with what is on the screen."""
        top = self.screen.history.top
        rows = ["".join(row[x].data for x in range(len(row))) for row in top]
        return "\n".join([*(row.rstrip() for row in rows), self.text])

    @property
    def draft(self) -> str:
        """What stands in the prompt: the last line that has its sign."""
        signs = [line for line in self.lines if line.startswith(">")]
        return signs[-1][2:] if signs else ""

    def hang_up(self) -> None:
        """Close the window that the program runs in."""
        for end in (self._master, self.slave):
            os.close(end)
        self._master = self.slave = -1

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            self.hang_up()
