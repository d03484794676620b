"""Where events leave the agent: first to those who record, then to the one who reads.

Observers (journal, meter) are called at once and in order, so that what a face shows
has been recorded before; one that fails (a full disk) is told of and left out.  The
reader takes events at its own pace; while it is slow, deltas of one item merge, so
that the queue never grows with the speed of the model.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    CallDelta,
    Delta,
    Event,
    Level,
    Notice,
    ReasoningDelta,
    TextDelta,
)


class Outbox:
    def __init__(self, observers: Sequence[Callable[[Event], None]] = ()) -> None:
        self._observers = list(observers)
        self._queue: deque[Event | None] = deque()
        self._open: Delta | None = None
        self._pieces: list[str] = []
        self._arrived = asyncio.Event()

    def emit(self, event: Event) -> None:
        for observe in tuple(self._observers):
            try:
                observe(event)
            except SparkError as error:
                self._observers.remove(observe)
                self.emit(Notice(Level.WARNING, error.message, error.hint))
        if isinstance(event, TextDelta | ReasoningDelta | CallDelta):
            self._gather(event)
        else:
            self._settle()
            self._queue.append(event)
        self._arrived.set()

    def close(self) -> None:
        """Let the reader finish: what was emitted is still read."""
        self._settle()
        self._queue.append(None)
        self._arrived.set()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Every event, in order, until the outbox is closed.  For one reader."""
        while True:
            self._settle()
            while self._queue:
                event = self._queue.popleft()
                if event is None:
                    return
                yield event
            if self._open is None:
                self._arrived.clear()
                await self._arrived.wait()

    def _gather(self, delta: Delta) -> None:
        waiting = self._open
        if waiting is not None and (
            type(waiting) is not type(delta) or waiting.item != delta.item
        ):
            self._settle()
        if self._open is None:
            self._open = delta
        self._pieces.append(delta.text)

    def _settle(self) -> None:
        if self._open is None:
            return
        if len(self._pieces) > 1:
            self._queue.append(replace(self._open, text="".join(self._pieces)))
        else:
            self._queue.append(self._open)
        self._open = None
        self._pieces.clear()
