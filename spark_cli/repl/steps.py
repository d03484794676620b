"""Ops that are one wish of the user: each is carried out only if the last one was.

`/undo 3` is three ops.  The agent tells what came of each by an event; after a failure
the rest would take back something else than was meant.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from spark_cli.core.events import (
    CheckpointUndone,
    Event,
    Level,
    Notice,
    Rewound,
    TurnStarted,
)
from spark_cli.core.ops import Op, Redo, Rewind, Undo
from spark_cli.repl.lines import Line


class Steps:
    """`drafted` is given the user's words back, once all has been carried out."""

    def __init__(
        self, submit: Callable[[Op], None], drafted: Callable[[str], None]
    ) -> None:
        self._submit, self._drafted = submit, drafted
        self._left: deque[Op] = deque()
        self._now: Op | None = None
        self._undos = self._done = 0
        self._draft = ""

    @property
    def going(self) -> bool:
        return self._now is not None

    def begin(self, ops: Sequence[Op], draft: str = "") -> None:
        self._left.extend(ops)
        self._undos += sum(isinstance(op, Undo) for op in ops)
        self._draft = draft or self._draft
        if not self.going and self._left:
            self._next()

    def see(self, event: Event) -> list[Line]:
        """Go on after an event; at the end, how many changes were taken back."""
        if self._now is None:
            return []
        if _is_done(self._now, event):
            self._done += isinstance(self._now, Undo)
            if self._left:
                self._next()
                return []
            draft = self._draft
            told = self._end()
            if draft:
                self._drafted(draft)
            return told
        if isinstance(event, Notice) and event.level is not Level.INFO:
            return self._end()
        return []

    def _next(self) -> None:
        self._now = self._left.popleft()
        self._submit(self._now)

    def _end(self) -> list[Line]:
        told = f"({self._done} of {self._undos} changes taken back)"
        lines: list[Line] = [[("class:quiet", told)]] if self._undos else []
        self._left.clear()
        self._now = None
        self._undos = self._done = 0
        self._draft = ""
        return lines


def _is_done(op: Op, event: Event) -> bool:
    match op:
        case Undo() | Redo():
            return isinstance(event, CheckpointUndone)
        case Rewind():
            return isinstance(event, Rewound)
        case _:
            return isinstance(event, TurnStarted)
