"""What the model is told before the conversation: how to work, where, and with whom.

The text is the same, byte for byte, for every request of a session, so that the
server's prompt cache hits.  `AGENTS.md` files are read from the root down to the
working directory, the outermost first; their size is capped, and what was cut is said
both in the text and to the user.
"""

from __future__ import annotations

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
        data = path.read_bytes()
        names.append(name)
        if len(data) > left:
            cut.append(name)
        sections.append(_section(name, data, left))
        left = max(0, left - len(data))
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


def _section(name: str, data: bytes, left: int) -> str:
    text = data[:left].decode("utf-8", "replace").strip()
    if len(data) > left:
        text += f"\n[cut: {left:,} of {len(data):,} bytes of `{name}` are shown]"
    return f"The project's own guide, `{name}`:\n<guide>\n{text}\n</guide>"
