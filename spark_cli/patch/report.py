"""What is said of a hunk that cannot be placed, so that its author can mend it."""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.patch import fuzzy
from spark_cli.patch.edits import Hunk
from spark_cli.patch.lines import Lines, Tier, key
from spark_cli.patch.spot import Spot

_SHOWN = 6
_WIDTH = 160


def ambiguous(text: Lines, spots: Sequence[Spot]) -> str:
    lines = [f"line {spot.start + 1}" for spot in spots[:_SHOWN]]
    more = len(spots) - len(lines)
    listed = ", ".join(lines) + (f" and {more} more" if more else "")
    first = quoted(text.texts[spots[0].start]) if text.raw else "``"
    return (
        f"fits in {len(spots)} places that are equally good ({listed}, each {first}); "
        "add more of the lines around the change, or an `@@` line with what it is in"
    )


def applied(text: Lines, hunk: Hunk) -> str:
    rows = text.index(Tier.BLANKS).find([line.removesuffix("\r") for line in hunk.new])
    where = f" at line {rows[0] + 1}" if rows else ""
    return f"is already applied{where}: the file has the new lines and not the old"


def missing(text: Lines, hunk: Hunk) -> str:
    """Names the nearest text and the first line that differs."""
    if not hunk.old:
        return "only adds lines and does not say where: give a line above or below"
    if not text.raw:
        return "does not match: the file is empty"
    near = fuzzy.nearest(text, hunk)
    if near is None:
        return f"does not match: no line of the file is {quoted(_telling(hunk))}"
    for row, line in enumerate(hunk.old, near):
        has = text.texts[row] if row < len(text.raw) else None
        if has is None or key(has, Tier.INDENTATION) != key(
            line.text, Tier.INDENTATION
        ):
            return (
                f"does not match; the nearest text is at line {near + 1}, "
                f"where line {row + 1} is {quoted(has)} "
                f"and the patch has {quoted(line.text)}"
            )
    return f"does not match in its indentation; the nearest text is at line {near + 1}"


def undecided(spot: Spot) -> str:
    return (
        f"fits loosely at line {spot.start + 1}, but it is not clear where or how deep "
        "its lines go; copy the lines around the change exactly"
    )


def quoted(line: str | None) -> str:
    if line is None:
        return "past the end"
    shown = line if len(line) <= _WIDTH else line[:_WIDTH] + " [...]"
    return f"`{shown}`"


def _telling(hunk: Hunk) -> str:
    return max((line.text for line in hunk.old), key=lambda text: len(text.strip()))
