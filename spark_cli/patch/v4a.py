"""The patch format that OpenAI's models write, read as leniently as it is written.

Both of OpenAI's own engines are covered: stacked and chained `@@` headings, line
numbers in them, a move without a change, several sections for one file, kept lines
without their leading blank.  What stands around the envelope is ignored, but an
envelope without its end is a patch that was cut off, and is refused.

Source: the Lark grammar of the `apply_patch` tool, and `apply_diff` of OpenAI's
agents SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign

BEGIN = re.compile(r"\s*\*\*\* ?Begin Patch\s*(\*\*\*)?\s*$")
END = re.compile(r"\*\*\* ?End Patch\s*(\*\*\*)?\s*$")
_PADDED_END = re.compile(r"\s*\*\*\* ?End Patch\s*(\*\*\*)?\s*$")
_SECTION = re.compile(r"\*\*\* ?(Add|Update|Delete) File: ?(.*)$")
_MOVE = re.compile(r"\*\*\* ?Move to: ?(.*)$")
_NOTES = re.compile(r"\*\*\* ?(End of File|Environment ID:.*)\s*$")
_NUMBERED = re.compile(r"@@+ *-(\d+)(?:,\d+)? +\+\d+(?:,\d+)? *@@+ ?(.*)$")
_NO_HEADING = {"", "..."}


def parse(text: str) -> list[Edit]:
    """The edits of every envelope in the text; `PatchRefused` if one is not whole."""
    lines = text.split("\n")
    parser = Parser()
    inside = begun = False
    last_end = max((n for n, line in enumerate(lines) if END.match(line)), default=-1)
    for number, line in enumerate(lines, 1):
        if not inside:
            inside = bool(BEGIN.match(line))
            begun = begun or inside
        elif END.match(line) or (number > last_end + 1 and _PADDED_END.match(line)):
            inside = False
            parser.close()
        else:
            parser.feed(line, number)
    if not begun:
        raise PatchRefused("there is no `*** Begin Patch` line")
    if inside:
        raise PatchRefused(
            "the patch was cut off: its last line is not `*** End Patch`",
            "send the whole patch again",
        )
    if not parser.edits:
        raise PatchRefused("the patch has no `*** Update File:` section, nor any other")
    return parser.edits


@dataclass(slots=True)
class _Open:
    """A hunk that is still being read."""

    lines: list[Line] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    line: int | None = None
    at_end: bool = False
    ends_old: bool | None = None
    ends_new: bool | None = None
    source: int = 0

    def hunk(self) -> Hunk:
        return Hunk(
            tuple(self.lines),
            tuple(self.anchors),
            self.line,
            self.at_end,
            self.ends_old,
            self.ends_new,
            self.source,
        )


class Parser:
    """Fed with the lines between the marks, one at a time.

    `hunks` holds the whole ones of the section that is being read.
    """

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.action: Action | None = None
        self.name = ""
        self.hunks: list[Hunk] = []
        self._to: str | None = None
        self._open = _Open()

    def feed(self, line: str, number: int) -> None:
        bare = line.rstrip("\r")
        between = self.action is None or not self._open.lines
        section = _SECTION.match(bare.strip() if between else bare.rstrip())
        if section:
            self.close()
            self.action = Action(section[1].lower())
            self.name = file_name(section[2], number)
        elif self.action is None:
            if bare.strip() and not _NOTES.match(bare.strip()):
                raise PatchRefused(
                    f"line {number} of the patch is outside of any file section: "
                    f"`{bare[:80]}`"
                )
        elif self.action == Action.UPDATE:
            self._update(line, number)
        else:
            self._content(line, number)

    def close(self) -> None:
        """End the section that is being read, if any."""
        action = self.action
        if action is None:
            return
        if action == Action.UPDATE:
            self._close_hunk()
            if not self.hunks and self._to is None:
                raise PatchRefused(f"the section of `{self.name}` changes nothing")
            edit = Edit(action, self.name, tuple(self.hunks), to=self._to)
        elif action == Action.ADD:
            edit = Edit(action, self.name, text=self._text())
        else:
            edit = Edit(action, self.name)
        self.edits.append(edit)
        self.action, self.hunks, self._to, self._open = None, [], None, _Open()

    def _update(self, line: str, number: int) -> None:
        move = _MOVE.match(line.rstrip())
        note = _NOTES.match(line.rstrip())
        if move:
            self._to = file_name(move[1], number)
        elif note:
            self._open.at_end = note[1] == "End of File"
            self._close_hunk()
        elif line.startswith("@@"):
            self._heading(line.rstrip(), number)
        elif line.startswith("\\"):
            self._no_newline()
        else:
            self._line(line, number)

    def _heading(self, line: str, number: int) -> None:
        if self._open.lines:
            self._close_hunk()
        numbered = _NUMBERED.match(line)
        if numbered:
            self._open.line = int(numbered[1])
        rest = numbered[2] if numbered else line.lstrip("@")
        if rest.endswith("@@"):
            rest = rest.rstrip("@")
        for anchor in rest.split(" @@ "):
            if anchor.strip() not in _NO_HEADING:
                self._open.anchors.append(anchor.removeprefix(" "))
        self._open.source = number

    def _line(self, line: str, number: int) -> None:
        lines = self._open.lines
        self._open.source = self._open.source or number
        if line.startswith("+++ ") and _is_file_header(lines):
            lines.clear()  # a unified diff's `---` and `+++` inside the section
            return
        lines.append(signed(line))

    def _no_newline(self) -> None:
        mark_no_newline(self._open)

    def _close_hunk(self) -> None:
        opened = self._open
        if opened.lines or opened.at_end:
            hunk = opened.hunk()
            if hunk.changes:
                self.hunks.append(hunk)
            self._open = _Open()

    def _content(self, line: str, number: int) -> None:
        self._open.source = self._open.source or number
        if _NOTES.match(line.rstrip()):
            return
        if self.action == Action.DELETE:
            if line.strip() and line[0] not in " +-@":
                raise PatchRefused(f"line {number} of the patch: `{line[:80]}`")
            return
        if not (line.startswith("@@") and not self._open.lines):
            self._open.lines.append(signed(line))

    def _text(self) -> str:
        lines = self._open.lines
        while lines and lines[-1].bare and not lines[-1].text:
            lines.pop()
        if any(line.sign == Sign.ADDED for line in lines):
            stray = next((line for line in lines if not _is_added(line)), None)
            if stray is not None:
                raise PatchRefused(
                    f"`{self.name}` is to be added, so every line needs a `+`: "
                    f"`{stray.text[:80]}`"
                )
            return "".join(line.text + "\n" for line in lines)
        return "".join(f"{_as_written(line)}\n" for line in lines)


def _is_added(line: Line) -> bool:
    return line.sign == Sign.ADDED or not line.text


def _as_written(line: Line) -> str:
    return line.text if line.bare else line.sign + line.text


def _is_file_header(lines: list[Line]) -> bool:
    return (
        len(lines) == 1
        and lines[0][:2] == (Sign.REMOVED, lines[0].text)
        and (lines[0].text.startswith("-- "))
    )


def signed(line: str) -> Line:
    """A line of a hunk by its first character; one without a sign is kept, `bare`."""
    if line[:1] in {"+", "-", " "}:
        return Line(Sign(line[0]), line[1:])
    return Line(Sign.KEPT, line, bare=True)


def mark_no_newline(opened: _Open) -> None:
    r"""Note a `\ No newline at end of file` about the line just read."""
    last = opened.lines[-1].sign if opened.lines else Sign.KEPT
    if last != Sign.ADDED:
        opened.ends_old = False
    if last != Sign.REMOVED:
        opened.ends_new = False


def file_name(text: str, number: int) -> str:
    """A name as it is meant: without quotes, blanks around it and `./`."""
    name = text.strip()
    for quote in "`\"'":
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1]
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    if not name:
        raise PatchRefused(f"line {number} of the patch has no file name")
    return name


def envelopes(text: str) -> Iterator[int]:
    """The numbers of the lines, from 0, where an envelope begins."""
    for number, line in enumerate(text.split("\n")):
        if BEGIN.match(line):
            yield number
