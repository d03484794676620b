"""What the user is asked, what was answered, and which hunks have been shown.

A hunk is shown once: as it forms, or when it is asked about, or when it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CheckpointMade,
    HunkFormed,
    HunksOffered,
)
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, ItemId
from spark_cli.repl import blocks
from spark_cli.repl.diffs import diff_lines
from spark_cli.repl.lines import Line


@dataclass(slots=True)
class Decisions:
    """`item` is the call that is being written, `formed` what is whole of it by now."""

    question: ApprovalRequested | None = None
    offer: HunksOffered | None = None
    item: ItemId | None = None
    formed: list[ProposedHunk] = field(default_factory=list)
    _shown: list[str] = field(default_factory=list)
    _refused: set[CallId] = field(default_factory=set)

    def form(self, event: HunkFormed, columns: int) -> list[Line]:
        """One more hunk is whole: how it looks."""
        if event.item != self.item:
            self.item, self.formed, self._shown = event.item, [], []
        self.formed.append(event.hunk)
        self._shown.append(event.hunk.diff)
        return blocks.hunk(event.hunk, columns)

    def ask(
        self, event: ApprovalRequested | HunksOffered, columns: int
    ) -> list[list[Line]]:
        """What is asked about, but for what was seen already: a block each."""
        if isinstance(event, HunksOffered):
            self.offer = event
        else:
            self.question = event
            if not event.hunks:
                self._shown.append(event.preview)
                return [blocks.asked(event, columns)]
        new = [hunk for hunk in event.hunks if hunk.diff not in self._shown]
        self._shown += [hunk.diff for hunk in new]
        return [blocks.hunk(hunk, columns) for hunk in new]

    def answer(self, event: ApprovalDecided) -> bool:
        """Note an answer; whether it was the one that the turn waited for."""
        if self.offer is not None and event.call == self.offer.call:
            self.offer = None
            return False
        self.question = None
        if not event.accepted:
            self._refused.add(event.call)
        return True

    def changed(self, event: CheckpointMade, columns: int) -> list[Line]:
        """What was written, where it was not seen before."""
        if self._has_seen(event.diff):
            return []
        return diff_lines(event.diff, columns)

    def end_call(self, call: CallId) -> bool:
        """A call is over; whether the user had refused it."""
        refused = call in self._refused
        self._refused.discard(call)
        self._forget()
        return refused

    def end_turn(self) -> None:
        self.question = None
        self._forget()

    def _forget(self) -> None:
        """Nothing can be decided on any more while it forms."""
        self.item, self.formed = None, []

    def _has_seen(self, diff: str) -> bool:
        """Whether every line that a diff changes is in what was shown."""
        seen = Counter(line for one in self._shown for line in _changes(one))
        return bool(self._shown) and Counter(_changes(diff)) <= seen


def _changes(diff: str) -> Iterator[str]:
    """The lines that are added and removed, without the headers."""
    for file in f"\n{diff}".split("\ndiff --git ")[1:]:
        body = file.partition("\n@@")[2].split("\n")[1:]
        yield from (line for line in body if line[:1] in {"+", "-"})
