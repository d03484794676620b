"""Ops that are one wish of the user: each is carried out only if the last one was.

`/undo 3` is three ops.  The agent tells what came of each by an event; after a failure
the rest would take back something else than was meant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from spark_cli.core.events import CheckpointUndone, Event, Level, Notice
from spark_cli.core.ops import Undo
from spark_cli.repl.lines import Line


class Steps:
    def __init__(self, submit: Callable[[Undo], None]) -> None:
        self._submit = submit
        self._left: deque[Undo] = deque()
        self._count = self._done = 0

    @property
    def going(self) -> bool:
        return self._count > 0

    def begin(self, ops: Sequence[Undo]) -> None:
        self._left.extend(ops)
        if not self.going and self._left:
            self._next()
        self._count += len(ops)

    def see(self, event: Event) -> list[Line]:
        """Go on after an event; at the end, how many were done."""
        if not self.going:
            return []
        if isinstance(event, CheckpointUndone):
            self._done += 1
            if self._left:
                self._next()
                return []
            return self._end()
        if isinstance(event, Notice) and event.level is not Level.INFO:
            return self._end()
        return []

    def _next(self) -> None:
        self._submit(self._left.popleft())

    def _end(self) -> list[Line]:
        told = f"{self._done} of {self._count} changes taken back"
        self._left.clear()
        self._count = self._done = 0
        return [[("class:quiet", f"({told})")]]
