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

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.blocks import REPLACE, SEARCH, block_of
from spark_cli.patch.edits import Action, Edit, Line, Sign
from spark_cli.patch.names import named
from spark_cli.patch.parser import Draft, Opened, Outside, cut_off, file_name, signed

BEGIN = re.compile(r"\*\*\* ?Begin Patch\b[ *]*$", re.IGNORECASE)
SECTION = re.compile(
    r"\*\*\* ?(Add|Create|Update|Modify|Edit|Delete|Remove) File: ?(.*)$", re.IGNORECASE
)
_END = re.compile(r"\*\*\* ?End (?:of )?Patch\b[ *`\"'})\]]*$", re.IGNORECASE)
_MOVE = re.compile(r"\*\*\* ?(?:Move|Rename) to: ?(.*)$", re.IGNORECASE)
_NOTES = re.compile(r"\*\*\* ?(End of File|Environment ID:.*)$", re.IGNORECASE)
_NUMBERED = re.compile(
    r"@@+ *-(\d{1,9})(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})? *@@+ ?(.*)$"
)
_ACTIONS = {
    "add": Action.ADD,
    "create": Action.ADD,
    "delete": Action.DELETE,
    "remove": Action.DELETE,
}
_NOWHERE = "/dev/null"
_FENCES = ("```", "~~~")
_NO_HEADING = {"", "..."}
_MARK_LENGTH_MAX = 1000
"""A line that is longer is no mark: the expressions are only tried on short ones."""


def marks(line: str) -> str:
    """The line without blanks around it if it may be a mark, else nothing."""
    bare = line.strip()
    return bare if bare[:3] == "***" and len(bare) < _MARK_LENGTH_MAX else ""


class V4AParser:
    """Reads the envelopes of a text; what is in between is prose.

    A padded `*** End Patch` may be a kept line of a patch about patches.  It ends the
    envelope only if no other line does, so what follows it waits until that is clear.
    """

    def __init__(self, outside: Outside) -> None:
        self.drafts: list[Draft] = []
        self._outside = outside
        self._fences = _Fences()
        self._sections = _Sections(self.drafts)
        self._inside = self._begun = False
        self._held: list[tuple[str, int]] = []

    def feed(self, line: str, number: int) -> None:
        mark = marks(line)
        if self._held:
            self._hold(line, number, mark)
        elif not self._inside:
            self._open(line, number, mark)
        elif not mark:
            self._sections.feed(line, number)
        elif _END.match(mark) and line[:1] == "*":
            self._end()
        elif _END.match(mark):
            self._held.append((line, number))
        elif BEGIN.match(mark) and line[:1] == "*":
            self._again(number)
        else:
            self._sections.feed(line, number)

    def close(self, *, ended: bool) -> list[Edit]:  # noqa: ARG002 - ends by a mark
        self._replay(as_end=True)
        if not self._begun:
            raise PatchRefused("there is no `*** Begin Patch` line")
        if self._inside:
            raise cut_off("the patch was cut off: its last line is not `*** End Patch`")
        if not self._sections.edits:
            raise PatchRefused(
                "the patch has no `*** Update File:` section, nor any other"
            )
        return self._sections.edits

    def _open(self, line: str, number: int, mark: str) -> None:
        """A section may also open an envelope that lacks its first line."""
        section = line[:1] == "*" and SECTION.match(mark)
        if not section and not BEGIN.match(mark):
            self._outside.feed(line, number)
            self._fences.feed(line)
            return
        self._outside.enter()
        self._fences.enter(number)
        self._inside = self._begun = True
        if section:
            self._sections.feed(line, number)

    def _end(self) -> None:
        self._inside = False
        self._sections.close()

    def _again(self, number: int) -> None:
        if self._sections.is_open():
            raise cut_off(
                f"the patch was cut off: line {number} begins another one before "
                "`*** End Patch`"
            )

    def _hold(self, line: str, number: int, mark: str) -> None:
        ends = line[:1] == "*" and bool(_END.match(mark))
        begins = line[:1] == "*" and bool(BEGIN.match(mark))
        if not ends and not begins:
            self._held.append((line, number))
            return
        self._replay(as_end=begins)
        self.feed(line, number)

    def _replay(self, *, as_end: bool) -> None:
        held, self._held = self._held, []
        for line, number in held:
            if as_end and _END.match(marks(line)) and self._inside:
                self._end()
            elif self._inside:
                self._sections.feed(line, number)
            else:
                self._open(line, number, marks(line))


