"""The hunks of a patch that have been shown, so that nothing is shown twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import ItemId


@dataclass(slots=True)
class Formed:
    """`item` is the call that is being written, `hunks` what is whole of it by now."""

    item: ItemId | None = None
    hunks: list[ProposedHunk] = field(default_factory=list)
    _shown: list[str] = field(default_factory=list)

    def add(self, item: ItemId, hunk: ProposedHunk) -> None:
        if item != self.item:
            self.item, self.hunks, self._shown = item, [], []
        self.hunks.append(hunk)
        self._shown.append(hunk.diff)

    def show(self, hunks: Sequence[ProposedHunk]) -> None:
        """These were shown when they were asked about."""
        self._shown += [hunk.diff for hunk in hunks]

    def has_shown(self, hunk: ProposedHunk) -> bool:
        return hunk.diff in self._shown

    def has_seen(self, diff: str) -> bool:
        """Whether every line that a diff changes is in what was shown."""
        seen = Counter(line for one in self._shown for line in _changes(one))
        return bool(self._shown) and Counter(_changes(diff)) <= seen

    def end(self) -> None:
        """The call is over: nothing of it can be decided on while it forms."""
        self.item, self.hunks = None, []


def _changes(diff: str) -> Iterator[str]:
    """The lines that are added and removed, without the headers."""
    for file in f"\n{diff}".split("\ndiff --git ")[1:]:
        yield from (
            line
            for line in file.partition("\n@@")[2].split("\n")[1:]
            if line[:1] in {"+", "-"}
        )
