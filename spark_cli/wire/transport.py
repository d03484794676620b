"""The seam between the agent and a model, however it is reached."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from spark_cli.core.events import (
    CallDelta,
    LimitsSeen,
    Notice,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
)
from spark_cli.core.items import AgentMessage, Reasoning, ToolCall
from spark_cli.wire.request import Request


@dataclass(frozen=True, slots=True)
class Steered:
    """The model heard what was handed in by `steer`: what follows answers that.

    Where it did not, `refused` says why; the words must be sent some other way.
    """

    refused: str = ""


ReplyPart: TypeAlias = (
    TextDelta
    | ReasoningDelta
    | CallDelta
    | AgentMessage
    | Reasoning
    | ToolCall
    | LimitsSeen
    | Notice
    | ReplyEnded
    | Steered
)


class Transport(Protocol):
    """One endpoint, spoken to in one dialect.

    `reply` yields deltas, each item once when it is whole (in the order in which the
    model made them, and with the id of its deltas), and `ReplyEnded` last.  It raises
    a `SparkError` where there is no more to come; what was yielded before stands.
    Closing the generator (or cancelling the task that drives it) stops the model and
    never blocks on the network.  Only one reply runs at a time.

    `steer` hands in words while a reply runs, and is false where that cannot be: then
    nothing was sent.  After a reply that was steered, which ends like any other, comes
    `Steered`, and then the next one, within the same generator.

    `warm` does ahead of time what can be done ahead of a request, and never raises.
    """

    def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]: ...

    async def steer(self, text: str) -> bool: ...

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...
