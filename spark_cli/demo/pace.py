"""Events at a chosen number of tokens a second, in few wake-ups.

A sleep for each token would cost more than the token and could never be exact.  So
the clock is asked how many tokens are due, they leave together, and the next sleep is
a frame long; what one sleep overshoots, the next batch makes up for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from spark_cli.core.json import JsonObject

# An event, and how many tokens it carries.
Beat: TypeAlias = tuple[JsonObject, int]

FRAME_S = 1 / 60
# More events than this in a second are not worth their framing: deltas get longer.
_EVENTS_A_SECOND = 5_000
_UNPACED_GRAIN = 16
_UNPACED_BATCH = 512


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` is tokens a second; 0 is as fast as can be."""

    rate: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    @property
    def grain(self) -> int:
        """How many tokens a delta holds."""
        if self.rate <= 0:
            return _UNPACED_GRAIN
        return max(1, round(self.rate / _EVENTS_A_SECOND))

    async def batches(self, beats: Iterable[Beat]) -> AsyncIterator[list[JsonObject]]:
        """What is due, as soon as it is; no batch is empty."""
        start, sent = self.clock(), 0
        due = self._due(start, sent)
        batch: list[JsonObject] = []
        for event, tokens in beats:
            while batch and sent + tokens > due:
                yield batch
                batch = []
                await self.sleep(self._wait(start, sent + tokens))
                due = max(self._due(start, sent), sent + tokens)
            batch.append(event)
            sent += tokens
        if batch:
            yield batch

    def _due(self, start: float, sent: int) -> int:
        if self.rate <= 0:
            return sent + _UNPACED_BATCH
        return int((self.clock() - start) * self.rate)

    def _wait(self, start: float, wanted: int) -> float:
        """Until the next token is due, and a frame at least."""
        if self.rate <= 0:
            return 0
        return max(FRAME_S, start + wanted / self.rate - self.clock())
