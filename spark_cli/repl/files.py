"""The names of the files that can be completed, kept fresh behind the user's back.

Nothing is listed until a name is first wanted.  After that the list at hand is used,
and a new one is made in a thread when a turn has ended, or the old one is some seconds
old: a key never waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from spark_cli.core.errors import SparkError, ToolError
from spark_cli.repl.rank import Names

FRESH_S = 5.0

PAUSE = 20
"""A listing that takes long is not made anew before so many times as long."""


class Files:
    """`listed` runs in a thread, and may raise `SparkError`; `later` owns the task."""

    def __init__(
        self,
        listed: Callable[[], Sequence[str]],
        clock: Callable[[], float],
        later: Callable[[Coroutine[object, object, None]], asyncio.Task[None]],
    ) -> None:
        self._listed, self._clock, self._later = listed, clock, later
        self._stale_at = float("-inf")
        self._names: Names | None = None
        self._raw: Sequence[str] = ()
        self._making: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Files may have come or gone: list them anew when they are next wanted."""
        self._stale_at = float("-inf")

    async def names(self) -> Names:
        """What is known; only the very first time this waits for the listing."""
        if self._making is None and self._clock() >= self._stale_at:
            self._making = self._later(self._list())
        if self._names is None and self._making is not None:
            await asyncio.shield(self._making)
        return self._names or Names()

    async def _list(self) -> None:
        begun = self._clock()
        try:
            raw = await asyncio.to_thread(self._looked)
            if raw != self._raw or self._names is None:
                self._names = await asyncio.to_thread(Names.of, raw)
                self._raw = raw
        finally:
            took_s = self._clock() - begun
            self._stale_at = self._clock() + max(FRESH_S, PAUSE * took_s)
            self._making = None

    def _looked(self) -> Sequence[str]:
        try:
            return self._listed()
        except (SparkError, ToolError, OSError):
            return self._raw
