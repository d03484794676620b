"""The rig of the newest selection: made ahead, replaced whole, put away in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from spark_cli.agent.rig import Equip, Rig, Selection
from spark_cli.core.effects import Approval


class Rigs:
    """`chore` owns a task that nobody waits for."""

    def __init__(
        self, equip: Equip, chore: Callable[[Coroutine[object, object, None]], None]
    ) -> None:
        self._equip, self._chore = equip, chore
        self._chosen: Selection | None = None
        self._making: asyncio.Task[Rig] | None = None
        self._retired: list[asyncio.Task[Rig]] = []
        self._leaving: set[asyncio.Task[None]] = set()

    def choose(self, chosen: Selection) -> None:
        """Begin to make the rig of a selection, if that needs another one.

        The one before it stays until `tidy`: a turn may be using it.
        """
        before, self._chosen = self._chosen, chosen
        if before is not None and _way(before) == _way(chosen):
            return
        if self._making is not None:
            self._retired.append(self._making)
        self._making = self._made(chosen)

    def tidy(self) -> None:
        """Put away what no turn uses any more."""
        while self._retired:
            leaving = asyncio.create_task(_dismiss(self._retired.pop()))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def ready(self) -> Rig:
        """The rig of the newest selection; one that failed is tried once more."""
        while True:
            making = self._making
            if making is None or (making.done() and _failed(making)):
                making = self._making = self._made(self._selection())
            rig = await asyncio.shield(making)
            if making is self._making:
                return rig

    async def aclose(self) -> None:
        """Put all of them away, those too that are just being put away."""
        if self._making is not None:
            self._retired.append(self._making)
        self.tidy()
        if self._leaving:
            await asyncio.wait(self._leaving)

    def _selection(self) -> Selection:
        if self._chosen is None:
            raise RuntimeError("nothing was chosen")
        return self._chosen

    def _made(self, chosen: Selection) -> asyncio.Task[Rig]:
        making = asyncio.create_task(self._make(chosen))
        # A failure is told by the turn that needs the rig, not when it is collected.
        making.add_done_callback(lambda task: task.cancelled() or task.exception())
        return making

    async def _make(self, chosen: Selection) -> Rig:
        rig = await asyncio.to_thread(self._equip, chosen)
        self._chore(rig.transport.warm())
        return rig


def _way(chosen: Selection) -> tuple[str, str, str, bool]:
    """What a rig depends on; other changes of a selection need no new one."""
    looking_only = chosen.approval is Approval.READ_ONLY
    return chosen.model, chosen.provider, chosen.effort, looking_only


def _failed(making: asyncio.Task[Rig]) -> bool:
    return making.cancelled() or making.exception() is not None


async def _dismiss(making: asyncio.Task[Rig]) -> None:
    """Close a rig that nobody asks for any more, or stop making it."""
    making.cancel()
    await asyncio.wait([making])
    if not _failed(making):
        await making.result().transport.aclose()
