"""The shape of a tool: plan first, act after.

`plan` reads the call's input and says what would happen; it may look but not touch.
`act` does exactly what the plan said.  What the user approves is the plan, so there
is no second reading of the input in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from spark_cli.core.effects import Effect
from spark_cli.core.events import CheckpointMade
from spark_cli.core.hunks import ProposedHunk
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


class Picked(NamedTuple):
    """The hunks of a plan that are wanted, and what is said of the others.

    `edited` has the diffs of some as the user has changed them, after their names.
    """

    hunks: Sequence[str]
    reason: str = ""
    edited: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`preview` is exactly what will happen: a unified diff, or the command.

    An `act` that is cancelled raises `CancelledError`, or `Stopped` where something
    has happened already.  `hunks` are its parts that can be decided on alone, and
    `only` makes a plan of some of them; it raises `ToolError` where that cannot be.
    """

    summary: str
    effect: Effect
    act: Callable[[], Awaitable[Outcome]]
    preview: str = ""
    hunks: tuple[ProposedHunk, ...] = ()
    only: Callable[[Picked], Plan] | None = None


class Cut(NamedTuple):
    """A call that was stopped while it was written.

    `input` is what is kept of it in the conversation, and `told` what the model is
    told became of it.  `left` says that something of it can still be decided on.
    """

    input: str
    freeform: bool
    told: str
    left: bool


class Draft(Protocol):
    """A call that is looked at, and may be decided on in part, while it is written.

    Plain code; all but `feed` and `cut` may read and write files: call it in a thread,
    one at a time.
    """

    lost: str
    """Why the call is bound to be refused, whatever follows; empty while it is not."""

    def feed(self, piece: str) -> bool:
        """Take a piece of the call's input; true if there is something to look at."""

    def look(self) -> list[ProposedHunk]:
        """The hunks that became whole since the last look."""

    def take(self, hunk: str) -> Outcome:
        """Carry out one hunk now; `ToolError` where that cannot be."""

    def refuse(self, hunk: str, reason: str) -> None: ...

    def plan(self, text: str) -> Plan:
        """The plan of the whole call without what was decided; raises `ToolError`."""

    def cut(self, why: str) -> Cut:
        """End it as it is, whole or not; `why` is for the model."""

    def rest(self) -> Plan | None:
        """The plan of what was whole, and not decided on, when it was cut."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`plan` takes the call's input as the model wrote it and raises `ToolError`.

    It is plain code that may read files: call it in a thread.  `draft` begins to look
    at a call that is still being written, where that is of use.
    """

    spec: ToolSpec
    plan: Callable[[str], Plan]
    draft: Callable[[], Draft] | None = None
