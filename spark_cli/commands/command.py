"""What a slash command is: a line in, and ops and things to show out.

Commands are pure: they change nothing themselves, so that every face can have them.
What takes time (git, the network) is handed back as something to be called in a
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from spark_cli.commands.lookups import Lookups
from spark_cli.commands.story import Story
from spark_cli.core.effects import Approval
from spark_cli.core.ops import Op


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


@dataclass(frozen=True, slots=True)
class Choice:
    """A row to choose: to do so is to type its `line`, and nothing if that is empty."""

    name: str
    about: str
    line: str


@dataclass(frozen=True, slots=True)
class Choices:
    """One of the rows is to be chosen; `above` is read first, and `at` is the usual."""

    title: str
    rows: Sequence[Choice]
    above: Text | Diff | Rows | Problem | None = None
    at: int = 0


Shown: TypeAlias = Text | Diff | Rows | Problem | Choices


@dataclass(frozen=True, slots=True)
class Copy:
    """Put the text on the clipboard; `what` it is, for the user."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Dress:
    """Take another theme."""

    theme: str


@dataclass(frozen=True, slots=True)
class SwitchKeys:
    """Take vi's keys for the draft, or the usual ones again."""


Wish: TypeAlias = Copy | Dress | SwitchKeys
"""What only the face can do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of a command: what is `shown` or `looked_up`, and the `ops` it means.

    `steps` are ops of which each follows only if the one before it was carried out;
    after the last one `draft` is put where the user types.  `looked_up` may block, may
    raise `SparkError`, and may come to another answer.  `leave` ends the session.
    Without `echoed`, what was typed is not shown: the events say it all.
    """

    ops: tuple[Op, ...] = ()
    steps: tuple[Op, ...] = ()
    draft: str = ""
    shown: Shown | None = None
    looked_up: Callable[[], Shown | Answer] | None = None
    wish: Wish | None = None
    leave: bool = False
    echoed: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command may know: how things stand, and where to look up the rest.

    `facts` are rows (name, value) for `/status`; `keys` are rows (key, what it does),
    and `themes` rows (name, what it is).  `context_tokens` is what the last request
    took, `speeds` are tokens a second by model, as measured in this session.
    """

    model: str
    provider: str
    approval: Approval
    effort: str = ""
    running: bool = False
    context_tokens: int = 0
    facts: Sequence[tuple[str, str]] = ()
    keys: Sequence[tuple[str, str]] = ()
    themes: Sequence[tuple[str, str]] = ()
    speeds: Mapping[str, float] = field(default_factory=dict)
    story: Story = field(default_factory=Story)
    look: Lookups = field(default_factory=Lookups)
    custom: Sequence[Command] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """`run` is given what was typed after the name, without blanks around it.

    `values` are what it takes, where those are few.  `place` is the file that a
    command of the user's own, or of the project's, comes from, and `unusable` says why
    that file makes none.
    """

    name: str
    summary: str
    run: Callable[[str, Desk], Answer]
    argument: str = ""
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    place: str = ""
    unusable: str = ""

    @property
    def usage(self) -> str:
        return f"/{self.name} {self.argument}".rstrip()


def problem(message: str, hint: str = "") -> Answer:
    return Answer(shown=Problem(message, hint))


def busy() -> Answer:
    """What cannot be done while a turn runs."""
    return problem("a turn is running", "stop it with Esc first")
