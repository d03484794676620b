"""What the parsers of all formats share: they are fed lines, and never look back.

A parser keeps one `Draft` for each file section it has met.  A hunk is put on its draft
when it is whole, so that whoever watches the drafts learns of it while the rest of
the patch is still on its way.  Any split of the text gives the same lines, and the
same lines the same edits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign

_SIGNS = {"+": Sign.ADDED, "-": Sign.REMOVED, " ": Sign.KEPT}


class Draft:
    """The part of a patch that is about one file, while it is read.

    `settled` says that nothing more will come for it, and that `action`, `name` and
    `to` are as they stay.
    """

    def __init__(self, action: Action, name: str) -> None:
        self.action = action
        self.name = name
        self.to: str | None = None
        self.hunks: list[Hunk] = []
        self.settled = False


class Outside(Protocol):
    """Is told of the lines that no part of the patch claims."""

    def feed(self, line: str, number: int) -> None:
        """Raises `PatchRefused` where they begin a patch in another format."""

    def enter(self) -> None:
        """A part of the patch begins, so that the lines above lead to it."""


class Parser(Protocol):
    """Lines in, drafts on the way, and edits at the end."""

    drafts: list[Draft]

    def feed(self, line: str, number: int) -> None:
        """Take the next line, without its line feed; `number` counts from 1.

        Raises `PatchRefused` for what cannot become a patch any more.
        """

    def close(self, *, ended: bool) -> list[Edit]:
        """The edits; `ended` is whether the last line had a line feed.

        Raises `PatchRefused` where the text is no whole patch.
        """


class Opened:
    """A hunk that is still being read."""

    def __init__(
        self, anchors: Iterable[str] = (), *, line: int | None = None, source: int = 0
    ) -> None:
        self.lines: list[Line] = []
        self.anchors = list(anchors)
        self.line = line
        self.source = source
        self.at_end = False
        self.ends_old: bool | None = None
        self.ends_new: bool | None = None
        self.short = 0
        self.torn = False
        self.unended = False

    def hunk(self) -> Hunk:
        return Hunk(
            tuple(self.lines),
            tuple(self.anchors),
            self.line,
            self.at_end,
            self.ends_old,
            self.ends_new,
            short=self.short,
            torn=self.torn,
            unended=self.unended,
            source=self.source,
        )

    def no_newline(self) -> None:
        r"""Note a `\ No newline at end of file` about the line just read."""
        last = self.lines[-1].sign if self.lines else Sign.KEPT
        if last != Sign.ADDED:
            self.ends_old = False
        if last != Sign.REMOVED:
            self.ends_new = False


def signed(line: str) -> Line:
    """A line of a hunk by its first character; one without a sign is kept, `bare`."""
    sign = _SIGNS.get(line[:1])
    if sign is not None:
        return Line(sign, line[1:])
    return Line(Sign.KEPT, line, bare=True)


def file_name(text: str, number: int) -> str:
    """A name as it is meant: without quotes, blanks around it and empty parts.

    So one file has one name, whatever way it is written.
    """
    name = text.strip()
    for quote in "`\"'":
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1]
    parts = [part for part in name.split("/") if part not in {"", "."}]
    absolute, folder = name[:1] == "/", name.endswith("/")
    name = "/" * absolute + "/".join(parts) + "/" * (folder and bool(parts))
    if not name.strip("/"):
        raise PatchRefused(f"line {number} of the patch has no file name")
    return name


def cut_off(problem: str, what: str = "patch") -> PatchRefused:
    return PatchRefused(problem, f"send the whole {what} again")
