"""Markdown tables, set in columns and still Markdown, so that a copy is one too.

The widths are fixed by the first rows; what comes later is broken to fit.  So a table
of any length is printed as it comes, and each row once.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from spark_cli.repl.inline import styled
from spark_cli.repl.lines import Flow, Line, columns_of_line

ROWS_HELD = 40
"""So many rows decide the widths; until then nothing is printed."""

_LEAST = 3
_DELIMITER = re.compile(r"^ {0,3}\|?(?: *:?-+:? *\|)* *:?-+:? *\|? *$")
_CELL = re.compile(r"((?:[^|\\`]|\\.|`[^`]*`|[\\`])*)(?:\||$)")


def begins(line: str) -> bool:
    """Whether a line may be a table's first; the next line tells."""
    return line.lstrip(" ").startswith("|")


def is_delimiter(line: str) -> bool:
    return "|" in line and "-" in line and bool(_DELIMITER.match(line))


class Table:
    def __init__(self, columns: int, header: str, delimiter: str) -> None:
        self._columns = columns
        self._alignment = [_alignment(cell) for cell in cells(delimiter)]
        self._held = [cells(header)]
        self._widths: list[int] | None = None

    def resize(self, columns: int) -> None:
        """Fit this width, unless the widths are settled."""
        self._columns = columns

    def row(self, line: str) -> list[Line]:
        """Take a row; the lines that can be printed now."""
        if self._widths is not None:
            return self._lines(cells(line), self._widths)
        self._held.append(cells(line))
        return self.end() if len(self._held) > ROWS_HELD else []

    def end(self) -> list[Line]:
        """The lines that are left: the table is over, or long."""
        if self._widths is not None:
            return []
        self._widths = self._settled_widths()
        return self._all(self._held[1:], self._widths)

    def preview(self, rows: int) -> list[Line]:
        """How the last rows that are held would look."""
        if self._widths is not None:
            return []
        widths = self._settled_widths()
        return self._all(self._held[1:][-rows:], widths)

    def _all(self, body: list[list[str]], widths: list[int]) -> list[Line]:
        header = self._lines(self._held[0], widths, "class:strong")
        lines = [*header, self._rule(widths)]
        for row in body:
            lines.extend(self._lines(row, widths))
        return lines

    def _settled_widths(self) -> list[int]:
        """As wide as the widest cell, or a fair share where that is too much."""
        count = len(self._alignment)
        natural = [_LEAST] * count
        for row in self._held:
            for index, cell in enumerate(row[:count]):
                natural[index] = max(natural[index], columns_of_line(styled(cell)))
        room = max(self._columns - 3 * count - 1, _LEAST * count)
        return _shared(natural, room)

    def _lines(self, row: list[str], widths: list[int], style: str = "") -> list[Line]:
        broken = [
            _broken(row[index] if index < len(row) else "", width, style)
            for index, width in enumerate(widths)
        ]
        return [
            self._joined([list(cell) for cell in row_], widths)
            for row_ in zip_longest(*broken, fillvalue=())
        ]

    def _joined(self, row: list[Line], widths: list[int]) -> Line:
        line: Line = [("class:quiet", "|")]
        for cell, width, side in zip(row, widths, self._alignment, strict=True):
            space = max(width - columns_of_line(cell), 0)
            left = space if side == "right" else space // 2 if side == "center" else 0
            line.append(("", " " * (left + 1)))
            line.extend(cell)
            line.append(("", " " * (space - left + 1)))
            line.append(("class:quiet", "|"))
        return line

    def _rule(self, widths: list[int]) -> Line:
        marks = {"left": ("-", "-"), "right": ("-", ":"), "center": (":", ":")}
        parts = [
            marks[side][0] + "-" * width + marks[side][1]
            for side, width in zip(self._alignment, widths, strict=True)
        ]
        return [("class:quiet", "|" + "|".join(parts) + "|")]


def cells(line: str) -> list[str]:
    """A row's cells; a bar in code or behind a backslash is text."""
    line = line.strip().removeprefix("|")
    found = []
    at = 0
    while at < len(line):
        match = _CELL.match(line, at)
        if match is None:
            break
        found.append(match[1].strip().replace("\\|", "|"))
        at = match.end()
    return found


def _alignment(delimiter: str) -> str:
    if delimiter.endswith(":"):
        return "center" if delimiter.startswith(":") else "right"
    return "left"


def _shared(natural: list[int], room: int) -> list[int]:
    """Widths that fit: narrow columns keep theirs, the wide ones share the rest."""
    widths = list(natural)
    open_ = sorted(range(len(natural)), key=lambda index: natural[index])
    left = room
    for position, index in enumerate(open_):
        fair = max(left // (len(open_) - position), _LEAST)
        widths[index] = min(natural[index], fair)
        left -= widths[index]
    return widths


def _broken(text: str, width: int, style: str) -> list[Line]:
    flow = Flow(width, [], [])
    for span_style, piece in styled(text, style):
        flow.push(span_style, piece)
    return flow.end()
