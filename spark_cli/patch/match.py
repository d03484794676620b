"""Where the hunks of one file land, or why they cannot.

The whole file is searched, strictest tier first, and a tier counts only if something
fits.  A hunk that fits in one place is placed, unless its hints mean another; where it
fits in several, headings, line numbers, the end of the file and the order of hunks
choose, and if they leave more than one place, the hunk is refused.  Kept lines that
differ are tried last.  Nothing is placed on the strength of a hint alone, but for lines
that are added under a heading or at a stated line with nothing else to go by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from spark_cli.patch import evidence, fuzzy, literal
from spark_cli.patch.doubt import is_foreign, refuted, rival
from spark_cli.patch.edits import Hunk, Sign
from spark_cli.patch.heading import headings
from spark_cli.patch.indent import learn
from spark_cli.patch.lines import Lines, Splice, Tier
from spark_cli.patch.replay import is_applied, is_replayed, tells
from spark_cli.patch.report import (
    ambiguous,
    applied,
    contested,
    doubtful,
    misplaced,
    missing,
    undecided,
)
from spark_cli.patch.seek import contiguous, insertions
from spark_cli.patch.spot import Spot, Tolerance, groups, splices

_LOST_MAX = 20
"""After so many hunks without a place the patch is bound to be refused anyway."""

_ROUNDS_MAX = 20
_LESS = "does not match"


class Placed(NamedTuple):
    """What one hunk does to the file, and what was overlooked; or the problem.

    `applied` says that the problem is only that nothing is left to do.
    """

    hunk: Hunk
    splices: tuple[Splice, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    problem: str = ""
    applied: bool = False


def place(
    text: Lines, sections: Sequence[Sequence[Hunk]], *, pristine: bool = False
) -> list[Placed]:
    """Each hunk's place in the file, in the order of the hunks.

    Those of one section are mostly in the order of the file as well; the sections are
    in any order.  A file is `pristine` if it is known to be what the patch was made of:
    then the line numbers are right.
    """
    hunks = [hunk for section in sections for hunk in section]
    sizes = [len(section) for section in sections]
    places: list[list[Spot]] = []
    lost = 0
    for hunk in hunks:
        places.append(_places(text, hunk, thorough=lost < _LOST_MAX))
        lost += not places[-1]
    if pristine:
        places = [evidence.at_line(spots) for spots in places]
    _settle(text, places, sizes)
    known = _known(text, places)
    placed: list[Placed] = []
    problems = 0
    near, beside = _neighbours(places), _beside(places, sizes)
    for at, (hunk, spots) in enumerate(zip(hunks, places, strict=True)):
        one = Placed(hunk, problem=_LESS)
        if spots or problems < _LOST_MAX:
            one = _placed(text, hunk, spots, known)
        if one.splices and not pristine:
            one = _contested(text, one, spots[0], near[at], beside[at])
        placed.append(one)
        problems += bool(one.problem)
    return _disjoint(placed)


def sighted(text: Lines, hunk: Hunk) -> Placed:
    """What is certain of a hunk before the others of its file are known.

    Without splices and without a problem, the others may still decide.
    """
    spots = _places(text, hunk)
    if len(spots) > 1:
        return Placed(hunk)
    placed = _placed(text, hunk, spots, {})
    unsure = bool(spots) and (
        splices(spots[0], text, {}) is None
        or rival(text, spots[0]) is not None
        or refuted(text, spots[0]) is not None
    )
    return Placed(hunk) if unsure and not placed.applied else placed


def _places(text: Lines, hunk: Hunk, *, thorough: bool = True) -> list[Spot]:
    if not hunk.old:
        return insertions(text, hunk)
    if hunk.literal is not None:
        spots = _literally(text, hunk)
        if spots or literal.part_row(text, hunk.literal) is not None:
            return spots
    for reading in (hunk, *hunk.otherwise):
        spots = contiguous(text, reading)
        if spots and _is_fragment(text, hunk, reading, spots[0]):
            continue
        if spots or is_applied(text, reading):
            return spots
        spots = _loosely(text, reading) if thorough else []
        if spots:
            return spots
    return []


def _is_fragment(text: Lines, hunk: Hunk, reading: Hunk, spot: Spot) -> bool:
    """Whether the file goes on as a longer reading does: then this one is cut short."""
    size, after = len(reading.old), text.texts[spot.stop : spot.stop + 1]
    longer = (one for one in (hunk, *hunk.otherwise) if len(one.old) > size)
    return any((one.old[size].text,) == after for one in longer)


def _loosely(text: Lines, hunk: Hunk) -> list[Spot]:
    """The places of a hunk that has a gap, or lines that differ.

    Where both would do, and not the same, neither is sure.
    """
    split, aligned = _split(text, hunk), fuzzy.align(text, hunk)
    if not split or not aligned:
        return split or aligned
    either = [splices(spot, text, {}) for spot in (*split, *aligned)]
    same = all(one == either[0] for one in either)
    return split if same else [*split, *aligned]


def _literally(text: Lines, hunk: Hunk) -> list[Spot]:
    """The places of a string: as whole lines, or else anywhere."""
    if hunk.literal is None or hunk.literal.everywhere:
        return literal.places(text, hunk)
    block = [line.text for line in hunk.old]
    rows = text.find(block, Tier.EXACT)
    whole = [Spot(hunk, range(row, row + len(block))) for row in rows]
    if whole and not literal.is_word(hunk):
        return whole
    spots = literal.places(text, hunk)
    return whole if whole and len(spots) <= len(whole) else spots


def _split(text: Lines, hunk: Hunk) -> list[Spot]:
    """Two hunks that came as one, or one with something new between its changes.

    The hunk is cut within a run of kept lines between two changes; each part must
    have a place of its own, the second after the first.
    """
    runs = groups(hunk.lines)
    for former, latter in pairwise(runs):
        for cut in range(latter.first, former.last - 1, -1):
            spot = _cut(text, hunk, cut)
            if spot is not None:
                return [spot]
    return []


def _cut(text: Lines, hunk: Hunk, cut: int) -> Spot | None:
    """The hunk in two parts, the first with `cut` old lines."""
    at = _line_of_old(hunk, cut)
    left = hunk._replace(lines=hunk.lines[:at])
    right = hunk._replace(lines=hunk.lines[at:], anchors=(), line=None)
    if not left.old or not right.old:
        return None
    above = contiguous(text, left)
    if len(above) != 1 or is_replayed(text, above[0]):
        return None
    below = contiguous(text, right) or _split(text, right)
    if len(below) != 1 or below[0].start < above[0].stop:
        return None
    tolerances = (*above[0].tolerances, *below[0].tolerances, Tolerance.SPLIT)
    lines = above[0].hunk.lines + below[0].hunk.lines
    rows = [*above[0].rows, *below[0].rows]
    return Spot(hunk._replace(lines=lines), rows, tuple(dict.fromkeys(tolerances)))


def _line_of_old(hunk: Hunk, count: int) -> int:
    """The index of the line of the hunk that follows its first `count` old lines."""
    seen = 0
    for at, line in enumerate(hunk.lines):
        if line.sign != Sign.ADDED:
            if seen == count:
                return at
            seen += 1
    return len(hunk.lines)


def _settle(text: Lines, places: list[list[Spot]], sizes: Sequence[int]) -> None:
    """Let hints choose until they choose no more; each choice may help the next."""
    for _ in range(_ROUNDS_MAX):
        if not (_hinted(text, places, sizes) or _roomy(places)):
            break


def _hinted(text: Lines, places: list[list[Spot]], sizes: Sequence[int]) -> bool:
    """Whether a hint chose one of several places."""
    done = False
    neighbours = _neighbours(places)
    parts = map(evidence.by_order, _parted(places, sizes))
    for at, ordered in enumerate([spots for part in parts for spots in part]):
        if len(places[at]) < 2:
            continue
        for chosen in _choices(text, places[at], neighbours[at], ordered):
            if len(chosen) == 1:
                places[at], done = chosen, True
                break
    return done


def _roomy(places: list[list[Spot]]) -> bool:
    """Whether the others left only one of several places."""
    done = False
    for at, room in enumerate(evidence.by_room(places)):
        if len(room) == 1 < len(places[at]):
            places[at], done = room, True
    return done


_Neighbours: TypeAlias = tuple[Spot | None, Spot | None]
"""The nearest hunks before and after one whose places are known."""


def _neighbours(places: Sequence[Sequence[Spot]]) -> list[_Neighbours]:
    below, above = _latest(places), _latest(places[::-1])[::-1]
    return list(zip(below, above, strict=True))


def _beside(
    places: Sequence[Sequence[Spot]], sizes: Sequence[int]
) -> list[_Neighbours]:
    """The same within each section, which is mostly in the order of the file."""
    found: list[_Neighbours] = []
    for section in _parted(places, sizes):
        found += _neighbours(section)
    return found


def _parted(
    places: Sequence[Sequence[Spot]], sizes: Sequence[int]
) -> Iterator[Sequence[Sequence[Spot]]]:
    start = 0
    for size in sizes:
        yield places[start : start + size]
        start += size


def _latest(places: Sequence[Sequence[Spot]]) -> list[Spot | None]:
    """For each hunk the nearest one before it whose place is known."""
    latest: Spot | None = None
    answer = []
    for spots in places:
        answer.append(latest)
        latest = spots[0] if len(spots) == 1 else latest
    return answer


def _choices(
    text: Lines,
    spots: Sequence[Spot],
    neighbours: _Neighbours,
    ordered: Sequence[Spot],
) -> Iterator[list[Spot]]:
    under = evidence.by_heading(text, spots)
    yield under
    yield evidence.by_number(text, spots, *neighbours)
    yield evidence.by_end(text, spots)
    if not spots[0].crowded:
        among = under if spots[0].hunk.anchors else spots
        yield [spot for spot in among if spot in ordered]


def _known(text: Lines, places: Sequence[Sequence[Spot]]) -> dict[str, str]:
    """What hunks that are placed teach about the file's indentation."""
    known: dict[str, str] = {}
    for spots in places:
        if len(spots) == 1:
            own = learn(spots[0].pairs(text)) or {}
            known = own | known
    return known


