"""Whole files: fences with a path above them or after their first mark.

Such a file replaces what is there, so a doubt about where it ends is a refusal: a
fence that is never closed, or a document that has fences of its own inside one that
is no longer than they are.
"""

from __future__ import annotations

import re
from collections import deque

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit
from spark_cli.patch.parser import Draft, cut_off, file_name

_FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_NAMED = re.compile(r"[\w@+-]+(/[\w@+.-]+)*\.[A-Za-z][\w-]*$|[\w@+.-]+(/[\w@+.-]+)+$")
_BARE_NAMES = {"Makefile", "Dockerfile", "LICENSE", "README", "Jenkinsfile"}
_DECORATION = " \t*#`:"
_PATCHES = {"diff", "patch", "udiff"}
_NESTING = {".md", ".mdx", ".rst", ".markdown"}
_LINE_MAX = 1000


def path_of(line: str) -> str:
    """The path that a line consists of, apart from decoration; empty if none."""
    text = line.strip().strip(_DECORATION) if len(line) < _LINE_MAX else ""
    return text if _NAMED.match(text) or text in _BARE_NAMES else ""


def opens(line: str, above: str) -> str:
    """The file that a fence with such a line above it holds; empty if none."""
    fence = _FENCE.match(line) if len(line) < _LINE_MAX else None
    if fence is None:
        return ""
    words = fence[2].split()
    if words and words[0] in _PATCHES:
        return ""
    inside = [path_of(word.partition(":")[2] or word) for word in words[:2]]
    known = next((name for name in inside if "/" in name or "." in name[1:]), "")
    return known or path_of(above)


class WholeParser:
    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._edits: list[Edit] = []
        self._above: deque[str] = deque(maxlen=2)
        self._fence = ""
        self._lines: list[str] = []
        self._start = 0
        self._depth = 0
        self._closed = ""

    def feed(self, line: str, number: int) -> None:
        if self._fence:
            self._inside(line)
            return
        above = next((text for text in reversed(self._above) if text.strip()), "")
        name = opens(line.rstrip(), above)
        fence = _FENCE.match(line.rstrip()) if len(line) < _LINE_MAX else None
        if name and fence:
            self._fence, self._start, self._lines = fence[1], number, []
            self.drafts.append(Draft(Action.WRITE, file_name(name, number)))
        elif fence and self._closed:
            raise PatchRefused(
                f"it is not clear where `{self._closed}` ends, as it has fences of its "
                "own; put it between longer fences"
            )
        self._above.append(line)

    def close(self, *, ended: bool) -> list[Edit]:  # noqa: ARG002 - ends by a mark
        if self._fence:
            raise cut_off(
                f"`{self.drafts[-1].name}` was cut off: the fence at line "
                f"{self._start} is not closed",
                "file",
            )
        if not self._edits:
            raise PatchRefused("there is no fence with the path of a file above it")
        return self._edits

    def _inside(self, line: str) -> None:
        fence = _FENCE.match(line.rstrip()) if len(line) < _LINE_MAX else None
        same = fence is not None and fence[1].startswith(self._fence)
        if same and fence is not None and fence[2].strip():
            self._depth += 1
        elif same and self._depth:
            self._depth -= 1
        elif same:
            self._end()
            return
        self._lines.append(line)

    def _end(self) -> None:
        draft = self.drafts[-1]
        text = "".join(f"{line}\n" for line in self._lines)
        self._edits.append(Edit(Action.WRITE, draft.name, text=text))
        draft.settled = True
        self._fence = ""
        self._above.clear()
        nests = any(draft.name.endswith(suffix) for suffix in _NESTING)
        self._closed = draft.name if nests else ""
