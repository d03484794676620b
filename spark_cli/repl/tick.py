"""Lets the status line go on while something runs, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit.application import Application


class Ticker:
    """`tick_s` says when the line looks different though nothing has happened."""

    def __init__(
        self, app: Application[int], tick_s: Callable[[], float | None]
    ) -> None:
        self._app = app
        self._tick_s = tick_s
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Draw now, and then again and again until nothing runs."""
        if self._next is not None:
            self._next.cancel()
        self._next = None
        tick_s = self._tick_s()
        if tick_s is not None and self._app.loop is not None:
            self._app.invalidate()
            self._next = self._app.loop.call_later(tick_s, self.start)
