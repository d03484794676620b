"""What a slash command is: a line in, and ops and things to show out.

Commands are pure: they change nothing themselves, so that every face can have them.
What takes time (git, the network) is handed back as something to be called in a
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spark_cli.core.effects import Approval
from spark_cli.core.ops import Op, Undo


@dataclass(frozen=True, slots=True)
class Text:
    """Something to read, in Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Diff:
    """A unified diff."""

    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs of a name and what there is to say of it; an empty one is a gap."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What was typed cannot be done, and what could be instead."""

    message: str
    hint: str = ""


Shown = Text | Diff | Rows | Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of a command: what is `shown` or `looked_up`, and the `ops` it means.

    `steps` are ops of which each follows only if the one before it was carried out.
    `looked_up` may block, and may raise `SparkError`.  `leave` ends the session.
    """

    ops: tuple[Op, ...] = ()
    steps: tuple[Undo, ...] = ()
    shown: Shown | None = None
    looked_up: Callable[[], Shown] | None = None
    leave: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command may know: how things stand, and where to look up the rest.

    The callables may block.  `facts` are rows (name, value) for `/status`; `keys` are
    rows (key, what it does).
    """

    model: str
    provider: str
    approval: Approval
    facts: Sequence[tuple[str, str]]
    status: Callable[[], Sequence[tuple[str, str]]]
    session_diff: Callable[[], str]
    models: Callable[[], Sequence[str]]
    checkpoints: Callable[[], Sequence[str]] = tuple
    keys: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """`run` is given what was typed after the name, without blanks around it."""

    name: str
    summary: str
    run: Callable[[str, Desk], Answer]
    argument: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.argument}".rstrip()


def problem(message: str, hint: str = "") -> Answer:
    return Answer(shown=Problem(message, hint))
