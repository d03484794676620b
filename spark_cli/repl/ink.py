"""The colors of a changed file: of its language, and of what has changed in a line.

A line that takes another's place is compared with it word by word, and the words that
differ stand out, so that one letter in a long line is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from spark_cli.repl.highlight import LINE_MAX, highlighter
from spark_cli.repl.lines import Line

STYLES = {
    "+": "class:added",
    "-": "class:removed",
    " ": "",
    "\\": "class:quiet",
    "": "",
}
_WORDS = re.compile(r"\w+|\s+|.")
_ALIKE = 0.5
"""Lines with less in common are not the same line, changed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a diff: `lead` stands in the margin."""

    sign: str
    lead: Line = field(default_factory=list)
    text: str = ""


class Ink:
    """One file.  The old lines and the new ones go on from those before, each side."""

    def __init__(self, language: str) -> None:
        self._old, self._new = highlighter(language), highlighter(language)

    def colored(self, rows: Sequence[Row]) -> list[Line]:
        """Lines of code, in order: one that is kept, or a run that is changed."""
        marked = _marked(rows)
        return [
            _joined(row, self._code(row), marks)
            for row, marks in zip(rows, marked, strict=True)
        ]

    def _code(self, row: Row) -> Line:
        if row.sign == "-":
            self._old.line(row.text)
            return [("", row.text)]  # what goes is red, whatever it was
        if row.sign == " ":
            self._old.line(row.text)
        return self._new.line(row.text) if row.sign in {"+", " "} else [("", row.text)]


def _joined(row: Row, code: Line, marks: Sequence[range]) -> Line:
    base = STYLES[row.sign]
    line: Line = []
    at = 0
    for style, text in code:
        for piece, marked in _cut(text, at, marks):
            classes = [base, style, "class:changed" if marked else ""]
            line.append((" ".join(filter(None, classes)), piece))
        at += len(text)
    return line


def _cut(text: str, at: int, marks: Sequence[range]) -> Iterator[tuple[str, bool]]:
    """The pieces of a span that are marked, and those that are not."""
    edges = {0, len(text)}
    for mark in marks:
        edges |= {min(max(end - at, 0), len(text)) for end in (mark.start, mark.stop)}
    ends = sorted(edges)
    for start, stop in pairwise(ends):
        yield text[start:stop], any(at + start in mark for mark in marks)


def _marked(rows: Sequence[Row]) -> list[list[range]]:
    """What stands out in each row."""
    old = [at for at, row in enumerate(rows) if row.sign == "-"]
    new = [at for at, row in enumerate(rows) if row.sign == "+"]
    marks: list[list[range]] = [[] for _ in rows]
    if len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            marks[one], marks[other] = _differing(rows[one].text, rows[other].text)
    return marks


def _differing(old: str, new: str) -> tuple[list[range], list[range]]:
    if max(len(old), len(new)) > LINE_MAX // 4:
        return [], []
    ours, theirs = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [], []
    gone, come = [], []
    for tag, one, two, three, four in matcher.get_opcodes():
        if tag != "equal":
            gone.append(_span(ours, one, two))
            come.append(_span(theirs, three, four))
    return gone, come


def _span(words: Sequence[str], start: int, stop: int) -> range:
    first = sum(map(len, words[:start]))
    return range(first, first + sum(map(len, words[start:stop])))