def _placed(
    text: Lines, hunk: Hunk, spots: Sequence[Spot], known: dict[str, str]
) -> Placed:
    if len(spots) > 1:
        return Placed(hunk, problem=ambiguous(text, spots))
    done = is_replayed(text, spots[0]) if spots else is_applied(text, hunk)
    if done and hunk.old:
        return Placed(hunk, problem=applied(text, hunk), applied=tells(text, hunk))
    if not spots:
        return Placed(hunk, problem=missing(text, hunk))
    return _at(text, hunk, spots[0], known)


def _at(text: Lines, hunk: Hunk, spot: Spot, known: dict[str, str]) -> Placed:
    """The hunk at the only place that it has, unless that leaves a doubt."""
    if literal.is_doubtful(text, spot) or _may_be_torn(text, spot):
        return Placed(hunk, problem=doubtful(spot))
    changes = splices(spot, text, known)
    if changes is None or _is_astray(text, spot) or is_foreign(text, spot, changes):
        return Placed(hunk, problem=undecided(spot))
    return Placed(hunk, tuple(changes), spot.overlooked(text))


def _is_astray(text: Lines, spot: Spot) -> bool:
    """Whether a loose match is not where its heading says that it is."""
    loose = Tolerance.STALE in spot.tolerances
    if not loose or not spot.hunk.anchors:
        return False
    rows = headings(text, spot.hunk.anchors)
    return bool(rows) and not evidence.by_heading(text, [spot])


