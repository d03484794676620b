"""Finding the sessions of a folder, newest first.

There is no index that could be wrong: each file's first line says what it is.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spark_cli.core.errors import SparkError
from spark_cli.core.ids import ItemId, SessionId, new_session_id

HEAD_BYTES = 65_536
TAIL_BYTES = 262_144
"""Of a longer journal only both ends are read: a list has up to a thousand of them."""


@dataclass(frozen=True, slots=True)
class Session:
    """`changed` is the Unix time, in seconds, of the last event."""

    id: SessionId
    path: Path
    root: str
    changed: float


@dataclass(frozen=True, slots=True)
class Told:
    """A session's name, or else the user's first words in it, and its size.

    `turns` is `None` where the journal is too long to count them.
    """

    words: str
    turns: int | None


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

    def told(self, session: Session) -> Told:
        """What it was about, as far as that can be read at its two ends."""
        try:
            with session.path.open("rb") as file:
                head = file.read(HEAD_BYTES)
                rest = os.fstat(file.fileno()).st_size - len(head)
                file.seek(max(rest - TAIL_BYTES, 0), os.SEEK_CUR)
                tail = file.read(TAIL_BYTES)
        except OSError:
            return Told("", 0)
        if rest <= TAIL_BYTES:
            head, tail = head + tail, b""
        words = _name(tail) or _name(head) or _opening(head)
        return Told(words, None if tail else head.count(b'\n{"type":"turn_started"'))

    def fork(self, session: SessionId, before: ItemId | None = None) -> SessionId:
        """A new session that begins with what was had in another one.

        `before` is a message of the user's: it, and all after it, is left out.  Raises
        `SparkError` where the other one has no such message, or no file at all.
        """
        source, made = self.path(session), new_session_id()
        try:
            header, *lines = source.read_bytes().splitlines(keepends=True)
            first = {**json.loads(header), "session": made, "forked": session}
        except (OSError, ValueError, TypeError) as error:
            raise SparkError(
                f"session `{session}` has nothing to begin with", "say something first"
            ) from error
        kept = lines if before is None else lines[: _place(lines, before)]
        opening = json.dumps(first, separators=(",", ":")).encode("ascii") + b"\n"
        _write_new(self.path(made), [opening, *kept])
        return made

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


def _write_new(path: Path, lines: Sequence[bytes]) -> None:
    """All of a new file, or `SparkError` and none of it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.writelines(lines)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise SparkError(
            f"cannot write the session's journal `{path}`: {error.strerror}",
            "free some space, and try again",
        ) from error


def _name(data: bytes) -> str:
    """The name that the user gave it last."""
    at = data.rfind(b'\n{"type":"renamed"')
    if at >= 0:
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            return str(json.loads(data[at + 1 :].partition(b"\n")[0])["name"])
    return ""


def _opening(data: bytes) -> str:
    """The user's first words."""
    for line in data.split(b"\n"):
        if b'"user_message"' in line:
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                return str(json.loads(line)["item"]["text"])
    return ""


def _place(lines: Sequence[bytes], item: ItemId) -> int:
    """Where a message begins, with the turn that it started."""
    name = json.dumps(item).encode("ascii")
    for at, line in enumerate(lines):
        if line.startswith(b'{"type":"item_completed"') and name in line:
            begun = at > 0 and lines[at - 1].startswith(b'{"type":"turn_started"')
            return at - 1 if begun else at
    raise SparkError("that message is not in the session's journal", "`/fork`")


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
