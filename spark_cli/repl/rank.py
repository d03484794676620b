"""Which of a hundred thousand names was meant by a few letters of it.

The letters must be in the name, in order.  What is cheap to ask is asked of every
name: is it the beginning of the file's own name, a part of that, a part of the path,
are the letters there at all.  Only the best of these are weighed letter by letter.

It is done in slices, so that the one who looks can do other things between two of
them.  A slice is one text for `re`, with a line for each name: that is ten times as
fast as a loop over names, and a dependency would be a compiled one for this alone.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

SLICE = 2_000
WEIGHED_MAX = 150
OFFERED_MAX = 50

_BOUNDARY, _OWN_START, _CONSECUTIVE, _OWN = 8, 12, 9, 2
_WHOLE, _SPELLED = 3, 1_000
_SEPARATORS = "/_-. "
_REST = r"[^\n\0]*\0(\d+)"


@dataclass(frozen=True, slots=True)
class Names:
    """Names, the shortest first; those that nobody can type are left out.

    `paths` and `own` are slices: for each name a line break, the path or the file's
    own name in small letters, a NUL, and which one it is.
    """

    names: Sequence[str] = ()
    paths: Sequence[str] = ()
    own: Sequence[str] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        by_length: dict[int, list[str]] = {}
        for name in names:
            if name.isprintable():
                by_length.setdefault(len(name), []).append(name)
        ordered = [name for size in sorted(by_length) for name in by_length[size]]
        return cls(ordered, *zip(*_slices(ordered), strict=True)) if ordered else cls()


def _slices(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(names), SLICE):
        folded = [name.lower() for name in names[start : start + SLICE]]
        own = [name.rpartition("/")[2] for name in folded]
        numbered = range(start, start + len(folded))
        yield (
            "".join(f"\n{name}\0{n}" for name, n in zip(folded, numbered, strict=True)),
            "".join(f"\n{name}\0{n}" for name, n in zip(own, numbered, strict=True)),
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """`best` are the names that were probably meant, the best first.

    `every` has all that fit, where these are few: with more letters it is enough to
    look among them.
    """

    best: list[str]
    every: Names | None = None


def ranked(typed: str, names: Names) -> Generator[None, None, Ranked]:
    """A generator that pauses between slices, and returns what it found."""
    typed = typed.lower()
    found: dict[str, None] = {}
    for pattern, slices in _tests(typed, names):
        for slice_ in slices:
            found.update(dict.fromkeys(pattern.findall(slice_)))
            yield
            if len(found) >= WEIGHED_MAX:
                break
        if len(found) >= WEIGHED_MAX:
            break
    fit = [names.names[int(index)] for index in found]
    scored: list[tuple[float, int, str]] = []
    for count, name in enumerate(fit[:WEIGHED_MAX], 1):
        scored.append((-weight(typed, name), len(name), name))
        if count % 50 == 0:
            yield
    best = [name for _, _, name in sorted(scored)[:OFFERED_MAX]]
    return Ranked(best, Names.of(fit) if len(fit) < WEIGHED_MAX else None)


def weight(typed: str, name: str) -> float:
    """How well the letters sit in the name; higher is better.

    At the start of words, next to each other, and in the file's own name is good.
    """
    own = name.rfind("/") + 1
    starts = [at for at in range(len(name)) if at == own or _begins(name, at)]
    folded = name.lower()
    alike = [
        places
        for begin in (own, 0)
        for jump in (starts, [])
        if (places := _places(typed, folded, begin, jump)) is not None
    ]
    worths = [
        _worth(places, own, starts) + _WHOLE * _ends(name, places[-1] + 1)
        for places in alike
        if places
    ]
    # Who types a slash spells a path out.
    spelled = _SPELLED * ("/" in typed and typed in folded)
    return max(worths, default=0.0) + spelled


def _places(
    typed: str, folded: str, begin: int, starts: Sequence[int]
) -> list[int] | None:
    """Where the letters are: all in a row, or else at the next of `starts`."""
    row = next((at for at in starts if folded.startswith(typed, max(at, begin))), -1)
    row = row if row >= begin else folded.find(typed, begin)
    if row >= 0:
        return list(range(row, row + len(typed)))
    places: list[int] = []
    at = begin
    for letter in typed:
        place = folded.find(letter, at)
        if place < 0:
            return None
        if not places or place != at:
            leap = (one for one in starts if one >= at and folded[one] == letter)
            place = next(leap, place)
        places.append(place)
        at = place + 1
    return places


def _worth(places: Sequence[int], own: int, starts: Sequence[int]) -> float:
    worth, last = 0.0, -2
    for place in places:
        worth += _OWN * (place >= own) + _OWN_START * (place == own)
        worth += _CONSECUTIVE if place == last + 1 else _BOUNDARY * (place in starts)
        last = place
    return worth


def _ends(name: str, at: int) -> bool:
    return at >= len(name) or name[at] in _SEPARATORS


def _begins(name: str, at: int) -> bool:
    if at == 0 or name[at - 1] in _SEPARATORS:
        return True
    return name[at].isupper() and name[at - 1].islower()


def _tests(typed: str, names: Names) -> Iterator[tuple[re.Pattern[str], Sequence[str]]]:
    """What is asked of every name, the best sign first."""
    if not typed:
        yield re.compile(r"\n[^/\n\0]*\0(\d+)"), names.paths
        yield re.compile(rf"\n{_REST}"), names.paths
        return
    literal = re.escape(typed)
    # No place is looked at twice: each letter ends what may stand before it.
    letters = "".join(rf"[^\n\0{re.escape(x)}]*{re.escape(x)}" for x in typed)
    if "/" not in typed:
        yield re.compile(rf"\n{literal}{_REST}"), names.own
        yield re.compile(rf"{literal}{_REST}"), names.own
        yield re.compile(rf"\n{letters}{_REST}"), names.own
    yield re.compile(rf"{literal}{_REST}"), names.paths
    yield re.compile(rf"\n{letters}{_REST}"), names.paths
