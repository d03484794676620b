"""A prompt before the program is there: what stands on the screen while it loads.

prompt_toolkit takes longer to import than a user to start typing.  So the sign of the
prompt is written first, by the standard library alone, and the terminal is told to
keep the keys instead of echoing them; the live face finds them when it is ready.
"""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

_INPUT, _LOCAL, _CHARS = 0, 3, 6


class Curtain:
    """Use it around the import and the run of the live face, and hand it to `run`.

    Where there is no terminal, or a dumb one, or where it is `lifted` from the start,
    it does nothing.  Leaving it gives the
    terminal back as it was, however the session ended.
    """

    def __init__(self, *, lifted: bool = False) -> None:
        self._wanted = not lifted and not _is_dumb()
        self._restore: Callable[[], None] | None = None
        self._drawn = False

    def __enter__(self) -> Self:
        if self._wanted and sys.stdin.isatty() and sys.stdout.isatty():
            self._restore = _keep_keys()
            self._drawn = True
            self._write("\r\n> ")
        return self

    def lift(self) -> None:
        """Put the cursor where the live face begins to draw, over the sign."""
        if self._drawn:
            self._drawn = False
            self._write("\r\x1b[A")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            self._drawn = False
            self._write("\r\x1b[J\x1b[A")
        if self._restore is not None:
            self._restore()
        _leave_nothing_to_write()

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _is_dumb() -> bool:
    return os.environ.get("TERM", "dumb") == "dumb"


def _keep_keys() -> Callable[[], None]:
    """No echo, no line editing, and Enter as it is; Ctrl-C still interrupts.

    Gives what undoes it.
    """
    before, attributes = termios.tcgetattr(0), termios.tcgetattr(0)
    attributes[_INPUT] &= ~(termios.ICRNL | termios.IXON)
    attributes[_LOCAL] &= ~(termios.ECHO | termios.ICANON)
    attributes[_CHARS][termios.VMIN] = 1
    attributes[_CHARS][termios.VTIME] = 0
    termios.tcsetattr(0, termios.TCSADRAIN, attributes)

    def restore() -> None:
        # The terminal may be gone by then.
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSADRAIN, before)

    return restore


def _leave_nothing_to_write() -> None:
    """A terminal that is gone would fail again, and end the program with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
