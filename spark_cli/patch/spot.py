"""A place where a hunk fits, and what would happen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from spark_cli.patch.edits import Hunk, Line, Sign
from spark_cli.patch.indent import learn, reindented
from spark_cli.patch.lines import Lines, Splice


class Tolerance(StrEnum):
    """What had to be overlooked for a hunk to fit, in the words of the report."""

    BLANKS = "trailing blanks"
    PUNCTUATION = "typographic punctuation"
    INDENTATION = "indentation"
    PREFIX = "kept lines without their leading blank"
    STALE = "kept lines that differ"
    ELIDED = "lines left out"
    SPLIT = "a gap between kept lines"
    PART = "a part of a line"


class Spot(NamedTuple):
    """`rows` has the file line of each old line of `hunk`, `None` where it has none.

    `matched` tells, where not all are alike, which old lines are in the file as they
    are in the hunk; `alike` are others that nearly are.  `raw` means that carriage
    returns were compared too, and `crowded` that there are more places than are told.
    """

    hunk: Hunk
    rows: Sequence[int | None]
    tolerances: tuple[Tolerance, ...] = ()
    matched: Sequence[bool] | None = None
    raw: bool = False
    alike: frozenset[int] = frozenset()
    crowded: bool = False

    @property
    def start(self) -> int:
        return next((row for row in self.rows if row is not None), 0)

    @property
    def stop(self) -> int:
        return next((row + 1 for row in reversed(self.rows) if row is not None), 0)

    def is_matched(self, at: int) -> bool:
        return self.matched is None or self.matched[at]

    def is_sure(self, at: int) -> bool:
        """Whether an old line is where its row is, beyond doubt."""
        if self.is_matched(at):
            return True
        row, neighbours = self.rows[at], (at - 1, at + 1)
        return at in self.alike and any(
            0 <= one < len(self.rows)
            and self.is_matched(one)
            and self.rows[one] == (row or 0) + one - at
            for one in neighbours
        )

    def pairs(self, text: Lines) -> Iterator[tuple[str, str]]:
        """Each old line that is in the file, with the file's."""
        for at, (line, row) in enumerate(zip(self.hunk.old, self.rows, strict=True)):
            if row is not None and self.is_matched(at):
                yield line.text, text.texts[row]

    def overlooked(self, text: Lines) -> tuple[Tolerance, ...]:
        """All in which hunk and file differ there, in the order of the report."""
        found = set(self.tolerances)
        for line, has in () if self.raw else self.pairs(text):
            if line != has:
                found.update(_differences(line, has))
        return tuple(one for one in Tolerance if one in found)


def _differences(line: str, has: str) -> Iterator[Tolerance]:
    (start, body, end), (its_start, its_body, its_end) = _parts(line), _parts(has)
    if end != its_end:
        yield Tolerance.BLANKS
    if body != its_body:
        yield Tolerance.PUNCTUATION
    if start != its_start:
        yield Tolerance.INDENTATION


def _parts(line: str) -> tuple[str, str, str]:
    """The blanks before a line's text, the text, and the blanks after it."""
    text = line.rstrip()
    start = len(text) - len(text.lstrip())
    return text[:start], text[start:], line[len(text) :]


class Group(NamedTuple):
    """Neighbouring changes of a hunk: `first` to `last` are indexes of old lines."""

    first: int
    last: int
    added: tuple[str, ...]


def groups(lines: Sequence[Line]) -> list[Group]:
    """The runs of removed and added lines, in order."""
    found: list[Group] = []
    added: list[str] = []
    first = at = 0
    changing = False
    for line in lines:
        if line.sign == Sign.KEPT:
            if changing:
                found.append(Group(first, at, tuple(added)))
            changing = False
            at += 1
            continue
        if not changing:
            first, added, changing = at, [], True
        if line.sign == Sign.ADDED:
            added.append(line.text)
        else:
            at += 1
    if changing:
        found.append(Group(first, at, tuple(added)))
    return found


def splices(spot: Spot, text: Lines, known: dict[str, str]) -> list[Splice] | None:
    """What is replaced in the file; `None` where the place leaves a doubt.

    `known` is what other hunks of the file taught about indentation.
    """
    own = learn(spot.pairs(text))
    if own is None:
        return None
    answer = []
    for group in groups(spot.hunk.lines):
        span = _span(spot, group)
        added = reindented(own, known, group.added)
        if span is None or added is None:
            return None
        answer.append(Splice(*span, tuple(added), spot.raw))
    return answer


def _span(spot: Spot, group: Group) -> tuple[int, int] | None:
    rows = spot.rows[group.first : group.last]
    if rows:
        first = rows[0]
        if first is None or list(rows) != list(range(first, first + len(rows))):
            return None
        return first, first + len(rows)
    return _gap(spot, group.first)


def _gap(spot: Spot, at: int) -> tuple[int, int] | None:
    """Where lines go that are added between old lines `at - 1` and `at`."""
    if not spot.rows:
        return 0, 0  # into an empty file
    above = spot.rows[at - 1] if at else None
    below = spot.rows[at] if at < len(spot.rows) else None
    if above is not None and below is not None:
        return (below, below) if below == above + 1 else None
    if above is not None and spot.is_sure(at - 1):
        return above + 1, above + 1
    if below is not None and spot.is_sure(at):
        return below, below
    return None
