"""What is asked of a model, before any dialect spells it."""

from __future__ import annotations

from dataclasses import dataclass

from spark_cli.core.items import Item
from spark_cli.core.json import JsonObject


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is declared to the model.

    `schema` is the JSON Schema of its arguments.  A tool with a `grammar` (Lark) is
    declared as a custom tool with free text where `Request.freeform_tools` is true;
    elsewhere as a function whose one string argument is `input`.
    """

    name: str
    description: str
    schema: JsonObject
    grammar: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole: a transport may send less where the server knows the rest.

    `items` is the conversation so far, oldest first; from one request to the next it
    only grows, unless the conversation was rewritten.  Its objects are the same ones,
    so that a prefix can be recognised by identity.  `cache_key` is stable for a
    session.  `rejects` names parameters that must not be sent, dotted.  `schema`
    asks for an answer that is JSON of that shape.
    """

    model: str
    instructions: str
    items: tuple[Item, ...]
    tools: tuple[ToolSpec, ...] = ()
    freeform_tools: bool = False
    effort: str | None = None
    max_output_tokens: int | None = None
    cache_key: str = ""
    rejects: frozenset[str] = frozenset()
    schema: JsonObject | None = None
