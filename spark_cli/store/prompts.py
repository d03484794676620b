"""Prompts in files: Markdown that a user, or a project, keeps as commands of its own.

`review.md` is `review`, `db/migrate.md` is `db:migrate`.  Only regular files that lie
in the folder itself are read, and no more of them than a list can show.
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
    name: str
    text: str


def prompts(folder: Path) -> list[PromptFile]:
    """Those of a folder and the folders in it, by name; none where there is none."""
    found: list[PromptFile] = []
    for path in sorted(_files(folder, _DEPTH_MAX)):
        text = _read(path)
        if text is not None and len(found) < FILES_MAX:
            name = ":".join(path.relative_to(folder).with_suffix("").parts)
            found.append(PromptFile(name, text))
    return found


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


def _read(path: Path) -> str | None:
    """The text; `None` for what is no file any more, too long, or cannot be read."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            data = file.read(BYTES_MAX + 1)
    except OSError:
        return None
    return data.decode("utf-8", "replace") if len(data) <= BYTES_MAX else None
