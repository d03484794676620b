"""What happens in a session, told to whoever is watching.

An event is a fact: past tense, immutable, and complete in itself.  The agent
emits them in order.  The journal, the meter and the front end each fold over the
same stream, so none of them needs to know that the others exist.

The deltas may be merged with their neighbours, because the `ItemCompleted` that
follows repeats their text in full.  Nothing else may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.hunks import ProposedHunk
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import Item, Note, UserMessage
from spark_cli.core.usage import Limit, Usage


class TurnStatus(StrEnum):
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Level(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class TurnStarted:
    turn: TurnId


@dataclass(frozen=True, slots=True)
class TextDelta:
    item: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    item: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class CallDelta:
    """A piece of a tool call's input, as the model writes it."""

    item: ItemId
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemCompleted:
    item: Item


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """One request was answered, or stopped.

    `status` is `completed`, or the server's reason for an incomplete reply such
    as `max_output_tokens`, or `cut short`: then the server told no figures, and
    `context_tokens` is an estimate of what the conversation takes of the window.
    Bytes are those of the messages, before compression.  `first_token_s` counts from
    the moment the request was handed to the socket; it is 0 where nothing came.
    """

    response: str
    status: str
    usage: Usage
    transport: str
    sent_bytes: int = 0
    received_bytes: int = 0
    first_token_s: float = 0.0
    duration_s: float = 0.0
    context_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """The turn is waiting; only a `Decide` op with the same call resumes it.

    `preview` is exactly what will happen: a unified diff, or the command.  `hunks` are
    the parts of it that can be decided on alone; what was decided while they were
    written is not among them.
    """

    call: CallId
    summary: str
    effect: Effect
    preview: str
    hunks: tuple[ProposedHunk, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalDecided:
    """`hunks` are those that were accepted, where not all were."""

    call: CallId
    accepted: bool
    reason: str = ""
    hunks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkFormed:
    """A hunk of the call `item` is whole, while what follows is still being written."""

    item: ItemId
    hunk: ProposedHunk


@dataclass(frozen=True, slots=True)
class HunkDecided:
    """What became of a hunk that was decided on before its patch was whole.

    `problem` is why one that was accepted could not be carried out.
    """

    item: ItemId
    hunk: str
    accepted: bool
    reason: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HunksOffered:
    """The turn was stopped within a patch; what was whole can be decided on still.

    A `Decide` with the same call takes them, also after the turn.
    """

    call: CallId
    summary: str
    preview: str
    hunks: tuple[ProposedHunk, ...]


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool call is being carried out; its `ToolOutput` follows."""

    call: CallId
    name: str
    summary: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class CheckpointMade:
    """Files were changed, and can be changed back.

    `diff` is the change as a unified diff; the counts are lines.
    """

    checkpoint: CheckpointId
    files: tuple[str, ...]
    added: int
    removed: int
    diff: str


@dataclass(frozen=True, slots=True)
class CheckpointUndone:
    """`merged` are files that others had changed since: what they did is kept.

    `redone` says that the checkpoint was itself an undo.
    """

    checkpoint: CheckpointId
    files: tuple[str, ...]
    merged: tuple[str, ...] = ()
    redone: bool = False


@dataclass(frozen=True, slots=True)
class LimitsSeen:
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True)
class Configured:
    """From here on the session runs with these; the conversation is kept.

    `effort` is empty where the settings, or the model, have their way.
    """

    model: str
    provider: str
    approval: Approval
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Cleared:
    """The conversation starts anew; what was said is no longer sent."""


@dataclass(frozen=True, slots=True)
class Rewound:
    """The conversation was cut before that message; the files are another matter.

    So it is by the user, or because a question that was asked `aside` is answered.
    """

    item: ItemId
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Compacted:
    """A summary stands for what was said before the message `tail`, or for all.

    What the user said stays.  The tokens are estimates of a request before and after.
    """

    summary: Note
    tail: ItemId | None = None
    tokens_before: int = 0
    tokens_after: int = 0

    def of(self, items: Sequence[Item]) -> list[Item]:
        """What is sent of a conversation from here on."""
        ids = [item.id for item in items]
        at = ids.index(self.tail) if self.tail in ids else len(items)
        said = [item for item in items[:at] if isinstance(item, UserMessage)]
        return [*said, self.summary, *items[at:]]


@dataclass(frozen=True, slots=True)
class Renamed:
    """The session has a name of the user's own."""

    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the user should know, and one thing to do about it."""

    level: Level
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Always the last event of its turn, however the turn went.

    `exit_code` is what a headless run ends with (see `core.errors`), 0 where all
    went well.
    """

    turn: TurnId
    status: TurnStatus
    usage: Usage
    exit_code: int = 0


Delta: TypeAlias = TextDelta | ReasoningDelta | CallDelta

Event: TypeAlias = (
    TurnStarted
    | TextDelta
    | ReasoningDelta
    | CallDelta
    | ItemCompleted
    | ReplyEnded
    | ApprovalRequested
    | ApprovalDecided
    | HunkFormed
    | HunkDecided
    | HunksOffered
    | ToolStarted
    | CheckpointMade
    | CheckpointUndone
    | LimitsSeen
    | Configured
    | Cleared
    | Rewound
    | Compacted
    | Renamed
    | Notice
    | TurnEnded
)
