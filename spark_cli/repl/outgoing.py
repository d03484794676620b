"""What becomes of a line that is sent, now or from the queue.

It is words for the model, with what they name; or a command of the user's own; or the
last words again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Protocol

from spark_cli.commands.command import Problem
from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    Cleared,
    Event,
    ItemCompleted,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.items import UserMessage
from spark_cli.core.ops import Configure, Interrupt, Op, Prompt, Steer
from spark_cli.repl import blocks
from spark_cli.repl.attach import Named
from spark_cli.repl.bang import Bang, Order, order
from spark_cli.repl.composer import Draft
from spark_cli.repl.mentions import mentions
from spark_cli.repl.phase import Phase
from spark_cli.repl.queue import Queue
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View

REPEAT = "."
_CYCLE = {
    Approval.READ_ONLY: Approval.ASK,
    Approval.ASK: Approval.AUTO_EDIT,
    Approval.AUTO_EDIT: Approval.READ_ONLY,
}


class Paper(Protocol):
    """Where a line is written before it is sent; a terminal of lines has none."""

    def take(self) -> Draft: ...

    def put(self, draft: Draft) -> None: ...

    def restore(self, draft: Draft) -> None:
        """Give back what was not sent, to be changed."""


@dataclass(slots=True)
class Outgoing:
    """`changed` has the screen painted, `later` owns what takes time."""

    submit: Callable[[Op], None]
    scene: Scene
    view: View
    composer: Paper
    changed: Callable[[], None]
    later: Callable[[Coroutine[object, object, None]], asyncio.Task[None]]
    queue: Queue = field(default_factory=Queue)
    bang: Bang = field(init=False)
    _named: Named = field(init=False)
    _last: Draft | None = None
    _reading: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.bang = Bang(
            self.scene, self.view, self.changed, self.later, self.send_queued
        )
        self._named = Named(self.scene)
        for event in self.scene.past:
            self._named.last.see(event)
            if isinstance(event, ItemCompleted) and isinstance(event.item, UserMessage):
                self._last = Draft.of(event.item.text)

    def see(self, event: Event) -> None:
        """Hand in every event, after the view has seen it."""
        self._named.last.see(event)
        if isinstance(event, Cleared):
            self.bang.told.clear()
        if isinstance(event, TurnEnded):
            if event.status is TurnStatus.COMPLETED:
                self.send_queued()
            else:
                self.queue.hold()

    def send(self, draft: Draft) -> None:
        """Send a line now: while a turn runs, its words redirect it."""
        wanted = order(draft.text)
        if wanted is not None:
            self._run(wanted)
            return
        if draft.text.strip() == REPEAT:
            if self._last is None:
                self._tell(Problem("nothing was said yet", "`.` says it again"))
                return
            draft = self._last
        self._last = draft
        named = mentions(draft.typed)
        if named or self._reading:
            self.view.sent(draft.text)
            self._reading += 1
            _ = self.later(self._send_with(draft))
        else:
            self._say(draft.text, ())
            self.view.sent(draft.text)
        self.changed()

    @property
    def running(self) -> bool:
        """Whether there is something that Esc would stop."""
        return self.bang.running or self.view.running or self.view.awaiting

    @property
    def phase(self) -> Phase:
        """What the user is waiting for, a command of the user's own included."""
        ours = self.bang.running and not self.view.running
        return Phase.WORKING if ours else self.view.phase

    def interrupt(self) -> None:
        """Stop all that runs; what was queued waits."""
        self.queue.hold()
        self.bang.stop()
        self.submit(Interrupt())

    def next_approval(self) -> None:
        """What may happen without a question: a little more, or nothing again.

        That commands run unasked is never one key away.
        """
        follows = _CYCLE.get(self.view.approval, Approval.READ_ONLY)
        self.submit(Configure(approval=follows))

    def put_off(self) -> None:
        """Queue what is in the line."""
        draft = self.composer.take()
        if not draft.empty:
            self.queue.add(draft)

    def recall(self) -> None:
        """Take back what was queued last, to edit it."""
        draft = self.queue.recall()
        if draft is not None:
            self.composer.put(draft)

    def go_on(self) -> None:
        """Send a queue that was held."""
        self.queue.release()
        self.send_queued()

    def send_queued(self) -> None:
        """Send what is due, up to the first line that begins a turn."""
        while not self.view.running and not self.view.awaiting:
            draft = self.queue.next()
            if draft is None:
                return
            self.send(draft)

    def _run(self, wanted: Order) -> None:
        if wanted.command:
            self.bang.start(wanted)
        else:
            self._tell(
                Problem("there is no command after the `!`", "such as `!git status`")
            )

    async def _send_with(self, draft: Draft) -> None:
        """Read what the words name, then send both, in the order of sending."""
        async with self._turn:
            try:
                named = mentions(draft.typed)
                attached = await asyncio.to_thread(self._named.blocks, named)
            except SparkError as error:
                self.view.unsent(draft.text)
                self._tell(Problem(error.message, error.hint))
                self.composer.restore(draft)
            else:
                self._say(draft.text, attached)
            finally:
                self._reading -= 1

    def _say(self, text: str, attached: tuple[str, ...]) -> None:
        attached = (*attached, *self.bang.told)
        self.bang.told.clear()
        said = Steer if self.view.running else Prompt
        self.submit(said(text, attached))

    def _tell(self, problem: Problem) -> None:
        self.view.show(blocks.shown(problem, self.view.columns))
        self.changed()
