"""Doubts about the only place where a hunk fits.

A place may fit to the letter and still be a sibling of the one that was meant, which
has changed since.  The hints of a hunk tell: where they speak against the place, and
for one where most of the hunk's lines are, neither is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from spark_cli.patch import evidence, fuzzy
from spark_cli.patch.heading import headings, refuting
from spark_cli.patch.indent import indentation
from spark_cli.patch.lines import Lines, Splice
from spark_cli.patch.spot import Spot

_SHARE = 0.5
"""A place with so many of the hunk's lines may be the one that was meant."""

_LINES_MIN = 1

_Hint: TypeAlias = Callable[[Spot], bool]


_Neighbours: TypeAlias = tuple[Spot | None, Spot | None]


def refuted(text: Lines, spot: Spot) -> int | None:
    """The file line of a heading of the hunk that the place is not under."""
    return refuting(text, spot.hunk.anchors, range(spot.start, spot.stop))


def rival(
    text: Lines,
    spot: Spot,
    near: _Neighbours = (None, None),
    beside: _Neighbours = (None, None),
) -> int | None:
    """The file line of another place that the hints prefer; `None` if there is none.

    `near` are the hunks before and after it, as far as they are placed, and `beside`
    those that have to be before and after it in the file.
    """
    hints = list(_hints(text, spot, near, beside))
    if all(hint(spot) for hint in hints):
        return None
    for rows in _others(text, spot):
        other = spot._replace(rows=rows, matched=None)
        said = {(hint(spot), hint(other)) for hint in hints}
        if (False, True) in said and (True, False) not in said:
            return rows.start
    return None


def _hints(
    text: Lines, spot: Spot, near: _Neighbours, beside: _Neighbours
) -> Iterator[_Hint]:
    hunk = spot.hunk
    offsets = evidence.stated(hunk, *near)
    if offsets is not None and hunk.line is not None:
        line = hunk.line
        yield lambda one: one.start - (line - 1) in offsets
    rows = headings(text, hunk.anchors)
    if evidence.is_inside(text, rows, spot):
        yield lambda one: evidence.is_inside(text, rows, one)
    elif rows:
        yield lambda one: bool(evidence.by_heading(text, [one]))
    below, above = beside
    if below is not None or above is not None:
        low = below.stop if below is not None else 0
        high = above.start if above is not None else len(text.raw)
        yield lambda one: low <= one.start and one.stop <= high


def _others(text: Lines, spot: Spot) -> Iterator[range]:
    """The places apart from this one where enough of the old lines are."""
    old = spot.hunk.old
    telling = sum(bool(line.text.strip()) for line in old)
    least = max(_LINES_MIN, _SHARE * telling)
    for start, count in fuzzy.votes(text, spot.hunk).most_common():
        if count < least:
            return
        apart = start + len(old) <= spot.start or start >= spot.stop
        if apart and 0 <= start <= len(text.raw) - len(old):
            yield range(start, start + len(old))


def is_foreign(text: Lines, spot: Spot, splices: Iterable[Splice]) -> bool:
    """Whether lines come with blanks where the file has tabs, or the other way round.

    So it is where the hunk has no other indented line, which would have told that the
    patch is written with the one for the other.
    """
    if any(indentation(ours) for ours, _ in spot.pairs(text) if ours.strip()):
        return False
    return any(
        around and added and around.isdisjoint(added)
        for splice in splices
        for around in [
            _leads(
                [
                    *text.texts[max(0, splice.start - 1) : splice.start],
                    *text.texts[splice.stop : splice.stop + 1],
                ]
            )
        ]
        for added in [_leads(splice.lines)]
    )


def _leads(lines: Iterable[str]) -> set[str]:
    """What the indented ones of some lines begin with: blanks, tabs."""
    return {line[0] for line in lines if line.strip() and line[0] in " \t"}
