"""What the screen is told once: all that is not an event of the session."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from spark_cli.commands.lookups import Lookups
from spark_cli.config.settings import Notify, Theme
from spark_cli.core.effects import Approval
from spark_cli.core.events import Event
from spark_cli.core.ops import Op
from spark_cli.metrics.meter import Meter


class Agent(Protocol):
    """Ops go down, and never block; events come up, and end after `Close`."""

    def submit(self, op: Op) -> None: ...

    def events(self) -> AsyncGenerator[Event, None]: ...


def _nothing() -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Scene:
    """`history` is the file of what was typed here, `None` to keep it in memory.

    `plain` is the face that only prints lines.
    `past` is what happened before, where a session is resumed.  The callables may
    block on files or the network: they are called in a thread, and may raise
    `SparkError`.  `look` is where commands look up what the screen does not know, and
    `files` has the names of all files, from the root.  A command of the user's own runs
    in `cwd` with `environ`.
    `meter` is the session's own: it has seen the past, and sees every event before the
    face does.
    """

    model: str
    provider: str
    approval: Approval
    root: Path
    session: str
    history: Path | None = None
    context_window: int = 0
    theme: Theme = Theme.AUTO
    notify: Notify = Notify.AUTO
    plain: bool = False
    past: Sequence[Event] = ()
    suggestions: Sequence[str] = ()
    branch: Callable[[], str | None] = lambda: None
    files: Callable[[], Sequence[str]] = _nothing
    cwd: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    vi: bool = False
    look: Lookups = field(default_factory=Lookups)
    meter: Meter = field(default_factory=Meter)
