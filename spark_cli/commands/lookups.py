"""Where commands look up what a face does not know: files, git, the network.

Everything here may block and may raise `SparkError`, but `known` and `providers`.
The defaults are those of a session that has nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spark_cli.config.settings import ModelTraits
from spark_cli.core.ids import CheckpointId, ItemId

if TYPE_CHECKING:
    from spark_cli.commands.command import Command


@dataclass(frozen=True, slots=True)
class Change:
    """A checkpoint; `standing` until it is taken back."""

    id: CheckpointId
    age: str
    added: int
    removed: int
    label: str
    files: tuple[str, ...] = ()
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Earlier:
    """A session of this folder: `words` are its name, or the first that were said.

    `turns` is `None` where they are too many to be counted.
    """

    id: str
    age: str
    words: str
    turns: int | None


@dataclass(frozen=True, slots=True)
class Model:
    """`context_window` is in tokens, `None` where nothing is known of the model."""

    name: str
    context_window: int | None = None
    best_for: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """The models that there are; `problem` says why the endpoint was not asked."""

    models: Sequence[Model] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What every request carries before the conversation, in characters."""

    instructions: int = 0
    tools: int = 0
    tool_count: int = 0
    guides: tuple[str, ...] = ()


def _nothing() -> tuple[()]:
    return ()


def _unsaved(name: str, text: str) -> str:
    return f"{name}, {len(text)} characters"


@dataclass(frozen=True, slots=True)
class Lookups:
    """`status` are rows (name, value).

    `session_diff` is a unified diff of all that the session has changed, `change_diff`
    that of one checkpoint.  `providers` are the transports by name.  `resume` and
    `fork` choose the session that follows when this one is left: the one of that id, a
    copy of this one.  `save` writes a new file and says where; `copy` names the program
    that took the text, or nothing.
    """

    status: Callable[[], Sequence[tuple[str, str]]] = _nothing
    session_diff: Callable[[], str] = str
    changes: Callable[[], Sequence[Change]] = _nothing
    change_diff: Callable[[CheckpointId], str] = str
    models: Callable[[], Offer] = Offer
    known: Callable[[str], ModelTraits | None] = lambda _: None
    providers: Mapping[str, str] = field(default_factory=dict)
    sessions: Callable[[], Sequence[Earlier]] = _nothing
    resume: Callable[[str], None] = lambda _: None
    fork: Callable[[ItemId | None], None] = lambda _: None
    fixed: Callable[[], Fixed] = Fixed
    config: Callable[[], str] = str
    doctor: Callable[[], Sequence[tuple[str, str]]] = _nothing
    custom: Callable[[], Sequence[Command]] = _nothing
    save: Callable[[str, str], str] = _unsaved
    copy: Callable[[str], str] = lambda _: ""
