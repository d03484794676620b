"""Unified diffs, git's and others', with numbers and counts that may be wrong.

The counts of a hunk's header only settle what is in doubt: whether `--- x` removes
a line or begins a file, and whether the last hunk is whole.  A last hunk that is
shorter than its header says, or that ends in the middle of a line that is changed,
was cut off, and is refused, unless what is there can be no torn hunk.

Source: git-diff's documentation of its patch format; POSIX `diff -u`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.names import alike, bare, from_git, named, unquoted
from spark_cli.patch.parser import Draft, Opened, Outside, cut_off, file_name, signed

GIT = re.compile(r"diff --git ")
_HUNK = re.compile(
    r"@@ *-(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? *@@ ?(.*)$"
)
_EXTENDED = re.compile(
    r"(old mode|new mode|deleted file mode|new file mode|rename from|rename to"
    r"|copy from|copy to) (.*)$"
)
_INDEX = re.compile(r"index ([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})\b")
_BINARY = re.compile(r"(GIT binary patch|Binary files .* differ)$")
_NOWHERE = "/dev/null"
_TRAILING = 3
"""How many kept lines end a hunk as it is usually made."""


class _File:
    """What the headers of one file say, and its hunks."""

    def __init__(
        self, old: str, new: str, draft: Draft, source: int, *, git: bool = False
    ) -> None:
        self.old = old
        self.new = new
        self.draft = draft
        self.source = source
        self.git = git
        self.extended: dict[str, str] = {}
        self.blobs = "", ""

    def edit(self) -> Edit:
        old, new = alike(*bare(self.old, self.new))
        said = self.extended
        if "copy from" in said:
            raise PatchRefused("a patch that copies a file is not supported")
        mode = _mode(said.get("new mode") or said.get("new file mode"))
        hunks = tuple(self.draft.hunks)
        if "new file mode" in said or self.old == _NOWHERE:
            name = file_name(new, self.source)
            return Edit(Action.ADD, name, text=_content(name, hunks), mode=mode)
        if "deleted file mode" in said or self.new == _NOWHERE:
            return Edit(Action.DELETE, file_name(old, self.source), hunks)
        name = file_name(said.get("rename from") or old or new, self.source)
        to = file_name(said.get("rename to") or new or old, self.source)
        if not hunks and mode is None and name == to:
            raise PatchRefused(f"the section of `{name}` changes nothing")
        moved = None if to == name else to
        blob, made = self.blobs
        return Edit(
            Action.UPDATE, name, hunks, to=moved, mode=mode, blob=blob, made=made
        )


class UnifiedParser:
    """Reads each line with the two below it in sight."""

    def __init__(self, outside: Outside) -> None:
        self.drafts: list[Draft] = []
        self._outside = outside
        self._files: list[_File] = []
        self._edits: list[Edit] = []
        self._waiting: deque[tuple[str, int]] = deque()
        self._opened: Opened | None = None
        self._counts = _Counts()
        self._skip = 0
        self._torn = self._fenced = False

    def feed(self, line: str, number: int) -> None:
        self._waiting.append((line, number))
        if len(self._waiting) > 2:
            self._step()

    def close(self, *, ended: bool) -> list[Edit]:
        self._torn = not ended and bool(self._waiting)
        while self._waiting:
            self._step()
        self._close_hunk(last=True)
        self._close_file()
        if not self._edits:
            raise PatchRefused(
                "there is no file in the patch: it has no `---` and `+++`"
            )
        return self._edits

    def _step(self) -> None:
        line, number = self._waiting.popleft()
        if self._skip:
            self._skip -= 1
        elif self._opened is not None and self._in_body(line):
            self._body(line)
        else:
            self._close_hunk()
            self._header(line.rstrip("\r"), number)

    def _ahead(self, count: int) -> str:
        return self._waiting[count - 1][0] if len(self._waiting) >= count else ""

    def _names_file(self, line: str) -> bool:
        return line.startswith("--- ") and self._ahead(1).startswith("+++ ")

    def _header(self, line: str, number: int) -> None:
        if GIT.match(line):
            draft = Draft(Action.UPDATE, "")
            self._open(_File(*from_git(line), draft, number, git=True))
        elif self._names_file(line):
            self._names(named(line[4:]), named(self._ahead(1)[4:]), number)
            self._skip = 1
        elif line.startswith("@@") and self._files:
            self._open_hunk(line, number)
        elif _BINARY.match(line):
            raise PatchRefused(f"line {number}: binary patches are not supported")
        else:
            self._fenced ^= line.startswith("```")
            self._outside.feed(line, number)
            self._extended(line)

    def _extended(self, line: str) -> None:
        if not self._files or self._files[-1].draft.hunks:
            return
        file = self._files[-1]
        if said := _EXTENDED.match(line):
            file.extended[said[1]] = unquoted(said[2])
        elif blobs := _INDEX.match(line):
            file.blobs = blobs[1], blobs[2]

    def _names(self, old: str, new: str, number: int) -> None:
        self._outside.enter()
        last = self._files[-1] if self._files else None
        if last is not None and last.git and not last.draft.hunks:
            last.old, last.new, last.git = old, new, False
        else:
            self._open(_File(old, new, Draft(Action.UPDATE, ""), number))

    def _open(self, file: _File) -> None:
        self._outside.enter()
        self._close_file()
        self._files.append(file)

    def _close_file(self) -> None:
        if self._files:
            file = self._files[-1]
            self._edits.append(file.edit())
            self._tell(file)
            file.draft.settled = True

    def _tell(self, file: _File) -> None:
        """Let the draft of a file be seen, with what is known of it by now."""
        draft = file.draft
        if not draft.name:
            edit = file.edit()
            draft.action, draft.name, draft.to = edit.action, edit.name, edit.to
            self.drafts.append(draft)

    def _open_hunk(self, header: str, number: int) -> None:
        self._outside.enter()
        numbers = _HUNK.match(header)
        anchor = numbers[5].strip() if numbers else _heading(header)
        self._counts = _Counts.of(numbers)
        self._opened = Opened(
            [anchor] if anchor else (),
            line=int(numbers[1]) if numbers else None,
            source=number,
        )

    def _body(self, line: str) -> None:
        opened = self._opened or Opened()
        if line.startswith("\\"):
            opened.no_newline()
        else:
            opened.lines.append(signed(line))
            self._counts.take(opened.lines[-1].sign)

    def _close_hunk(self, *, last: bool = False) -> None:
        opened, self._opened = self._opened, None
        if opened is None:
            return
        lines, counts = opened.lines, self._counts
        while lines and lines[-1].bare and not lines[-1].text and counts.over():
            lines.pop()
        if last:
            self._refuse_torn(opened)
        hunk = opened.hunk()
        if hunk.changes:
            self._files[-1].draft.hunks.append(hunk)
            self._tell(self._files[-1])

    def _refuse_torn(self, opened: Opened) -> None:
        """A text that stops in the middle of a hunk or of a line that is changed."""
        lines, short = opened.lines, self._counts.short()
        changed = bool(lines) and lines[-1].sign != Sign.KEPT
        if self._torn and changed:
            raise cut_off("the patch was cut off: its last line has no newline")
        if not lines:
            raise cut_off(f"the hunk at line {opened.source} was cut off")
        if short and (self._torn or not _is_closed(lines, short)):
            raise cut_off(
                f"the hunk at line {opened.source} was cut off: its header announces "
                f"{short} more lines"
            )
        opened.short, opened.torn = short, self._torn
        opened.unended = (
            changed and not self._counts.known and lines[0].sign == Sign.KEPT
        )

    def _in_body(self, line: str) -> bool:
        counts = self._counts
        if line.startswith(("diff --git ", "@@")) or self._is_below(line):
            return False
        if self._names_file(line):
            return counts.open() and not self._ahead(2).startswith("@@")
        if line[:1] in {" ", "+", "-", "\\"} and line:
            return True
        return not counts.done() or not line

    def _is_below(self, line: str) -> bool:
        """Whether it is a mail's signature, or closes the fence around the diff."""
        if self._counts.done():
            return line.rstrip() == "--" or line.startswith("```")
        return self._fenced and not self._counts.known and line.rstrip() == "```"


