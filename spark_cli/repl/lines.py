"""Lines of styled text, and how they are broken: the currency of the whole screen.

A span is a style and a text, where a style is what prompt_toolkit calls a style
string (`class:code class:strong`).  What a class looks like is in `theme` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from prompt_toolkit.utils import get_cwidth

Span: TypeAlias = tuple[str, str]
Line: TypeAlias = list[Span]

TAB = 8
WORD_MAX = 2000
"""A longer word is broken, so that no text can be held back for ever."""

GOES_ON = "\u21b3"
"""Stands before a row that goes on with the line above."""

FOLDED_MIN = 8
"""So many columns of code are shown in a row, however narrow the window is."""

EMOJI_SIGN = "\ufe0f"
"""Makes an emoji of the character before it, which then takes two columns."""

_UNSURE = re.compile(
    "[\u0300-\u036f\u0590-\u0fff\u1ab0-\u1aff\u200c\u200d\u20d0-\u20ff\ufb1d-\ufdff"
    "\ufe0e\ufe0f\ufe20-\ufe2f\ufe70-\ufeff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]"
)
_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60"
_PIECES = re.compile(f"([ \\t]+)|([{_WIDE}])|([^ \\t{_WIDE}]+)")
_SPACE, _IDEOGRAM = 1, 2


def columns_of(text: str) -> int:
    """How many columns a text takes: East Asian characters and emoji take two.

    Terminals differ over what is joined or varied; where they do it is the most, so
    that nothing is wider than it was taken for.
    """
    return len(text) if text.isascii() else get_cwidth(text) + text.count(EMOJI_SIGN)


def is_unsure(line: Iterable[Span]) -> bool:
    """Whether terminals differ over where the characters of a line are."""
    return any(not text.isascii() and _UNSURE.search(text) for _, text in line)


def cut(text: str, columns: int) -> str:
    """As much of a text as fits, with a sign where it goes on."""
    if columns_of(text) <= columns:
        return text
    kept, room = "", columns - 1
    for char in text:
        room -= columns_of(char)
        if room < 0:
            break
        kept += char
    return f"{kept}…" if columns > 0 else ""


def columns_of_line(line: Iterable[Span]) -> int:
    return sum(columns_of(text) for _, text in line)


def plain(line: Iterable[Span]) -> str:
    return "".join(text for _, text in line)


def joined(line: Line) -> Line:
    """The same line with neighbours of one style as one span: cheaper to paint."""
    out: Line = []
    for style, text in line:
        if out and out[-1][0] == style:
            out[-1] = (style, out[-1][1] + text)
        elif text:
            out.append((style, text))
    return out


def untabbed(line: Line) -> Line:
    """The line with its tabs as the spaces that a terminal would move over."""
    if not any("\t" in text for _, text in line):
        return line
    out: Line = []
    at = 0
    for style, text in line:
        pieces = []
        for piece in re.split("(\t)", text):
            shown = " " * (TAB - at % TAB) if piece == "\t" else piece
            at += columns_of(shown)
            pieces.append(shown)
        out.append((style, "".join(pieces)))
    return out


def chopped(line: Line, columns: int) -> list[Line]:
    """The rows that a terminal of that width makes of a line that is too long."""
    line = untabbed(line)
    if columns_of_line(line) <= columns:
        return [line]
    rows: list[Line] = [[]]
    room = columns
    for style, text in line:
        start = 0
        for index, char in enumerate(text):
            taken = columns_of(char)
            if taken > room:
                rows[-1].append((style, text[start:index]))
                rows.append([])
                start, room = index, columns
            room -= taken
        rows[-1].append((style, text[start:]))
    return rows


def wrapped(line: Line, columns: int) -> list[Line]:
    """Prose as rows, broken at words; the rows after the first are set in."""
    if columns_of_line(line) <= columns:
        return [line]
    text = plain(line)
    indent = text[: len(text) - len(text.lstrip(" "))]
    flow = Flow(columns, [("", indent)], [("", indent + "  ")])
    for style, piece in line:
        flow.push(style, piece)
    return flow.end()


def folded(lead: Line, code: Line, columns: int) -> list[Line]:
    """Code as rows, broken where the window ends, with a sign where it goes on.

    `lead` is what stands before the first row, and is no part of the code.
    """
    margin = columns_of_line(lead)
    if margin + columns_of_line(untabbed(code)) <= columns:
        return [joined([*lead, *code])]
    first, *others = chopped(code, max(columns - margin, FOLDED_MIN))
    sign = ("class:quiet", f"{GOES_ON:>{max(margin - 1, 1)}} ")
    return [[*lead, *first], *([sign, *row] for row in others)]


class Flow:
    """Breaks one logical line at words as its text arrives, in any pieces.

    A row is in `rows` as soon as nothing that follows can change it.  A word that is
    wider than the screen is left whole: the terminal breaks it, so that a long address
    can still be clicked and copied.
    """

    def __init__(self, columns: int, first: Line, rest: Line) -> None:
        self.rows: list[Line] = []
        self._columns = max(columns, 2)
        self._rest = rest
        self._row = list(first)
        self._used = columns_of_line(first)
        self._empty = True
        self._gap: Line = []
        self._word: Line = []
        self._letters = 0

    def resize(self, columns: int) -> None:
        """The rows that are not done yet are as wide as this."""
        self._columns = max(columns, 2)

    def push(self, style: str, text: str) -> None:
        for match in _PIECES.finditer(text):
            piece = match.group()
            if match.lastindex == _SPACE:
                self._place()
                self._gap.append((style, piece.replace("\t", "    ")))
            elif match.lastindex == _IDEOGRAM:
                self._place()
                self._word.append((style, piece))
                self._place()
            else:
                self._grow(style, piece)

    def end(self) -> list[Line]:
        """The rows that are left: the text is over."""
        self._place()
        self.rows.append(joined(self._row))
        return self.rows

    def copy(self) -> Flow:
        """A flow to try something on: rows that are done are not copied."""
        twin = Flow(self._columns, self._row, self._rest)
        twin._used, twin._empty = self._used, self._empty
        twin._gap, twin._word = list(self._gap), list(self._word)
        twin._letters = self._letters
        return twin

    def _grow(self, style: str, piece: str) -> None:
        while piece:
            taken = piece[: WORD_MAX - self._letters]
            piece = piece[len(taken) :]
            self._word.append((style, taken))
            self._letters += len(taken)
            if self._letters == WORD_MAX:
                self._place()

    def _place(self) -> None:
        """Put the word that is waiting where it belongs, with the gap before it."""
        if not self._word:
            return
        width = columns_of_line(self._word)
        gap = 0 if self._empty else columns_of_line(self._gap)
        if not self._empty and self._used + gap + width > self._columns:
            self.rows.append(joined(self._row))
            self._row, gap = list(self._rest), 0
            self._used = columns_of_line(self._rest)
        if gap:
            self._row.extend(self._gap)
        self._row.extend(self._word)
        self._used += gap + width
        if self._used > self._columns:
            self._used = self._used % self._columns or self._columns
        self._empty = False
        self._gap, self._word, self._letters = [], [], 0
