"""Lets the seconds in the status line go on while something runs, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit.application import Application

TICK_S = 1.0


class Ticker:
    def __init__(self, app: Application[int], running: Callable[[], bool]) -> None:
        self._app = app
        self._running = running
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Draw now, and then every second until nothing runs."""
        if self._next is not None:
            self._next.cancel()
        self._next = None
        if self._running() and self._app.loop is not None:
            self._app.invalidate()
            self._next = self._app.loop.call_later(TICK_S, self.start)
