"""What was queued with Tab: it is sent in order, each when the turn before it ends.

After an interrupt, or a failure, it waits and is shown: nothing is sent by surprise.
"""

from __future__ import annotations

from collections import deque

from spark_cli.core.printable import printable_line
from spark_cli.repl.composer import Draft
from spark_cli.repl.lines import Line, cut

SHOWN_MAX = 3
_SIGN = "queued "


class Queue:
    def __init__(self) -> None:
        self._drafts: deque[Draft] = deque()
        self.held = False

    def __len__(self) -> int:
        return len(self._drafts)

    def add(self, draft: Draft) -> None:
        """Put it at the end; who queues anew wants the queue to go on."""
        self._drafts.append(draft)
        self.held = False

    def recall(self) -> Draft | None:
        """Take the last one back, to edit it."""
        draft = self._drafts.pop() if self._drafts else None
        self.held = self.held and bool(self._drafts)
        return draft

    def hold(self) -> None:
        self.held = bool(self._drafts)

    def next(self) -> Draft | None:
        """What is due when a turn has ended; nothing while it is held."""
        if self.held or not self._drafts:
            return None
        return self._drafts.popleft()

    def release(self) -> None:
        self.held = False

    def empty(self) -> None:
        self._drafts.clear()
        self.held = False

    def lines(self, columns: int) -> list[Line]:
        """The queue as it is shown above the draft, a row each."""
        if not self._drafts:
            return []
        shown = list(self._drafts)[:SHOWN_MAX]
        lines = [_row(draft, columns) for draft in shown]
        more = len(self._drafts) - len(shown)
        told = f"and {more} more; " if more else ""
        when = "held: Enter sends the next; " if self.held else ""
        rest = f"  {told}{when}Up edits the last, Ctrl-U drops all"
        lines.append([("class:quiet", cut(rest, columns - 1))])
        return lines


def _row(draft: Draft, columns: int) -> Line:
    text = printable_line(" ".join(draft.shown.split()))
    return [("class:prompt", _SIGN), ("", cut(text, columns - len(_SIGN) - 1))]
