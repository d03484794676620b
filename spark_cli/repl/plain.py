"""The face that only prints lines, for `TERM=dumb` and for a screen reader.

Nothing moves, nothing is printed twice, and a question is announced as one.

What is said is what the live face leaves in the scrollback, row by row.  Lines come
from a thread, since a dumb terminal has no keys, only lines; Ctrl-C is a signal.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from typing import TextIO

from spark_cli.commands.command import Choices, Dress, Rows, SwitchKeys
from spark_cli.core.ops import Close
from spark_cli.repl import blocks, keys
from spark_cli.repl.approve import Approver
from spark_cli.repl.bang import order
from spark_cli.repl.clerk import Clerk, Hands
from spark_cli.repl.composer import Draft
from spark_cli.repl.lines import Line, plain, wrapped
from spark_cli.repl.outgoing import Outgoing
from spark_cli.repl.recall import recall
from spark_cli.repl.scene import Agent, Scene
from spark_cli.repl.view import View


async def run(agent: Agent, *, first_prompt: str | None, scene: Scene) -> int:
    """Talk until the input ends or the user leaves; the exit code."""
    session = PlainSession(agent, scene, sys.stdout)
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(session.line, line.rstrip("\n"))
        loop.call_soon_threadsafe(session.leave)

    loop.add_signal_handler(signal.SIGINT, session.interrupt)
    try:
        session.begin(first_prompt)
        # It may be waiting for a line when the session is over.
        threading.Thread(target=read, daemon=True).start()
        await session.pump()
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return 0


class _NoPaper:
    """A line is gone once it was typed; one that was not sent is in the scrollback."""

    def take(self) -> Draft:
        return Draft.of("")

    def put(self, draft: Draft) -> None:
        del draft

    restore = put


class PlainSession:
    themes: Sequence[tuple[str, str]] = ()

    def __init__(self, agent: Agent, scene: Scene, output: TextIO) -> None:
        self._agent, self._scene, self._output = agent, scene, output
        columns = shutil.get_terminal_size().columns
        self._view = View(scene.model, scene.provider, scene.approval, columns)
        self._approver = Approver(agent.submit, time.monotonic, editor=False)
        self._outgoing = Outgoing(
            *(agent.submit, scene, self._view, _NoPaper()),
            self._changed,
            self._later,
        )
        hands = Hands(agent.submit, self._tell, self._later, self.leave, self)
        self._clerk = Clerk(scene, self._view, hands, keys.WITHOUT_KEYS)
        self._lookups: set[asyncio.Task[None]] = set()
        self._idle_interrupts = 0
        self._expecting = False

    def begin(self, first_prompt: str | None) -> None:
        recall(self._view, self._scene.past)
        self._view.show(blocks.greeting(self._scene, self._view.columns))
        if first_prompt:
            self._outgoing.send(Draft.of(first_prompt))
        self._clerk.begin()
        self._flush()
        self._ready()

    async def pump(self) -> None:
        async with aclosing(self._agent.events()) as events:
            async for event in events:
                was = (self._view.running, self._view.question)
                self._view.see(event)
                asked = self._view.decisions
                self._approver.see(asked.question or asked.offer)
                spoke = self._flush() and not self._view.running
                self._outgoing.see(event)
                self._clerk.see(event)
                changed = was != (self._view.running, self._view.question)
                if (spoke or changed) and not self._clerk.stepping:
                    self._ready()

    def line(self, text: str) -> None:
        """A line was typed."""
        self._idle_interrupts = 0
        self._expecting = False
        if text.strip() == "?":
            self._tell(blocks.shown(Rows(keys.WITHOUT_KEYS), self._view.columns))
        elif self._clerk.hear(text, []):
            pass
        elif order(text) is None and self._answers(text.strip()):
            self._approver.say(text.strip())
            self._ready()
        elif text.strip():
            self._outgoing.send(Draft.of(text))

    def interrupt(self) -> None:
        if self._outgoing.running:
            self._outgoing.interrupt()
            return
        self._idle_interrupts += 1
        if self._idle_interrupts > 1:
            self.leave()
        else:
            self._print([[("", "(Ctrl-C again leaves)")]])

    def leave(self) -> None:
        self._agent.submit(Close())

    def choose(self, choices: Choices, chosen: Callable[[str], None]) -> bool:
        """A list needs keys: its rows are printed instead."""
        del choices, chosen
        return False

    def write(self, sequence: str) -> bool:
        """Nothing but text is ever written here."""
        del sequence
        return False

    def grant(self, wish: Dress | SwitchKeys) -> str:
        del wish
        return ""

    def _answers(self, text: str) -> bool:
        return self._approver.asks or self._approver.is_answer(text)

    def _later(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)
        return task

    def _changed(self) -> None:
        """Something was shown that is no event, such as what a command printed."""
        if self._flush():
            self._ready()

    def _tell(self, lines: list[Line]) -> None:
        """What a command has to show, and that the next line is expected."""
        if lines:
            self._print(lines)
            self._ready()

    def put(self, text: str) -> None:
        """There is no line that could be changed: show the words, to be typed again."""
        self._tell(blocks.user(text, self._view.columns))

    def _flush(self) -> bool:
        """Print what is final; whether there was anything."""
        spoke = False
        while True:
            frame = self._view.frame(0)
            self._print(frame.settled)
            spoke = spoke or bool(frame.settled)
            if not frame.more:
                return spoke

    def _ready(self) -> None:
        """Say that a line is expected, and which."""
        line = self._approver.line()
        if line:
            self._print(wrapped([("", "question: "), *line], self._view.columns))
        idle = not self._view.running or self._view.question is not None
        if idle and not self._expecting:
            self._expecting = True
            self._output.write("> ")
            self._output.flush()

    def _print(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._expecting = False
            self._output.write(plain(line) + "\n")
        self._output.flush()
