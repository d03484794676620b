"""Whole files: fences with a path above them or after their first mark.

Such a file replaces what is there, so a doubt about where it ends is a refusal: a
fence that is never closed, or a document that has fences of its own inside one that
is no longer than they are.
"""

from __future__ import annotations

import re

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Fence
from spark_cli.patch.parser import Draft, Outside, cut_off, file_name

_FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_NAMED = re.compile(r"[\w@+-]+(/[\w@+.-]+)*\.[A-Za-z][\w-]*$|[\w@+.-]+(/[\w@+.-]+)+$")
_BARE_NAMES = {"Makefile", "Dockerfile", "LICENSE", "README", "Jenkinsfile"}
_DECORATION = " \t*#`:"
_PATCHES = {"diff", "patch", "udiff"}
_NESTING = {".md", ".mdx", ".rst", ".markdown"}
_SHELLS = {"bash", "sh", "shell", "console", "zsh", "text", "output", "powershell"}
_JOINING = {"in", "inside", "within", "into", "at", "to", "of", "from", "on"}
_HEAD = 3
_LINE_MAX = 1000


def path_of(line: str) -> str:
    """The path that a line consists of, apart from decoration; empty if none."""
    text = line.strip().strip(_DECORATION) if len(line) < _LINE_MAX else ""
    return text if _NAMED.match(text) or text in _BARE_NAMES else ""


def opens(line: str, above: str) -> str:
    """The file that a fence with such a line above it holds; empty if none."""
    fence = fence_of(line)
    if fence is None:
        return ""
    words = fence[2].split()
    if words and words[0] in _PATCHES:
        return ""
    inside = [path_of(word.partition(":")[2] or word) for word in words[:2]]
    known = next((name for name in inside if "/" in name or "." in name[1:]), "")
    return known or path_of(above)


class Fences:
    """Tells which lines open a file's fence, having seen those above.

    A line of nothing but a fence closes what is open, whatever is above it.
    """

    def __init__(self) -> None:
        self.above = ""
        self.other = ""

    def feed(self, line: str) -> str:
        """The file in the fence that the line opens; empty if it opens none."""
        line = line.rstrip()
        fence = fence_of(line)
        closes = fence is not None and _closes(fence, self.other)
        name = "" if closes else opens(line, self.above)
        if closes:
            self.other = ""
        elif fence and not name and not self.other:
            self.other = fence[1]
        self.above = line or self.above
        return name


def fence_of(line: str) -> re.Match[str] | None:
    return _FENCE.match(line) if len(line) < _LINE_MAX else None


def _closes(fence: re.Match[str], other: str) -> bool:
    return bool(other) and fence[1].startswith(other) and not fence[2].strip()


class WholeParser:
    def __init__(self, outside: Outside) -> None:
        self.drafts: list[Draft] = []
        self._outside = outside
        self._edits: dict[str, Edit] = {}
        self._fences = Fences()
        self._text = _Text()
        self._fence = ""
        self._lines: list[str] = []
        self._start = 0
        self._depth = 0
        self._closed = ""

    def feed(self, line: str, number: int) -> None:
        if self._fence:
            self._inside(line, number)
            return
        above, other = self._fences.above, self._fences.other
        name = self._fences.feed(line)
        fence = fence_of(line.rstrip())
        if name and fence:
            self._outside.enter()
            self._text.enter(above)
            self._fence, self._start, self._lines = fence[1], number, []
            self.drafts.append(Draft(Action.WRITE, file_name(name, number)))
            return
        if fence and self._closed:
            raise PatchRefused(
                f"it is not clear where `{self._closed}` ends, as it has fences of its "
                "own; put it between longer fences"
            )
        if fence and not other:
            self._refuse_again(fence[2].strip(), above, number)
        self._outside.feed(line, number)
        self._text.feed(line)

    def close(self, *, ended: bool) -> list[Edit]:  # noqa: ARG002 - ends by a mark
        if self._fence:
            raise cut_off(
                f"`{self.drafts[-1].name}` was cut off: the fence at line "
                f"{self._start} is not closed",
                "file",
            )
        if not self._edits:
            raise PatchRefused("there is no fence with the path of a file above it")
        fence = self._text.fence()
        return [edit._replace(fence=fence) for edit in self._edits.values()]

    def _inside(self, line: str, number: int) -> None:
        fence = fence_of(line.rstrip())
        same = fence is not None and fence[1].startswith(self._fence)
        if same and fence is not None and fence[2].strip():
            self._depth += 1
        elif same and self._depth:
            self._depth -= 1
        elif same:
            self._end()
            return
        if len(self._lines) < _HEAD:
            self._outside.feed(line, number)  # it may be a patch instead of a file
        self._lines.append(line)

    def _end(self) -> None:
        draft = self.drafts[-1]
        text = "".join(f"{line}\n" for line in self._lines)
        edit = Edit(Action.WRITE, draft.name, text=text)
        if self._edits.setdefault(draft.name, edit) != edit:
            raise PatchRefused(
                f"`{draft.name}` comes twice, and not with the same content",
                "send each file once",
            )
        draft.settled = True
        self._fence = ""
        self._outside.enter()
        self._fences = Fences()
        nests = any(draft.name.endswith(suffix) for suffix in _NESTING)
        self._closed = draft.name if nests else ""

    def _refuse_again(self, language: str, above: str, number: int) -> None:
        """A fence without a path, below a sentence that ends with a file's name."""
        words = above.split()
        last = words[-1].strip(_DECORATION) if words else ""
        if last in self._edits and language.lower() not in _SHELLS:
            raise PatchRefused(
                f"it is not clear whether the fence at line {number} is `{last}` again",
                "send each file once",
            )


class _Text:
    """What is written around the fences."""

    def __init__(self) -> None:
        self._said = ""
        self._prose = self._open = False

    def feed(self, line: str) -> None:
        line = line.strip()
        if line and not path_of(line) and not fence_of(line):
            self._said, self._prose = line, True

    def enter(self, above: str) -> None:
        """A fence opens; the line above may be its path, or go on from there."""
        said = self._said if path_of(above) else above
        last = said.split()[-1:]
        self._open |= bool(last) and last[0].lower() in _JOINING
        self._said = ""

    def fence(self) -> Fence:
        if self._open:
            return Fence.OPEN
        return Fence.PROSE if self._prose else Fence.BARE
