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
from collections.abc import Iterable
from contextlib import aclosing
from typing import TextIO

from spark_cli.commands.command import Answer, Rows
from spark_cli.commands.registry import answer
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Level, Notice
from spark_cli.core.ops import Close, Interrupt, Op, Prompt, Steer
from spark_cli.repl import blocks, keys
from spark_cli.repl.approve import Approver
from spark_cli.repl.desk import desk
from spark_cli.repl.lines import Line, plain, wrapped
from spark_cli.repl.recall import recall
from spark_cli.repl.scene import Agent, Scene
from spark_cli.repl.steps import Steps
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


class PlainSession:
    def __init__(self, agent: Agent, scene: Scene, output: TextIO) -> None:
        self._agent, self._scene, self._output = agent, scene, output
        columns = shutil.get_terminal_size().columns
        self._view = View(scene.model, scene.provider, scene.approval, columns)
        self._approver = Approver(agent.submit, time.monotonic)
        self._steps = Steps(agent.submit)
        self._lookups: set[asyncio.Task[None]] = set()
        self._idle_interrupts = 0

    def begin(self, first_prompt: str | None) -> None:
        recall(self._view, self._scene.past)
        self._view.show(blocks.greeting(self._scene, self._view.columns))
        if first_prompt:
            self._agent.submit(Prompt(first_prompt))
        self._flush()
        self._ready()

    async def pump(self) -> None:
        async with aclosing(self._agent.events()) as events:
            async for event in events:
                was = (self._view.running, self._view.question)
                self._view.see(event)
                self._approver.see(self._view.question)
                told = self._steps.see(event)
                spoke = self._flush() and not self._view.running
                self._print(told)
                changed = was != (self._view.running, self._view.question)
                if (spoke or changed) and not self._steps.going:
                    self._ready()

    def line(self, text: str) -> None:
        """A line was typed."""
        self._idle_interrupts = 0
        about = desk(self._scene, self._view, "", keys.WITHOUT_KEYS)
        comes_to = answer(text, about)
        if text.strip() == "?":
            self._act(Answer(shown=Rows(keys.WITHOUT_KEYS)))
        elif comes_to is not None:
            self._act(comes_to)
        elif self._view.question is not None:
            self._approver.say(text.strip())
        elif text.strip():
            self._submit(Steer(text) if self._view.running else Prompt(text))

    def interrupt(self) -> None:
        if self._view.running:
            self._submit(Interrupt())
            return
        self._idle_interrupts += 1
        if self._idle_interrupts > 1:
            self.leave()
        else:
            self._print([[("", "(Ctrl-C again leaves)")]])

    def leave(self) -> None:
        self._submit(Close())

    def _submit(self, op: Op) -> None:
        self._agent.submit(op)

    def _act(self, comes_to: Answer) -> None:
        for op in comes_to.ops:
            self._submit(op)
        self._steps.begin(comes_to.steps)
        if comes_to.shown is not None:
            self._print(blocks.shown(comes_to.shown, self._view.columns))
            self._ready()
        if comes_to.looked_up is not None:
            task = asyncio.create_task(self._look_up(comes_to))
            self._lookups.add(task)
            task.add_done_callback(self._lookups.discard)
        if comes_to.leave:
            self.leave()

    async def _look_up(self, comes_to: Answer) -> None:
        if comes_to.looked_up is None:
            return
        try:
            found = await asyncio.to_thread(comes_to.looked_up)
            lines = blocks.shown(found, self._view.columns)
        except SparkError as error:
            notice = Notice(Level.ERROR, error.message, error.hint)
            lines = blocks.notice(notice, self._view.columns)
        self._print(lines)
        self._ready()

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
        if self._view.question is not None:
            asked: Line = [("", "question: "), *self._approver.line()]
            self._print(wrapped(asked, self._view.columns))
        if not self._view.running or self._view.question is not None:
            self._output.write("> ")
            self._output.flush()

    def _print(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._output.write(plain(line) + "\n")
        self._output.flush()
