"""What the model is told before the conversation: how to work, where, and with whom.

The text is the same, byte for byte, for every request of a session, so that the
server's prompt cache hits.  `AGENTS.md` files are read from the root down to the
working directory, the outermost first; their size is capped, and what was cut is said
both in the text and to the user.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

GUIDE = "AGENTS.md"


@dataclass(frozen=True, slots=True)
class Briefing:
    """`guides` are the names of the files that went in; `cut` of those cut short."""

    text: str
    guides: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


def brief(root: Path, cwd: Path, guides_bytes: int) -> Briefing:
    """The instructions for a session in `cwd`, a folder in `root`.

    At most `guides_bytes` bytes of all guides together are taken, those nearest to
    the working directory first, since they are the most particular.
    """
    parts = [_own_words(), _place(root, cwd)]
    sections: list[str] = []
    names: list[str] = []
    cut: list[str] = []
    left = guides_bytes
    for path in reversed(list(_guides(root, cwd))):
        name = path.relative_to(root).as_posix()
        guide = _read(path, left)
        if guide is None:
            continue
        names.append(name)
        if guide.size_bytes > left:
            cut.append(name)
        sections.append(_section(name, guide, left))
        left = max(0, left - guide.size_bytes)
    return Briefing(
        "\n\n".join([*parts, *reversed(sections)]),
        tuple(reversed(names)),
        tuple(reversed(cut)),
    )


def _own_words() -> str:
    words = files("spark_cli.agent").joinpath("words/instructions.md")
    return words.read_text(encoding="utf-8").strip()


def _place(root: Path, cwd: Path) -> str:
    within = cwd.relative_to(root).as_posix()
    where = "" if within == "." else f" The user is in its folder `{within}`."
    return (
        f"The workspace is `{root.name}`.{where} "
        "All paths are relative to the workspace, with forward slashes."
    )


def _guides(root: Path, cwd: Path) -> Iterator[Path]:
    folder = root
    for name in ("", *cwd.relative_to(root).parts):
        folder = folder / name
        guide = folder / GUIDE
        if guide.is_file() and guide.resolve().is_relative_to(root):
            yield guide


@dataclass(frozen=True, slots=True)
class _Guide:
    """The beginning of a file, and the size of all of it."""

    data: bytes
    size_bytes: int


def _read(path: Path, most_bytes: int) -> _Guide | None:
    """No more than there is room for; `None` for what is no file, or cannot be read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            data = file.read(most_bytes + 1)
    except OSError:
        return None
    return _Guide(data[:most_bytes], max(status.st_size, len(data)))


def _section(name: str, guide: _Guide, left: int) -> str:
    text = guide.data.decode("utf-8", "replace").strip()
    if guide.size_bytes > left:
        size = f"{guide.size_bytes:,} bytes"
        text += f"\n[cut: {left:,} of {size} of `{name}` are shown]"
    return f"The project's own guide, `{name}`:\n<guide>\n{text}\n</guide>"
