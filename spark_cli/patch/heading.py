"""What a heading of a patch, such as `@@ def run(self):`, says of a place in the file.

No language is known here: what a heading opens is told by indentation, and where that
tells nothing, as in `[section]` or `## Title`, by the next line of its kind.  A model
may quote a heading in part, or the one next to the one that it means, so that a place
is refuted only by a heading that names one line of the file, and that the place
cannot be under.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from spark_cli.patch.indent import indentation
from spark_cli.patch.lines import Lines, Tier, key, plain

_ANCHORS_MAX = 500
"""Headings of one file that are looked for in the middle of lines."""

_WALK_MAX = 2_000
"""So many lines above a place, the line that it is under is looked for."""

_LEAD_MAX = 60
_NAMED_MAX = 64

_KIND = re.compile(r"\w+|#+|[^\w\s]")
_FLAT = re.compile(r"\[.+\]$|##+ ")
_COMMENT = re.compile(r"#(?!\[)|//|/\*|\*[ /]|--|<!--|;|%")
_CLOSING = re.compile(r"[)\]}{]|</|end\b|'''|\"\"\"")
_LABEL = re.compile(r"\w+:$")
_DECORATED = re.compile(r"@\w|#\[")
_WORDS = re.compile(r"[\w\s]*$")
_FLOW = re.compile(
    r"[})\s]*(?:if|elif|else|for|foreach|while|do|loop|try|except|catch|finally|with"
    r"|switch|match|case|unless|until|when)\b"
)


def headings(text: Lines, anchors: Sequence[str]) -> list[int]:
    """The file lines that the innermost anchor may mean, in order."""
    found: list[int] | None = None
    for anchor in anchors:
        rows = _rows(text, anchor)
        if found:
            after = {min((r for r in rows if r > row), default=-1) for row in found}
            rows = sorted(after - {-1}) or rows
        found = rows or found
    return found or []


def _rows(text: Lines, anchor: str) -> list[int]:
    """Lines that are the anchor, or else begin with it, or else contain it."""
    known = text.headings
    if anchor not in known:
        known[anchor] = text.find([anchor], Tier.INDENTATION)
        if not known[anchor] and len(known) < _ANCHORS_MAX:
            known[anchor] = _partly(text, plain(anchor).strip())
    return known[anchor]


def _partly(text: Lines, wanted: str) -> list[int]:
    if not wanted:
        return []
    holds = text.containing(wanted)
    lines = [key(text.texts[row], Tier.INDENTATION) for row in holds]
    for fits in (_begins, _has_words):
        some = [r for r, line in zip(holds, lines, strict=True) if fits(line, wanted)]
        if some:
            return some
    return holds


def _begins(line: str, wanted: str) -> bool:
    return line.startswith(wanted) and _is_apart(line, len(wanted))


def _has_words(line: str, wanted: str) -> bool:
    at = line.find(wanted)
    apart = _is_apart(line, at) and _is_apart(line, at + len(wanted))
    return apart and not _COMMENT.match(line)


def _is_apart(line: str, at: int) -> bool:
    return not re.match(r"\w\w", line[at - 1 : at + 1]) if at else True


def openings(text: Lines, anchors: Sequence[str]) -> list[int]:
    """The lines under which lines may be added with nothing else to go by."""
    rows = headings(text, anchors)[:_NAMED_MAX]
    wanted = [plain(anchor).strip() for anchor in anchors]
    return [row for row in rows if any(_names(text, row, one) for one in wanted)]


def _names(text: Lines, row: int, wanted: str) -> bool:
    """Whether an anchor is the line's beginning, but for words such as `async`."""
    line = key(text.texts[row], Tier.INDENTATION)
    if _begins(line, wanted):
        return True
    words = _has_words(line, wanted) and _WORDS.match(line[: line.find(wanted)])
    return bool(words) and is_nested(text, row)


def depth(line: str) -> int:
    return len(indentation(line))


def is_nested(text: Lines, row: int) -> bool:
    """Whether the lines below are deeper; a brace below may stand between."""
    below = body(text, row)
    return below is not None and depth(below) > depth(text.texts[row])


