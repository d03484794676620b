"""Choosing among places that fit equally well.

Headings, line numbers and the order of hunks are each wrong now and then, so each
only decides where it leaves exactly one place; where none does, nothing is chosen.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence, Set as AbstractSet
from itertools import accumulate, pairwise

from spark_cli.patch.edits import Hunk, Line
from spark_cli.patch.heading import depth, encloses, headings, is_kin
from spark_cli.patch.lines import Lines
from spark_cli.patch.spot import Spot, groups

CROWD = 64
"""A hunk that fits in more places is not worth looking at each of them."""

_ECHO_MAX = 5_000
"""Copies that are further apart are not looked for."""


def narrowed(text: Lines, hunk: Hunk, rows: Sequence[int]) -> Sequence[int]:
    """Of very many places, those that the hints of a hunk could ever choose."""
    if len(rows) <= CROWD:
        return rows
    wanted = list(headings(text, hunk.anchors)[:CROWD])
    if hunk.line is not None:
        wanted.append(hunk.line - 1)
    if hunk.at_end:
        wanted.append(rows[-1])
    near: set[int] = set()
    for row in wanted:
        at = bisect_left(rows, row)
        near.update(rows[max(0, at - 1) : at + 2])
    return sorted(near) if len(near) > 1 else rows[:CROWD]


def by_heading(text: Lines, spots: Sequence[Spot]) -> list[Spot]:
    """The places that are under the heading with no rival in between."""
    hunk = spots[0].hunk
    if not hunk.anchors:
        return []
    rows = headings(text, hunk.anchors)
    under = [spot for spot in spots if _is_under(text, rows, spot.start)]
    inner = [spot for spot in under if is_inside(text, rows, spot)]
    if len(inner) == 1:
        under = inner
    elif any(not _encloses(text, rows, spot) for spot in under):
        return [spot for spot in spots if rows and spot.start >= rows[0]]
    if len(under) > 1:
        closest = [spot for spot in under if _title(text, spot.start) in rows]
        under = closest if len(closest) == 1 else under
    if len(under) == 1 and any(_echoes(text, under[0], one, 0) for one in spots):
        return []
    return under


def is_inside(text: Lines, rows: Sequence[int], spot: Spot) -> bool:
    """Whether the place is in what the nearest heading above it opens, and no other."""
    above = [row for row in rows if row <= spot.start]
    inside = bool(above) and encloses(text, above[-1], spot.start)
    return inside and _encloses(text, rows, spot)


def _is_under(text: Lines, rows: Sequence[int], start: int) -> bool:
    above = [row for row in rows if row <= start]
    if not above:
        return False
    head = text.texts[above[-1]]
    return not any(_is_rival(head, line) for line in text.texts[above[-1] + 1 : start])


def _encloses(text: Lines, rows: Sequence[int], spot: Spot) -> bool:
    """Whether the place is in what the heading opens, as far as indentation tells.

    Else the heading is only somewhere above it, and says no more than that.
    """
    above = [row for row in rows if row <= spot.start]
    if not above:
        return False
    head = text.texts[above[-1]]
    least = depth(head)
    inner = text.texts[above[-1] + 1 : spot.start] if least else ()
    own = text.texts[max(spot.start, above[-1] + 1) : spot.stop]
    return not any(line.strip() and depth(line) < least for line in inner) and not any(
        _is_rival(head, line) for line in own
    )


def _is_rival(head: str, line: str) -> bool:
    """Whether a line opens something that ends what the heading opened."""
    return depth(line) <= depth(head) and is_kin(head, line)


def _title(text: Lines, start: int) -> int | None:
    """The line that git would name in the header of a hunk that starts there."""
    for row in range(start - 1, -1, -1):
        if text.texts[row][:1].isalpha() or text.texts[row][:1] in {"_", "$"}:
            return row
    return None


def at_line(spots: list[Spot]) -> list[Spot]:
    """The place at the stated line, where that is known to be right; or all."""
    return [spot for spot in spots if _offset(spot) == 0] or spots


def by_number(
    text: Lines, spots: Sequence[Spot], below: Spot | None, above: Spot | None
) -> list[Spot]:
    """The places whose distance from the stated line agrees with the neighbours'.

    A file begins where it began, so without a neighbour towards its start the
    distance is 0 there.  Without one towards its end, what was put right above the
    place may be a copy of it: then the stated line is that of the copy.
    """
    offsets = stated(spots[0].hunk, below, above)
    if offsets is None:
        return []
    near = [spot for spot in spots if (_offset(spot) or 0) in offsets]
    lone = above is None or _offset(above) is None
    if len(near) == 1 and lone and any(_echoes(text, near[0], one, 8) for one in spots):
        return []
    return near


def stated(hunk: Hunk, below: Spot | None, above: Spot | None) -> range | None:
    """How far from its stated line a hunk may be; `None` where it states none."""
    if hunk.line is None:
        return None
    first = (_offset(below) if below is not None else None) or 0
    last = _offset(above) if above is not None else None
    ends = (first, first if last is None else last)
    return range(min(ends), max(ends) + 1)


def _offset(spot: Spot) -> int | None:
    return None if spot.hunk.line is None else spot.start - (spot.hunk.line - 1)


def _echoes(text: Lines, spot: Spot, other: Spot, share: int) -> bool:
    """Whether one place and all around it repeat the other, right behind it.

    So it is if one is a copy that was put above or below the other.  One line in
    `share` may differ, none where that is 0.
    """
    start, distance = min(spot.start, other.start), abs(spot.start - other.start)
    size = spot.stop - spot.start
    if not 0 < distance <= _ECHO_MAX:
        return False
    rows = range(max(0, start + size - distance), start + distance)
    same = [
        at + distance < len(text.texts) and text.texts[at] == text.texts[at + distance]
        for at in rows
    ]
    sums = [0, *accumulate(same)]
    most = max(
        (sums[at + distance] - sums[at] for at in range(len(sums) - distance)),
        default=0,
    )
    return distance - most <= (distance // share if share else 0)


def by_end(text: Lines, spots: Sequence[Spot]) -> list[Spot]:
    if not spots[0].hunk.at_end:
        return []
    return [spot for spot in spots if spot.stop == len(text.raw)]


def is_orderly(places: Sequence[Sequence[Spot]]) -> bool:
    """Whether the hunks whose places are known are in the order of the file."""
    known = [spots[0] for spots in places if len(spots) == 1]
    return all(one.stop <= other.start for one, other in pairwise(known))


def by_order(places: Sequence[Sequence[Spot]]) -> list[list[Spot]]:
    """The places of each hunk that some choice with all hunks in order can use.

    Where the known ones are out of order, or there is no other, order says nothing.
    """
    if len(places) == 1 or not is_orderly(places):
        return [[] for _ in places]
    first = _reachable(places, lambda spot: (spot.start, spot.stop))
    flipped = [list(reversed(spots)) for spots in reversed(places)]
    last = _reachable(flipped, lambda spot: (-spot.stop, -spot.start))
    pairs = zip(first, reversed(last), strict=True)
    return [
        [spot for spot in one if id(spot) in {id(two) for two in other}]
        if len(one) > 1
        else one
        for one, other in pairs
    ]


def _reachable(
    places: Iterable[Sequence[Spot]], span: Callable[[Spot], tuple[int, int]]
) -> list[list[Spot]]:
    """What is left of each hunk's places after the earliest ends of those before."""
    done = None
    answer = []
    for spots in places:
        left = [spot for spot in spots if done is None or span(spot)[0] >= done]
        answer.append(left)
        if left:
            done = min(span(spot)[1] for spot in left)
    return answer


