"""The hunks of a diff by the names that they are talked about with: h1, h2, h3.

One that was reviewed keeps the name that it had then; in a diff that nobody was asked
about they are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalRequested,
    CheckpointMade,
    Event,
    HunkFormed,
    HunksOffered,
    ItemCompleted,
    ToolStarted,
)
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import ToolCall, ToolOutput

_HEAD = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """`text` is a diff of its own: the file's two lines, then the hunk."""

    name: str
    path: str
    text: str


@dataclass(slots=True)
class LastDiff:
    """The diff that was shown last: a fold over the events."""

    _diff: str = ""
    _reviewed: dict[str, ProposedHunk] = field(default_factory=dict)
    _item: ItemId | None = None
    _call: CallId | None = None
    _working: CallId | None = None

    @property
    def hunks(self) -> dict[str, Hunk]:
        """By name; none where no diff was shown yet."""
        if self._reviewed:
            return {
                name: Hunk(name, one.name, one.diff)
                for name, one in self._reviewed.items()
            }
        return numbered(self._diff)

    def see(self, event: Event) -> None:
        match event:
            case HunkFormed(item, hunk):
                if item != self._item:
                    self._begin(item, None)
                self._review((hunk,))
            case ApprovalRequested(call, effect=Effect.EDIT) | HunksOffered(call):
                self._shown(call, event.preview)
                self._review(event.hunks)
            case ToolStarted(call):
                self._working = call
            case CheckpointMade(diff=diff):
                self._shown(self._working or self._call, diff)
            case ItemCompleted(ToolCall(item, call)) if item == self._item:
                self._call = call
            case ItemCompleted(ToolOutput()):
                self._working = None
            case _:
                pass

    def _shown(self, call: CallId | None, diff: str) -> None:
        if call != self._call:
            self._begin(None, call)
        self._diff = diff

    def _begin(self, item: ItemId | None, call: CallId | None) -> None:
        """Another change than the one before: its hunks begin with h1 again."""
        self._item, self._call = item, call
        self._reviewed.clear()

    def _review(self, found: Iterable[ProposedHunk]) -> None:
        for hunk in found:
            self._reviewed[hunk.id] = hunk
            self._reviewed.update({part.id: part for part in hunk.parts})


def numbered(diff: str) -> dict[str, Hunk]:
    """Every hunk of a unified diff by its name, in its order."""
    lines = iter(diff.split("\n"))
    found: dict[str, Hunk] = {}
    names: list[str] = []
    for line in lines:
        head = _HEAD.match(line)
        if head is not None:
            body = [line, *_body(lines, int(head[1] or 1), int(head[2] or 1))]
            text = "\n".join([*names, *body]) + "\n"
            name = f"h{len(found) + 1}"
            found[name] = Hunk(name, _path(names), text)
        elif line.startswith("--- "):
            names = [line]
        elif line.startswith("+++ "):
            names.append(line)
    return found


def _body(lines: Iterator[str], before: int, after: int) -> Iterator[str]:
    """As many lines as the head of the hunk promises: a `---` may be one of them."""
    while before > 0 or after > 0:
        line = next(lines, None)
        if line is None:
            return
        before -= line[:1] in {" ", "-", ""}
        after -= line[:1] in {" ", "+", ""}
        yield line


def _path(names: list[str]) -> str:
    there = [name[4:].rstrip("\t") for name in names if name[4:13] != "/dev/null"]
    return there[-1].removeprefix("b/").removeprefix("a/") if there else ""
