"""Three versions of a text made into one: two that were changed from a third.

Lines that only one side changed are taken from it; where both changed the same lines,
or lines that touch, there is no merge.  Every library that does this either comes with
a license that spark cannot take over, or runs a program on files on the disk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_PAIRS_MAX = 5_000_000
"""Of equal lines in what differs: more of them would take minutes to compare."""


class _Splice(NamedTuple):
    """Lines `start` to `stop` of the base became `lines`."""

    start: int
    stop: int
    lines: Sequence[bytes]


def merged(base: bytes, one: bytes, other: bytes) -> bytes | None:
    """Both changes together, `None` where they meet or the files are not text."""
    if one in (base, other):
        return other
    if other == base:
        return one
    if any(b"\0" in text for text in (base, one, other)):
        return None
    lines = _lines(base)
    ours, theirs = _splices(lines, _lines(one)), _splices(lines, _lines(other))
    if ours is None or theirs is None:
        return None
    both = _joined(ours, theirs)
    return None if both is None else b"".join(_applied(lines, both))


def _lines(text: bytes) -> list[bytes]:
    """Split at line feeds only, which stay."""
    pieces = text.split(b"\n")
    last = pieces.pop()
    return [piece + b"\n" for piece in pieces] + ([last] if last else [])


def _splices(old: Sequence[bytes], new: Sequence[bytes]) -> list[_Splice] | None:
    from difflib import SequenceMatcher

    top = _common(old, new)
    end = _common(old[top:][::-1], new[top:][::-1])
    inner_old, inner_new = old[top : len(old) - end], new[top : len(new) - end]
    if _pairs(inner_old, inner_new) > _PAIRS_MAX:
        return None
    matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
    return [
        _Splice(one + top, two + top, inner_new[three:four])
        for tag, one, two, three, four in matcher.get_opcodes()
        if tag != "equal"
    ]


def _pairs(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    counts = Counter(other)
    return len(one) + len(other) + sum(counts[line] for line in one)


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """How many lines both begin with."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)


def _joined(ours: Sequence[_Splice], theirs: Sequence[_Splice]) -> list[_Splice] | None:
    """All splices in order, those of both once; `None` where two of them touch."""
    ordered = sorted([*ours, *theirs], key=lambda splice: (splice.start, splice.stop))
    joined: list[_Splice] = []
    for splice in ordered:
        last = joined[-1] if joined else None
        if last is None or splice.start > last.stop:
            joined.append(splice)
        elif splice != last:
            return None
    return joined


def _applied(lines: Sequence[bytes], splices: Sequence[_Splice]) -> list[bytes]:
    made: list[bytes] = []
    at = 0
    for splice in splices:
        made += [*lines[at : splice.start], *splice.lines]
        at = splice.stop
    return made + list(lines[at:])
