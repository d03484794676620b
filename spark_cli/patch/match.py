"""Where the hunks of one file land, or why they cannot.

The whole file is searched, strictest tier first, and a tier counts only if something
fits.  A hunk that fits in one place is placed, whatever its hints say; where it fits
in several, headings, line numbers, the end of the file and the order of hunks choose,
and if they leave more than one place, the hunk is refused.  Kept lines that differ
are tried last.  Nothing is placed on the strength of a hint alone, but for lines that
are added under a heading or at a stated line with nothing else to go by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from spark_cli.patch import evidence, fuzzy
from spark_cli.patch.edits import Hunk, Line, Sign
from spark_cli.patch.indent import learn
from spark_cli.patch.lines import Lines, Splice, Tier
from spark_cli.patch.report import ambiguous, applied, missing, undecided
from spark_cli.patch.spot import TIERS, Spot, Tolerance, groups, splices


@dataclass(frozen=True, slots=True)
class Placed:
    """What one hunk does to the file, and what was overlooked; or the problem.

    `applied` says that the problem is only that nothing is left to do.
    """

    hunk: Hunk
    splices: tuple[Splice, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    problem: str = ""
    applied: bool = False


def place(text: Lines, hunks: Sequence[Hunk]) -> list[Placed]:
    """Each hunk's place in the file, in the order of the hunks."""
    places = [_places(text, hunk) for hunk in hunks]
    _settle(text, places)
    known = _known(text, places)
    placed = [
        _placed(text, hunk, spots, known)
        for hunk, spots in zip(hunks, places, strict=True)
    ]
    return _disjoint(placed)


def _places(text: Lines, hunk: Hunk) -> list[Spot]:
    if not hunk.old:
        return _insertions(text, hunk)
    for reading in (hunk, *hunk.otherwise):
        spots = _contiguous(text, reading)
        if spots:
            return spots
    if _is_applied(text, hunk):
        return []
    return _split(text, hunk) or fuzzy.align(text, hunk)


def _contiguous(text: Lines, hunk: Hunk) -> list[Spot]:
    """The places where all old lines stand together, at the strictest tier."""
    for tier, variant, tolerances in _readings(hunk):
        raw = tier == Tier.EXACT and _mixes_returns(variant)
        block = [line.text for line in variant.old]
        index = text.exact if raw else text.index(tier)
        spots = [
            Spot(variant, range(row, row + len(block)), tolerances, raw=raw)
            for row in index.find(block)
        ]
        fits = [spot for spot in spots if learn(spot.pairs(text)) is not None]
        if fits:
            return fits
    return []


def _readings(hunk: Hunk) -> Iterator[tuple[Tier, Hunk, tuple[Tolerance, ...]]]:
    """The hunk at each tier, and as if its kept lines had lost a blank."""
    variants: list[tuple[Hunk, tuple[Tolerance, ...]]] = [(hunk, ())]
    if any(line.sign == Sign.KEPT and line.text for line in hunk.lines):
        variants.append((_restored(hunk), (Tolerance.PREFIX,)))
    for variant, tolerance in variants:
        if _mixes_returns(variant):
            yield Tier.EXACT, variant, tolerance
    variants = [(_without_returns(variant), t) for variant, t in variants]
    for tier in (Tier.EXACT, Tier.BLANKS, Tier.PUNCTUATION, Tier.INDENTATION):
        for variant, tolerance in variants[: 1 if tier == Tier.INDENTATION else 2]:
            own = (TIERS[tier],) if tier in TIERS else ()
            yield tier, variant, tolerance + own


def _mixes_returns(hunk: Hunk) -> bool:
    ends = {line.text.endswith("\r") for line in hunk.lines}
    return len(ends) == 2


def _without_returns(hunk: Hunk) -> Hunk:
    if not any(line.text.endswith("\r") for line in hunk.lines):
        return hunk
    lines = [line._replace(text=line.text.removesuffix("\r")) for line in hunk.lines]
    return replace(hunk, lines=tuple(lines))


def _restored(hunk: Hunk) -> Hunk:
    """The hunk with the blank back that was taken for the sign of a kept line."""
    return replace(hunk, lines=tuple(map(_with_blank, hunk.lines)))


def _with_blank(line: Line) -> Line:
    lost = line.sign == Sign.KEPT and not line.bare and line.text
    return line._replace(text=" " + line.text) if lost else line


def _insertions(text: Lines, hunk: Hunk) -> list[Spot]:
    """Places for lines that are added with nothing around them."""
    if not text.raw:
        return [Spot(hunk, (), raw=True)]
    rows: Sequence[int] = ()
    if hunk.line is not None:
        rows = [hunk.line - 1]
    elif hunk.at_end:
        rows = [len(text.raw) - 1]
    elif hunk.anchors:
        rows = evidence.headings(text, hunk.anchors)
    return [_under(text, hunk, row) for row in rows if row < len(text.raw)]


