"""What becomes of a slash command, and of the choice that it may offer.

Both faces have one: the live one shows what is to be chosen as a list below the
input, the plain one prints it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

from spark_cli.commands.command import (
    Answer,
    Choices,
    Command,
    Copy,
    Desk,
    Problem,
    Shown,
    Text,
    Wish,
)
from spark_cli.commands.registry import answer, is_command
from spark_cli.commands.story import Story
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Event, TurnEnded
from spark_cli.core.ops import Op
from spark_cli.repl import blocks
from spark_cli.repl.clipboard import to_clipboard
from spark_cli.repl.desk import desk
from spark_cli.repl.lines import Line
from spark_cli.repl.reach import Reach
from spark_cli.repl.scene import Scene
from spark_cli.repl.steps import Steps
from spark_cli.repl.view import View


@dataclass(frozen=True, slots=True)
class Hands:
    """What a face does for the clerk.

    `show` prints lines (where there are none, something else is to be drawn), and
    `later` owns a task.
    """

    submit: Callable[[Op], None]
    show: Callable[[list[Line]], None]
    later: Callable[[Coroutine[object, object, None]], object]
    leave: Callable[[], None]
    reach: Reach


class Clerk:
    """`keys` are rows for `/help` and `/keys`."""

    def __init__(
        self,
        scene: Scene,
        view: View,
        hands: Hands,
        keys: Sequence[tuple[str, str]],
    ) -> None:
        self._scene, self._view = scene, view
        self._hands, self._keys = hands, keys
        self._story = Story(scene.past)
        self._steps = Steps(hands.submit, hands.reach.put)
        self.custom: Sequence[Command] = ()

    @property
    def stepping(self) -> bool:
        """Whether a wish of several ops is still being carried out."""
        return self._steps.going

    def begin(self) -> None:
        """Look for the commands of the user's own; the prompt is there already."""
        self._hands.later(self._look_for_custom())

    def see(self, event: Event) -> None:
        self._story.see(event)
        told = self._steps.see(event)
        if told:
            self._hands.show(told)
        if isinstance(event, TurnEnded):
            self._hands.later(self._look_for_custom())

    def hear(self, line: str, echo: list[Line]) -> bool:
        """Do what a line says, if it is a command; `echo` is how it is shown."""
        comes_to = answer(line, self._desk())
        if comes_to is not None:
            self._act(comes_to, echo)
        return comes_to is not None

    def knows(self, line: str) -> bool:
        """Whether a line is a command, of spark's or of the user's own."""
        return is_command(line, self.custom)

    def chosen(self, line: str) -> None:
        """A row was chosen from a list: it is as if its line had been typed."""
        if line:
            self.hear(line, blocks.user(line, self._view.columns))

    def _desk(self) -> Desk:
        known = desk(self._scene, self._view, self._story)
        return replace(
            known, keys=self._keys, themes=self._hands.reach.themes, custom=self.custom
        )

    def _act(self, comes_to: Answer, echo: list[Line]) -> None:
        if comes_to.looked_up is not None:
            self._hands.later(self._look_up(comes_to.looked_up, echo))
        elif comes_to.shown is not None:
            self._tell(comes_to.shown, echo)
        elif comes_to.echoed and echo:
            self._hands.show(echo)
        for op in comes_to.ops:
            self._hands.submit(op)
        self._steps.begin(comes_to.steps, comes_to.draft)
        if comes_to.wish is not None:
            self._grant(comes_to.wish)
        if comes_to.leave:
            self._hands.leave()

    async def _look_up(
        self, look: Callable[[], Shown | Answer], echo: list[Line]
    ) -> None:
        self._view.looking.append(echo)
        self._hands.show([])
        try:
            found = await asyncio.to_thread(look)
        except SparkError as error:
            found = Problem(error.message, error.hint)
        finally:
            self._view.looking.remove(echo)
        if isinstance(found, Answer):
            self._act(found, echo)
        else:
            self._tell(found, echo)

    def _tell(self, shown: Shown, echo: list[Line]) -> None:
        columns = self._view.columns
        if isinstance(shown, Choices) and self._hands.reach.choose(shown, self.chosen):
            if shown.above is not None:
                self._print(echo, blocks.shown(shown.above, columns))
            else:
                self._hands.show([])
        else:
            self._print(echo, blocks.shown(shown, columns))

    def _print(self, echo: list[Line], lines: list[Line]) -> None:
        self._hands.show([*echo, [], *lines] if echo else lines)

    def _grant(self, wish: Wish) -> None:
        if isinstance(wish, Copy):
            self._hands.later(self._copy(wish))
        elif told := self._hands.reach.grant(wish):
            self._hands.show([blocks.did(f"{told} from here on")])
        else:
            self._tell(Problem("that cannot be changed here"), [])

    async def _copy(self, wish: Copy) -> None:
        """By a program of this machine, or else by the terminal."""
        try:
            by = await asyncio.to_thread(self._scene.look.copy, wish.text)
        except SparkError as error:
            self._tell(Problem(error.message, error.hint), [])
            return
        if not by and self._hands.reach.write(to_clipboard(wish.text, os.environ)):
            by = "the terminal, where it lets itself be told"
        if by:
            self._tell(Text(f"Copied {wish.what}, by {by}."), [])
        else:
            hint = "`/export FILE` writes the conversation"
            self._tell(Problem("there is no clipboard here", hint), [])

    async def _look_for_custom(self) -> None:
        try:
            self.custom = await asyncio.to_thread(self._scene.look.custom)
        except SparkError:
            self.custom = ()
