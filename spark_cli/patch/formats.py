"""Which format a patch is in, told from its text alone, and its edits.

The first line that can only belong to one format decides, so that a diff of a patch
is still a diff.  Around it may be what models put there: prose, fences, a here
document, a JSON object, carriage returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from spark_cli.core.errors import PatchRefused
from spark_cli.patch import argument, blocks, strings, unified, v4a, whole
from spark_cli.patch.edits import Edit
from spark_cli.patch.parser import Draft, Outside, Parser


class Format(StrEnum):
    V4A = "v4a"
    BLOCKS = "blocks"
    UNIFIED = "unified"
    EDITS = "edits"
    WHOLE = "whole"


_PARSERS: Mapping[Format, Callable[[Outside], Parser]] = {
    Format.V4A: v4a.V4AParser,
    Format.BLOCKS: blocks.BlocksParser,
    Format.UNIFIED: unified.UnifiedParser,
    Format.WHOLE: whole.WholeParser,
}
_LINE_MAX = 1000


def read(text: str, form: Format | None = None) -> list[Edit]:
    """The edits of a patch; `PatchRefused` where it cannot be read whole."""
    text = text.removeprefix("\ufeff")
    refuse_odd(text)
    if form in {None, Format.EDITS} and begins_json(text):
        edits = _from_json(text, given=form is not None)
        if edits is not None:
            return edits
    if form == Format.EDITS:
        return strings.parse(text)
    reading = Reading(form)
    lines = text.split("\n")
    for line in lines[:-1]:
        reading.feed(line)
    return closed(reading, lines[-1], lines)


def closed(reading: Reading, rest: str, lines: Iterable[str]) -> list[Edit]:
    """The edits of a text that was read to its end.

    Where its lines have no mark of a patch, there may still be JSON between fences.
    """
    try:
        return reading.close(rest)
    except _Unknown:
        values = [strings.loaded(text) for text in strings.fenced(lines)]
        if not values:
            raise
    useful = [value for value in values if _is_patch(value)] or values[:1]
    return [edit for value in useful for edit in _edits(value)]


def begins_json(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "[", '"'}


def detect(text: str) -> Format | None:
    """The format, as far as the text tells; JSON is of `EDITS` whatever is in it."""
    if begins_json(text):
        return Format.EDITS
    spotter = _Spotter()
    lines = text.split("\n")
    marks = (spotter.mark(*pair) for pair in zip(lines, [*lines[1:], ""], strict=True))
    return next((mark for mark in marks if mark is not None), None)


class _Unknown(PatchRefused):
    """A text that is in no format at all."""

    def __init__(self) -> None:
        super().__init__(
            "this is not a patch: it has no `*** Begin Patch`, no `---` and `+++`, "
            "and no `<<<<<<< SEARCH`"
        )


class Reading:
    """A patch that is read line by line; its format shows itself on the way.

    A patch whose first mark ends with a carriage return was sent with them, and they
    are no part of its lines.
    """

    def __init__(self, form: Format | None = None) -> None:
        self._asked = form is not None
        self._parser: Parser | None = None
        self._others: _Others | None = None
        self._spotter = _Spotter()
        self._early: list[str] = []
        self._returns: bool | None = None
        self._number = 0
        if form is not None:
            self._begin(form)

    @property
    def drafts(self) -> list[Draft]:
        return self._parser.drafts if self._parser else []

    def feed(self, line: str) -> None:
        """Take the next line, without its line feed."""
        if self._parser is not None:
            self._pass(self._parser, line)
            return
        self._early.append(line)
        if len(self._early) > 1:
            self._spot(self._early[-2], line)

    def close(self, rest: str) -> list[Edit]:
        """The edits; `rest` is what follows the last line feed."""
        if rest:
            self.feed(rest)
        if self._parser is None and self._early:
            self._spot(self._early[-1], "")
        if self._parser is None or self._others is None:
            raise _Unknown
        edits = self._parser.close(ended=not rest)
        self._others.close()
        if self._asked:
            return [edit._replace(fence=None) for edit in edits]
        return edits

    def _begin(self, form: Format) -> None:
        self._others = _Others(form)
        self._parser = _PARSERS[form](self._others)

    def _spot(self, line: str, after: str) -> None:
        form = self._spotter.mark(line, after)
        if form is None:
            return
        self._returns = line.endswith("\r")
        self._begin(form)
        early, self._early = self._early, []
        for one in early:
            self.feed(one)

    def _pass(self, parser: Parser, line: str) -> None:
        self._number += 1
        if self._returns is None:
            self._returns = line.endswith("\r")
        parser.feed(line.removesuffix("\r") if self._returns else line, self._number)


class _Spotter:
    """Tells the only format that a line can be of, having seen those above."""

    def __init__(self) -> None:
        self._fences = whole.Fences()

    def mark(self, line: str, after: str) -> Format | None:
        holds = self._fences.feed(line)
        if len(line) > _LINE_MAX:
            return None
        bare = v4a.marks(line)
        if v4a.BEGIN.match(bare) or (line[:1] == "*" and v4a.SECTION.match(bare)):
            return Format.V4A
        if blocks.SEARCH.match(line):
            return Format.BLOCKS
        named = line.startswith("--- ") and after.startswith("+++ ")
        if named or unified.GIT.match(line):
            return Format.UNIFIED
        return Format.WHOLE if holds and not self._is_patch(after) else None

    def _is_patch(self, line: str) -> bool:
        """Whether the first line in a fence says that it holds no file."""
        if len(line) > _LINE_MAX:
            return False
        return bool(self.__class__().mark(line, "")) or line.startswith(("--- ", "@@"))


class _Others:
    """Refuses a text that goes on in another format, as half of it would be lost."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._spotter = _Spotter()
        self._waits: tuple[str, int] | None = None

    def feed(self, line: str, number: int) -> None:
        self._check(line)
        self._waits = line, number

    def enter(self) -> None:
        self._spotter, self._waits = _Spotter(), None

    def close(self) -> None:
        self._check("")

    def _check(self, after: str) -> None:
        if self._waits is None:
            return
        line, number = self._waits
        if self._spotter.mark(line, after) not in {None, self._form}:
            raise PatchRefused(
                f"more of a patch begins at line {number}, in another format",
                "send all of it in one format",
            )


def refuse_odd(text: str) -> None:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise PatchRefused("the patch is not valid Unicode") from None


def _from_json(text: str, *, given: bool) -> list[Edit] | None:
    """The edits in a JSON value, or the patch that is a string in it.

    `None` where the text is no JSON and may yet be something else: prose that begins
    with a bracket, not an object that was cut off.
    """
    try:
        value = strings.loaded(text)
    except PatchRefused:
        if given or text.lstrip()[0] != "[":
            raise
        return None
    return _edits(value)


def _edits(value: object) -> list[Edit]:
    """The edits that a JSON value holds: as patches in strings, or as objects."""
    patches = _patches(value)
    if not patches:
        return strings.edits_of(value)
    if strings.holds_edits(value):
        raise PatchRefused(
            "the JSON holds a patch and edits besides", "send all of it in one format"
        )
    return [edit for patch in patches for edit in read(patch)]


def _is_patch(value: object) -> bool:
    return strings.holds_edits(value) or bool(_patches(value))


def _patches(value: object) -> list[str]:
    """The strings that are patches by their name and by what is in them.

    Under any other name, a patch is a file's content, or is only spoken of.
    """
    return [
        text
        for text in argument.carried(value)
        if "\n" in text and detect(text) not in {None, Format.EDITS}
    ]
