"""Placing a hunk whose kept lines are not quite those of the file.

Every removed line must be in the file; kept lines may be stale, mistyped, missing
or more than the patch says, within a budget.  The old lines are aligned with a
window of the file at the least cost, and the alignment counts only if the lines
around every change leave no doubt about its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from spark_cli.patch.edits import Hunk, Line, Sign
from spark_cli.patch.indent import is_uniform, learn
from spark_cli.patch.lines import Lines, Tier, key
from spark_cli.patch.spot import Spot, Tolerance, splices

if TYPE_CHECKING:
    from difflib import SequenceMatcher

_COMMON = 64
"""A line that a file has more often says nothing about the place."""

_TRIVIAL = 3
"""So short a line, such as a brace, tells nothing."""

_WINDOWS = 12
_SLACK = 8
_ELIDED_SLACK = 40
_ELIDED_LENGTH_MAX = 300
_STRANGE_MAX = 2
_STALE_MAX = 3.0
_MARGIN = 0.75
_CELLS_MAX = 60_000
_ALIKE = 0.7
_FAR = (float("inf"), "")
_COMPARED_LENGTH_MAX = 400
_COMPARED_MAX = 3_000
"""Pairs of lines whose likeness is worked out for one hunk."""

_ELIDED = re.compile(
    r"\s*(#|//|--|/\*+|<!--|;+|%)?\s*(\.{3,}|\u2026)[\s\w,.'\u2026-]*(\*/|-->)?\s*$"
)


class Aligned(NamedTuple):
    cost: float
    spot: Spot


def elided(line: Line) -> bool:
    """Whether a kept line only says that lines were left out."""
    if len(line.text) > _ELIDED_LENGTH_MAX:
        return False
    return line.sign == Sign.KEPT and bool(_ELIDED.match(line.text))


def align(text: Lines, hunk: Hunk) -> list[Spot]:
    """The best places, if any is good enough; more than one are equally good."""
    likeness = _Likeness()
    windows = [_Window(text, hunk, at, likeness) for at in _diagonals(text, hunk)]
    found = [one for window in windows if (one := window.align()) is not None]
    worthy = [aligned for aligned in found if _worth(text, aligned)]
    if not worthy:
        return []
    # What is not worth it alone is still a rival to what is hardly better.
    least = min(aligned.cost for aligned in worthy)
    near = [aligned.spot for aligned in found if aligned.cost < least + _MARGIN]
    distinct: dict[tuple[object, ...], Spot] = {}
    for spot in near:
        changed = splices(spot, text, {}) or ()
        places = tuple((splice.start, splice.stop) for splice in changed)
        distinct.setdefault(places or (spot.start,), spot)
    return list(distinct.values())


def nearest(text: Lines, hunk: Hunk) -> int | None:
    """The file line where most of the hunk's old lines are, for an error's sake."""
    found = votes(text, hunk)
    if not found:
        return None
    return max(0, max(found, key=lambda diagonal: (found[diagonal], -diagonal)))


def votes(text: Lines, hunk: Hunk, *, kept_only: bool = False) -> Counter[int]:
    """How many old lines are at their place if the first one is at that file line."""
    found: Counter[int] = Counter()
    for at, line in enumerate(hunk.old):
        if kept_only and line.sign != Sign.KEPT:
            continue
        if line.text.strip() and not elided(line):
            rows = text.find([line.text], Tier.INDENTATION)
            if len(rows) <= _COMMON:
                found.update(row - at for row in rows)
    return found


def _diagonals(text: Lines, hunk: Hunk) -> list[int]:
    runs = list(_removed_runs(hunk))
    found = votes(text, hunk)
    if not runs:
        return [diagonal for diagonal, _ in found.most_common(_WINDOWS)]
    places = [(at, text.find(run, Tier.INDENTATION)) for at, run in runs]
    if not all(rows for _, rows in places):
        return []
    at, rows = min(places, key=lambda place: len(place[1]))
    return sorted((row - at for row in rows), key=lambda d: -found[d])[:_WINDOWS]


def _removed_runs(hunk: Hunk) -> Iterator[tuple[int, list[str]]]:
    run: list[str] = []
    for at, line in enumerate(hunk.old):
        if line.sign == Sign.REMOVED:
            run.append(line.text)
        elif run:
            yield at - len(run), run
            run = []
    if run:
        yield len(hunk.old) - len(run), run


def _worth(text: Lines, aligned: Aligned) -> bool:
    """Whether enough is in place for what is not to be overlooked.

    Lines that are nearly alike are drift; lines that are quite different, or not
    there, may mean that this is a sibling of the place that was meant.
    """
    spot, hunk = aligned.spot, aligned.spot.hunk
    kept = [
        at
        for at, line in enumerate(hunk.old)
        if line.sign == Sign.KEPT and line.text.strip() and not elided(line)
    ]
    good = sum(
        spot.rows[at] is not None
        and spot.is_matched(at)
        and len(hunk.old[at].text.strip()) > _TRIVIAL
        for at in kept
    )
    alike = sum(not spot.is_matched(at) and at in spot.alike for at in kept)
    strange = sum(not spot.is_matched(at) and at not in spot.alike for at in kept)
    strange += _strangers(text, spot)
    if strange > _STRANGE_MAX or good < 2 * strange or good < alike:
        return False
    known = learn(spot.pairs(text))
    if known is None or not is_uniform(known) or _is_better_elsewhere(text, spot):
        return False
    telling = _telling(text, spot)
    share = 0.7 if telling >= 2 else 0.5 if telling >= 1.5 else 0.34
    return telling >= 1 and aligned.cost <= min(_STALE_MAX, share * len(kept))


def _is_better_elsewhere(text: Lines, spot: Spot) -> bool:
    """Whether more of the kept lines are together at another place.

    Then that is the place that was meant, and what is to be removed has changed there.
    """
    found = votes(text, spot.hunk, kept_only=True)
    here = range(spot.start - len(spot.hunk.old), spot.stop + 1)
    mine = max((found[at] for at in found if at in here), default=0)
    return any(count > mine for at, count in found.items() if at not in here)


def _strangers(text: Lines, spot: Spot) -> int:
    """How many lines the file has among the hunk's, where none are said to be."""
    if any(elided(line) for line in spot.hunk.old):
        return 0
    used = {row for row in spot.rows if row is not None}
    between = range(min(used), max(used)) if used else range(0)
    return sum(row not in used and bool(text.texts[row].strip()) for row in between)


