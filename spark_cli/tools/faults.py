"""What the system refuses in the middle of a tool, as a fact for the model to act on.

Each tool answers for the mistakes that it expects.  Names and files come from
strangers, though, and the system knows more ways to refuse them than a tool can
foresee: a name that is too long, or a folder that was taken away a moment ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from spark_cli.core.errors import ToolError
from spark_cli.tools import excerpt
from spark_cli.tools.tool import Outcome, Plan, Tool

_SAID_MAX = 200


def answering(tool: Tool) -> Tool:
    """The same tool; planning and acting raise `ToolError` where the system refuses."""

    def plan(text: str) -> Plan:
        with translated(tool.spec.name):
            made = tool.plan(text)

        async def act() -> Outcome:
            with translated(tool.spec.name):
                return await made.act()

        return replace(made, act=act)

    return replace(tool, plan=plan)


@contextmanager
def translated(tool: str) -> Iterator[None]:
    """What the system refuses becomes a `ToolError` of the tool of that name."""
    try:
        yield
    except OSError as error:
        of = f" `{_shown(str(error.filename))}`" if error.filename else ""
        why = error.strerror or str(error) or "no reason was given"
        raise ToolError(f"`{tool}` cannot use{of or ' that'}: {why.lower()}") from error
    except (ValueError, RecursionError) as error:
        raise ToolError(f"`{tool}` cannot use that: {_shown(str(error))}") from error


def _shown(text: str) -> str:
    return excerpt.line(excerpt.name(text), _SAID_MAX)
