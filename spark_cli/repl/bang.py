"""`!command`: what the user runs, shown as it comes, and then told to the model.

It needs no approval: the line is the user's own.  It runs beside a turn as well, has
no terminal to read from, and is stopped with all that it started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from spark_cli.core.errors import SparkError
from spark_cli.core.printable import printable
from spark_cli.repl import blocks
from spark_cli.repl.lines import Line, folded, wrapped
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View
from spark_cli.workspace.attachment import block
from spark_cli.workspace.clip import Clip

OUTPUT_BYTES = 24_000
"""So much is shown, and told to the model; of more, the middle is left out."""

_LIVE_CHARS = 4_000
_FOR_EVER_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Order:
    """`secret` keeps the output from the model."""

    command: str
    secret: bool


def order(text: str) -> Order | None:
    """The command of a line that begins with `!`, or with `!!`."""
    line = text.strip()
    if not line.startswith("!"):
        return None
    secret = line.startswith("!!")
    return Order(line.lstrip("!").strip(), secret)


@dataclass(slots=True)
class _Running:
    """A command, and what of it is on the screen while it runs."""

    order: Order
    lines: list[Line]
    heard: Clip = field(default_factory=lambda: Clip(OUTPUT_BYTES))
    last: str = ""
    stopped: bool = False
    how: str = "stopped"
    task: asyncio.Task[None] | None = None


@dataclass(slots=True)
class Bang:
    """`told` are blocks for the model, which go with the next words."""

    scene: Scene
    view: View
    changed: Callable[[], None]
    later: Callable[[Coroutine[object, object, None]], asyncio.Task[None]]
    ended: Callable[[], None]
    told: list[str] = field(default_factory=list)
    _running: list[_Running] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return bool(self._running)

    def start(self, wanted: Order) -> None:
        one = _Running(wanted, _echo(wanted, self.view.columns))
        self._running.append(one)
        self.view.looking.append(one.lines)
        one.task = self.later(self._run(one))
        # One that is stopped at once never begins to run, and has to end all the same.
        one.task.add_done_callback(lambda task: self._end(one, task))
        self.changed()

    def stop(self) -> None:
        """End every command, with all that it started."""
        for one in self._running:
            one.stopped = True
            if one.task is not None:
                one.task.cancel()

    async def _run(self, one: _Running) -> None:
        from spark_cli.workspace.processes import run

        def hear(text: str) -> None:
            one.heard.feed(text.encode())
            one.last = (one.last + text)[-_LIVE_CHARS:]
            columns = self.view.columns
            one.lines[:] = [
                *_echo(one.order, columns),
                *blocks.output(one.last, columns),
            ]
            self.changed()

        try:
            finished = await run(
                one.order.command,
                cwd=self.scene.cwd or self.scene.root,
                timeout_s=_FOR_EVER_S,
                output_bytes=OUTPUT_BYTES,
                env=self.scene.environ,
                on_output=hear,
            )
            one.how = f"exit code {finished.code}, {finished.seconds:.1f} s"
        except SparkError as error:
            one.how = error.message

    def _end(self, one: _Running, task: asyncio.Task[None]) -> None:
        self._running.remove(one)
        self.view.looking.remove(one.lines)
        if task.cancelled() and not one.stopped:
            return  # the session ends
        output, _ = one.heard.text()
        tells = "" if one.order.secret else "; the model reads it with your next words"
        columns = self.view.columns
        self.view.show(
            [
                *_echo(one.order, columns),
                *_output(output, columns),
                *wrapped(blocks.did(f"{one.how}{tells}"), columns),
            ]
        )
        if not one.order.secret:
            end = "" if output.endswith("\n") or not output else "\n"
            ran = f"$ {one.order.command}\n{output}{end}({one.how})"
            self.told.append(block("shell", ran, by="user"))
        self.changed()
        self.ended()


def _echo(wanted: Order, columns: int) -> list[Line]:
    sign = "!! " if wanted.secret else "! "
    lines: list[Line] = []
    for line in printable(wanted.command).split("\n"):
        lead = ("", " " * len(sign)) if lines else ("class:prompt", sign)
        lines.extend(folded([lead], [("class:strong", line)], columns))
    return lines


def _output(text: str, columns: int) -> Sequence[Line]:
    """All of it, as far as it was kept."""
    told = printable(text).strip("\n")
    return [
        row
        for line in (told.split("\n") if told else [])
        for row in folded([("", "  ")], [("", line)], columns)
    ]
