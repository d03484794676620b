"""A patch as values: what every format is parsed into, and all that the rest knows.

An `Edit` is about one file.  A `Hunk` is a piece of old text with what is done to
it, and hints about its place: headings above it, a line number, the end of the file.
The hints choose among places that fit; they never invent one.

Text is `str` with undecodable bytes as lone surrogates (`surrogateescape`), split at
line feeds only, without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from spark_cli.core.errors import PatchRefused

_TOLD_MAX = 20
"""Conflicts that are told in words; who reads them mends these first."""


class Sign(StrEnum):
    KEPT = " "
    REMOVED = "-"
    ADDED = "+"


class Line(NamedTuple):
    """`bare` marks a kept line that came without the blank that should precede it."""

    sign: Sign
    text: str
    bare: bool = False


class Literal(NamedTuple):
    """A string that becomes another one; `everywhere` means each time it is there."""

    old: str
    new: str
    everywhere: bool = False


class _Told(NamedTuple):
    """What a hunk says; see there."""

    lines: tuple[Line, ...]
    anchors: tuple[str, ...] = ()
    line: int | None = None
    at_end: bool = False
    ends_old: bool | None = None
    ends_new: bool | None = None
    otherwise: tuple[Hunk, ...] = ()
    literal: Literal | None = None
    short: int = 0
    torn: bool = False
    unended: bool = False
    source: int = 0


class Hunk(_Told):
    """Lines in order, and where they may be.

    `anchors` are headings, outermost first.  `line` is the 1-based number of the first
    old line, if the patch tells; with no old lines, of the line they follow.
    `at_end` says that the old text ends the file.  `ends_old` and `ends_new` are
    whether the last line of the file ends with a newline before and after, where the
    patch says so.  `source` is the line of the patch where the hunk starts, and
    `otherwise` has other readings of the same text, which the file may prefer.
    `literal` is the text that it was made of, where it may also be a part of a line.
    `short` is how many lines fewer it has than its header announces, and `torn` that
    its last line had no end.  `unended` says that it ends the patch with a change, and
    has no count of its lines that would tell whether more were to come.
    """

    def __eq__(self, other: object) -> bool:
        """Wherever in a patch they are."""
        return isinstance(other, Hunk) and self[:-1] == other[:-1]

    def __hash__(self) -> int:
        return hash(self[:-1])

    @cached_property
    def old(self) -> tuple[Line, ...]:
        """What must be in the file: the kept and the removed lines."""
        return tuple(line for line in self.lines if line.sign != Sign.ADDED)

    @cached_property
    def new(self) -> tuple[str, ...]:
        """What will be in the file: the kept and the added lines."""
        return tuple(line.text for line in self.lines if line.sign != Sign.REMOVED)

    @property
    def changes(self) -> bool:
        return any(line.sign != Sign.KEPT for line in self.lines)


class Action(StrEnum):
    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"
    WRITE = "write"
    """The whole file, whether it exists or not."""


class Fence(StrEnum):
    """How a whole file came that nobody had asked to come so."""

    BARE = "bare"
    PROSE = "prose"
    """With text around it, so that it may be an example, or a part of the file."""
    OPEN = "open"
    """The text above says `in` or `to` the file: what follows is a part of it."""


class Edit(NamedTuple):
    """What is done to one file.

    `to` is the new name of a file that is moved.  `text` is the whole content of one
    that is added or written.  `mode` is set where the patch changes permissions.
    `blob` and `made` are the beginnings of git's names for the content that the patch
    was made of and that it makes, where it tells.  `fence` is set where it is a guess
    that the text is a whole file.
    """

    action: Action
    name: str
    hunks: tuple[Hunk, ...] = ()
    text: str = ""
    to: str | None = None
    mode: int | None = None
    blob: str = ""
    made: str = ""
    fence: Fence | None = None


class Conflict(NamedTuple):
    """Why one hunk, or one file, cannot be changed as asked.

    `hunk` counts from 1 within `of` hunks of the file, 0 where it is about the file.
    `applied` says that the file already is as the patch would make it.
    """

    name: str
    problem: str
    hunk: int = 0
    of: int = 0
    applied: bool = False

    def __str__(self) -> str:
        hunk = f"hunk {self.hunk} of {self.of} of `{self.name}`"
        place = f"{hunk} " if self.hunk else ""
        return f"{place}{self.problem}"


class Conflicted(PatchRefused):
    """A patch that does not fit: every conflict that was found; nothing was changed."""

    def __init__(self, conflicts: Sequence[Conflict], hint: str = "") -> None:
        self.conflicts = tuple(conflicts)
        lines = [str(conflict) for conflict in self.conflicts[:_TOLD_MAX]]
        more = len(self.conflicts) - len(lines)
        if more:
            lines.append(f"and {more} more")
        super().__init__("\n".join(lines), hint)
