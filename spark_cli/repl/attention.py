"""Calls the user back who looks elsewhere: a long turn is over, or a question waits.

A terminal that can tell whether its window has the focus is asked to (DEC private mode
1004); where it says nothing, somebody who pressed no key for a while counts as away.
What is sent are words of spark alone, never a text of the model or a file's name.

Source: OSC 9 (iTerm2) and OSC 777 (rxvt) for desktop notifications.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

from spark_cli.config.settings import Notify
from spark_cli.core.events import (
    ApprovalRequested,
    Event,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.repl.keyboard import Keyboard

LONG_S = 10.0
"""A turn that took so long was not watched to its end, perhaps."""

BELL = "\a"
_KNOWS_9 = {"iTerm.app", "WezTerm", "ghostty"}
_KNOWS_777 = ("foot", "rxvt")
_ENDED = {
    TurnStatus.COMPLETED: "the turn is done",
    TurnStatus.FAILED: "the turn failed",
}


class Attention:
    """`send` writes to the terminal as it is."""

    def __init__(
        self,
        way: Notify,
        environment: Mapping[str, str],
        send: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._way, self._environment = way, environment
        self._send, self._clock = send, clock
        self._focused: bool | None = None
        self._began = self._touched = clock()

    def attend(self, keyboard: Keyboard) -> Self:
        """Be told of the keys, and of what the terminal says among them."""
        keyboard.touched = self.touch
        keyboard.focused = lambda there: self.focus(there=there)
        return self

    def focus(self, *, there: bool) -> None:
        """The terminal says whether its window is the one that is used."""
        self._focused = there

    def touch(self) -> None:
        """A key was pressed."""
        self._touched = self._clock()

    def see(self, event: Event) -> None:
        match event:
            case TurnStarted():
                self._began = self._clock()
            case ApprovalRequested():
                self._call("a question waits for you")
            case TurnEnded(_, status) if status in _ENDED:
                if self._clock() - self._began >= LONG_S:
                    self._call(_ENDED[status])
            case _:
                pass

    @property
    def _away(self) -> bool:
        if self._focused is None:
            return self._clock() - self._touched >= LONG_S
        return not self._focused

    def _call(self, words: str) -> None:
        if self._way is not Notify.OFF and self._away:
            self._send(call(self._way, self._environment, words))


def call(way: Notify, environment: Mapping[str, str], words: str) -> str:
    """What makes this terminal call: a notification where it is known to have them."""
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    inside = "TMUX" in environment or "STY" in environment
    knows_777 = term.startswith(_KNOWS_777)
    knows_9 = program in _KNOWS_9 or "KITTY_WINDOW_ID" in environment
    known = (knows_777 or knows_9) and not inside
    if way is Notify.BELL or (way is Notify.AUTO and not known):
        return BELL
    if knows_777:
        return f"\x1b]777;notify;spark;{words}\x1b\\"
    return f"\x1b]9;spark: {words}\x1b\\"
