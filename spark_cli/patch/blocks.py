"""Search and replace: blocks as aider's and Cline's models write them.

The lines that search and replace have in common are kept lines, so that the file's
own are never written over.  A line of `=======` may also be a heading's underline:
where a block has several, every reading is kept, the likeliest first, and the file
decides.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk
from spark_cli.patch.parser import Draft, Outside, cut_off, file_name
from spark_cli.patch.sides import hunk_of

SEARCH = re.compile(r"\s*(?:<{5,9}|-{5,9}) ?(?:SEARCH|ORIGINAL)\b>?(.*)$")
REPLACE = re.compile(r"\s*(?:>{5,9}|\+{5,9}) ?(?:REPLACE|UPDATED)\b")
_DIVIDER = re.compile(r"={5,9}\s*$")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})(.*)$")
_HINT = re.compile(r":(start|end)_line: ?(\d{1,9})\s*$")
_NUMBER = re.compile(r"^(?:\d{1,3}[.)]|[-+\u2022])\s+")
_LABEL = re.compile(r"^(?:file|filename|path|in)\s*:\s*", re.IGNORECASE)
_PATH = re.compile(r"\w\.\w|\w/|/\w|(?:^|\s)\.\w")
_QUOTED = re.compile(r"`([^`\s]+)`")
_DECORATION = " \t*#`:"
_MARK_LENGTH_MAX = 1000
_DIVIDERS_MAX = 24
"""Every one is a reading of its own; to leave one out might leave out the right one."""

_ABOVE = 4
"""How far above a block the name of its file is looked for."""


class BlocksParser:
    """Each block is an edit; one without a name is about the file of the last."""

    def __init__(self, outside: Outside) -> None:
        self.drafts: list[Draft] = []
        self._outside = outside
        self._edits: list[Edit] = []
        self._above: deque[str] = deque(maxlen=_ABOVE)
        self._name = ""
        self._block: list[str] | None = None
        self._source = 0

    def feed(self, line: str, number: int) -> None:
        line = line.removesuffix("\r")
        mark = line[:_MARK_LENGTH_MAX]
        head = SEARCH.match(mark)
        if self._block is None:
            if head is None:
                self._above.append(line)
                self._outside.feed(line, number)
            else:
                self._begin(head[1].strip(), number)
        elif REPLACE.match(mark):
            self._end()
        elif head is not None:
            raise self._unended()
        else:
            self._block.append(line)

    def close(self, *, ended: bool) -> list[Edit]:  # noqa: ARG002 - ends by a mark
        if self._block is not None:
            raise self._unended()
        if not self._edits:
            raise PatchRefused("there is no `<<<<<<< SEARCH` line")
        return self._edits

    def _begin(self, named: str, number: int) -> None:
        self._outside.enter()
        self._name = named or name_above(self._above) or self._name
        self._block, self._source = [], number
        self.drafts.append(Draft(Action.UPDATE, file_name(self._name, number)))
        self._above.clear()

    def _end(self) -> None:
        hunk = block_of(self._block or (), self._source)
        draft = self.drafts[-1]
        draft.hunks.append(hunk)
        draft.settled = True
        self._edits.append(Edit(Action.UPDATE, draft.name, (hunk,)))
        self._block = None

    def _unended(self) -> PatchRefused:
        problem = f"the block at line {self._source} was cut off: "
        return cut_off(problem + "it has no `>>>>>>> REPLACE`", "block")


def name_above(lines: Sequence[str]) -> str:
    """The file name in the lines before a block: the nearest, fences apart.

    A line of several words is one only if one of them looks like a path; else it is
    prose.  Which file is meant by prose that names one is left to whoever looks it up.
    """
    for line in reversed(lines):
        fence = _FENCE.match(line[:_MARK_LENGTH_MAX])
        if fence:
            named = [word for word in fence[1].split() if re.search(r"[./]", word)]
            if named:
                return str(named[-1])
        elif name := _named(line[:_MARK_LENGTH_MAX]):
            return name
    return ""


def _named(line: str) -> str:
    quoted = [name for name in _QUOTED.findall(line) if _PATH.search(name)]
    if len(quoted) == 1:
        return str(quoted[0])
    text = line.strip().strip(_DECORATION)
    for label in (_NUMBER, _LABEL):
        text = label.sub("", text).strip(_DECORATION)
    return text if len(text.split()) < 2 or _PATH.search(text) else ""


def block_of(lines: Sequence[str], source: int) -> Hunk:
    """The hunk of what is between the marks of a block that starts at line `source`."""
    line, lines = _hinted(lines)
    dividers = [at for at, text in enumerate(lines) if _DIVIDER.match(text)]
    if not dividers:
        raise PatchRefused(f"the block at line {source} has no `=======` line")
    if len(dividers) > _DIVIDERS_MAX:
        raise PatchRefused(
            f"the block at line {source} has {len(dividers)} `=======` lines: it is "
            "not clear which of them divides it",
            "change less in one block, or send the patch in another format",
        )
    middle = (len(dividers) - 1) / 2
    ranked = sorted(
        enumerate(dividers), key=lambda pair: (abs(pair[0] - middle), -pair[0])
    )
    readings = [hunk_of(lines[:at], lines[at + 1 :], source) for _, at in ranked]
    return readings[0]._replace(otherwise=tuple(readings[1:]), line=line)


def _hinted(lines: Sequence[str]) -> tuple[int | None, Sequence[str]]:
    """The stated line, as some models are told to write it, and the lines below."""
    line = None
    at = 0
    while at < len(lines) and (hint := _HINT.match(lines[at][:_MARK_LENGTH_MAX])):
        line = int(hint[2]) if hint[1] == "start" else line
        at += 1
    if at and at < len(lines) and re.match(r"-{5,9}\s*$", lines[at][:20]):
        at += 1
    return line, lines[at:]
