"""The places where the old lines of a hunk stand together, strictest tier first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spark_cli.patch import evidence
from spark_cli.patch.edits import Hunk, Line, Sign
from spark_cli.patch.heading import breaks, openings
from spark_cli.patch.indent import learn
from spark_cli.patch.lines import Lines, Tier
from spark_cli.patch.spot import Spot, Tolerance


def contiguous(text: Lines, hunk: Hunk) -> list[Spot]:
    """The places where all old lines stand together, at the strictest tier."""
    for tier, variant, tolerances in _readings(hunk):
        raw = tier == Tier.EXACT and _tells_returns(variant)
        block = [line.text for line in variant.old]
        rows = text.exact.find(block) if raw else text.find(block, tier)
        crowded = len(rows) > evidence.CROWD
        spots = [
            Spot(
                variant,
                range(row, row + len(block)),
                tolerances,
                raw=raw,
                crowded=crowded,
            )
            for row in evidence.narrowed(text, variant, rows)
        ]
        if tier > Tier.BLANKS:  # below, indentation is the same to the letter
            spots = [spot for spot in spots if learn(spot.pairs(text)) is not None]
        if spots:
            return spots
    return []


def _readings(hunk: Hunk) -> Iterator[tuple[Tier, Hunk, tuple[Tolerance, ...]]]:
    """The hunk at each tier, and as if its kept lines had lost a blank."""
    if _tells_returns(hunk):
        for variant, tolerance in _variants(hunk):
            yield Tier.EXACT, variant, tolerance
    hunk = _without_returns(hunk)
    for tier in (Tier.EXACT, Tier.BLANKS, Tier.PUNCTUATION):
        for variant, tolerance in _variants(hunk):
            yield tier, variant, tolerance
    yield Tier.INDENTATION, hunk, ()


def _variants(hunk: Hunk) -> Iterator[tuple[Hunk, tuple[Tolerance, ...]]]:
    yield hunk, ()
    if any(line.sign == Sign.KEPT and line.text for line in hunk.lines):
        yield _restored(hunk), (Tolerance.PREFIX,)


def _tells_returns(hunk: Hunk) -> bool:
    """Whether carriage returns may be part of what the hunk changes.

    So they may where only some lines have them, or where the last line has no end.
    """
    ends = {line.text.endswith("\r") for line in hunk.lines}
    unended = hunk.ends_old is False or hunk.ends_new is False
    return len(ends) == 2 or (True in ends and unended)


def _without_returns(hunk: Hunk) -> Hunk:
    if not any(line.text.endswith("\r") for line in hunk.lines):
        return hunk
    lines = [line._replace(text=line.text.removesuffix("\r")) for line in hunk.lines]
    return hunk._replace(lines=tuple(lines))


def _restored(hunk: Hunk) -> Hunk:
    """The hunk with the blank back that was taken for the sign of a kept line."""
    return hunk._replace(lines=tuple(map(_with_blank, hunk.lines)))


def _with_blank(line: Line) -> Line:
    lost = line.sign == Sign.KEPT and not line.bare and line.text
    return line._replace(text=" " + line.text) if lost else line


def insertions(text: Lines, hunk: Hunk) -> list[Spot]:
    """Places for lines that are added with nothing around them."""
    if not text.raw:
        return [Spot(hunk, (), raw=True)]
    rows: Sequence[int] = ()
    if hunk.line is not None:
        rows = [hunk.line - 1]
    elif hunk.at_end:
        rows = [len(text.raw) - 1]
    elif hunk.anchors:
        added = [line.text for line in hunk.lines]
        rows = [
            row for row in openings(text, hunk.anchors) if not breaks(text, row, added)
        ]
    return [_under(text, hunk, row) for row in rows if row < len(text.raw)]


def _under(text: Lines, hunk: Hunk, row: int) -> Spot:
    """The hunk with the line above it (or, at the top, below) as a kept one."""
    line = Line(Sign.KEPT, text.texts[max(row, 0)])
    lines = (line, *hunk.lines) if row >= 0 else (*hunk.lines, line)
    return Spot(hunk._replace(lines=lines, anchors=()), (max(row, 0),))
