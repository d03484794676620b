"""The Responses dialect, outwards: a request as the body of a create.

The same body goes over HTTP and, with a `type` in front, over a WebSocket.  Fields
are in a fixed order and tools are never reordered, so that prompt caches hit.
Source: OpenAI's API reference for `POST /v1/responses` and its WebSocket guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet

from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.wire.codec import dump, parse, without
from spark_cli.wire.request import Request, ToolSpec

# Not a parameter of the API: that the server cannot read the reasoning it is sent.
REASONING_ITEMS = "input.reasoning"


def body(
    request: Request, *, previous: str | None, items: Sequence[Item]
) -> JsonObject:
    """The create for `items`, which are all there are unless `previous` is given.

    With `previous`, the id of the response that they follow, calls are answered in
    the form in which the server made them.  Instructions and tools go along each
    time: a continuation does not inherit them.
    """
    made: dict[str, JsonValue] = {
        "model": request.model,
        "instructions": request.instructions,
        "input": input_items(request, items, follows=previous is not None),
        "tools": [
            declared(tool, freeform=request.freeform_tools) for tool in request.tools
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": False,
        "stream": True,
        "stream_options": {"include_obfuscation": False},
        "include": ["reasoning.encrypted_content"],
    }
    if request.cache_key:
        made["prompt_cache_key"] = request.cache_key
    if request.effort:
        made["reasoning"] = {"effort": request.effort, "summary": "auto"}
    if request.max_output_tokens:
        made["max_output_tokens"] = request.max_output_tokens
    if request.schema is not None:
        made["text"] = {
            "format": {"type": "json_schema", **answer_format(request.schema)}
        }
    if previous is not None:
        made["previous_response_id"] = previous
    return without(made, request.rejects)


def input_items(
    request: Request, items: Iterable[Item], *, follows: bool
) -> list[JsonObject]:
    """The items as input; what only another server could read is left out."""
    freeform: set[str] = set()
    if follows or request.freeform_tools:
        freeform = {tool.name for tool in request.tools if tool.grammar}
    custom = {
        item.call
        for item in request.items
        if isinstance(item, ToolCall) and _as_custom(item, freeform, follows=follows)
    }
    mute = REASONING_ITEMS in request.rejects
    return [
        spelled
        for item in items
        if not (mute and isinstance(item, Reasoning))
        and (spelled := _input_item(item, custom)) is not None
    ]


def declared(tool: ToolSpec, *, freeform: bool) -> JsonObject:
    if freeform and tool.grammar:
        grammar = {"type": "grammar", "syntax": "lark", "definition": tool.grammar}
        return {
            "type": "custom",
            "name": tool.name,
            "description": tool.description,
            "format": grammar,
        }
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema,
        "strict": False,
    }


def answer_format(schema: JsonObject) -> JsonObject:
    """The format of an answer; strict where the schema allows it.

    Strict mode takes only schemas whose objects are closed and require all of
    their properties, and refuses the others.
    """
    return {"name": "answer", "schema": schema, "strict": _is_strict(schema)}


def wrapped(call: ToolCall) -> str:
    """The arguments of a call for a model that knows functions only."""
    return dump({"input": call.input}) if call.freeform else call.input


def _as_custom(call: ToolCall, freeform: AbstractSet[str], *, follows: bool) -> bool:
    if follows:
        # The server remembers the call as it made it.
        return call.freeform
    return call.name in freeform and _free_text(call) is not None


def _free_text(call: ToolCall) -> str | None:
    """A call's input as free text, also where it was made as a function."""
    if call.freeform:
        return call.input
    arguments = parse(call.input)
    if not isinstance(arguments, Mapping) or len(arguments) != 1:
        return None
    text = arguments.get("input")
    return text if isinstance(text, str) else None


def _input_item(item: Item, custom: AbstractSet[str]) -> JsonObject | None:
    match item:
        case UserMessage():
            return _said("user", item.whole)
        case Note():
            return _said("developer", item.text)
        case AgentMessage():
            return _agent_message(item)
        case Reasoning():
            return _reasoning(item)
        case ToolCall() | ToolOutput():
            return _call_or_output(item, custom=item.call in custom)


def _call_or_output(item: ToolCall | ToolOutput, *, custom: bool) -> JsonObject:
    kind = "custom_tool_call" if custom else "function_call"
    if isinstance(item, ToolOutput):
        return {"type": f"{kind}_output", "call_id": item.call, "output": item.text}
    content = {"input": _free_text(item)} if custom else {"arguments": wrapped(item)}
    return {"type": kind, "call_id": item.call, "name": item.name, **content}


def _said(role: str, text: str) -> JsonObject:
    return {
        "type": "message",
        "role": role,
        "content": [{"type": "input_text", "text": text}],
    }


def _agent_message(item: AgentMessage) -> JsonObject | None:
    if not item.text:
        return None
    said: dict[str, JsonValue] = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": item.text}],
    }
    if item.phase is not None:
        said["phase"] = item.phase
    return said


def _reasoning(item: Reasoning) -> JsonObject | None:
    """Only as it was encrypted: a server that stores nothing knows no other."""
    if item.encrypted is None:
        return None
    return {
        "type": "reasoning",
        "id": item.id,
        "summary": [{"type": "summary_text", "text": text} for text in item.summary],
        "encrypted_content": item.encrypted,
    }


def _is_strict(schema: JsonValue) -> bool:
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if schema.get("type") == "object" or properties is not None:
            names = set(properties) if isinstance(properties, Mapping) else set()
            required = schema.get("required")
            closed = schema.get("additionalProperties") is False
            if not closed or not isinstance(required, list) or set(required) != names:
                return False
        return all(_is_strict(value) for value in schema.values())
    if isinstance(schema, list):
        return all(_is_strict(value) for value in schema)
    return True
