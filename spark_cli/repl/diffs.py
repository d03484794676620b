"""A unified diff as lines for the eye: file names, line numbers, signs and colors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spark_cli.core.printable import printable
from spark_cli.repl.ink import STYLES, Ink, Row
from spark_cli.repl.lines import Line, folded, wrapped

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$")
_GUTTER = 5
SHOWN_MAX = 4_000
"""So many lines of one hunk are shown."""

COLORED_MAX = 600
"""A longer diff is not looked at line by line: its code stays plain."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How large a change is: files, and lines added and removed."""

    files: int
    added: int
    removed: int

    def __str__(self) -> str:
        files = f"{self.files} file" if self.files == 1 else f"{self.files} files"
        return f"{files} +{self.added} -{self.removed}"


def tally(diff: str) -> Tally:
    files, _ = _read(diff)
    return Tally(len(files), sum(f.added for f in files), sum(f.removed for f in files))


def diff_lines(diff: str, columns: int) -> list[Line]:
    """Every line of the diff, file by file.  What is no diff is shown as it is."""
    files, loose = _read(diff)
    colored = sum(len(file.body) for file in files) <= COLORED_MAX
    lines = [row for line in loose for row in folded([], [("", line)], columns)]
    for file in files:
        if lines:
            lines.append([])
        title: Line = [("class:file", file.title)]
        if file.added:
            title.append(("class:added", f" +{file.added}"))
        if file.removed:
            title.append(("class:removed", f" -{file.removed}"))
        lines.extend(wrapped(title, columns))
        lines.extend(_drawn(file, columns, colored=colored))
    return lines


def hunk_lines(diff: str, columns: int) -> list[Line]:
    """The lines of a diff without the names of its files.

    Of a very long one the middle is left out, and that is said: it would hold up
    the keys, and nobody reads it as it rushes by.
    """
    diff, left = _shortened(diff)
    files, _ = _read(diff)
    colored = sum(len(file.body) for file in files) <= COLORED_MAX
    rows = [row for file in files for row in _drawn(file, columns, colored=colored)]
    if left:
        gap: Line = [("class:warning", f"      ({left:,} more lines: `e`, or `/diff`)")]
        rows.append(gap)
    return rows


def _shortened(diff: str) -> tuple[str, int]:
    """The beginning of a diff, and how many lines are left out."""
    end, count = 0, 0
    while count < SHOWN_MAX:
        end = diff.find("\n", end) + 1
        if not end:
            return diff, 0
        count += 1
    left = diff.count("\n", end)
    return (diff[:end], left) if left else (diff, 0)


def _drawn(file: _File, columns: int, *, colored: bool) -> Iterator[Line]:
    ink = Ink(file.language if colored else "")
    for rows in _runs(file.body):
        for row, code in zip(rows, ink.colored(rows), strict=True):
            yield from folded(row.lead, code, columns)


def _runs(body: Sequence[Row]) -> Iterator[list[Row]]:
    """Lines that are kept, each alone, and those that take another's place together."""
    run: list[Row] = []
    for row in body:
        changes = row.sign in {"+", "-"}
        if run and (not changes or (row.sign == "-" and run[-1].sign == "+")):
            yield run
            run = []
        if changes:
            run.append(row)
        else:
            yield [row]
    if run:
        yield run


@dataclass(slots=True)
class _File:
    old: str = ""
    new: str = ""
    notes: list[str] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    body: list[Row] = field(default_factory=list)

    @property
    def language(self) -> str:
        """By the ending of the name, as far as it tells."""
        name = self.new if self.new != "/dev/null" else self.old
        return name.rpartition("/")[2].rpartition(".")[2]

    @property
    def title(self) -> str:
        if self.old == "/dev/null":
            return f"{self.new} (new)"
        if self.new == "/dev/null":
            return f"{self.old} (deleted)"
        moved = bool(self.old and self.new) and self.old != self.new
        name = f"{self.old} -> {self.new}" if moved else self.new or self.old
        return " ".join([name, *(f"({note})" for note in self.notes)])


@dataclass(slots=True)
class _Reader:
    """Where in the diff we are; the counts of a hunk say where it ends.

    Without them, a removed line `-- x` would look like the name of a file.
    """

    files: list[_File] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    old_at: int = 0
    new_at: int = 0
    old_left: int = 0
    new_left: int = 0

    def take(self, line: str) -> None:
        if self.files and (self.old_left > 0 or self.new_left > 0):
            self._body(line, self.files[-1])
        elif self.files and line.startswith("\\"):
            self.files[-1].body.append(_aside(line))
        else:
            self._head(line)

    def _head(self, line: str) -> None:
        hunk = _HUNK.match(line)
        if line.startswith("diff --git "):
            self.files.append(_named(line))
        elif line.startswith("--- "):
            if not self.files or self.files[-1].body:
                self.files.append(_File())
            self.files[-1].old = _name(line[4:], "a/")
        elif line.startswith("+++ ") and self.files:
            self.files[-1].new = _name(line[4:], "b/")
        elif hunk and self.files:
            self._open(hunk, self.files[-1])
        elif self.files:
            self._note(line, self.files[-1])
        else:
            self.loose.append(line)

    def _open(self, hunk: re.Match[str], file: _File) -> None:
        self.old_at, self.new_at = int(hunk[1]), int(hunk[3])
        self.old_left = int(hunk[2] or 1)
        self.new_left = int(hunk[4] or 1)
        if file.body:
            file.body.append(Row("", [("class:quiet", " " * (_GUTTER - 1) + "...")]))

    def _body(self, line: str, file: _File) -> None:
        sign, text = line[:1] or " ", line[1:]
        if sign == "+":
            file.added += 1
            file.body.append(_row(self.new_at, sign, text))
        elif sign == "-":
            file.removed += 1
            file.body.append(_row(self.old_at, sign, text))
        elif sign == "\\":
            file.body.append(_aside(line))
            return
        else:
            file.body.append(_row(self.new_at, " ", text))
        self._advance(sign)

    def _advance(self, sign: str) -> None:
        if sign != "+":
            self.old_at, self.old_left = self.old_at + 1, self.old_left - 1
        if sign != "-":
            self.new_at, self.new_left = self.new_at + 1, self.new_left - 1

    def _note(self, line: str, file: _File) -> None:
        if line.startswith("Binary files"):
            file.notes.append("binary")
        elif line.startswith("new mode "):
            file.notes.append(f"mode {line[9:]}")
        elif line.startswith("rename from "):
            file.old = line[12:]
        elif line.startswith("rename to "):
            file.new = line[10:]
        elif line.startswith("deleted file mode"):
            file.new = "/dev/null"
        elif line.startswith("new file mode"):
            file.old = "/dev/null"


def _read(diff: str) -> tuple[list[_File], list[str]]:
    reader = _Reader()
    for line in printable(diff).removesuffix("\n").split("\n"):
        reader.take(line)
    return reader.files, reader.loose


def _named(line: str) -> _File:
    """The names in `diff --git`: all there is for an empty or a binary file."""
    old, _, new = line.removeprefix("diff --git ").partition(" b/")
    return _File(_name(old, "a/"), _name(f"b/{new}", "b/"))


def _name(text: str, prefix: str) -> str:
    return text.partition("\t")[0].strip().strip('"').removeprefix(prefix)


def _row(number: int, sign: str, text: str) -> Row:
    gutter = ("class:quiet", f"{number:>{_GUTTER}} ")
    return Row(sign, [gutter, (STYLES[sign], f"{sign} " if text else sign)], text)


def _aside(text: str) -> Row:
    return Row("\\", [("class:quiet", " " * (_GUTTER + 1))], text)
