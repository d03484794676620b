"""The record of one session: JSON lines, only ever appended to.

The first line is the header; every other is an event with the time (`at`, Unix
milliseconds) at which it was recorded.  An event is handed to the operating system
before any face sees it, so it survives the death of the program; the end of a turn
is also synced to the disk.  Deltas are the exception, for their number: neighbours
are merged and written at most `DELTA_DELAY_S` late, and their text is repeated by the
item that they end in.

One process writes a session: the file itself carries the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from spark_cli import __version__
from spark_cli.config.paths import private
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    CallDelta,
    Delta,
    Event,
    ReasoningDelta,
    TextDelta,
    TurnEnded,
)
from spark_cli.core.ids import SessionId
from spark_cli.core.serde import dump

FORMAT = 1
DELTA_DELAY_S = 0.1


@dataclass(frozen=True, slots=True)
class Header:
    """What a session's file says of itself; `at` is a Unix time in milliseconds."""

    session: SessionId
    root: str
    at: int
    format: int = FORMAT
    spark: str = __version__

    def line(self) -> bytes:
        return _line(
            {
                "type": "session",
                "v": self.format,
                "session": self.session,
                "root": self.root,
                "at": self.at,
                "spark": self.spark,
            }
        )


class Journal:
    """An open session file, locked for this process.

    Raises `SparkError` where another process holds it or it cannot be written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._file = _open(path)
        self._delta: Delta | None = None
        self._pieces: list[str] = []
        self._since = 0.0
        self._syncing: threading.Thread | None = None

    def begin(self, header: Header) -> None:
        """Write the header if the file is new, else make sure a new line begins."""
        size = os.fstat(self._file).st_size
        if size == 0:
            self._write(header.line())
        elif os.pread(self._file, 1, size - 1) != b"\n":
            self._write(b"\n")

    def record(self, event: Event) -> None:
        """Append one event; when this returns, it is out of the program's hands."""
        if isinstance(event, TextDelta | ReasoningDelta | CallDelta):
            self._gather(event)
            return
        self._flush()
        self._write(_line({**dump(event), "at": self._now()}))
        if isinstance(event, TurnEnded):
            self._sync()

    def close(self) -> None:
        self._flush()
        self._settle()
        os.close(self._file)

    def _gather(self, delta: Delta) -> None:
        now = self._clock()
        if self._delta is not None and not _continues(self._delta, delta):
            self._flush()
        if self._delta is None:
            self._delta, self._since = delta, now
        self._pieces.append(delta.text)
        if now - self._since >= DELTA_DELAY_S:
            self._flush()

    def _flush(self) -> None:
        if self._delta is None:
            return
        merged = replace(self._delta, text="".join(self._pieces))
        self._delta = None
        self._pieces.clear()
        self._write(_line({**dump(merged), "at": self._now()}))

    def _write(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError as error:
            raise SparkError(
                f"cannot write the session's journal `{self.path}`: {error.strerror}",
                "free some space, or run with `--ephemeral`",
            ) from error

    def _sync(self) -> None:
        """Have the turn survive a power cut; nobody waits for the disk meanwhile."""
        self._settle()
        self._syncing = threading.Thread(target=_synced, args=(self._file,))
        self._syncing.start()

    def _settle(self) -> None:
        if self._syncing is not None:
            self._syncing.join()
            self._syncing = None

    def _now(self) -> int:
        return int(self._clock() * 1000)


def _synced(file: int) -> None:
    # What a disk refuses is told by the next write.
    with suppress(OSError):
        os.fsync(file)


def _continues(before: Delta, after: Delta) -> bool:
    return type(before) is type(after) and before.item == after.item


def _open(path: Path) -> int:
    try:
        private(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except (OSError, SparkError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.message
        raise SparkError(
            f"cannot open the session's journal `{path}`: {reason}",
            "check the folder's owner and mode, or run with `--ephemeral`",
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise SparkError(
            f"session `{path.stem}` is open in another spark",
            "close it there, or start a new session without `--resume`",
        ) from None
    return file


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
