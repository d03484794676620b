"""Hunks from two texts, and what two texts have in common, in almost linear time.

Lines that are there once on both sides hold the texts together (the idea of patience
diff); only between such lines, and only where it is cheap, is the longest common
subsequence worked out.  So a big change costs little, and at worst a stretch is shown
as replaced whole.

Source: Bram Cohen's description of patience diff.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spark_cli.patch.edits import Hunk, Line, Sign

_STRIDE = 1024
_PAIRS_MAX = 40_000
"""Beyond so many pairs of lines, the longest common subsequence is not looked for."""


class Step(NamedTuple):
    """Lines `one` to `two` of the old text become lines `three` to `four` of the new.

    `same` says that they are the same lines.
    """

    one: int
    two: int
    three: int
    four: int
    same: bool = False


def hunk_of(old: Sequence[str], new: Sequence[str], source: int = 0) -> Hunk:
    """The hunk that makes the old lines the new ones."""
    return Hunk(tuple(_lines(old, new)), source=source)


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for one, two, three, four, same in compare(old, new):
        if same:
            yield from (Line(Sign.KEPT, line) for line in old[one:two])
        else:
            yield from (Line(Sign.REMOVED, line) for line in old[one:two])
            yield from (Line(Sign.ADDED, line) for line in new[three:four])


def compare(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """The steps from one text to the other, in order, same and different in turn."""
    steps: list[Step] = []
    for step in _compare(old, new):
        last = steps[-1] if steps else None
        if step.one == step.two and step.three == step.four:
            continue
        if last is not None and last.same == step.same:
            steps[-1] = Step(last.one, step.two, last.three, step.four, same=step.same)
        else:
            steps.append(step)
    return steps


def _compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Step]:
    """Stretch by stretch; a stack stands for the recursion, which may be deep."""
    stack = [Step(0, len(old), 0, len(new))]
    while stack:
        step = stack.pop()
        if step.same or step.one == step.two or step.three == step.four:
            yield step
            continue
        one, two, three, four, _ = step
        top = _common(old, new, step)
        end = _common_end(old, new, step, top)
        yield Step(one, one + top, three, three + top, same=True)
        inner = Step(one + top, two - end, three + top, four - end)
        stack.append(Step(two - end, two, four - end, four, same=True))
        stack += reversed(list(_parted(old, new, inner)))


def _common(old: Sequence[str], new: Sequence[str], step: Step) -> int:
    """How many lines both sides begin with; compared many at a time."""
    most = min(step.two - step.one, step.four - step.three)
    size = 0
    while size < most:
        one, three = step.one + size, step.three + size
        ahead = min(_STRIDE, most - size)
        if old[one : one + ahead] != new[three : three + ahead]:
            break
        size += ahead
    while size < most and old[step.one + size] == new[step.three + size]:
        size += 1
    return size


def _common_end(old: Sequence[str], new: Sequence[str], step: Step, top: int) -> int:
    most = min(step.two - step.one, step.four - step.three) - top
    size = 0
    while size < most:
        two, four = step.two - size, step.four - size
        ahead = min(_STRIDE, most - size)
        if old[two - ahead : two] != new[four - ahead : four]:
            break
        size += ahead
    while size < most and old[step.two - 1 - size] == new[step.four - 1 - size]:
        size += 1
    return size


def _parted(old: Sequence[str], new: Sequence[str], step: Step) -> Iterator[Step]:
    """The stretch cut at the lines that hold it together, if there are any."""
    one, two, three, four, _ = step
    if set(old[one:two]).isdisjoint(new[three:four]):
        yield from _replaced(step)
        return
    pairs = _anchors(old, new, step)
    if not pairs:
        yield from _leaf(old, new, step)
        return
    for at, other in pairs:
        yield Step(one, at, three, other)
        yield Step(at, at + 1, other, other + 1, same=True)
        one, three = at + 1, other + 1
    yield Step(one, two, three, four)


def _leaf(old: Sequence[str], new: Sequence[str], step: Step) -> Iterator[Step]:
    """A stretch without such lines; what is different in it is not looked at again."""
    one, two, three, four, _ = step
    if (two - one) * (four - three) > _PAIRS_MAX or one == two or three == four:
        yield from _replaced(step)
        return
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, old[one:two], new[three:four], autojunk=False)
    for tag, *span in matcher.get_opcodes():
        first, last, begin, stop = span
        piece = Step(one + first, one + last, three + begin, three + stop)
        if tag == "equal":
            yield piece._replace(same=True)
        else:
            yield from _replaced(piece)


def _replaced(step: Step) -> Iterator[Step]:
    """As a removal and an addition, neither of which can be parted further."""
    one, two, three, four, _ = step
    yield Step(one, two, three, three)
    yield Step(two, two, three, four)


def _anchors(
    old: Sequence[str], new: Sequence[str], step: Step
) -> list[tuple[int, int]]:
    """Lines that both sides have once, as many as are in the same order."""
    ours = Counter(old[step.one : step.two])
    theirs = Counter(new[step.three : step.four])
    where = {new[at]: at for at in range(step.three, step.four) if theirs[new[at]] == 1}
    pairs = [
        (at, where[old[at]])
        for at in range(step.one, step.two)
        if ours[old[at]] == 1 and old[at] in where
    ]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second numbers rise, by patience sorting."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for at, (_, other) in enumerate(pairs):
        pile = bisect_left(tops, other)
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(other)
            piles.append(at)
        else:
            tops[pile], piles[pile] = other, at
    found = []
    at = piles[-1] if piles else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