class _Fences:
    """Tells a patch that is shown in a fence from one that is sent bare.

    Where a text has both, with prose between them, one may be only an example.
    """

    def __init__(self) -> None:
        self._fenced = False
        self._first: bool | None = None
        self._prose = False

    def feed(self, line: str) -> None:
        if line.lstrip().startswith(_FENCES):
            self._fenced = not self._fenced
        elif line.strip():
            self._prose = True

    def enter(self, number: int) -> None:
        if self._first is None:
            self._first = self._fenced
        elif self._prose and self._first is not self._fenced:
            raise PatchRefused(
                f"the patch at line {number} and the one above are not both in a "
                "fence: it is not clear whether both are meant",
                "send only what is to be applied",
            )
        self._prose = False


class _Sections:
    """What is between the marks of an envelope."""

    def __init__(self, drafts: list[Draft]) -> None:
        self.edits: list[Edit] = []
        self._drafts = drafts
        self._action: Action | None = None
        self._opened = Opened()
        self._block: list[str] | None = None

    @property
    def _draft(self) -> Draft:
        return self._drafts[-1]

    def is_open(self) -> bool:
        return self._action is not None

    def feed(self, line: str, number: int) -> None:
        mark = marks(line)
        between = line[:1] == "*" or not self._has_hunk()
        section = SECTION.match(mark) if mark and between else None
        if section:
            self._section(section, number)
        elif self._action is None:
            if line.strip() and not _NOTES.match(mark):
                raise PatchRefused(
                    f"line {number} of the patch is outside of any file section: "
                    f"`{line.rstrip()[:80]}`"
                )
        elif self._action == Action.UPDATE:
            self._update(line, number, mark if line[:1] == "*" else "")
        else:
            self._content(line, number, mark)

    def close(self) -> None:
        """End the section that is being read, if any."""
        action = self._action
        if action is None:
            return
        draft = self._draft
        if action == Action.UPDATE:
            self._close_hunk()
            if self._block is not None:
                raise cut_off(f"the last block of `{draft.name}` was cut off")
            if not draft.hunks and draft.to is None:
                raise PatchRefused(f"the section of `{draft.name}` changes nothing")
            edit = Edit(action, draft.name, tuple(draft.hunks), to=draft.to)
        elif action == Action.ADD:
            edit = Edit(action, draft.name, text=self._text())
        else:
            edit = Edit(action, draft.name)
        self.edits.append(edit)
        draft.settled = True
        self._action, self._opened = None, Opened()

    def _has_hunk(self) -> bool:
        """Whether a padded line would be one of a hunk."""
        headed = self._action == Action.UPDATE and self._opened.source > 0
        return headed or bool(self._opened.lines)

    def _section(self, section: re.Match[str], number: int) -> None:
        self.close()
        self._action = _ACTIONS.get(section[1].lower(), Action.UPDATE)
        name = file_name(section[2], number)
        self._drafts.append(Draft(self._action, name))

    def _update(self, line: str, number: int, mark: str) -> None:
        note = _NOTES.match(mark)
        move = _MOVE.match(mark)
        if self._block is not None or SEARCH.match(line[:_MARK_LENGTH_MAX]):
            self._in_block(line, number)
        elif move:
            self._draft.to = file_name(move[1], number)
        elif note:
            self._opened.at_end = note[1].lower() == "end of file"
            self._close_hunk()
        elif line.startswith("@@"):
            self._heading(line.rstrip(), number)
        elif line.startswith("\\"):
            self._opened.no_newline()
        else:
            self._line(line, number)

    def _in_block(self, line: str, number: int) -> None:
        """A search and replace block where a hunk should be."""
        if self._block is None:
            self._close_hunk()
            self._block = []
        elif REPLACE.match(line[:_MARK_LENGTH_MAX]):
            self._draft.hunks.append(block_of(self._block, number))
            self._block = None
        else:
            self._block.append(line)

    def _heading(self, line: str, number: int) -> None:
        if self._opened.lines:
            self._close_hunk()
        numbered = _NUMBERED.match(line)
        if numbered:
            self._opened.line = int(numbered[1])
        rest = numbered[2] if numbered else line.lstrip("@")
        if rest.endswith("@@"):
            rest = rest.rstrip("@")
        for anchor in rest.split(" @@ "):
            if anchor.strip() not in _NO_HEADING:
                self._opened.anchors.append(anchor.removeprefix(" "))
        self._opened.source = number

    def _line(self, line: str, number: int) -> None:
        lines = self._opened.lines
        self._opened.source = self._opened.source or number
        if line.startswith("+++ ") and _is_file_header(lines, line, self._draft.name):
            lines.clear()  # a unified diff's `---` and `+++` inside the section
            return
        lines.append(signed(line))

    def _close_hunk(self) -> None:
        opened = self._opened
        if opened.lines or opened.at_end:
            hunk = opened.hunk()
            move = _padded_move(opened.lines)
            if hunk.changes:
                self._draft.hunks.append(hunk)
            elif move and not (self._draft.hunks or opened.anchors):
                self._draft.to = file_name(move[1], opened.source)
            self._opened = Opened()

    def _content(self, line: str, number: int, mark: str) -> None:
        self._opened.source = self._opened.source or number
        if line[:1] == "*" and _NOTES.match(mark):
            return
        if self._action == Action.DELETE:
            if line.strip() and line[0] not in " +-@":
                raise PatchRefused(f"line {number} of the patch: `{line[:80]}`")
            return
        if not (line.startswith("@@") and not self._opened.lines):
            self._opened.lines.append(signed(line))

    def _text(self) -> str:
        lines = self._opened.lines
        while lines and lines[-1].bare and not lines[-1].text:
            lines.pop()
        if any(line.sign == Sign.ADDED for line in lines):
            stray = next((line for line in lines if not _is_added(line)), None)
            if stray is not None:
                raise PatchRefused(
                    f"`{self._draft.name}` is to be added, so every line needs a `+`: "
                    f"`{stray.text[:80]}`"
                )
            return "".join(line.text + "\n" for line in lines)
        return "".join(f"{_as_written(line)}\n" for line in lines)


def _padded_move(lines: list[Line]) -> re.Match[str] | None:
    """A move with blanks before it: a kept line, but for having no others around it."""
    return _MOVE.match(marks(lines[0].text)) if len(lines) == 1 else None


def _is_added(line: Line) -> bool:
    return line.sign == Sign.ADDED or not line.text


def _as_written(line: Line) -> str:
    return line.text if line.bare else line.sign + line.text


def _is_file_header(lines: list[Line], line: str, name: str) -> bool:
    """Whether a removed and an added line only name the file of the section.

    Any other such pair is a changed line: a comment of SQL, an increment of C.
    """
    if not (len(lines) == 1 and lines[0].sign == Sign.REMOVED):
        return False
    old = lines[0].text
    names = {named(old[3:]), named(line[4:])} - {_NOWHERE}
    last = name.rpartition("/")[2]
    same = all(one.rpartition("/")[2] == last for one in names)
    return old.startswith("-- ") and bool(names) and same
