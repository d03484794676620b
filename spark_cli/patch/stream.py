"""A patch that is read while the model still writes it.

`PatchStream` is fed with pieces of text, or of a function call's arguments, and tells
each section when it opens and each hunk when it is whole.  `Scout` looks up every
hunk in the files meanwhile, so that one that cannot land is known before the model
has finished, and can be stopped there.  What the end gives is the same as if the
whole text had been read at once, however it was split.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from spark_cli.core.errors import PatchRefused, ToolError
from spark_cli.patch import formats
from spark_cli.patch.argument import Argument
from spark_cli.patch.edits import Action, Edit, Hunk
from spark_cli.patch.lines import Lines
from spark_cli.patch.match import Placed, place, sighted
from spark_cli.patch.parser import Draft
from spark_cli.patch.plan import changed
from spark_cli.workspace.tree import Tree


@dataclass(frozen=True, slots=True)
class SectionFound:
    """A part of the patch that is about one file; `section` counts from 0."""

    section: int
    action: Action
    name: str


@dataclass(frozen=True, slots=True)
class HunkFound:
    """A hunk that is whole: the `number`th, from 1, of its section."""

    section: int
    number: int
    name: str
    hunk: Hunk


Found: TypeAlias = SectionFound | HunkFound


class PatchStream:
    """`problem` says why the text can be no patch any more, as soon as it is known."""

    def __init__(self, form: formats.Format | None = None) -> None:
        self.problem: PatchRefused | None = None
        self._form = form
        self._reading: formats.Reading | None = None
        self._argument: Argument | None = None
        self._pieces: list[str] = []
        self._first = ""
        self._said: list[str] = []
        self._rest: list[str] = []
        self._section = self._hunk = 0

    def feed(self, piece: str) -> list[Found]:
        """What has become clear with this piece; it never raises."""
        self._pieces.append(piece)
        if self._reading is None and not self._begin():
            return []
        text = self._taken(piece)
        if self._argument is not None:
            text = self._argument.feed(text)
        self._said.append(text)
        self._rest.append(text)
        if "\n" not in text or self.problem is not None:
            return []
        self._read()
        return list(self._found())

    @property
    def is_json(self) -> bool:
        """Whether the patch comes in the arguments of a function."""
        return self._argument is not None

    @property
    def text(self) -> str:
        """The patch as far as it has come, out of the JSON around it."""
        return "".join(self._said)

    @property
    def drafts(self) -> list[Draft]:
        return self._reading.drafts if self._reading else []

    def finish(self) -> list[Edit]:
        """The edits of the whole patch; `PatchRefused` as `formats.read` raises it."""
        text = "".join(self._pieces)
        if self._reading is None or self._argument is not None:
            return formats.read(text, self._form)
        if self.problem is not None:
            raise self.problem
        formats.refuse_odd(text)
        return formats.closed(self._reading, "".join(self._rest), text.split("\n"))

    def _begin(self) -> bool:
        """Decide between a text and JSON by the first character that shows."""
        if self._form == formats.Format.EDITS:
            return False
        start = "".join(self._pieces).removeprefix("\ufeff")
        if not start.strip() and self._form is None:
            return False
        self._reading = formats.Reading(self._form)
        if self._form is None and formats.begins_json(start):
            self._argument = Argument()
        self._first = start
        return True

    def _taken(self, piece: str) -> str:
        first, self._first = self._first, ""
        return first or piece

    def _read(self) -> None:
        *lines, rest = "".join(self._rest).split("\n")
        self._rest = [rest]
        try:
            for line in lines:
                if self._reading is not None:
                    self._reading.feed(line)
        except PatchRefused as error:
            self.problem = error if self._argument is None else None

    def _found(self) -> Iterator[Found]:
        drafts = self.drafts
        while self._section < len(drafts):
            draft = drafts[self._section]
            if self._hunk == 0:
                yield SectionFound(self._section, draft.action, draft.name)
                self._hunk = 1
            yield from self._hunks(draft)
            if not draft.settled:
                break
            self._section, self._hunk = self._section + 1, 0

    def _hunks(self, draft: Draft) -> Iterator[Found]:
        for hunk in draft.hunks[self._hunk - 1 :]:
            yield HunkFound(self._section, self._hunk, draft.name, hunk)
            self._hunk += 1


class Outlook(StrEnum):
    """What is known of a hunk before the patch has ended."""

    LANDS = "lands"
    OPEN = "open"
    """It fits in several places; other hunks may still decide."""
    APPLIED = "applied"
    """The file has it already, which is a conflict unless all of the patch is."""
    LOST = "lost"
    """It cannot land, whatever comes: the patch is bound to be refused."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The outlook of a hunk, or of a section where `number` is 0.

    `line` is where it lands, from 1, and `problem` is what the model should be told.
    `placed` is what it does there.
    """

    name: str
    number: int
    outlook: Outlook
    line: int | None = None
    problem: str = ""
    placed: Placed | None = field(default=None, compare=False, repr=False)


class Scout:
    """Places the hunks of a patch in a tree while it is being written."""

    def __init__(self, tree: Tree, form: formats.Format | None = None) -> None:
        self.stream = PatchStream(form)
        self._tree = tree
        self._files: dict[str, _Seen] = {}

    def look(self, found: Found) -> Sighting | None:
        """Look up what the stream has found; each thing once, and in order."""
        if isinstance(found, SectionFound):
            return self._enter(found)
        seen = self._files[found.name]
        if seen.text is None:
            return self._without_file(found, seen)
        placed = sighted(seen.text, found.hunk)
        seen.part.append(found.hunk)
        if placed.problem and not placed.applied and not seen.first:
            placed = seen.later(found.hunk, placed)
        return _sighting(found, placed)

    def _enter(self, found: SectionFound) -> Sighting | None:
        name = found.name
        if name in self._files:
            self._files[name].go_on()
            return None
        seen = self._files[name] = _Seen()
        try:
            file = next(filter(None, map(self._tree.read, _bare(name))), None)
            if found.action == Action.UPDATE and file is not None:
                seen.text = seen.now = Lines.of(file.data, name)
        except (ToolError, PatchRefused) as error:
            return Sighting(name, 0, Outlook.LOST, problem=str(error))
        seen.known = found.action == Action.UPDATE
        return None

    def _without_file(self, found: HunkFound, seen: _Seen) -> Sighting | None:
        arrived = any(draft.to == found.name for draft in self.stream.drafts)
        if arrived or not seen.known or not found.hunk.old:
            return None
        problem = f"cannot update `{found.name}`: there is no such file"
        return Sighting(found.name, found.number, Outlook.LOST, problem=problem)


@dataclass(slots=True)
class _Seen:
    """A file as it is, and as the sections before the latest one would leave it.

    `known` is false for a file that the patch itself makes.
    """

    text: Lines | None = None
    now: Lines | None = None
    known: bool = False
    first: bool = True
    part: list[Hunk] = field(default_factory=list)

    def go_on(self) -> None:
        """Another section of the same file begins."""
        if self.now is not None and self.part:
            placed = place(self.now, [self.part])
            whole = not any(one.problem for one in placed)
            self.now = changed(self.now, placed) if whole else None
        self.first, self.part = False, []

    def later(self, hunk: Hunk, placed: Placed) -> Placed:
        """What becomes of a hunk that may build on earlier sections."""
        if self.now is None:
            return Placed(hunk)
        again = sighted(self.now, hunk)
        return Placed(hunk) if not again.problem or again.applied else placed


def _sighting(found: HunkFound, placed: Placed) -> Sighting:
    outlook, line = Outlook.OPEN, None
    if placed.splices:
        outlook, line = Outlook.LANDS, placed.splices[0].start + 1
    elif placed.applied:
        outlook = Outlook.APPLIED
    elif placed.problem:
        outlook = Outlook.LOST
    return Sighting(found.name, found.number, outlook, line, placed.problem, placed)


def _bare(name: str) -> tuple[str, ...]:
    """The name, and what it may mean if its prefix is one that only git knows."""
    return (name, name[2:]) if name.startswith(("a/", "b/")) else (name,)
