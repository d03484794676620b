"""Two Esc at an idle, empty prompt rewind, and an Esc that comes late does not count.

Who presses Esc to stop a turn presses it again when nothing seems to happen; the turn
may have ended under the finger.
"""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application import Application

LATE_S = 0.5
"""An Esc so soon after a turn was meant for the turn."""

ARMED_S = 1.5
"""How long the first of the two is remembered."""


class Rewinding:
    """`command` does what a slash command says."""

    def __init__(
        self,
        clock: Callable[[], float],
        app: Application[int],
        command: Callable[[str], object],
    ) -> None:
        self._clock = clock
        self._app = app
        self._command = command
        self._calm_from = self._armed_until = float("-inf")

    def stirred(self) -> None:
        """A turn was stopped, or has ended: the next Esc may be late."""
        self._calm_from = self._clock() + LATE_S
        self.disarm()

    def arm(self) -> None:
        """The first Esc; one that is late is pressed in vain."""
        if self._clock() >= self._calm_from:
            self._armed_until = self._clock() + ARMED_S
            if self._app.loop is not None:
                self._app.loop.call_later(ARMED_S, self._app.invalidate)
        else:
            self.stirred()

    def rewind(self) -> None:
        """The second Esc: the same as if the command was typed."""
        self.disarm()
        self._command("/rewind")

    def disarm(self) -> None:
        self._armed_until = float("-inf")

    @property
    def told(self) -> str:
        """What the status line says."""
        return "Esc again rewinds" if self.armed else ""

    @property
    def armed(self) -> bool:
        return self._clock() < self._armed_until