def _under(text: Lines, hunk: Hunk, row: int) -> Spot:
    """The hunk with the line above it (or, at the top, below) as a kept one."""
    line = Line(Sign.KEPT, text.texts[max(row, 0)])
    lines = (line, *hunk.lines) if row >= 0 else (*hunk.lines, line)
    return Spot(replace(hunk, lines=lines, anchors=()), (max(row, 0),))


def _is_applied(text: Lines, hunk: Hunk) -> bool:
    """Whether the file already is as the hunk would make it."""
    new = [line.removesuffix("\r") for line in hunk.new]
    return bool(any(line.strip() for line in new) and text.index(Tier.BLANKS).find(new))


def _tells(text: Lines, hunk: Hunk) -> bool:
    """Whether the new lines are no coincidence: one place, with lines around."""
    new = [line.removesuffix("\r") for line in hunk.new]
    kept = [line for line in hunk.old if line.sign == Sign.KEPT and line.text.strip()]
    return len(kept) > 1 and len(text.index(Tier.BLANKS).find(new)) == 1


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
    left = replace(hunk, lines=hunk.lines[:at])
    right = replace(hunk, lines=hunk.lines[at:], anchors=(), line=None)
    if not left.old or not right.old:
        return None
    above = _contiguous(text, left)
    if len(above) != 1 or _replayed(text, above[0]):
        return None
    below = _contiguous(text, right) or _split(text, right)
    if len(below) != 1 or below[0].start < above[0].stop:
        return None
    tolerances = (*above[0].tolerances, *below[0].tolerances, Tolerance.SPLIT)
    lines = above[0].hunk.lines + below[0].hunk.lines
    rows = [*above[0].rows, *below[0].rows]
    return Spot(replace(hunk, lines=lines), rows, tuple(dict.fromkeys(tolerances)))


def _line_of_old(hunk: Hunk, count: int) -> int:
    """The index of the line of the hunk that follows its first `count` old lines."""
    seen = 0
    for at, line in enumerate(hunk.lines):
        if line.sign != Sign.ADDED:
            if seen == count:
                return at
            seen += 1
    return len(hunk.lines)


def _settle(text: Lines, places: list[list[Spot]]) -> None:
    """Let hints choose until they choose no more; each choice may help the next."""
    settled = False
    while not settled:
        settled = True
        ordered = evidence.by_order(places)
        for at, spots in enumerate(places):
            if len(spots) < 2:
                continue
            for chosen in _choices(text, places, at, ordered[at]):
                if len(chosen) == 1:
                    places[at] = chosen
                    settled = False
                    break


def _choices(
    text: Lines, places: Sequence[Sequence[Spot]], at: int, ordered: list[Spot]
) -> Iterator[list[Spot]]:
    spots = places[at]
    under = evidence.by_heading(text, spots)
    yield under
    below = next((p[0] for p in reversed(places[:at]) if len(p) == 1), None)
    above = next((p[0] for p in places[at + 1 :] if len(p) == 1), None)
    yield evidence.by_number(spots, below, above)
    yield evidence.by_end(text, spots)
    yield ordered
    yield [spot for spot in under if spot in ordered]


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
    done = _is_applied(text, hunk) if not spots else _replayed(text, spots[0])
    if done and hunk.old:
        return Placed(hunk, problem=applied(text, hunk), applied=_tells(text, hunk))
    if not spots:
        return Placed(hunk, problem=missing(text, hunk))
    changes = splices(spots[0], text, known)
    if changes is None:
        return Placed(hunk, problem=undecided(spots[0]))
    return Placed(hunk, tuple(changes), spots[0].tolerances)


def _replayed(text: Lines, spot: Spot) -> bool:
    """Whether lines would be added below lines that they already follow.

    With kept lines on both sides, what was added before is in the way of a match; an
    addition that ends a hunk has only the file to say that it is there already.
    """
    last = groups(spot.hunk.lines)[-1:]
    if not last or last[0].first != last[0].last or last[0].last != len(spot.hunk.old):
        return False
    added = last[0].added
    follow = text.texts[spot.stop : spot.stop + len(added)]
    return any(line.strip() for line in added) and tuple(follow) == added


def _disjoint(placed: Sequence[Placed]) -> list[Placed]:
    """Refuse hunks that would change the same lines, or add at the same place."""
    order = sorted(
        (splice.start, splice.stop, at)
        for at, one in enumerate(placed)
        for splice in one.splices
    )
    answer = list(placed)
    for (start, stop, one), (begin, _, other) in pairwise(order):
        clash = begin < stop or (begin == stop == start and one > other)
        same = (begin, start) == (start, stop) and placed[one].hunk == placed[
            other
        ].hunk
        if one != other and (clash or same):
            problem = f"changes the same lines as another hunk, at line {begin + 1}"
            answer[other] = Placed(placed[other].hunk, problem=problem)
    return answer