class _Counts:
    """How many old and new lines a header announced and are still to come."""

    def __init__(self, old: int = 0, new: int = 0, *, known: bool = False) -> None:
        self.old = old
        self.new = new
        self.known = known

    @classmethod
    def of(cls, header: re.Match[str] | None) -> _Counts:
        if header is None:
            return cls()
        old, new = header[2], header[4]
        return cls(
            1 if old is None else int(old), 1 if new is None else int(new), known=True
        )

    def take(self, sign: Sign) -> None:
        self.old -= sign != Sign.ADDED
        self.new -= sign != Sign.REMOVED

    def open(self) -> bool:
        return self.known and self.old > 0 and self.new > 0

    def done(self) -> bool:
        return self.known and self.old <= 0 and self.new <= 0

    def over(self) -> bool:
        return not self.known or self.old < 0 or self.new < 0

    def short(self) -> int:
        if not self.known or self.over():
            return 0
        return max(self.old, self.new, 0)


def _is_closed(lines: Sequence[Line], short: int) -> bool:
    """Whether a hunk is whole though its header announces a few lines more.

    One that was torn would lack the kept lines that end it, and those would be more
    than are announced; where it ends as a hunk does, it is the header that is wrong.
    At the end of a file fewer lines follow, so the place has to confirm it.
    """
    tail = lines[-_TRAILING:]
    kept = all(line.sign == Sign.KEPT for line in tail) and len(tail) == _TRAILING
    return kept and short < _TRAILING


def _heading(header: str) -> str:
    text = header.strip("@ ").strip()
    return "" if text in {"", "..."} or text.startswith("-") else text


def _content(name: str, hunks: Sequence[Hunk]) -> str:
    """The text of a file that is added; what is written below it is no part of it."""
    lines = [line for hunk in hunks for line in hunk.lines]
    if any(line.sign == Sign.ADDED for line in lines):
        lines = _above_prose(lines)
        stray = next((line.text for line in lines if line.bare and line.text), "")
        if stray:
            raise PatchRefused(
                f"`{name}` is to be added, so every line needs a `+`: `{stray[:80]}`"
            )
    texts = [line.text for line in lines if line.sign != Sign.REMOVED]
    ended = not any(hunk.ends_new is False for hunk in hunks)
    return "\n".join(texts) + ("\n" if ended and texts else "")


def _above_prose(lines: list[Line]) -> list[Line]:
    """The lines up to the last with a sign, if an empty one follows, and then all."""
    end = max(at for at, line in enumerate(lines, 1) if not line.bare)
    rest = lines[end:]
    return lines[:end] if rest and not rest[0].text.strip() else lines


def _mode(text: str | None) -> int | None:
    if text is None:
        return None
    if text.strip() not in {"100644", "100755"}:
        raise PatchRefused(f"a file of mode {text.strip()} cannot be made by a patch")
    return int(text, 8) & 0o777