def _contested(
    text: Lines, placed: Placed, spot: Spot, near: _Neighbours, beside: _Neighbours
) -> Placed:
    """The same, unless what the hints say means another place."""
    row = rival(text, spot, near, beside)
    if row is not None:
        return Placed(placed.hunk, problem=contested(text, spot, row))
    row = refuted(text, spot)
    if row is not None:
        return Placed(placed.hunk, problem=misplaced(text, spot, row))
    return placed


def _may_be_torn(text: Lines, spot: Spot) -> bool:
    """Whether the end of the patch may be missing.

    What a hunk lacks may have been a change at the end of the file; and a last line
    that is only the beginning of the file's was cut off in its middle.
    """
    hunk = spot.hunk
    if hunk.torn and hunk.old and hunk.lines[-1].sign == Sign.KEPT:
        row, last = spot.rows[-1], hunk.old[-1].text.rstrip()
        if row is None or text.texts[row].rstrip() != last:
            return True
    return bool(hunk.short) and spot.stop + hunk.short >= len(text.raw)


def _disjoint(placed: Sequence[Placed]) -> list[Placed]:
    """Refuse hunks that would change the same lines, or add the same ones twice."""
    order = sorted(
        (splice.start, splice.stop, at, splice.lines)
        for at, one in enumerate(placed)
        for splice in one.splices
    )
    answer = list(placed)
    for (start, stop, one, lines), (begin, end, other, others) in pairwise(order):
        clash = begin < stop or (begin == stop == start and one > other)
        twice = (start, stop, lines) == (begin, end, others)
        if one != other and (clash or twice):
            problem = f"changes the same lines as another hunk, at line {begin + 1}"
            answer[other] = Placed(placed[other].hunk, problem=problem)
    return answer