def _telling(text: Lines, spot: Spot) -> float:
    """How much the matched lines say about the place, in lines of their own kind."""
    told = 0.0
    for at, (line, row) in enumerate(zip(spot.hunk.old, spot.rows, strict=True)):
        if row is None or not spot.is_matched(at) or len(line.text.strip()) < 4:
            continue
        rows = len(text.find([line.text], Tier.INDENTATION))
        told += 1.0 if rows == 1 else 0.5 if rows <= 3 else 0.1
    return told


class _Likeness:
    """How much two lines have in common, from 0 to 1; each pair is looked at once.

    After so many pairs none is alike any more, so that the cost stays bounded.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}
        self._matchers: dict[str, SequenceMatcher[str]] = {}

    def __call__(self, ours: str, theirs: str) -> float:
        pair = ours, theirs
        if pair not in self._known:
            if len(self._known) >= _COMPARED_MAX:
                return 0.0
            self._known[pair] = self._ratio(ours, theirs)
        return self._known[pair]

    def _ratio(self, ours: str, theirs: str) -> float:
        sizes = len(ours), len(theirs)
        if max(sizes) > _COMPARED_LENGTH_MAX or 2 * min(sizes) < _ALIKE * sum(sizes):
            return 0.0
        matcher = self._matchers.get(ours)
        if matcher is None:
            from difflib import SequenceMatcher

            matcher = SequenceMatcher(None, "", ours, autojunk=False)
            self._matchers[ours] = matcher
        matcher.set_seq1(theirs)
        return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


class _Window:
    """A least-cost alignment of a hunk with the lines around one diagonal."""

    def __init__(
        self, text: Lines, hunk: Hunk, diagonal: int, likeness: _Likeness
    ) -> None:
        self.text, self.hunk, self.likeness = text, hunk, likeness
        self.old = hunk.old
        self.gaps = [elided(line) for line in self.old]
        slack = _SLACK + _ELIDED_SLACK * any(self.gaps)
        self.low = max(0, diagonal - slack)
        self.band = range(diagonal - self.low - slack, diagonal - self.low + slack + 1)
        self.high = min(len(text.raw), diagonal + len(self.old) + slack)
        self.keys = [key(line.text, Tier.INDENTATION) for line in self.old]
        self.rows = [
            key(line, Tier.INDENTATION) for line in text.texts[self.low : self.high]
        ]

    def align(self) -> Aligned | None:
        if len(self.keys) * len(self.band) > _CELLS_MAX:
            return None
        steps = self._fill()
        last = steps[-1]
        column = min(range(len(last)), key=lambda at: last[at][0])
        cost = last[column][0]
        if cost == float("inf"):
            return None
        rows, matched = self._trace(steps, column)
        tolerance = Tolerance.ELIDED if any(self.gaps) else Tolerance.STALE
        alike = frozenset(at for at, row in enumerate(rows) if self._is_alike(at, row))
        return Aligned(cost, Spot(self.hunk, rows, (tolerance,), matched, alike=alike))

    def _is_alike(self, at: int, row: int | None) -> bool:
        return row is not None and self._paired(at, row - self.low) <= 0.5

    def _fill(self) -> list[list[tuple[float, str]]]:
        """Cost and last step of every prefix of old lines and of rows.

        Rows before the first old line are free, and so are those after the last.
        Only what is near the diagonal is looked at.
        """
        width = len(self.rows)
        steps: list[list[tuple[float, str]]] = [[(0.0, "")] * (width + 1)]
        for at in range(len(self.keys)):
            above = steps[-1]
            here = [_FAR] * (width + 1)
            here[0] = (above[0][0] + self._dropped(at), "drop")
            first = max(0, at + self.band.start)
            for column in range(first, min(width, at + self.band.stop)):
                here[column + 1] = self._step(at, column, above, here)
            steps.append(here)
        return steps

    def _step(
        self,
        at: int,
        column: int,
        above: Sequence[tuple[float, str]],
        here: Sequence[tuple[float, str]],
    ) -> tuple[float, str]:
        return min(
            (above[column][0] + self._paired(at, column), "pair"),
            (above[column + 1][0] + self._dropped(at), "drop"),
            (here[column][0] + self._passed(at, column), "pass"),
        )

    def _paired(self, at: int, column: int) -> float:
        ours, theirs = self.keys[at], self.rows[column]
        if ours == theirs:
            return 0.0
        if self.old[at].sign == Sign.REMOVED or self.gaps[at]:
            return float("inf")
        if not ours or not theirs:
            return 1.4
        return 0.5 if self.likeness(ours, theirs) >= _ALIKE else 0.95

    def _dropped(self, at: int) -> float:
        if self.old[at].sign == Sign.REMOVED:
            return float("inf")
        if self.gaps[at]:
            return 0.0
        return 1.0 if self.keys[at] else 0.4

    def _passed(self, at: int, column: int) -> float:
        """A row that the hunk does not have, after old line `at`."""
        if at + 1 == len(self.keys):
            return float("inf")
        if self.gaps[at]:
            return 0.01
        return 1.0 if self.rows[column] else 0.4

    def _trace(
        self, steps: Sequence[Sequence[tuple[float, str]]], column: int
    ) -> tuple[list[int | None], list[bool]]:
        rows: list[int | None] = [None] * len(self.keys)
        matched = [False] * len(self.keys)
        at = len(self.keys)
        while at > 0:
            step = steps[at][column][1]
            if step == "pass":
                column -= 1
                continue
            at -= 1
            if step == "pair":
                column -= 1
                rows[at] = self.low + column
                matched[at] = self.keys[at] == self.rows[column]
        return rows, matched
