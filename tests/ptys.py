"""A process on a pseudo-terminal: what the tests and the benches begin with."""

from __future__ import annotations

import os
import select
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

READ_MAX = 1 << 16


class Started(NamedTuple):
    """`master` is the terminal's end, `slave` the program's, both still open.

    `before` is how the terminal was set before the program began.
    """

    process: subprocess.Popen[bytes]
    master: int
    slave: int
    before: list[int | list[bytes | int]]


def started(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    cwd: Path | None,
    columns: int,
    rows: int,
) -> Started:
    """Start a program, and only with that environment, on a terminal of its own."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (rows, columns))
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={"TERM": "xterm-256color", **environment},
    )
    return Started(process, master, slave, before)


def received(master: int, timeout_s: float) -> bytes:
    """What the program wrote; empty where that is nothing in time, or it has gone."""
    if not select.select([master], [], [], max(timeout_s, 0))[0]:
        return b""
    try:
        return os.read(master, READ_MAX)
    except OSError:
        return b""
