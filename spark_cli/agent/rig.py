"""What a session runs with at the moment: a model, the way to it, and its tools.

A rig is made from a `Selection` and is replaced as a whole when the user switches
the model; the conversation stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from spark_cli.core.effects import Approval
from spark_cli.core.items import ToolCall
from spark_cli.core.ops import Configure
from spark_cli.tools.tool import Draft, Plan
from spark_cli.wire.request import Request
from spark_cli.wire.transport import Transport


@dataclass(frozen=True, slots=True)
class Selection:
    model: str
    provider: str
    approval: Approval
    effort: str = ""

    def changed(self, op: Configure) -> Selection:
        """The selection with what the op names, the rest as it was."""
        return replace(
            self,
            model=op.model or self.model,
            provider=op.provider or self.provider,
            approval=op.approval or self.approval,
            effort=self.effort if op.effort is None else op.effort,
        )


class Planner(Protocol):
    """Says what a tool call would do.  Plain code that may block on files.

    Raises `ToolError` for a call that cannot be planned.
    """

    def __call__(self, call: ToolCall) -> Plan: ...


def _no_draft(name: str) -> Draft | None:
    del name
    return None


@dataclass(frozen=True, slots=True)
class Rig:
    """`request` is the template: everything of a request but its items.

    `context_window` is in tokens; 0 where it is not known.  `draft` begins to look at a
    call of the tool of that name while it is written, if that is of use.  A model that
    `steers` hears words while it answers.
    """

    transport: Transport
    request: Request
    plan: Planner
    context_window: int
    draft: Callable[[str], Draft | None] = _no_draft
    steers: bool = False


Equip = Callable[[Selection], Rig]
"""Makes a rig.  Plain code that imports and reads: it is called in a thread.

Raises `SparkError` for a selection that cannot be, such as an unknown provider.
"""
