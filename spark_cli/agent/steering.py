"""Words that arrive while a turn runs: they stop what is being said and go next."""

from __future__ import annotations

import asyncio

from spark_cli.core.ops import Prompt, Steer


class Steering:
    """Belongs to one turn; `redirect` is called from outside, the rest from within.

    A redirect cancels whatever the turn awaits.  The turn asks `redirected` to tell
    it from an interrupt: only a turn with waiting words, and no other cancellation,
    goes on.

    Words that were handed to a model that hears them while it answers are held until it
    has: then they are told, or else they redirect it.
    """

    def __init__(self) -> None:
        self._words: list[Prompt | Steer] = []
        self._held: list[Prompt | Steer] = []
        self._task: asyncio.Task[None] | None = None
        self._cancels = 0

    def attach(self, task: asyncio.Task[None]) -> None:
        self._task = task

    def redirect(self, words: Prompt | Steer) -> None:
        self._words.append(words)
        if self._task is not None and self._cancels == 0:
            self._cancels += 1
            self._task.cancel()

    def hold(self, words: Prompt | Steer) -> None:
        self._held.append(words)

    def let_go(self, words: Prompt | Steer) -> None:
        """They were not handed over after all."""
        if words in self._held:
            self._held.remove(words)

    def heard(self) -> list[Prompt | Steer]:
        """The model has heard them."""
        held, self._held = self._held, []
        return held

    def unheard(self) -> None:
        """The model does not take them: they stop it."""
        for words in self.heard():
            self.redirect(words)

    def redirected(self) -> bool:
        """Called on a cancellation: take a redirect's own back; true if it was all."""
        if self._task is None or self._cancels == 0:
            return False
        self._cancels = 0
        return self._task.uncancel() == 0

    def take(self) -> list[Prompt | Steer]:
        words, self._words = [*self.heard(), *self._words], []
        return words
