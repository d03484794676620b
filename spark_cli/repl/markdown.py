"""Markdown as it streams: what is settled comes out once, and a tail that may change.

The text is read once, line by line, and never again: a fence's line is settled at its
newline, prose as soon as its row is full and its marks are closed, a table when its
widths are known.  So the work is linear in the text, and whatever pieces the text comes
in, the settled lines are the same (a property that the tests hold).

The dialect is what models write: headings, lists, quotes, rules, fences, tables, and
the marks of `inline`.  Line breaks are kept as they were made.  The signs of blocks
are kept as well, so that what is copied from the scrollback is Markdown again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from spark_cli.repl import highlight, table
from spark_cli.repl.inline import Inline
from spark_cli.repl.lines import Flow, Line, columns_of, joined

_HEAD = 200
"""A line's kind is told by so many of its characters, or by all of it."""

_TABLE_LINE = 4000
_TAIL_CHARS = 8000
_MARKS_ONLY = re.compile(r"^[\s\-*_#>+=|`~.):\d]*$")
_FENCE = re.compile(r"^(\s*)(`{3,}(?!.*`)|~{3,})\s*([^\s`]*).*$")
_RULE = re.compile(r"^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_HEADING = re.compile(r"^ {0,3}(#{1,6}\s+)(?=\S)")
_ITEM = re.compile(r"^(\s*)((?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)(?=\S)")
_QUOTE = re.compile(r"^\s{0,3}((?:>\s?)+)")
_FENCE_OR_TASK_BEGUN = re.compile(
    r"^\s*(?:`{3}|~{3}|(?:[-*+]|\d{1,9}[.)])\s+\[(?:[ xX]?|[ xX]\]\s*)$)"
)


PARTING: Line = []
"""The blank line between two blocks, and no other: something may be put in here."""


class _Kind(NamedTuple):
    """How a prose line starts: its sign, what rows below begin with, where text is."""

    first: Line
    rest: Line
    style: str
    at: int


class _Fence(NamedTuple):
    mark: str
    indent: int
    code: highlight.Highlighter


class Markdown:
    """Feed it text in any pieces, and tell it when the window has another width."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._settled: list[Line] = []
        self._pieces: list[str] = []
        self._prose: _Prose | None = None
        self._fence: _Fence | None = None
        self._table: table.Table | None = None
        self._held: str | None = None
        self._blank = False
        self._begun = False

    def resize(self, columns: int) -> None:
        """What is not settled yet, and what follows, is broken to this width."""
        self.columns = columns
        if self._prose is not None:
            self._prose.resize(columns)
        if self._table is not None:
            self._table.resize(columns)

    def feed(self, text: str) -> None:
        *lines, last = text.split("\n")
        for line in lines:
            self._piece(line)
            self._newline()
        if last:
            self._piece(last)

    def settled(self) -> list[Line]:
        """The lines that are new and final."""
        lines, self._settled = self._settled, []
        return lines

    def tail(self, rows: int) -> list[Line]:
        """What may still change, as it looks now: at least its last `rows` lines."""
        lines = self._tail(rows)
        return [[], *lines] if lines and self._blank and self._begun else lines

    def close(self) -> list[Line]:
        """The text is over: the lines that are left."""
        if self._pieces or self._prose is not None:
            self._newline()
        self._finish()
        return self.settled()

    def _tail(self, rows: int) -> list[Line]:
        if self._prose is not None:
            return self._prose.tail()
        last = _ending(self._pieces)
        if self._fence is not None:
            return [self._fence.code.peek(last)] if last else []
        lines = self._table.preview(rows) if self._table is not None else []
        if self._held is not None:
            lines = [[("", self._held)]]
        return [*lines, [("", last)]] if last else lines

    def _piece(self, text: str) -> None:
        """Take a part of a line."""
        if self._prose is not None:
            self._settled.extend(self._prose.feed(text))
            return
        if not text:
            return
        self._pieces.append(text)
        if self._fence is None and self._held is None and self._table is None:
            self._try_prose()

    def _try_prose(self) -> None:
        line = "".join(self._pieces)
        if not _may_be_table(line) and (len(line) >= _HEAD or _is_told(line)):
            self._begin_prose(line)

    def _begin_prose(self, line: str) -> None:
        kind = _kind(line[:_HEAD], self.columns)
        self._content()
        self._pieces.clear()
        self._prose = _Prose(self.columns, kind)
        self._settled.extend(self._prose.feed(line[kind.at :]))

    def _newline(self) -> None:
        if self._prose is not None:
            self._settled.extend(self._prose.end())
            self._prose = None
            return
        line = "".join(self._pieces)
        self._pieces.clear()
        if self._fence is not None:
            self._code(line, self._fence)
        elif not self._in_table(line):
            self._block(line)

    def _in_table(self, line: str) -> bool:
        """Whether a line belongs to the table that may be open."""
        if self._held is not None and table.is_delimiter(line):
            self._table = table.Table(self.columns, self._held, line)
            self._held = None
            return True
        if self._table is not None and table.begins(line):
            self._settled.extend(self._table.row(line))
            return True
        self._finish()
        return False

    def _finish(self) -> None:
        """End what waits for lines that did not come."""
        if self._table is not None:
            self._settled.extend(self._table.end())
            self._table = None
        if self._held is not None:
            held, self._held = self._held, None
            self._paragraph(held)

    def _block(self, line: str) -> None:
        fence = _FENCE.match(line) if len(line) < _HEAD else None
        if _may_be_table(line):
            self._content()
            self._held = line
        elif len(line) >= _HEAD:
            self._paragraph(line)
        elif not line.strip():
            self._blank = True
        elif fence:
            self._content()
            self._settled.append([("class:quiet", line)])
            self._fence = _Fence(
                fence[2], len(fence[1]), highlight.highlighter(fence[3])
            )
        elif _RULE.match(line):
            self._content()
            self._settled.append([("class:quiet", line.strip())])
        else:
            self._paragraph(line)

    def _paragraph(self, line: str) -> None:
        self._begin_prose(line)
        self._newline()

    def _code(self, line: str, fence: _Fence) -> None:
        stripped = line.strip()
        if stripped.startswith(fence.mark) and not stripped.strip(fence.mark[0]):
            self._settled.append([("class:quiet", line)])
            self._fence = None
            return
        indent = line[: fence.indent]
        code = indent.lstrip() + line[fence.indent :]
        self._settled.append(joined(fence.code.line(code)))

    def _content(self) -> None:
        """Something is going to be shown: put the blank line that is due before it."""
        if self._blank and self._begun:
            self._settled.append(PARTING)
        self._blank, self._begun = False, True


class _Prose:
    """One logical line of text being broken into rows."""

    def __init__(self, columns: int, kind: _Kind) -> None:
        self._flow = Flow(columns, kind.first, kind.rest)
        self._inline = Inline(kind.style)

    def resize(self, columns: int) -> None:
        self._flow.resize(columns)

    def feed(self, text: str) -> list[Line]:
        for style, piece in self._inline.feed(text):
            self._flow.push(style, piece)
        return self._taken()

    def end(self) -> list[Line]:
        for style, piece in self._inline.end():
            self._flow.push(style, piece)
        self._flow.end()
        return self._taken()

    def tail(self) -> list[Line]:
        trial = self._flow.copy()
        for style, piece in self._inline.guess():
            trial.push(style, piece)
        return trial.end()

    def _taken(self) -> list[Line]:
        rows, self._flow.rows = self._flow.rows, []
        return rows


def _may_be_table(line: str) -> bool:
    return len(line) < _TABLE_LINE and table.begins(line)


def _is_told(line: str) -> bool:
    """Whether a line's kind is certain though more of it is to come."""
    return not _MARKS_ONLY.match(line) and not _FENCE_OR_TASK_BEGUN.match(line)


def _kind(line: str, columns: int) -> _Kind:
    heading = _HEADING.match(line)
    if heading:
        sign: Line = [("class:heading", heading[1])]
        return _Kind(sign, [], "class:heading", heading.end())
    item = _ITEM.match(line)
    if item:
        indent = min(columns_of(item[1].expandtabs(4)), columns // 2)
        lead = " " * indent
        below = " " * min(indent + len(item[2]), columns // 2)
        return _Kind([("", lead + item[2])], [("", below)], "", item.end())
    quote = _QUOTE.match(line)
    if quote:
        mark: Line = [("class:quiet", quote[1].rstrip() + " ")]
        return _Kind(mark, mark, "class:quote", quote.end())
    indent = len(line) - len(line.lstrip())
    margin: Line = [("", " " * min(indent, columns // 2))]
    return _Kind(margin, margin, "", indent)


def _ending(pieces: list[str]) -> str:
    """The last characters of an unfinished line: more would not fit on a screen."""
    kept: list[str] = []
    size = 0
    for piece in reversed(pieces):
        kept.append(piece)
        size += len(piece)
        if size > _TAIL_CHARS:
            break
    return "".join(reversed(kept))
