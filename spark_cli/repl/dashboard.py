"""What the status line knows: a fold over the events, and the seconds that pass.

While a turn runs the line is drawn anew each second, and more often only while a
spinner is all that moves; an idle session wakes up for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from spark_cli.core.events import Event, Level, Notice
from spark_cli.repl.phase import Phase
from spark_cli.repl.scene import Scene
from spark_cli.repl.toolbar import Pace, Status, percent_left, scarce
from spark_cli.repl.view import View

TICK_S = 1.0
SPIN_S = 0.125
_STILL = {Phase.WAITING, Phase.WORKING}


class Dashboard:
    def __init__(self, view: View, scene: Scene, clock: Callable[[], float]) -> None:
        self.branch = ""
        self._view, self._scene, self._clock = view, scene, clock
        self._pace = Pace(clock)
        self._step = (Phase.IDLE, "")
        self._since = clock()
        self._retrying = False

    def see(self, event: Event) -> None:
        """Take an event that the view has seen already."""
        self._pace.see(event)
        step = (self._view.phase, self._view.doing)
        if step != self._step:
            self._step, self._since, self._retrying = step, self._clock(), False
        if isinstance(event, Notice) and event.level is Level.WARNING:
            self._retrying = self._view.phase is Phase.WAITING

    @property
    def tick_s(self) -> float | None:
        """When the line looks different though nothing has happened."""
        if not self._view.running:
            return None
        spins = self._still_s >= TICK_S - SPIN_S
        return SPIN_S if spins else TICK_S

    def status(
        self, *, phase: Phase, drafting: bool = False, vi: str = "", hint: str = ""
    ) -> Status:
        """`phase` is what the user waits for, a command of their own included."""
        meter, view = self._scene.meter, self._view
        still = self._still_s
        return Status(
            phase=phase,
            model=view.model,
            approval=view.approval.value,
            transport=meter.transport,
            seconds=self._pace.seconds,
            tokens_per_s=self._pace.tokens_per_s,
            first_token_s=meter.first_token_s,
            context_left=percent_left(meter.context_tokens, self._window),
            branch=self.branch,
            drafting=drafting,
            vi=vi,
            hint=hint,
            awaited=self._awaited() if still >= TICK_S else "",
            spin=int(still / SPIN_S) if still >= TICK_S else None,
            limit=scarce(meter.limits.values(), time.time()),
        )

    @property
    def _window(self) -> int:
        """The context window of the model that is asked now."""
        known = self._scene.look.known(self._view.model)
        return known.context_window if known else self._scene.context_window

    @property
    def _still_s(self) -> float:
        """How long nothing has moved on the screen."""
        if self._view.phase not in _STILL:
            return 0.0
        return self._clock() - self._since

    def _awaited(self) -> str:
        if self._view.phase is Phase.WORKING:
            return self._view.doing
        return "the network" if self._retrying else "the first token"
