"""The hunks of a diff by the names that they are talked about with: h1, h2, h3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEAD = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """`text` is a diff of its own: the file's two lines, then the hunk."""

    name: str
    path: str
    text: str


def hunks(diff: str) -> list[Hunk]:
    """Every hunk of a unified diff, in its order."""
    lines = iter(diff.split("\n"))
    found: list[Hunk] = []
    names: list[str] = []
    for line in lines:
        head = _HEAD.match(line)
        if head is not None:
            body = [line, *_body(lines, int(head[1] or 1), int(head[2] or 1))]
            text = "\n".join([*names, *body]) + "\n"
            found.append(Hunk(f"h{len(found) + 1}", _path(names), text))
        elif line.startswith("--- "):
            names = [line]
        elif line.startswith("+++ "):
            names.append(line)
    return found


def _body(lines: Iterator[str], before: int, after: int) -> Iterator[str]:
    """As many lines as the head of the hunk promises: a `---` may be one of them."""
    while before > 0 or after > 0:
        line = next(lines, None)
        if line is None:
            return
        before -= line[:1] in {" ", "-", ""}
        after -= line[:1] in {" ", "+", ""}
        yield line


def _path(names: list[str]) -> str:
    there = [name[4:].rstrip("\t") for name in names if name[4:13] != "/dev/null"]
    return there[-1].removeprefix("b/").removeprefix("a/") if there else ""
