"""Telling that a hunk was applied before, so that it is not applied twice.

The new lines may stand in the file without the hunk having put them there, so there
are two degrees: enough to refuse, and enough to say that nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.patch.edits import Hunk, Sign
from spark_cli.patch.lines import Lines, Tier
from spark_cli.patch.spot import Group, Spot, groups


def is_applied(text: Lines, hunk: Hunk) -> bool:
    """Whether the file already is as the hunk would make it."""
    new = [line.removesuffix("\r") for line in hunk.new]
    return bool(any(line.strip() for line in new) and text.find(new, Tier.BLANKS))


def tells(text: Lines, hunk: Hunk) -> bool:
    """Whether the new lines are no coincidence: one place, with lines around.

    What is only taken away leaves no trace but its surroundings, so these must be on
    both sides, or end with the file.
    """
    new = [line.removesuffix("\r") for line in hunk.new]
    kept = [line for line in hunk.old if line.sign == Sign.KEPT and line.text.strip()]
    rows = text.find(new, Tier.BLANKS)
    if len(kept) < 2 or len(rows) != 1:
        return False
    if any(line.sign == Sign.ADDED and line.text.strip() for line in hunk.lines):
        return True
    top = hunk.lines[0].sign == Sign.KEPT or rows[0] == 0
    end = hunk.lines[-1].sign == Sign.KEPT or rows[0] + len(new) == len(text.raw)
    return top and end


def is_replayed(text: Lines, spot: Spot) -> bool:
    """Whether lines would be added that are there already, next to the place.

    With kept lines on both sides, what was added before is mostly in the way of a
    match; only where it begins or ends like its surroundings, or where a hunk begins
    or ends with it, is it the file that has to tell.
    """
    runs = groups(spot.hunk.lines)
    if any(run.first != run.last for run in runs):
        return False
    if len(runs) == 1 and not _is_inner(runs[0], spot):
        return _is_beside(text, spot, runs[0].added)
    new = [line.removesuffix("\r") for line in spot.hunk.new]
    rows = text.find(new, Tier.BLANKS)
    return any(row < spot.stop and spot.start < row + len(new) for row in rows)


def _is_inner(run: Group, spot: Spot) -> bool:
    return 0 < run.last < len(spot.hunk.old)


def _is_beside(text: Lines, spot: Spot, added: Sequence[str]) -> bool:
    after = text.texts[spot.stop : spot.stop + len(added)]
    before = text.texts[max(0, spot.start - len(added)) : spot.start]
    here = before if spot.hunk.lines[0].sign == Sign.ADDED else after
    return any(line.strip() for line in added) and tuple(here) == tuple(added)
