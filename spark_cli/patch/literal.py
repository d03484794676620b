"""Placing a string that may begin and end in the middle of lines.

Whole lines are tried first, exactly as they are.  Else the string has to be in the
file once, to the letter: nothing is overlooked inside of lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice

from spark_cli.patch.edits import Hunk, Literal
from spark_cli.patch.indent import indentation
from spark_cli.patch.lines import PLACES_MAX, Lines
from spark_cli.patch.sides import hunk_of
from spark_cli.patch.spot import Spot, Tolerance

_OPERATORS = frozenset("=<>!+-*/%&|^~")
_COMMENTS = {"#", "//", "--", ";", "<!--", "/*", "*", "%", '"'}
_SETTING = re.compile(r"[\w.\[\]]+ ?[-+:]?= ?[^\s=]")


def is_word(hunk: Hunk) -> bool:
    """Whether the old string is one line that says nothing of its indentation."""
    old = hunk.literal.old if hunk.literal else ""
    return "\n" not in old.strip("\n") and old[:1] not in {" ", "\t"}


def places(text: Lines, hunk: Hunk) -> list[Spot]:
    """Every place of the hunk's string, or one spot for all of them if so asked."""
    literal = hunk.literal
    if literal is None or not literal.old:
        return []
    if literal.old.endswith("\n") and literal.new and not literal.new.endswith("\n"):
        return []  # it would join two lines, which nobody means
    joined, size = text.joined, len(literal.old)
    found, starts = _found(text, literal.old)
    if not starts or (len(found) == 1 and _is_outgrown(joined, literal.old, found[0])):
        return []
    if literal.everywhere:
        whole = _spot(text, hunk, literal, starts[0], starts[-1] + size)
        return [whole] if len(starts) == len(found) else []
    return [_spot(text, hunk, literal, start, start + size) for start in found]


def _found(text: Lines, old: str) -> tuple[list[int], list[int]]:
    """Where a string starts, and where it does so as nothing else's part."""
    found = list(islice(text.occurrences(old), PLACES_MAX))
    return found, [at for at in found if _is_apart(text.joined, at, at + len(old))]


def part_row(text: Lines, literal: Literal) -> int | None:
    """The first line that has an asked for string only as a part of something longer.

    `None` unless all of them are to be replaced and another line has it by itself:
    whether that line is meant as well cannot be known.
    """
    if not literal.everywhere or not literal.old:
        return None
    found, starts = _found(text, literal.old)
    if not starts or len(starts) == len(found):
        return None
    inner = min({*found} - {*starts})
    return bisect_right(text.starts, inner) - 1


def _is_apart(joined: str, start: int, stop: int) -> bool:
    """Whether nothing goes on beyond the string that would make it something else.

    That is the rest of a word, of a number, of an operator, or of a name with hyphens;
    or the mark that makes a comment or a text of what the string has as code.
    """
    before, after = joined[max(start - 2, 0) : start], joined[stop : stop + 2]
    goes_on = _goes_on(joined[max(stop - 2, start) : stop][::-1], after)
    began = _goes_on(joined[start : min(start + 2, stop)], before[::-1])
    return not (goes_on or began or _is_quoted(joined, start, stop))


def _goes_on(within: str, beyond: str) -> bool:
    """Whether what is beyond the edge of a string, nearest first, belongs to it."""
    edge, inner, near, far = within[:1], within[1:], beyond[:1], beyond[1:]
    if not near or edge in _OPERATORS:
        return bool(near) and near in _OPERATORS
    if near == "-" and far.isalpha():
        return edge.isalpha()
    if "." in {near, edge}:
        return all(map(str.isdecimal, (edge, far) if near == "." else (inner, near)))
    return _is_word(edge) and _is_word(near)


def _is_quoted(joined: str, start: int, stop: int) -> bool:
    """Whether a string that sets something is only spoken of where it is found."""
    if not _SETTING.match(joined[start:stop]):
        return False
    above = joined[joined.rfind("\n", 0, start) + 1 : start]
    return above.strip() in _COMMENTS or bool(above.count('"') % 2)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_outgrown(joined: str, old: str, start: int) -> bool:
    """Whether whole lines are meant, and the last one has become longer since."""
    stop = start + len(old)
    lines = "\n" in old.strip("\n") or old[:1] in {" ", "\t"}
    begins = start == 0 or joined[start - 1] == "\n"
    ends = old.endswith("\n") or stop >= len(joined) or joined[stop] == "\n"
    return lines and begins and not ends


def _spot(text: Lines, hunk: Hunk, literal: Literal, start: int, stop: int) -> Spot:
    """The lines that a part of the file touches, as a hunk of whole lines."""
    joined = text.joined
    stop -= literal.old.endswith("\n") and stop == len(joined) + 1
    row = bisect_right(text.starts, start) - 1
    first = text.starts[row]
    last = joined.find("\n", stop)
    last = len(joined) if last < 0 else last
    if literal.old.endswith("\n") and not literal.everywhere:
        last = stop - 1  # what follows the line break is not touched
    old = joined[first:last]
    new = old.replace(literal.old, literal.new) if literal.everywhere else ""
    if not literal.everywhere:
        added = literal.new
        if last < stop:
            added = added.removesuffix("\n")
        new = joined[first:start] + added + joined[stop:last]
    before = old.split("\n")
    gone = last < stop and not new and not literal.new
    made = hunk_of(before, [] if gone else new.split("\n"), hunk.source)
    made = made._replace(literal=literal)
    return Spot(made, range(row, row + len(before)), (Tolerance.PART,))


def is_doubtful(text: Lines, spot: Spot) -> bool:
    """Whether the string leaves open what becomes of the lines around it.

    A line whose indentation was left out, and that becomes several: are those indented
    as they stand, or as it is?  Lines that are taken away with their line break: does
    the blank line below, which a list of lines would have as well, go with them?
    """
    literal = spot.hunk.literal
    if literal is None or literal.everywhere:
        return False
    if literal.old.endswith("\n") and not literal.new:
        return spot.stop < len(text.texts) and not text.texts[spot.stop].strip()
    unindented = "\n" not in literal.old and literal.old[:1] not in {" ", "\t"}
    rest = [line for line in literal.new.split("\n")[1:] if line.strip()]
    line = text.texts[spot.start]
    depth = indentation(line)
    starts = line[len(depth) :].startswith(literal.old) and bool(depth)
    return unindented and bool(rest) and starts
