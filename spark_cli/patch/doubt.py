"""Doubts about the only place where a hunk fits.

A place may fit to the letter and still be a sibling of the one that was meant, which
has changed since.  The hints of a hunk tell: where they speak against the place, and
for one where most of the hunk's lines are, neither is sure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from spark_cli.patch import evidence, fuzzy
from spark_cli.patch.lines import Lines
from spark_cli.patch.spot import Spot

_SHARE = 0.5
"""A place with so many of the hunk's lines may be the one that was meant."""

_LINES_MIN = 1

_Hint: TypeAlias = Callable[[Spot], bool]


def rival(
    text: Lines, spot: Spot, below: Spot | None, above: Spot | None
) -> int | None:
    """The file line of another place that the hints prefer; `None` if there is none.

    `below` and `above` are the hunks before and after it, as far as they are placed.
    """
    hints = list(_hints(text, spot, below, above))
    if all(hint(spot) for hint in hints):
        return None
    for rows in _others(text, spot):
        other = spot._replace(rows=rows, matched=None)
        said = {(hint(spot), hint(other)) for hint in hints}
        if (False, True) in said and (True, False) not in said:
            return rows.start
    return None


def _hints(
    text: Lines, spot: Spot, below: Spot | None, above: Spot | None
) -> Iterator[_Hint]:
    hunk = spot.hunk
    offsets = evidence.stated(hunk, below, above)
    if offsets is not None and hunk.line is not None:
        line = hunk.line
        yield lambda one: one.start - (line - 1) in offsets
    if evidence.headings(text, hunk.anchors):
        yield lambda one: bool(evidence.by_heading(text, [one]))
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
