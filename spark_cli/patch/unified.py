"""Unified diffs, git's and others', with numbers and counts that may be wrong.

The counts of a hunk's header only settle what is in doubt: whether `--- x` removes
a line or begins a file, and whether the last hunk is whole.  A last hunk that is
shorter than its header says, or that ends in the middle of a line that is changed,
was cut off, and is refused.

Source: git-diff's documentation of its patch format; POSIX `diff -u`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.v4a import file_name, signed

HUNK = re.compile(r"@@ *-(\d+)(?:,(\d+))? +\+(\d+)(?:,(\d+))? *@@ ?(.*)$")
_UNNUMBERED = re.compile(r"@@(?: .*)?$")
GIT = re.compile(r"diff --git ")
_EXTENDED = re.compile(
    r"(old mode|new mode|deleted file mode|new file mode|rename from|rename to"
    r"|copy from|copy to) (.*)$"
)
_IGNORED = re.compile(r"(index [0-9a-f]+\.\.|(dis)?similarity index )")
_BINARY = re.compile(r"(GIT binary patch|Binary files .* differ)\s*$")
_PREFIXES = {("a/", "b/"), ("i/", "w/"), ("c/", "i/"), ("c/", "w/"), ("o/", "w/")}
_NOWHERE = "/dev/null"
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "a": "\a", "r": "\r"}


@dataclass(slots=True)
class _File:
    """What the headers of one file say, and its hunks."""

    old: str = ""
    new: str = ""
    extended: dict[str, str] = field(default_factory=dict)
    hunks: list[Hunk] = field(default_factory=list)
    source: int = 0

    def edit(self) -> Edit:
        old, new = _bare(self.old, self.new)
        said = self.extended
        if "copy from" in said:
            raise PatchRefused("a patch that copies a file is not supported")
        mode = _mode(said.get("new mode") or said.get("new file mode"))
        hunks = tuple(self.hunks)
        if "new file mode" in said or self.old == _NOWHERE:
            text, ended = _content(hunks)
            return Edit(
                Action.ADD,
                file_name(new, self.source),
                (),
                _joined(text, ended),
                mode=mode,
            )
        if "deleted file mode" in said or self.new == _NOWHERE:
            return Edit(Action.DELETE, file_name(old, self.source), hunks)
        name = file_name(said.get("rename from") or old or new, self.source)
        to = file_name(said.get("rename to") or new or old, self.source)
        if not hunks and mode is None and name == to:
            raise PatchRefused(f"the section of `{name}` changes nothing")
        return Edit(
            Action.UPDATE, name, hunks, to=None if to == name else to, mode=mode
        )


def parse(text: str) -> list[Edit]:
    """The edits, one for each file; `PatchRefused` where the text is cut off."""
    reader = _Reader(text.split("\n"))
    while reader.at < len(reader.lines):
        reader.step()
    reader.finish()
    if not reader.files:
        raise PatchRefused("there is no file in the patch: it has no `---` and `+++`")
    return [file.edit() for file in reader.files]


class _Reader:
    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines[:-1] if lines[-1:] == [""] else lines
        self.ended = len(self.lines) < len(lines)
        self.at = 0
        self.files: list[_File] = []
        self._short = ""

    def step(self) -> None:
        line = self.lines[self.at].rstrip("\r")
        if GIT.match(line):
            self._open(*_git_names(line))
        elif self._is_file_header():
            self._file_header()
            self.at += 1
        elif line.startswith("@@") and self.files:
            self._hunk(line)
            return
        elif _BINARY.match(line):
            raise PatchRefused(f"line {self.at + 1}: binary patches are not supported")
        elif self.files and not self.files[-1].hunks:
            said = _EXTENDED.match(line)
            if said:
                self.files[-1].extended[said[1]] = _unquoted(said[2])
        self.at += 1

    def finish(self) -> None:
        if self._short:
            raise PatchRefused(self._short, "send the whole patch again")

    def _open(self, old: str, new: str) -> None:
        self.files.append(_File(old, new, source=self.at + 1))

    def _is_file_header(self) -> bool:
        after = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        return self.lines[self.at].startswith("--- ") and after.startswith("+++ ")

    def _file_header(self) -> None:
        old = _stamped(self.lines[self.at][4:])
        new = _stamped(self.lines[self.at + 1][4:])
        fresh = self.files and not self.files[-1].hunks
        if fresh and self.lines[self.files[-1].source - 1].startswith("diff --git"):
            self.files[-1].old, self.files[-1].new = old, new
        else:
            self._open(old, new)

    def _hunk(self, header: str) -> None:
        numbers = HUNK.match(header)
        counts = _Counts.of(numbers)
        self.at += 1
        start = self.at
        lines: list[Line] = []
        ends: dict[Sign, bool] = {}
        while self.at < len(self.lines) and self._in_body(counts):
            line = self.lines[self.at]
            if line.startswith("\\"):
                _note_end(ends, lines)
            else:
                lines.append(signed(line))
                counts.take(lines[-1].sign)
            self.at += 1
        while lines and lines[-1].bare and not lines[-1].text and counts.over():
            lines.pop()
        self._short = counts.complaint(start) or self._torn(lines)
        anchor = numbers[5].strip() if numbers else _heading(header)
        hunk = Hunk(
            tuple(lines),
            (anchor,) if anchor else (),
            int(numbers[1]) if numbers else None,
            ends_old=ends.get(Sign.REMOVED),
            ends_new=ends.get(Sign.ADDED),
            source=start,
        )
        if hunk.changes:
            self.files[-1].hunks.append(hunk)

    def _torn(self, lines: Sequence[Line]) -> str:
        """A text that stops in the middle of a change: its last line has no end."""
        whole = self.ended or self.at < len(self.lines)
        if whole or not lines or lines[-1].sign == Sign.KEPT:
            return ""
        return f"the patch was cut off: line {self.at} has no newline after it"

    def _in_body(self, counts: _Counts) -> bool:
        line = self.lines[self.at]
        if line.startswith(("diff --git ", "@@")):
            return False
        if self._is_file_header():
            after = self.lines[self.at + 2] if self.at + 2 < len(self.lines) else ""
            return counts.open() and not after.startswith("@@")
        if counts.done() and (line.rstrip() == "--" or line.startswith("```")):
            return False
        if line[:1] in {" ", "+", "-", "\\"}:
            return True
        return not counts.done() or not line


@dataclass(slots=True)
class _Counts:
    """How many old and new lines a header announced and are still to come."""

    old: int
    new: int
    known: bool = True

    @classmethod
    def of(cls, header: re.Match[str] | None) -> _Counts:
        if header is None:
            return cls(0, 0, known=False)
        old, new = header[2], header[4]
        return cls(1 if old is None else int(old), 1 if new is None else int(new))

    def take(self, sign: Sign) -> None:
        self.old -= sign != Sign.ADDED
        self.new -= sign != Sign.REMOVED

    def open(self) -> bool:
        return self.known and self.old > 0 and self.new > 0

    def done(self) -> bool:
        return self.known and self.old <= 0 and self.new <= 0

    def over(self) -> bool:
        return not self.known or self.old < 0 or self.new < 0

    def complaint(self, start: int) -> str:
        if not self.known or self.over() or self.done():
            return ""
        return (
            f"the hunk at line {start} was cut off: its header announces "
            f"{max(self.old, self.new)} more lines"
        )


def _note_end(ends: dict[Sign, bool], lines: Sequence[Line]) -> None:
    last = lines[-1].sign if lines else Sign.KEPT
    if last != Sign.ADDED:
        ends[Sign.REMOVED] = False
    if last != Sign.REMOVED:
        ends[Sign.ADDED] = False


def _heading(header: str) -> str:
    text = header.strip("@ ").strip()
    return "" if text in {"", "..."} or text.startswith("-") else text


def _content(hunks: Sequence[Hunk]) -> tuple[list[str], bool]:
    lines = [text for hunk in hunks for text in hunk.new]
    return lines, not any(hunk.ends_new is False for hunk in hunks)


def _joined(lines: Sequence[str], ended: bool) -> str:  # noqa: FBT001 - a fact, not a switch
    return "\n".join(lines) + ("\n" if ended and lines else "")


def _mode(text: str | None) -> int | None:
    if text is None:
        return None
    if text.strip() not in {"100644", "100755"}:
        raise PatchRefused(f"a file of mode {text.strip()} cannot be made by a patch")
    return int(text, 8) & 0o777


def _stamped(text: str) -> str:
    """A name without the time that `diff` puts after a tab."""
    return _unquoted(text.rstrip("\r").split("\t")[0].rstrip())


def _unquoted(text: str) -> str:
    """A name as git quotes it, or as it is."""
    text = text.rstrip("\r")
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    parts = re.findall(rb"\\([0-7]{3}|.)|([^\\]+)", text[1:-1].encode("utf-8"))
    raw = b"".join(_unescaped(escape) if escape else plain for escape, plain in parts)
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(escape: bytes) -> bytes:
    if escape.isdigit():
        return bytes([int(escape, 8) & 0xFF])
    return _ESCAPES.get(escape.decode("ascii", "replace"), "").encode()


def _git_names(line: str) -> tuple[str, str]:
    """Both names of a `diff --git` line; they are alike unless a rename follows."""
    rest = line[len("diff --git ") :].rstrip()
    quoted = re.match(r'("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*")$', rest)
    if quoted:
        return _unquoted(quoted[1]), _unquoted(quoted[2])
    half = len(rest) // 2
    if rest[half : half + 1] == " " and rest[:half][2:] == rest[half + 1 :][2:]:
        return rest[:half], rest[half + 1 :]
    old, _, new = rest.partition(" ")
    return old, new


def _bare(old: str, new: str) -> tuple[str, str]:
    """The names without the prefixes that git puts before them."""
    pair = old[:2], new[:2]
    if pair in _PREFIXES:
        return old[2:], new[2:]
    if old == _NOWHERE and new.startswith("b/"):
        return old, new[2:]
    if new == _NOWHERE and old.startswith("a/"):
        return old[2:], new
    return old, new
