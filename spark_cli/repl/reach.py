"""What a command can have done on the screen itself, and what a plain face can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from spark_cli.commands.command import Choices, Dress, SwitchKeys
from spark_cli.config.settings import Theme
from spark_cli.repl.composer import Composer
from spark_cli.repl.paint import FrameOutput
from spark_cli.repl.picker import Picker
from spark_cli.repl.theme import Palette
from spark_cli.repl.vi import Vi
from spark_cli.repl.view import View


class Reach(Protocol):
    """What is false, or empty, was not done: there is no place for it, or no terminal.

    `themes` are rows (name, what it is).
    """

    @property
    def themes(self) -> Sequence[tuple[str, str]]: ...

    def put(self, text: str) -> None:
        """Give the user's words back, to be changed."""

    def choose(self, choices: Choices, chosen: Callable[[str], None]) -> bool:
        """Open a list; `chosen` is given the line of the row that is taken."""

    def write(self, sequence: str) -> bool:
        """Hand a sequence to the terminal."""

    def grant(self, wish: Dress | SwitchKeys) -> str:
        """Look different, or take keys in another way; how it is from here on."""


_GROUNDS = {
    Theme.AUTO: "what the terminal says of itself, or what can be read on any",
    Theme.DARK: "for a dark background",
    Theme.LIGHT: "for a light one",
    Theme.NONE: "no colors",
}


class LiveReach:
    themes: Sequence[tuple[str, str]] = [
        (theme.value, what) for theme, what in _GROUNDS.items()
    ]

    def __init__(
        self,
        composer: Composer,
        picker: Picker,
        view: View,
        output: FrameOutput,
        vi: Vi,
        palette: Palette,
    ) -> None:
        self._composer, self._picker, self._view = composer, picker, view
        self._output, self._vi, self._palette = output, vi, palette

    def put(self, text: str) -> None:
        """A draft that is there is not touched."""
        if not self._composer.text:
            self._composer.paste(text)

    def choose(self, choices: Choices, chosen: Callable[[str], None]) -> bool:
        """Not where the list's keys would be in the way of what is being typed."""
        if self._composer.text or self._view.question is not None:
            return False
        self._picker.open(choices, chosen)
        return True

    def write(self, sequence: str) -> bool:
        self._output.write_raw(sequence)
        self._output.flush()
        return True

    def grant(self, wish: Dress | SwitchKeys) -> str:
        match wish:
            case SwitchKeys():
                self._vi.set(on=not self._vi.on)
                return f"the keys are {'of vi' if self._vi.on else 'of readline'}"
            case Dress(theme):
                self._palette.use(Theme(theme))
                return f"the colors are `{theme}`"
