"""What the model writes that is no answer: a thought, a tool call, a patch.

It is seen while it forms, and is gone when it is whole: then comes what it was for.
A patch is one quiet line, its files and how many lines, and below it the hunk that is
being written; a hunk that is whole is shown at its place, above.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from spark_cli.core.ids import ItemId
from spark_cli.core.printable import printable, printable_line
from spark_cli.patch.argument import Argument
from spark_cli.repl.lines import Flow, Line, chopped, wrapped

PATCH = "apply_patch"
NAMES_MAX = 3
_CHARS = 4000
_CALL_LINES = 12
_THOUGHT_LINES = 4

_NAME = re.compile(
    r"\*\*\* (?:Add|Update|Delete) File: *(?P<v4a>.+)|\+\+\+ (?:b/)?(?P<unified>[^\t]+)"
)
_TORN_LINES = 8
_TORN = {"+": "class:added", "-": "class:removed"}
_MARK = re.compile(r"\+\+\+ |--- |<{3,} |>{3,} ")


@dataclass(slots=True)
class Thought:
    item: ItemId
    text: str = ""

    def feed(self, text: str) -> None:
        self.text = (self.text + text)[-_CHARS:]

    def lines(self, columns: int) -> list[Line]:
        rows: list[Line] = []
        for part in printable(self.text).split("\n"):
            flow = Flow(columns, [], [])
            flow.push("class:comment", part.replace("**", ""))
            rows.extend(flow.end())
        return [row for row in rows if row][-_THOUGHT_LINES:]


@dataclass(slots=True)
class Writing:
    """A tool call: the end of its input, and how long it is by now."""

    item: ItemId
    name: str
    text: str = ""
    size: int = 0

    def feed(self, text: str) -> None:
        self.text = (self.text + text)[-_CHARS:]
        self.size += len(text)

    def lines(self, columns: int, rows: int) -> list[Line]:
        del columns
        shown = _readable(self.text).split("\n")[-min(rows, _CALL_LINES) :]
        unit = "character" if self.size == 1 else "characters"
        name = f"{printable_line(self.name)}, {self.size:,} {unit}"
        return [[("class:quiet", text)] for text in [name, *shown] if text]


class Forming:
    """A patch.  Fed with the pieces of the call's input, be it a text or JSON."""

    def __init__(self, item: ItemId) -> None:
        self.item = item
        self._argument: Argument | None = None
        self._begun = False
        self._pieces: list[str] = []
        self._names: dict[str, None] = {}
        self._rows = 0
        self._torn: deque[str] = deque(maxlen=_TORN_LINES)
        self._added = self._removed = 0

    def feed(self, piece: str) -> None:
        if not self._begun and piece.strip():
            self._begun = True
            if piece.lstrip().startswith("{"):
                self._argument = Argument()
        if self._argument is not None:
            piece = self._argument.feed(piece)
        self._pieces.append(piece)
        if "\n" in piece:
            *lines, rest = "".join(self._pieces).split("\n")
            self._pieces = [rest]
            for line in lines:
                self._take(line)

    def lines(self, columns: int, rows: int) -> list[Line]:
        lines = wrapped(self._line(), columns)
        torn = [line for line in (*self._torn, self._rest(columns)) if line]
        room = max(rows - len(lines), 0)
        for line in torn[-room:] if room else []:
            style = _TORN.get(line[:1], "class:quiet")
            row: Line = [("", "      "), (style, printable_line(line))]
            lines += chopped(row, columns)[:1]
        # It never shrinks: the prompt below would jump at every hunk that is whole.
        self._rows = max(self._rows, len(lines))
        return lines + [[]] * (min(self._rows, rows) - len(lines))

    def _rest(self, columns: int) -> str:
        """The beginning of the line that is being written, as far as it is seen."""
        seen: list[str] = []
        size = 0
        for piece in self._pieces:
            seen.append(piece)
            size += len(piece)
            if size >= columns:
                break
        rest = "".join(seen)[:columns]
        return "" if rest.startswith(("*", "@")) else rest

    def _line(self) -> Line:
        names = ", ".join(printable_line(name) for name in [*self._names][:NAMES_MAX])
        others = len(self._names) - NAMES_MAX
        more = f" and {others} more" if others > 0 else ""
        line: Line = [("class:quiet", f"· patch {names}{more}".rstrip())]
        if self._added:
            line.append(("class:added", f" +{self._added}"))
        if self._removed:
            line.append(("class:removed", f" -{self._removed}"))
        return [*line, ("class:quiet", " ...")]

    def _take(self, line: str) -> None:
        name = _NAME.match(line)
        if name or line.startswith("@@"):
            self._torn.clear()
        elif not line.startswith("***"):
            self._torn.append(line)
        if name is not None:
            found = (name["v4a"] or name["unified"]).strip()
            self._names.setdefault(found)
        elif not _MARK.match(line):
            self._added += line.startswith("+")
            self._removed += line.startswith("-")


def call_begun(item: ItemId, name: str) -> Writing | Forming:
    return Forming(item) if name == PATCH else Writing(item, name)


def _readable(raw: str) -> str:
    """A call's input for the eye: JSON's escapes resolved where it is JSON."""
    if "\n" in raw.strip():
        return printable(raw)
    text = raw.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
    return printable(text.replace('\\"', '"').replace("\0", "\\"))
