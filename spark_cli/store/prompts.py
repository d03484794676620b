"""Prompts in files: Markdown that a user, or a project, keeps as commands of its own.

`review.md` is `review`, `db/Migrate.md` is `db:migrate`.  Only regular files that lie
in the folder itself are read, and no more of them than a list can show.  What is not
read is told, with the reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILES_MAX = 200
BYTES_MAX = 65_536
_DEPTH_MAX = 3


@dataclass(frozen=True, slots=True)
class PromptFile:
    """`place` is its path in the folder; `problem` is why its text was not read."""

    name: str
    text: str
    place: str
    problem: str = ""


def prompts(folder: Path) -> list[PromptFile]:
    """Those of a folder and the folders in it, by name; none where there is none."""
    paths = sorted(_files(folder, _DEPTH_MAX))
    found = [_prompt(folder, path, *_read(path)) for path in paths[:FILES_MAX]]
    if len(paths) > FILES_MAX:
        told = f"of more than {FILES_MAX} files, the last {len(paths) - FILES_MAX} are"
        found.append(_prompt(folder, paths[FILES_MAX], "", f"{told} not read"))
    return found


def _prompt(folder: Path, path: Path, text: str, problem: str) -> PromptFile:
    place = path.relative_to(folder)
    name = ":".join(place.with_suffix("").parts).lower()
    return PromptFile(name, text, place.as_posix(), problem)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and depth > 1:
            yield from _files(Path(entry.path), depth - 1)
        elif entry.is_file(follow_symlinks=False) and entry.name.endswith(".md"):
            yield Path(entry.path)


def _read(path: Path) -> tuple[str, str]:
    """The text; else why there is none."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "", "it is no file"
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        return "", f"it cannot be read: {error.strerror}"
    if len(data) > BYTES_MAX:
        return "", f"it is larger than {BYTES_MAX:,} bytes"
    return data.decode("utf-8", "replace"), ""
