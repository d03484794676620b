"""Signs that lines were left out of a text that claims to have them all.

A line may say so (`# rest of the file unchanged`), which is never meant for the file.
Or a fence in an answer holds only the part that changes, where a whole file is read:
then most of what the file has would be lost, or all that is above or below.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from spark_cli.patch.edits import Fence, Hunk, Line, Sign
from spark_cli.patch.fuzzy import elided

_LENGTH_MAX = 120
_MARKED = re.compile(r"\s*(#+|//+|--+|/\*+|\*|<!--|;+|%+|\{/\*|\{#)")
_DOTS = re.compile(r"\.{3}|\u2026")
_WORD = re.compile(r"[a-z']+")
_LEFT = set(
    _WORD.findall(
        "existing rest remainder remaining remain remains unchanged omitted elided "
        "truncated"
    )
)
_MORE = set(_WORD.findall("same previous other others more original before"))
"""These say it only beside dots: alone they are a heading as well."""
_THINGS = set(
    _WORD.findall(
        "code file files line lines content contents logic function functions method "
        "methods class classes import imports implementation module body definitions "
        "tests fields properties part parts"
    )
)
_FILLING = set(
    _WORD.findall(
        "the of this your all here is are as and above below for brevity keep stay "
        "stays goes it was no not change changes changed continue continues exactly "
        "in to with"
    )
)
_KNOWN = _LEFT | _MORE | _THINGS | _FILLING
_TOKEN = re.compile(r"\w+")
_COMPARED_MAX = 300
_EDGE = 0.25
"""The share of a file that a whole file seldom drops from the top or the bottom."""


def says_so(text: str) -> bool:
    """Whether a line consists of words for lines that were left out.

    It is a comment, or has dots; any word that says something else makes it text.
    """
    if len(text) > _LENGTH_MAX:
        return False
    words = set(_WORD.findall(text.lower()))
    dots = bool(_DOTS.search(text))
    left = words & (_LEFT | _MORE if dots else _LEFT)
    enough = bool(left) and (dots or bool(words & _THINGS))
    return enough and words <= _KNOWN and (dots or bool(_MARKED.match(text)))


def in_file(text: str, before: Iterable[str]) -> str:
    """A line of a whole file that stands for others; empty if there is none."""
    had = set(before)
    lines = (line for line in text.split("\n") if line.strip() and line not in had)
    found = (x for x in lines if elided(Line(Sign.KEPT, x)) or says_so(x))
    return next(found, "").strip()


def in_hunks(hunks: Iterable[Hunk], before: bytes) -> str:
    """An added line that stands for others and is nowhere in the file, nor removed."""
    added = [
        (line.text.strip(), hunk)
        for hunk in hunks
        for line in hunk.lines
        if line.sign == Sign.ADDED and says_so(line.text)
    ]
    new = (
        text
        for text, hunk in added
        if text.encode("utf-8", "surrogateescape") not in before
        and all(line.text.strip() != text for line in hunk.old)
    )
    return next(new, "")


def is_part(text: str, before: str, fence: Fence) -> bool:
    """Whether a fence rather holds a part of the file, or something about it.

    Alone it may also replace all of a file by other lines, as many or more.
    """
    old, new = _telling(before), _telling(text)
    if not old or old == new:
        return False
    if fence is Fence.OPEN or not new:
        return True
    shrinks = fence is Fence.PROSE or len(new) < len(old)
    return (_kept(old, new) * 2 < len(old) and shrinks) or _cuts(old, new)


def _kept(old: list[str], new: list[str]) -> int:
    """How many lines have a counterpart: the same line, or one with half its words."""
    left, came = Counter(old), Counter(new)
    same = left & came
    gone, pool = list((left - same).elements()), list((came - same).elements())
    if max(len(gone), len(pool)) > _COMPARED_MAX:
        return same.total()
    words = [set(_TOKEN.findall(line)) for line in pool]
    alike = 0
    for had in (set(_TOKEN.findall(line)) for line in gone):
        twin = next((at for at, has in enumerate(words) if _alike(had, has)), None)
        if twin is not None:
            del words[twin]
            alike += 1
    return same.total() + alike


def _alike(had: set[str], has: set[str]) -> bool:
    return bool(had) and len(had & has) * 2 >= len(had)


def _cuts(old: list[str], new: list[str]) -> bool:
    """Whether the text begins or ends as the file does much later, or earlier."""
    above = old.index(new[0]) if new[0] in old else 0
    below = old[::-1].index(new[-1]) if new[-1] in old else 0
    return max(above, below) >= _EDGE * len(old)


def _telling(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]
