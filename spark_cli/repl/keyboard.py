"""The keys, and what only looks like keys: a paste that the terminal does not mark.

Over some lines, and in some terminals, a paste comes as if it were typed, and every
line of it would start a turn.  Nobody types two lines within one read, so what comes
like that is a paste, and nothing of it is sent by itself.
"""

from __future__ import annotations

import asyncio
import re
import select
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TextIO

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from spark_cli.repl import extended
from spark_cli.repl.extended import FOCUS

GATHER_S = 0.004
"""The rest of a burst is waited for so long, once it is one."""

READ_MAX = 1024
"""So much is read at a time; a read that is full may be the beginning of a burst."""

GOES_ON_S = 0.05
"""What follows a paste so soon belongs to it: no hand is so fast."""

BURST_MAX = 1 << 20

UNENDED_S = 1.0
"""A paste that is silent for so long has lost its end mark: what follows is keys."""

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
# A line end after a backslash or an Esc submits nothing: it is a line end already.
_LINES = re.compile(r"(?<![\\\x1b])(?:\r\n?|\n)(?=[\r\n\t]*[^\x00-\x1f\x7f])")
_CONTROLS = "".join(map(chr, range(32))) + "\x7f "
_KEY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _never(line: str) -> bool:
    del line
    return False


class Keyboard(Vt100Input):
    """The input of prompt_toolkit, with every paste as a paste.

    `is_command` tells of a line that may be one of a few keys that had to wait.
    """

    def __init__(
        self, stdin: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stdin)
        self._clock = clock
        self.is_command: Callable[[str], bool] = _never
        self._marked = False
        self._seen = ""
        self._pasted_at = float("-inf")
        self.touched: Callable[[], None] = lambda: None
        self.focused: Callable[[bool], None] = lambda _: None
        self._ready: Callable[[], None] = lambda: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unended: asyncio.TimerHandle | None = None
        extended.teach()

    def attach(
        self, input_ready_callback: Callable[[], None]
    ) -> AbstractContextManager[None]:
        self._ready = input_ready_callback
        self._loop = asyncio.get_running_loop()
        return super().attach(input_ready_callback)

    def end_paste(self) -> None:
        """Take what has come of a paste for all of it, if one is open."""
        if self._marked:
            self._marked, self._seen = False, ""
            self.vt100_parser.feed(_END)
            self._ready()

    def read_keys(self) -> list[KeyPress]:
        data = self._gathered(self.stdin_reader.read(READ_MAX))
        if self._is_paste(data):
            self._pasted_at = self._clock()
            self._buffer.append(KeyPress(Keys.BracketedPaste, data))
        else:
            self.vt100_parser.feed(data)
        self._wait_for_end()
        return self._taken()

    def flush_keys(self) -> list[KeyPress]:
        self.vt100_parser.flush()
        return self._taken()

    def _taken(self) -> list[KeyPress]:
        """The keys; what the terminal tells of its window is none."""
        told, self._buffer = self._buffer, []
        keys = [key for key in told if key.data not in FOCUS]
        for key in told:
            if key.data in FOCUS:
                self.focused(FOCUS[key.data])
        if keys:
            self.touched()
        return keys

    def _wait_for_end(self) -> None:
        if self._unended is not None:
            self._unended.cancel()
            self._unended = None
        if self._marked and self._loop is not None:
            self._unended = self._loop.call_later(UNENDED_S, self.end_paste)

    def _gathered(self, data: str) -> str:
        """All of a burst: the system hands it out in small pieces."""
        if len(data) < READ_MAX and not is_burst(data, self.is_command):
            return data
        pieces, size = [data], len(data)
        while data and size < BURST_MAX and self._has_more():
            data = self.stdin_reader.read(READ_MAX)
            pieces.append(data)
            size += len(data)
        return "".join(pieces)

    def _has_more(self) -> bool:
        return bool(select.select([self.fileno()], [], [], GATHER_S)[0])

    def _is_paste(self, data: str) -> bool:
        if self._is_marked(data):
            return False
        goes_on = self._clock() - self._pasted_at < GOES_ON_S and len(data) > 1
        burst = is_burst(data, self.is_command)
        return burst or (goes_on and not _KEY.search(data))

    def _is_marked(self, data: str) -> bool:
        """Whether the data is in, or has, a paste that the terminal marks."""
        was, window = self._marked, self._seen + data
        begun, ended = window.rfind(_BEGIN), window.rfind(_END)
        if begun >= 0 or ended >= 0:
            self._marked = begun > ended
        self._seen = window[-len(_BEGIN) + 1 :]
        return was or begun >= 0


def is_burst(data: str, is_command: Callable[[str], bool] = _never) -> bool:
    """Whether the data is more lines than a hand types at a time.

    With an Esc in it, or nothing but commands, it may be a few keys that had to wait.
    """
    lines = len(_LINES.findall(data))
    if lines <= (1 if "\x1b" in data else 0):
        return False
    said = (line for line in data.splitlines() if line.strip(_CONTROLS))
    return not all(is_command(line) for line in said)
