"""What the demo model is asked and what it answers, whatever dialect spells them.

The conversation is in spark's own words (`core.items`), so that the two dialects
of the endpoint are two small translations of one model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from spark_cli.core.items import Item
from spark_cli.core.json import JsonObject
from spark_cli.wire.request import ToolSpec


@dataclass(frozen=True, slots=True)
class Ask:
    """`choice` is `auto`, `none`, `required`, or the name of the tool to call.

    A tool with a `grammar` (even an empty one) takes free text.  `schema` asks for an
    answer that is JSON of that shape; `summary`, for a summary of the reasoning.
    """

    items: tuple[Item, ...]
    tools: tuple[ToolSpec, ...] = ()
    choice: str = "auto"
    parallel: bool = True
    schema: JsonObject | None = None
    summary: bool = False


@dataclass(frozen=True, slots=True)
class Thought:
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """`final` is false for what is said on the way to a tool call."""

    text: str
    final: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """A tool call: `input` is a JSON object as text, or free text."""

    name: str
    input: str
    freeform: bool = False


Answer: TypeAlias = Thought | Message | Use
Model: TypeAlias = Callable[[Ask], tuple[Answer, ...]]
