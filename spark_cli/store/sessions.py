"""Finding the sessions of a folder, newest first.

There is no index that could be wrong: each file's first line says what it is.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from spark_cli.core.errors import SparkError
from spark_cli.core.ids import SessionId

_OPENING_LINES = 50


@dataclass(frozen=True, slots=True)
class Session:
    """`changed` is the Unix time, in seconds, of the last event."""

    id: SessionId
    path: Path
    root: str
    changed: float


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions below one folder, `$XDG_STATE_HOME/spark/sessions`."""

    folder: Path

    def path(self, session: SessionId) -> Path:
        return self.folder / f"{session}.jsonl"

    def newest_first(self) -> Iterator[Session]:
        """Every session whose header can be read."""
        files = [(_changed(path), path) for path in self.folder.glob("*.jsonl")]
        for changed, path in sorted(files, reverse=True):
            root = _root(path) if changed else None
            if root is not None:
                yield Session(SessionId(path.stem), path, root, changed)

    def of(self, root: Path) -> Iterator[Session]:
        """Those that were had in that root, newest first."""
        return (one for one in self.newest_first() if one.root == str(root))

    def opening(self, session: Session) -> str:
        """The user's first words in it, empty if they cannot be read."""
        with session.path.open("rb") as lines:
            for line in islice(lines, _OPENING_LINES):
                if b'"user_message"' in line:
                    with suppress(ValueError, KeyError, TypeError, RecursionError):
                        return str(json.loads(line)["item"]["text"])
        return ""

    def last_in(self, root: Path) -> Session:
        """The newest session of that root; `SparkError` if there is none."""
        for session in self.of(root):
            return session
        raise SparkError(
            f"there is no session to continue in `{root}`",
            "start one with `spark`, or name one with `spark --resume ID`",
        )

    def named(self, prefix: str) -> Session:
        """The one session whose id starts, or ends, with `prefix`."""
        sessions = [
            one
            for one in self.newest_first()
            if one.id.startswith(prefix) or one.id.endswith(prefix)
        ]
        exact = [one for one in sessions if one.id == prefix]
        if len(exact or sessions) == 1:
            return (exact or sessions)[0]
        if not sessions:
            raise SparkError(
                f"there is no session `{prefix}` in `{self.folder}`",
                "`spark --continue` takes the last session of this folder",
            )
        names = ", ".join(f"`{one.id}`" for one in sessions[:5])
        raise SparkError(
            f"`{prefix}` could be any of {len(sessions)} sessions: {names}",
            "type more of the id",
        )


def _changed(path: Path) -> float:
    """When a regular file was changed last; 0 for what is none."""
    try:
        found = path.lstat()
    except OSError:
        return 0.0
    return found.st_mtime if stat.S_ISREG(found.st_mode) else 0.0


def _root(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline())
        return str(header["root"]) if header["type"] == "session" else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
