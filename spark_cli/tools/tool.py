"""The shape of a tool: plan first, act after.

`plan` reads the call's input and says what would happen; it may look but not touch.
`act` does exactly what the plan said.  What the user approves is the plan, so there
is no second reading of the input in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from spark_cli.core.effects import Effect
from spark_cli.core.events import CheckpointMade
from spark_cli.wire.request import ToolSpec


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model is told, and the checkpoint of what was changed, if anything."""

    text: str
    ok: bool = True
    checkpoint: CheckpointMade | None = None


class Stopped(Exception):
    """Raised by an `act` that was cancelled half way: what came of it until then."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Plan:
    """`preview` is exactly what will happen: a unified diff, or the command.

    An `act` that is cancelled raises `CancelledError`, or `Stopped` where something
    has happened already.
    """

    summary: str
    effect: Effect
    act: Callable[[], Awaitable[Outcome]]
    preview: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """`plan` takes the call's input as the model wrote it and raises `ToolError`.

    It is plain code that may read files: call it in a thread.
    """

    spec: ToolSpec
    plan: Callable[[str], Plan]