def body(text: Lines, row: int) -> str | None:
    """The first line below that is not blank and does more than open or close."""
    for line in text.texts[row + 1 : row + 1 + _LEAD_MAX]:
        if line.strip() and not _CLOSING.match(line.strip()):
            return line
    return None


def breaks(text: Lines, row: int, added: Sequence[str]) -> bool:
    """Whether lines under a heading would come amid what belongs together.

    That is a call or signature of several lines, and a decorator with what it is of;
    and lines that are not as deep as what the heading opens.
    """
    head = text.texts[row].strip()
    if head.count("(") > head.count(")"):
        return True
    nested = is_nested(text, row)
    if _DECORATED.match(head) and not nested:
        return True
    below = body(text, row)
    first = next((line for line in added if line.strip()), "")
    return nested and below is not None and indentation(first) != indentation(below)


def encloses(text: Lines, row: int, start: int) -> bool:
    """Whether a line is in what the heading opens, to the best of our knowledge."""
    head, nested = text.texts[row], is_nested(text, row)
    inner = text.texts[row + 1 : start + 1]
    return not any(_ends(head, line, nested=nested) for line in inner)


def _ends(head: str, line: str, *, nested: bool) -> bool:
    bare = line.strip()
    if not bare or depth(line) > depth(head):
        return False
    if not nested:
        return depth(line) < depth(head) or is_kin(head, line)
    return not _is_beside(head.strip(), bare)


def _is_beside(head: str, line: str) -> bool:
    """Whether a line that is no deeper than a heading may still belong to it."""
    label = _LABEL.match(line) and not head.endswith(":")
    comment = _COMMENT.match(line) and not _COMMENT.match(head)
    return bool(label or comment or _CLOSING.match(line))


def is_kin(head: str, line: str) -> bool:
    """Whether a line begins as a heading does, and so may end what that opened."""
    one, other = _KIND.match(head.strip()), _KIND.match(line.strip())
    if one is None or other is None:
        return False
    if one[0][0] == "#":
        return other[0][0] == "#" and len(other[0]) <= len(one[0])
    return one[0] == other[0]


def refuting(text: Lines, anchors: Iterable[str], span: range) -> int | None:
    """The line of a heading that a place is not under, if one is named for certain."""
    for anchor in anchors:
        rows = _rows(text, anchor)
        if len(rows) == 1 and _begins(
            key(text.texts[rows[0]], Tier.INDENTATION), plain(anchor).strip()
        ):
            (row,) = rows
            above = row >= span.stop and span.stop <= _lead(text, row)
            if above or (row < span.start and _is_elsewhere(text, row, span)):
                return row
    return None


def _lead(text: Lines, row: int) -> int:
    """The first line of the comments and decorators that lead to a heading."""
    first, most = row, depth(text.texts[row])
    for at in range(row - 1, max(-1, row - _LEAD_MAX), -1):
        line, bare = text.texts[at], text.texts[at].strip()
        if not bare or depth(line) > most:
            continue
        if _COMMENT.match(bare) or _DECORATED.match(bare):
            first = at
        elif not _CLOSING.match(bare):
            break
    return first


def _is_elsewhere(text: Lines, row: int, span: range) -> bool:
    """Whether a place below a heading is under another of its kind."""
    head = text.texts[row]
    start = next((at for at in span if text.texts[at].strip()), span.start)
    above = range(start, max(row, start - _WALK_MAX), -1)
    if not is_nested(text, row):
        flat = _FLAT.match(head.strip())
        return bool(flat) and any(is_kin(head, text.texts[at]) for at in above)
    least = depth(text.texts[start])
    for at in above[1:]:
        line = text.texts[at]
        if depth(line) < least and line.strip() and not _is_beside(head, line.strip()):
            least = depth(line)
            if least <= depth(head):
                return _is_alike(head.strip(), line.strip())
    return False


def _is_alike(head: str, line: str) -> bool:
    """Whether two lines open things of one kind, such as functions or rules."""
    if is_kin(head, line):
        return True
    if _FLOW.match(head) or _FLOW.match(line) or head[-1] not in ":{)":
        return False
    return head[-1] == line[-1] and head[0].isalpha() == line[0].isalpha()
