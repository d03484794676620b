"""The folder that spark may touch: names become paths, or a refusal."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from spark_cli.core.errors import ToolError

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_FOLDED_AWAY = re.compile(r"[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
"""What HFS+ ignores in a name."""

PART_BYTES_MAX = 255
NAME_BYTES_MAX = 4_000
"""What fits between two slashes, and in all: NAME_MAX and PATH_MAX on most systems."""

_SHORT_GIT = re.compile(r"git~[0-9]+")


class Place(NamedTuple):
    """A name's last part in an open folder; the folder cannot be swapped any more."""

    folder: int
    leaf: str


class Root(NamedTuple):
    """`path` is absolute and resolved."""

    path: Path

    def resolve(self, name: str) -> Path:
        """The path of a name that a model gave; `ToolError` if it leaves the root.

        A name that is absolute but inside the root is accepted.  The check follows
        every link, so the answer is a real path inside the root, or one that does
        not exist yet below a real folder inside it.
        """
        if "\0" in name:
            raise ToolError("a file name cannot contain a NUL character")
        _refuse_long(name)
        try:
            path = (self.path / name).resolve()
        except (OSError, RuntimeError) as error:  # a loop of links, before 3.13
            raise ToolError(f"`{name}` cannot be followed: {error}") from error
        if not path.is_relative_to(self.path):
            raise ToolError(f"`{name}` is outside the workspace")
        return path

    def name(self, path: Path) -> str:
        """What a path inside the root is called: relative, with forward slashes."""
        return path.relative_to(self.path).as_posix()

    def parts(self, name: str) -> tuple[str, ...]:
        """The parts of a name that may be written; `ToolError` for any other.

        Stricter than `resolve`: no way up, no control characters, and nothing of git's
        own, however a file system may fold its name.
        """
        _refuse_long(name)
        if _CONTROLS.search(name) or "\\" in name:
            raise ToolError(f"`{name}` has characters that a file name cannot have")
        inside = name.removeprefix(f"{self.path}/") if name[:1] == "/" else name
        if inside[:1] in {"/", "~"}:
            raise ToolError(f"`{name}` is outside the workspace")
        parts = tuple(part for part in inside.split("/") if part not in {"", "."})
        if not parts or name.endswith("/"):
            raise ToolError(f"`{name}` is not the name of a file")
        if ".." in parts:
            raise ToolError(
                f"`{name}` leads up; name the file from the workspace's top"
            )
        if any(map(is_git_name, (*self.path.parts, *parts))):
            raise ToolError(f"`{name}` belongs to git, and is left alone")
        return parts

    @contextmanager
    def open_folder_of(
        self, name: str, *, create: bool = False
    ) -> Iterator[Place | None]:
        """The open folder that has the file of that name; `None` if there is none.

        Every folder is opened from the one above it, and no link is followed.
        """
        *folders, leaf = self.parts(name)
        handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _refuse_git_folder(handle, name)
            for folder in folders:
                inner = _enter(handle, folder, name, create=create)
                if inner is None:
                    yield None
                    return
                os.close(handle)
                handle = inner
                _refuse_git_folder(handle, name)
            yield Place(handle, leaf)
        finally:
            os.close(handle)


def is_git_name(part: str) -> bool:
    """Whether some file system takes a name for `.git`.

    NTFS drops blanks and dots at the end and what follows a colon, and has the short
    name `GIT~1`; HFS+ ignores some characters; both ignore case.
    """
    folded = _FOLDED_AWAY.sub("", part).split(":")[0].rstrip(" .").casefold()
    return folded == ".git" or bool(_SHORT_GIT.fullmatch(folded))


def _refuse_long(name: str) -> None:
    """Refuse what no system takes, before one of many places stumbles over it."""
    data = name.encode("utf-8", "surrogatepass")
    longest = max(map(len, data.split(b"/")))
    if longest > PART_BYTES_MAX or len(data) > NAME_BYTES_MAX:
        raise ToolError(
            f"`{name[:40]}...` is too long for a file name: {len(data):,} bytes, "
            f"{longest:,} of them in one part"
        )


def _enter(handle: int, folder: str, name: str, *, create: bool) -> int | None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        if create:
            with suppress(FileExistsError):
                os.mkdir(folder, dir_fd=handle)
        return os.open(folder, flags, dir_fd=handle)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        status = os.lstat(folder, dir_fd=handle)
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "a file"
        raise ToolError(
            f"`{name}` is refused: `{folder}` is {kind}, not a folder"
        ) from None
    except OSError as error:
        raise ToolError(
            f"cannot open `{folder}` of `{name}`: {error.strerror}"
        ) from error


def _refuse_git_folder(handle: int, name: str) -> None:
    """Refuse what is inside a git dir that is not called `.git`."""
    entries = {"HEAD", "objects", "refs"}, {"HEAD", "commondir", "gitdir"}
    if any(all(_has(handle, entry) for entry in kind) for kind in entries):
        raise ToolError(f"`{name}` is inside a folder that belongs to git")


def _has(handle: int, entry: str) -> bool:
    try:
        os.stat(entry, dir_fd=handle, follow_symlinks=False)
    except OSError:
        return False
    return True
