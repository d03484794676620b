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
from dataclasses import dataclass
from difflib import SequenceMatcher

from spark_cli.patch.edits import Hunk, Line, Sign
from spark_cli.patch.lines import Lines, Tier, key
from spark_cli.patch.spot import Spot, Tolerance, splices

_COMMON = 64
"""A line that a file has more often says nothing about the place."""

_WINDOWS = 12
_SLACK = 8
_ELIDED_SLACK = 40
_STALE_MAX = 3.0
_MARGIN = 0.75
_CELLS_MAX = 400_000

_ELIDED = re.compile(
    r"\s*(#|//|--|/\*+|<!--|;+|%)?\s*(\.{3,}|\u2026)[\s\w,.'\u2026-]*(\*/|-->)?\s*$"
)


@dataclass(frozen=True, slots=True)
class Aligned:
    cost: float
    spot: Spot


def elided(line: Line) -> bool:
    """Whether a kept line only says that lines were left out."""
    return line.sign == Sign.KEPT and bool(_ELIDED.match(line.text))


def align(text: Lines, hunk: Hunk) -> list[Spot]:
    """The best places, if any is good enough; more than one are equally good."""
    found: list[Aligned] = []
    for diagonal in _diagonals(text, hunk):
        aligned = _Window(text, hunk, diagonal).align()
        if aligned is not None and _worth(text, aligned):
            found.append(aligned)
    if not found:
        return []
    least = min(aligned.cost for aligned in found)
    near = [aligned.spot for aligned in found if aligned.cost < least + _MARGIN]
    distinct: dict[tuple[object, ...], Spot] = {}
    for spot in near:
        changed = splices(spot, text, {}) or ()
        places = tuple((splice.start, splice.stop) for splice in changed)
        distinct.setdefault(places or (spot.start,), spot)
    return list(distinct.values())


def nearest(text: Lines, hunk: Hunk) -> int | None:
    """The file line where most of the hunk's old lines are, for an error's sake."""
    votes = _votes(text, hunk)
    if not votes:
        return None
    return max(0, max(votes, key=lambda diagonal: (votes[diagonal], -diagonal)))


def _votes(text: Lines, hunk: Hunk) -> Counter[int]:
    """How many old lines are at their place if the first one is at that file line."""
    index = text.index(Tier.INDENTATION)
    votes: Counter[int] = Counter()
    for at, line in enumerate(hunk.old):
        if line.text.strip() and not elided(line):
            rows = index.find([line.text])
            if len(rows) <= _COMMON:
                votes.update(row - at for row in rows)
    return votes


def _diagonals(text: Lines, hunk: Hunk) -> list[int]:
    runs = list(_removed_runs(hunk))
    votes = _votes(text, hunk)
    if not runs:
        return [diagonal for diagonal, _ in votes.most_common(_WINDOWS)]
    index = text.index(Tier.INDENTATION)
    places = [(at, index.find(run)) for at, run in runs]
    if not all(rows for _, rows in places):
        return []
    at, rows = min(places, key=lambda place: len(place[1]))
    return sorted((row - at for row in rows), key=lambda d: -votes[d])[:_WINDOWS]


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
    """Whether enough is in place for what is not to be overlooked."""
    spot, hunk = aligned.spot, aligned.spot.hunk
    if not any(
        spot.is_matched(at) and row is not None for at, row in enumerate(spot.rows)
    ):
        return False
    kept = sum(
        1
        for line in hunk.old
        if line.sign == Sign.KEPT and line.text.strip() and not elided(line)
    )
    telling = _telling(text, spot)
    share = 0.7 if telling >= 2 else 0.5 if telling >= 1.5 else 0.34
    budget = min(_STALE_MAX, share * kept)
    return telling >= 1 and aligned.cost <= budget


def _telling(text: Lines, spot: Spot) -> float:
    """How much the matched lines say about the place, in lines of their own kind."""
    index = text.index(Tier.INDENTATION)
    told = 0.0
    for at, (line, row) in enumerate(zip(spot.hunk.old, spot.rows, strict=True)):
        if row is None or not spot.is_matched(at) or len(line.text.strip()) < 4:
            continue
        rows = len(index.find([line.text]))
        told += 1.0 if rows == 1 else 0.5 if rows <= 3 else 0.1
    return told


class _Window:
    """A least-cost alignment of a hunk with the lines around one diagonal."""

    def __init__(self, text: Lines, hunk: Hunk, diagonal: int) -> None:
        self.text, self.hunk = text, hunk
        self.old = hunk.old
        self.gaps = [elided(line) for line in self.old]
        slack = _SLACK + _ELIDED_SLACK * any(self.gaps)
        self.low = max(0, diagonal - slack)
        self.high = min(len(text.raw), diagonal + len(self.old) + slack)
        self.keys = [key(line.text, Tier.INDENTATION) for line in self.old]
        self.rows = [
            key(line, Tier.INDENTATION) for line in text.texts[self.low : self.high]
        ]
        self.similar: dict[tuple[str, str], float] = {}

    def align(self) -> Aligned | None:
        if len(self.keys) * len(self.rows) > _CELLS_MAX:
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
        """
        steps: list[list[tuple[float, str]]] = [[(0.0, "")] * (len(self.rows) + 1)]
        for at in range(len(self.keys)):
            above, here = steps[-1], [(steps[-1][0][0] + self._dropped(at), "drop")]
            for column in range(len(self.rows)):
                here.append(self._step(at, column, above, here))
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
        return 0.5 if self._likeness(ours, theirs) >= 0.7 else 0.95

    def _likeness(self, ours: str, theirs: str) -> float:
        pair = ours, theirs
        if pair not in self.similar:
            matcher = SequenceMatcher(None, *pair, autojunk=False)
            quick = matcher.real_quick_ratio() >= 0.7 and matcher.quick_ratio() >= 0.7
            short = max(len(ours), len(theirs)) < 400
            self.similar[pair] = matcher.ratio() if quick and short else 0.0
        return self.similar[pair]

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
