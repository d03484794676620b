"""Files as values: what stands in the tree now, and what would stand after a change.

A `Tree` is read by everything that plans.  An `Overlay` is a tree with changes that
are not on disk: plans can be made on top of plans, and nothing is written.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from spark_cli.core.errors import ToolError
from spark_cli.workspace.root import Root


class File(NamedTuple):
    """A regular file: its bytes, and its permission bits (such as 0o644)."""

    data: bytes
    mode: int = 0o644

    def is_blob(self, name: str) -> bool:
        """Whether git's name for these bytes begins with `name`.

        Source: gitformat-object(5), with SHA-1.
        """
        digest = hashlib.sha1(b"blob %d\0" % len(self.data), usedforsecurity=False)
        digest.update(self.data)
        return digest.hexdigest().startswith(name)


class Change(NamedTuple):
    """One file before and after; `None` where it does not exist."""

    name: str
    before: File | None
    after: File | None


class Tree(Protocol):
    def read(self, name: str) -> File | None:
        """The file of that name, `None` where there is none.

        Raises `ToolError` for what is not a regular file inside the root.
        """


class DiskTree(NamedTuple):
    """The files below a root, as they are when they are read.

    No link is followed, whoever put it there and whenever: a name means one file, and
    never one outside the root.
    """

    root: Root

    def read(self, name: str) -> File | None:
        with self.root.open_folder_of(name) as place:
            if place is None:
                return None
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            try:
                status = os.lstat(place.leaf, dir_fd=place.folder)
            except FileNotFoundError:
                return None
            _refuse_odd(name, status.st_mode)
            try:
                handle = os.open(place.leaf, flags, dir_fd=place.folder)
            except OSError as error:
                raise ToolError(f"cannot read `{name}`: {error.strerror}") from error
            with os.fdopen(handle, "rb") as file:
                mode = os.fstat(handle).st_mode
                _refuse_odd(name, mode)
                return File(file.read(), stat.S_IMODE(mode))


class Snapshot:
    """A tree whose files stay as they were when they were first read."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._seen: dict[str, File | None] = {}

    def read(self, name: str) -> File | None:
        if name not in self._seen:
            self._seen[name] = self._tree.read(name)
        return self._seen[name]


def _refuse_odd(name: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe"}
    kind = kinds.get(stat.S_IFMT(mode), "a device or a socket")
    raise ToolError(f"`{name}` is {kind}, not a file")


class Overlay:
    """A tree with changes in memory."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._before: dict[str, File | None] = {}
        self._now: dict[str, File | None] = {}

    def read(self, name: str) -> File | None:
        if name in self._now:
            return self._now[name]
        return self._tree.read(name)

    def write(self, name: str, file: File | None) -> None:
        """Put a file there, or take it away."""
        if name not in self._before:
            self._before[name] = self._tree.read(name)
        self._now[name] = file

    def take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.write(change.name, change.after)

    def changes(self) -> tuple[Change, ...]:
        """All changes together: each file once, first state to last, by name."""
        return tuple(
            Change(name, self._before[name], after)
            for name, after in sorted(self._now.items())
            if self._before[name] != after
        )
