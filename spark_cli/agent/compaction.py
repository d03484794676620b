"""The conversation made shorter by the model itself, when the user asks for it.

What the user said stays word for word, and so do the last exchanges; of the rest a
summary takes the place.  It is one request, between two turns; where it fails, or is
stopped, nothing has changed.  The journal keeps all that was said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from spark_cli.agent.context import Context
from spark_cli.agent.history import History
from spark_cli.agent.rig import Rig
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    Compacted,
    Event,
    LimitsSeen,
    Notice,
    ReplyEnded,
)
from spark_cli.core.ids import new_item_id
from spark_cli.core.items import AgentMessage, Item, Note, UserMessage
from spark_cli.core.usage import Usage
from spark_cli.wire.request import Request

KEPT_PROMPTS = 2
KEPT_TOKENS = 20_000
"""So many of the last exchanges stay as they are, if they are no longer than this."""

SUMMARIZE = (
    "[Sum up this conversation, to stand in its place: whoever goes on has only your "
    "summary, what the user said, and the last exchanges. Say what was done and found "
    "out, with the names of files, functions and commands; which decisions were made "
    "and why; what was tried and did not work; what is left to do. Add nothing that "
    "was not said.{focus}]"
)
SUMMARY = "[What was said before this is left out. A summary of it:]\n\n"


@dataclass(slots=True)
class Compaction:
    """`focus` is what the user wants the summary to keep above all."""

    history: History
    rig: Callable[[], Awaitable[Rig]]
    context: Context
    emit: Callable[[Event], None]
    focus: str
    usage: Usage = field(default_factory=Usage)

    async def run(self) -> None:
        """Raises `SparkError` where there is nothing to leave out, or no summary."""
        rig = await self.rig()
        items = self.history.items()
        start = self._tail(rig.request, items)
        if not any(not isinstance(item, UserMessage | Note) for item in items[:start]):
            raise SparkError("there is nothing to compact yet")
        text = await self._asked(rig, items[:start])
        note = Note(new_item_id("msg"), SUMMARY + text)
        tail = items[start].id if start < len(items) else None
        shorter = Compacted(note, tail).of(items)
        before, after = (self._size(rig.request, one) for one in (items, shorter))
        if after >= before:
            raise SparkError(
                "the summary is as long as what it sums up; the conversation stays",
                "`/clear` starts anew",
            )
        self.history.replace(shorter)
        self.context.forget()
        self.emit(Compacted(note, tail, before, after))

    def _tail(self, request: Request, items: Sequence[Item]) -> int:
        """Where the exchanges begin that stay as they are."""
        said = [at for at, one in enumerate(items) if isinstance(one, UserMessage)]
        bare = replace(request, instructions="", tools=())
        for start in said[-KEPT_PROMPTS:]:
            if self._size(bare, items[start:]) <= KEPT_TOKENS:
                return start
        return len(items)

    def _size(self, request: Request, items: Sequence[Item]) -> int:
        return self.context.estimate(replace(request, items=tuple(items)))

    async def _asked(self, rig: Rig, items: Sequence[Item]) -> str:
        focus = f" Above all: {self.focus}" if self.focus else ""
        asked = UserMessage(new_item_id("msg"), SUMMARIZE.format(focus=focus))
        request = replace(rig.request, items=(*items, asked), tools=())
        self.context.check(request, rig.context_window)
        said: list[str] = []
        status = ""
        async with aclosing(rig.transport.reply(request)) as reply:
            async for part in reply:
                if isinstance(part, AgentMessage):
                    said.append(part.text)
                elif isinstance(part, ReplyEnded):
                    status, self.usage = part.status, part.usage
                    self.emit(part)
                elif isinstance(part, LimitsSeen | Notice):
                    self.emit(part)
        text = "\n\n".join(said).strip()
        if status != "completed" or not text:
            raise SparkError(
                f"there is no whole summary ({status or 'no end'}); nothing was changed"
            )
        return text