def by_room(places: Sequence[Sequence[Spot]]) -> list[list[Spot]]:
    """The places of each hunk where no other one is sure to change the same lines.

    Of hunks that are the same, and as many as there is room for, each has one place:
    it is all one which.
    """
    if all(len(spots) < 2 for spots in places):
        return [list(spots) for spots in places]
    sure = (spots[0] for spots in places if len(spots) == 1)
    taken = {mark for spot in sure for mark in _marks(spot)}
    free = [
        list(spots) if len(spots) < 2 else _untaken(spots, taken) for spots in places
    ]
    alike: dict[tuple[tuple[Line, ...], tuple[int, ...]], list[int]] = {}
    for at, spots in enumerate(free):
        if len(spots) > 1 and not spots[0].crowded:
            rows = tuple(spot.start for spot in spots)
            alike.setdefault((spots[0].hunk.lines, rows), []).append(at)
    for group in alike.values():
        if len(group) == len(free[group[0]]):
            for at, spot in zip(group, free[group[0]], strict=True):
                free[at] = [spot]
    return free


def _untaken(spots: Iterable[Spot], taken: AbstractSet[int]) -> list[Spot]:
    return [spot for spot in spots if taken.isdisjoint(_marks(spot))]


def _marks(spot: Spot) -> Iterator[int]:
    """A number for each line that is changed, and for each gap that is filled."""
    for group in groups(spot.hunk.lines):
        rows = spot.rows[group.first : group.last]
        yield from (2 * row + 1 for row in rows if row is not None)
        above = spot.rows[group.first - 1] if group.first else spot.start - 1
        if not rows and above is not None:
            yield 2 * above + 2
