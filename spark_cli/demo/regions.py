"""Which lines of a file are worth reading, given the lines that matter in it.

A change of some fifty files by their whole text would fill a context window.  What a
patch needs of each is the matches and a few lines around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

AROUND = 4
# What lies between two regions is read with them where it is about as long as the
# words of one more call.
_JOINED = 8
_REGIONS_MAX = 12


def regions(numbers: Iterable[int]) -> list[range]:
    """The lines around each of these lines, as few ranges in order; 1 is the first."""
    lines = sorted(set(numbers))
    joined = _JOINED
    while len(found := _joined(lines, joined)) > _REGIONS_MAX:
        joined *= 2
    return found


def gathered(numbered: Mapping[int, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Lines in their order, and the places in it before which lines are left out."""
    numbers = sorted(numbered)
    seams = (at for at, (a, b) in enumerate(pairwise(numbers), 1) if b != a + 1)
    return tuple(numbered[number] for number in numbers), tuple(seams)


def _joined(lines: Iterable[int], between: int) -> list[range]:
    found: list[range] = []
    for line in lines:
        start, stop = max(1, line - AROUND), line + AROUND + 1
        if found and start <= found[-1].stop + between:
            found[-1] = range(found[-1].start, stop)
        else:
            found.append(range(start, stop))
    return found
