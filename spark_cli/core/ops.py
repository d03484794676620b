"""What a front end can ask of the agent: imperative, and answered by events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from spark_cli.core.effects import Approval
from spark_cli.core.ids import CallId, CheckpointId, ItemId


@dataclass(frozen=True, slots=True)
class Prompt:
    """Start a turn; while one is running, the same as `Steer`.

    `attached` are blocks that the model reads after the words, such as files.
    """

    text: str
    attached: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Steer:
    """Stop what is being said and go on with these words, in the same turn."""

    text: str
    attached: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """Start a turn that may only look, whatever the approval is.

    What is said `aside` is forgotten at the end: the conversation goes on without it.
    """

    text: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on from an answer that was stopped, or failed, without new words."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop the turn; what was said so far is kept."""


@dataclass(frozen=True, slots=True)
class Decide:
    """Answer an `ApprovalRequested`, or take what `HunksOffered` offers.

    The model is told the reason of a refusal.  `hunks` are those that are accepted,
    where not all are, and `edited` has the diffs of some as the user has changed them,
    each after its hunk's name.  `attended` says that a user answered, and not a face
    that has none.
    """

    call: CallId
    accept: bool
    reason: str = ""
    attended: bool = True
    hunks: tuple[str, ...] | None = None
    edited: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DecideHunk:
    """Decide on one hunk of the call `item` while the rest is still being written."""

    item: ItemId
    hunk: str
    accept: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back one checkpoint, the newest that stands unless one is named.

    With `onward`, all that its session changed after it goes too, or nothing.
    """

    checkpoint: CheckpointId | None = None
    onward: bool = False


@dataclass(frozen=True, slots=True)
class Redo:
    """Take the newest undo back."""


@dataclass(frozen=True, slots=True)
class Rewind:
    """Cut the conversation before one of the user's messages.

    With a `checkpoint`, that and all that came after it is taken back first; where
    that is refused, nothing is cut.
    """

    item: ItemId
    checkpoint: CheckpointId | None = None


@dataclass(frozen=True, slots=True)
class Configure:
    """Change what is not `None`, from the next request on.

    An empty `effort` is what the settings and the model have.
    """

    model: str | None = None
    provider: str | None = None
    approval: Approval | None = None
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the session a name of the user's own."""

    name: str


@dataclass(frozen=True, slots=True)
class Compact:
    """Let the model sum up what was said; `focus` is what is to be kept above all."""

    focus: str = ""


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget the conversation, keep the session and its files."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the session; the event stream ends after it."""


Op: TypeAlias = (
    Prompt
    | Steer
    | Ask
    | Continue
    | Interrupt
    | Decide
    | DecideHunk
    | Undo
    | Redo
    | Rewind
    | Configure
    | Rename
    | Compact
    | Clear
    | Close
)
