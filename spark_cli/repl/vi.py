"""The keys of vi, which prompt_toolkit has, and what of them the rest must know.

Esc while a turn runs still stops it; at an idle prompt it leaves insert mode.
"""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.application import Application
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.key_binding.vi_state import InputMode

MODES = {
    InputMode.NAVIGATION: "normal",
    InputMode.REPLACE: "replace",
    InputMode.REPLACE_SINGLE: "replace",
}


class Vi:
    """`asked` says whether a question is open: its answer is a letter."""

    def __init__(self, app: Application[int], asked: Callable[[], bool]) -> None:
        self._app = app
        self._asked = asked
        self._was_asked = False
        app.before_render += lambda _: self.look()

    @property
    def on(self) -> bool:
        return self._app.editing_mode is EditingMode.VI

    @property
    def inserting(self) -> bool:
        """Whether Esc would leave a mode in which letters are text."""
        return self.on and self._app.vi_state.input_mode is not InputMode.NAVIGATION

    @property
    def mode(self) -> str:
        """What the status line says; nothing while letters are inserted."""
        return MODES.get(self._app.vi_state.input_mode, "") if self.on else ""

    def set(self, *, on: bool) -> None:
        self._app.editing_mode = EditingMode.VI if on else EditingMode.EMACS
        self.insert()

    def look(self) -> None:
        """A question that has come: letters are text, unless a line is being edited."""
        came = self._asked() and not self._was_asked
        self._was_asked = self._asked()
        if came and not self._app.current_buffer.text:
            self.insert()

    def insert(self) -> None:
        """A new line begins with text."""
        self._app.vi_state.input_mode = InputMode.INSERT
