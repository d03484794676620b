"""What a command can have done on the screen itself, and what a plain face can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from spark_cli.commands.command import Choices, Dress, SwitchKeys
from spark_cli.repl.composer import Composer
from spark_cli.repl.paint import FrameOutput
from spark_cli.repl.picker import Picker
from spark_cli.repl.vi import Vi
from spark_cli.repl.view import View


class Reach(Protocol):
    """What is false was not done: there is no place for it, or no terminal.

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

    def grant(self, wish: Dress | SwitchKeys) -> bool:
        """Look different, or take keys in another way."""


class LiveReach:
    themes: Sequence[tuple[str, str]] = ()

    def __init__(
        self,
        composer: Composer,
        picker: Picker,
        view: View,
        output: FrameOutput,
        vi: Vi,
    ) -> None:
        self._composer, self._picker, self._view = composer, picker, view
        self._output, self._vi = output, vi

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

    def grant(self, wish: Dress | SwitchKeys) -> bool:
        if isinstance(wish, SwitchKeys):
            self._vi.set(on=not self._vi.on)
            return True
        return False
