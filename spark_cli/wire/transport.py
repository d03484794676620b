"""The seam between the agent and a model, however it is reached."""

from __future__ import annotations

from collections.abc import AsyncGenerator
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
)


class Transport(Protocol):
    """One endpoint, spoken to in one dialect.

    `reply` yields deltas, each item once when it is whole (in the order in which the
    model made them, and with the id of its deltas), and `ReplyEnded` last.  It raises
    a `SparkError` where there is no more to come; what was yielded before stands.
    Closing the generator (or cancelling the task that drives it) stops the model and
    never blocks on the network.  Only one reply runs at a time.

    `warm` does ahead of time what can be done ahead of a request, and never raises.
    """

    def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]: ...

    async def warm(self) -> None: ...

    async def aclose(self) -> None: ...
