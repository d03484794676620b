"""Hold: the screen stands still while the stream goes on being received.

What comes is folded into the view as ever, and is painted when any key goes on.
"""

from __future__ import annotations

from typing import Protocol


class Pausable(Protocol):
    def pause(self) -> None: ...

    def resume(self) -> None: ...


class Hold:
    def __init__(self, painter: Pausable) -> None:
        self._painter = painter
        self._released = False
        self.held = False

    def told(self, *, asked: bool) -> str:
        """What the status line says; `asked` is whether a question is open."""
        if not self.held:
            return ""
        asks = "a question waits; " if asked else ""
        return f"held; {asks}any key goes on"

    def key(self) -> None:
        """A key is about to be handled, whichever it is: go on."""
        self._released = self.held
        if self.held:
            self.held = False
            self._painter.resume()

    def begin(self) -> None:
        """Stand still, unless this key has just let it go on."""
        if not self._released:
            self.held = True
            self._painter.pause()
