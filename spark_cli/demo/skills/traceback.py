"""A Python traceback as it is pasted: its frames and its error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FRAME = re.compile(
    r"^[^\S\n]*File [\"'](?P<file>[^\"'\n]+)[\"'], line (?P<line>\d+)[^\n]*"
    r"(?:\n(?![^\S\n]*(?:File |\w+Error\b))[^\S\n]+(?P<source>\S[^\n]*))?",
    re.MULTILINE,
)
_ERROR = re.compile(
    r"^[^\S\n]*(?:E\s+)?(?P<kind>(?:\w+\.)*\w*(?:Error|Exception))(?::[^\S\n]*(?P<says>[^\n]*))?$",
    re.MULTILINE,
)
# How pytest ends a failure: `cafe/till.py:12: ZeroDivisionError`.
_PYTEST = re.compile(
    r"^(?P<file>[^\s:]+\.py):(?P<line>\d+): (?P<kind>\w+)", re.MULTILINE
)
_FOREIGN = re.compile(r"site-packages|dist-packages|[/\\]lib[/\\]python\d|^<")


@dataclass(frozen=True, slots=True)
class Frame:
    """`line` counts from 1; `source` is the line that the traceback quotes."""

    file: str
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class Failure:
    frame: Frame
    kind: str
    says: str


def parse(text: str) -> Failure | None:
    """The error and the innermost frame in the user's own code."""
    frames = [
        Frame(found["file"], int(found["line"]), (found["source"] or "").strip())
        for found in _FRAME.finditer(text)
    ] or [
        Frame(found["file"], int(found["line"]), "") for found in _PYTEST.finditer(text)
    ]
    errors = list(_ERROR.finditer(text))
    if not frames or not errors:
        return None
    own = [frame for frame in frames if not _FOREIGN.search(frame.file)]
    error = errors[-1]
    kind = error["kind"].rsplit(".", 1)[-1]
    return Failure((own or frames)[-1], kind, error["says"] or "")


def place(frame: Frame, lines: Sequence[str]) -> int | None:
    """The index of the frame's line in the file as it is now.

    The file may have moved on since: then the nearest line with the same text counts.
    """
    at = frame.line - 1
    if not frame.source or (
        at < len(lines) and lines[at].strip().startswith(frame.source.rstrip(" \\"))
    ):
        return at if at < len(lines) else None
    same = [i for i, line in enumerate(lines) if line.strip() == frame.source]
    return min(same, key=lambda i: abs(i - at), default=None)
