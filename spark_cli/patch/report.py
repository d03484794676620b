"""What is said of a hunk that cannot be placed, so that its author can mend it."""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.patch import fuzzy, literal
from spark_cli.patch.edits import Hunk
from spark_cli.patch.lines import Lines, Tier, key
from spark_cli.patch.spot import Spot

_SHOWN = 6
_WIDTH = 160


def ambiguous(text: Lines, spots: Sequence[Spot]) -> str:
    lines = [f"line {spot.start + 1}" for spot in spots[:_SHOWN]]
    more = len(spots) - len(lines)
    crowded = "at least " if spots[0].crowded else ""
    listed = ", ".join(lines) + (f" and {more} more" if more else "")
    first = quoted(text.texts[spots[0].start]) if text.raw else "``"
    advice = "add more of the lines around the change"
    if not spots[0].hunk.anchors:
        advice += ", or an `@@` line with what it is in"
    return (
        f"fits in {crowded}{len(spots)} places that are equally good "
        f"({listed}, each {first}); {advice}"
    )


def contested(text: Lines, spot: Spot, row: int) -> str:
    """Why a place that fits is not taken: another is nearer to what the patch says."""
    return (
        f"fits at line {spot.start + 1}, but what the patch says of its place means "
        f"line {row + 1} ({quoted(text.texts[row])}), where the lines have changed; "
        "read the file again"
    )


def misplaced(text: Lines, spot: Spot, row: int) -> str:
    """Why a place that fits is not taken: it is not under the heading that is given."""
    return (
        f"fits at line {spot.start + 1}, but its `@@` line {quoted(text.texts[row])} "
        f"is at line {row + 1}, and the place is not under it; "
        "read the file again, or mend the `@@` line"
    )


def applied(text: Lines, hunk: Hunk) -> str:
    rows = text.find([line.removesuffix("\r") for line in hunk.new], Tier.BLANKS)
    where = f" at line {rows[0] + 1}" if rows else ""
    return f"is already applied{where}: the file has the new lines and not the old"


def missing(text: Lines, hunk: Hunk) -> str:
    """Names the nearest text and the first line that differs."""
    if not hunk.old:
        return _homeless(hunk)
    row = literal.part_row(text, hunk.literal) if hunk.literal else None
    return _nearest(text, hunk) if row is None else _partly(text, row)


def _partly(text: Lines, row: int) -> str:
    return (
        "leaves open whether all are meant: line "
        f"{row + 1} ({quoted(text.texts[row])}) has the string as a part of something "
        "longer; add more of the text around it"
    )


def _nearest(text: Lines, hunk: Hunk) -> str:
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


def _homeless(hunk: Hunk) -> str:
    if not hunk.anchors:
        return "only adds lines and does not say where: give a line above or below"
    return (
        "only adds lines, and its `@@` line does not tell where and how deep they go: "
        "give the line above or below as well"
    )


def undecided(spot: Spot) -> str:
    return (
        f"fits loosely at line {spot.start + 1}, but it is not clear where or how deep "
        "its lines go; copy the lines around the change exactly"
    )


def doubtful(spot: Spot) -> str:
    """Why a place that fits is not enough."""
    if spot.hunk.literal is None:
        return (
            f"may have been cut off: at line {spot.start + 1} it ends near the end of "
            "the file, and its header announces more lines"
        )
    if not spot.hunk.literal.new:
        return (
            f"removes the lines at line {spot.start + 1} with their line break, but "
            "leaves open whether the blank line below goes too; add the next line to "
            "both strings"
        )
    return (
        f"replaces a part of line {spot.start + 1} by several lines, but leaves open "
        "how deep they go; give the whole line, with its indentation, in both strings"
    )


def quoted(line: str | None) -> str:
    if line is None:
        return "past the end"
    shown = line if len(line) <= _WIDTH else line[:_WIDTH] + " [...]"
    return f"`{shown}`"


def _telling(hunk: Hunk) -> str:
    return max((line.text for line in hunk.old), key=lambda text: len(text.strip()))
