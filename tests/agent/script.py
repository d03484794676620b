"""A transport that plays what a test wrote, and keeps what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import cast

from spark_cli.agent.rig import Rig, Selection
from spark_cli.core.effects import Effect
from spark_cli.core.errors import SparkError, ToolError
from spark_cli.core.events import ReplyEnded, TextDelta
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import AgentMessage, ToolCall
from spark_cli.core.usage import Usage
from spark_cli.tools.tool import Outcome, Plan, Stopped
from spark_cli.wire.request import Request
from spark_cli.wire.transport import ReplyPart

STALL = object()
ENDED = ReplyEnded("resp", "completed", Usage(10, 0, 5, 0), "script")


def says(text: str, item: str = "a") -> list[ReplyPart]:
    return [TextDelta(ItemId(item), text), AgentMessage(ItemId(item), text), ENDED]


def calls(name: str, text: str = "{}", call: str = "call-1") -> list[ReplyPart]:
    return [ToolCall(ItemId(f"item-{call}"), CallId(call), name, text), ENDED]


class Script:
    """Each reply is a list of parts, errors to raise, and `STALL`, which never ends
    unless a test lets it `go_on`."""

    def __init__(self, *replies: Iterable[object]) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        self.stalled, self.go_on = asyncio.Event(), asyncio.Event()
        self.closed = False
        self.steers = False
        self.steered: list[str] = []

    async def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]:
        self.requests.append(request)
        for part in self.replies.pop(0):
            if part is STALL:
                self.stalled.set()
                await self.go_on.wait()
                self.go_on.clear()
                continue
            if isinstance(part, SparkError):
                raise part
            yield cast("ReplyPart", part)

    async def steer(self, text: str) -> bool:
        self.steered.append(text)
        return self.steers

    async def warm(self) -> None:
        return None

    async def aclose(self) -> None:
        self.closed = True


class Bench:
    """Tools that need no files: `look`, `edit`, `run`, and `wait`, which never ends."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.waiting = asyncio.Event()
        self.finish = asyncio.Event()

    def __call__(self, call: ToolCall) -> Plan:
        effects = {
            "look": Effect.READ,
            "edit": Effect.EDIT,
            "run": Effect.RUN,
            "wait": Effect.READ,
            "slow_edit": Effect.EDIT,
            "broken": Effect.READ,
            "command": Effect.RUN,
        }
        if call.name not in effects:
            raise ToolError(f"there is no tool named `{call.name}`")

        async def act() -> Outcome:
            if call.name == "broken":
                raise OSError(36, "File name too long")
            if call.name == "command":
                await self.command()
            if call.name in {"wait", "slow_edit"}:
                self.waiting.set()
                await self.finish.wait()
            self.done.append(call.name)
            return Outcome(f"{call.name} is done")

        return Plan(
            f"{call.name} it",
            effects[call.name],
            act,
            preview="+ it",
        )

    async def command(self) -> None:
        self.waiting.set()
        try:
            await self.finish.wait()
        except asyncio.CancelledError:
            raise Stopped(Outcome("stopped after line 1", ok=False)) from None


def rig(script: Script, bench: Bench | None = None, window: int = 0) -> Rig:
    request = Request("model", "be brief", ())
    return Rig(script, request, bench or Bench(), window)


class Equipment:
    """Hands out one rig per selection, in the order in which they were given."""

    def __init__(self, *rigs: Rig | SparkError) -> None:
        self.rigs = list(rigs)
        self.asked: list[Selection] = []

    def __call__(self, selection: Selection) -> Rig:
        self.asked.append(selection)
        made = self.rigs.pop(0)
        if isinstance(made, SparkError):
            raise made
        return made
