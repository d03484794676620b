"""Calls that the model is still writing, and what the user decides of them meanwhile.

The draft of a call is plain code that reads and writes files, so it runs in a thread,
one step at a time.  A step that has begun is seen to its end, whatever is cancelled:
it takes milliseconds, and what it wrote must be told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from spark_cli.core.errors import ToolError
from spark_cli.core.events import (
    CallDelta,
    Event,
    HunkDecided,
    HunkFormed,
)
from spark_cli.core.ids import ItemId
from spark_cli.core.ops import DecideHunk
from spark_cli.tools.faults import translated
from spark_cli.tools.tool import Draft, Outcome, Plan

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Written:
    """One call that has a draft."""

    item: ItemId
    name: str
    draft: Draft
    whole: bool = False
    planned: bool = False
    door: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def plan(self, text: str) -> Plan:
        """The plan of the whole call; raises `ToolError`."""
        async with self.door:
            self.planned = True
            with translated(self.name):
                return await asyncio.to_thread(self.draft.plan, text)

    async def rest(self) -> Plan | None:
        """What can still be decided on of a call that was cut off."""
        async with self.door:
            return await seen_through(self.draft.rest)


class Writing:
    """The calls of one turn that have drafts, by their items."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._calls: dict[ItemId, Written] = {}

    def begun(self, item: ItemId) -> bool:
        return item in self._calls

    @property
    def busy(self) -> bool:
        """Whether an earlier call is still to be carried out: files will change."""
        return bool(self._calls)

    def begin(self, item: ItemId, name: str, draft: Draft) -> None:
        self._calls[item] = Written(item, name, draft)

    def settle(self, item: ItemId) -> None:
        """A call was carried out, or will not be."""
        self._calls.pop(item, None)

    async def hear(self, part: CallDelta) -> bool:
        """Take a piece of a call; true if it is bound to be refused."""
        written = self._calls.get(part.item)
        if written is None or not written.draft.feed(part.text):
            return False
        try:
            async with written.door:
                with translated(written.name):
                    formed = await seen_through(written.draft.look)
        except ToolError:
            _log.info("`%s` is not looked at before it is whole", written.name)
            del self._calls[part.item]
            return False
        for hunk in formed:
            self._emit(HunkFormed(part.item, hunk))
        return bool(written.draft.lost)

    async def decide(self, op: DecideHunk) -> None:
        """Carry out a decision on a hunk, to its end even when this is cancelled.

        One that comes too late is passed over.
        """
        await unbroken(self._decide(op))

    async def _decide(self, op: DecideHunk) -> None:
        written = self._calls.get(op.item)
        if written is None:
            return
        outcome = Outcome("")
        async with written.door:
            if written.planned:
                outcome = Outcome("the patch is whole and asked about", ok=False)
            elif op.accept:
                outcome = await self._take(written, op.hunk)
            else:
                written.draft.refuse(op.hunk, op.reason)
        problem = "" if outcome.ok else outcome.text
        self._emit(HunkDecided(op.item, op.hunk, op.accept, op.reason, problem))
        if outcome.checkpoint is not None:
            self._emit(outcome.checkpoint)

    async def _take(self, written: Written, hunk: str) -> Outcome:
        try:
            with translated(written.name):
                return await seen_through(lambda: written.draft.take(hunk))
        except ToolError as error:
            return Outcome(str(error), ok=False)

    def end(self, item: ItemId) -> None:
        """Note that a call is whole."""
        if item in self._calls:
            self._calls[item].whole = True

    def get(self, item: ItemId) -> Written | None:
        return self._calls.get(item)

    def cut_off(self) -> list[Written]:
        """Give away the calls that are not whole."""
        open_ = [item for item, written in self._calls.items() if not written.whole]
        return [self._calls.pop(item) for item in open_]


async def seen_through(work: Callable[[], _T]) -> _T:
    """Run plain code in a thread, and wait for its end also where it is cancelled."""
    return await unbroken(asyncio.to_thread(work))


async def unbroken(work: Awaitable[_T]) -> _T:
    """Wait for the end of what must not be stopped half way, and only then stop."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await finished(task)
        raise


async def finished(work: asyncio.Future[_T]) -> None:
    """Wait for what cannot be stopped half way, however often this is cancelled."""
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([work])
