"""Two states of some files -> a V4A patch that lands in one place only.

Some clients put a hunk at its first match, others refuse one that matches twice.
So each hunk has as much context as makes it unique in its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher

_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A file's lines before (`None`: it is new) and after.

    Where only parts of a file are known, `seams` are the places before which lines
    are left out; such a change leaves the number of lines as it is.
    """

    name: str
    before: tuple[str, ...] | None
    after: tuple[str, ...]
    seams: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines, each with its mark: a space, `-` or `+`."""

    lines: tuple[str, ...]

    @property
    def old(self) -> tuple[str, ...]:
        return tuple(line[1:] for line in self.lines if line[0] != "+")

    @property
    def new(self) -> tuple[str, ...]:
        return tuple(line[1:] for line in self.lines if line[0] != "-")


@dataclass(frozen=True, slots=True)
class _Span:
    """`before[a:b]` becomes `after[c:d]`."""

    a: int
    b: int
    c: int
    d: int


def patch(changes: Iterable[Change]) -> str:
    """The changes as one V4A patch."""
    lines = ["*** Begin Patch"]
    for change in changes:
        if change.before is None:
            lines.append(f"*** Add File: {change.name}")
            lines += [f"+{line}" for line in change.after]
        else:
            lines.append(f"*** Update File: {change.name}")
            for hunk in hunks(change.before, change.after, change.seams):
                lines += ["@@", *hunk.lines]
    return "\n".join([*lines, "*** End Patch", ""])


def is_clear(change: Change) -> bool:
    """Whether every hunk stands in one place only of the lines that are known."""
    before = change.before or ()
    return all(
        not hunk.old or _count(before, hunk.old) == 1
        for hunk in hunks(before, change.after, change.seams)
    )


def hunks(
    before: Sequence[str], after: Sequence[str], seams: Sequence[int] = ()
) -> list[Hunk]:
    """What has changed, in order; no two hunks share a line, and none has a seam."""
    groups = list(_groups(_spans(before, after, seams), seams))
    found: list[Hunk] = []
    floor = 0
    for index, group in enumerate(groups):
        ahead = groups[index + 1][0].a if index + 1 < len(groups) else len(before)
        floor = max([floor, *(seam for seam in seams if seam <= group[0].a)])
        ahead = min([ahead, *(seam for seam in seams if seam >= group[-1].b)])
        low, high = _window(before, group, floor, ahead)
        found.append(Hunk(tuple(_lines(before, after, group, low, high))))
        floor = high
    return found


def _spans(
    before: Sequence[str], after: Sequence[str], seams: Sequence[int]
) -> list[_Span]:
    if len(before) == len(after):  # lines were changed in place: no search needed
        return list(_runs(before, after, frozenset(seams)))
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while (
        end < min(len(before), len(after)) - start
        and before[-1 - end] == after[-1 - end]
    ):
        end += 1
    middle = SequenceMatcher(
        None,
        before[start : len(before) - end],
        after[start : len(after) - end],
        autojunk=False,
    )
    return [
        _Span(a + start, b + start, c + start, d + start)
        for tag, a, b, c, d in middle.get_opcodes()
        if tag != "equal"
    ]


def _runs(
    before: Sequence[str], after: Sequence[str], seams: AbstractSet[int]
) -> Iterator[_Span]:
    start: int | None = None
    for at in range(len(before) + 1):
        unlike = at < len(before) and before[at] != after[at]
        if start is not None and (not unlike or at in seams):
            yield _Span(start, at, start, at)
            start = None
        if unlike and start is None:
            start = at


def _groups(spans: Sequence[_Span], seams: Sequence[int]) -> Iterator[list[_Span]]:
    """Spans so near to each other that their contexts would touch."""
    group: list[_Span] = []
    for span in spans:
        if group and (
            span.a - group[-1].b > 2 * _CONTEXT
            or any(group[-1].b <= seam <= span.a for seam in seams)
        ):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _window(
    before: Sequence[str], group: Sequence[_Span], floor: int, ahead: int
) -> tuple[int, int]:
    """Which old lines the hunk shows.

    Once it begins at `floor`, where the hunk before it ended, a first match after
    that one is the right one even in a file that repeats itself.
    """
    first, last = group[0].a, group[-1].b
    reach = _CONTEXT
    while True:
        low, high = max(floor, first - reach), min(ahead, last + reach)
        if (low, high) == (floor, ahead) or _once(before, low, high):
            return low, high
        reach *= 2


def _once(before: Sequence[str], low: int, high: int) -> bool:
    return low < high and _count(before, before[low:high]) == 1


def _count(before: Sequence[str], lines: Sequence[str]) -> int:
    """How often these lines, which are some, stand in a file."""
    block, size = list(lines), len(lines)
    return sum(
        before[at] == block[0] and list(before[at : at + size]) == block
        for at in range(len(before) - size + 1)
    )


def _lines(
    before: Sequence[str],
    after: Sequence[str],
    group: Sequence[_Span],
    low: int,
    high: int,
) -> Iterator[str]:
    at = low
    for span in group:
        yield from (f" {line}" for line in before[at : span.a])
        yield from (f"-{line}" for line in before[span.a : span.b])
        yield from (f"+{line}" for line in after[span.c : span.d])
        at = span.b
    yield from (f" {line}" for line in before[at:high])
