"""The Responses dialect: a request body -> what is asked, an answer -> its events.

Pure in both directions; the WebSocket and SSE send the same events.

Source: OpenAI's API reference for `POST /v1/responses` and its streaming events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.demo import fields
from spark_cli.demo.ask import Ask
from spark_cli.demo.fields import Record
from spark_cli.demo.refusal import Refusal
from spark_cli.wire.request import ToolSpec

_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_ROLES = ("user", "assistant", "system", "developer")


def check(body: Record) -> None:
    """Turn down what the real service turns down."""
    model = fields.text(body.get("model"))
    if not model:
        raise Refusal(
            "Missing required parameter: 'model'.",
            code="missing_required_parameter",
            param="model",
        )
    if fields.record(body.get("reasoning")).get("summary") and model.endswith("-spark"):
        raise Refusal(
            "Unsupported parameter: 'reasoning.summary' is not supported with the"
            f" '{model}' model.",
            code="unsupported_parameter",
            param="reasoning.summary",
        )
    if body.get("background"):
        raise Refusal(
            "Unsupported parameter: 'background' is not supported here.",
            code="unsupported_parameter",
            param="background",
        )


def input_items(body: Record) -> list[Record]:
    """The new items of a request, whether they are a string or an array."""
    given = body.get("input")
    if given is None:
        return []
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    if not isinstance(given, list):
        raise Refusal(
            "Invalid type for 'input': expected a string or an array of objects.",
            code="invalid_type",
            param="input",
        )
    return [_checked(item, at) for at, item in enumerate(given)]


def ask(body: Record, items: Sequence[Record]) -> Ask:
    """What is asked of the model, given the whole conversation."""
    _check_calls(items)
    form = fields.record(fields.record(body.get("text")).get("format"))
    return Ask(
        items=tuple(_items(items)),
        tools=tuple(_tools(body, items)),
        choice=_choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
        schema=_schema(form),
        summary=bool(fields.record(body.get("reasoning")).get("summary")),
    )


def json_object(value: Record) -> JsonObject:
    """A record that was parsed from JSON, so that it is JSON."""
    return {key: _json(each) for key, each in value.items()}


def _json(value: object) -> JsonValue:
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value if isinstance(value, str | int | float | bool) else None


def _checked(item: object, at: int) -> Record:
    """An item of a known shape; kinds that are not known pass as they are."""
    found = fields.record(item)
    where = f"input[{at}]"
    if not found:
        raise Refusal(
            f"Invalid type for '{where}': expected an object.",
            code="invalid_type",
            param=where,
        )
    kind = fields.text(found.get("type"), "message")
    if kind == "message" and found.get("role") not in _ROLES:
        raise Refusal(
            f"Invalid value: '{found.get('role')}'. Supported values are:"
            " 'assistant', 'system', 'developer', and 'user'.",
            code="invalid_value",
            param=f"{where}.role",
        )
    if kind in (*_CALLS, *_OUTPUTS) and not fields.text(found.get("call_id")):
        raise Refusal(
            f"Missing required parameter: '{where}.call_id'.",
            code="missing_required_parameter",
            param=f"{where}.call_id",
        )
    return found


def _check_calls(items: Iterable[Record]) -> None:
    """Each call has an output and each output a call, as the real service insists."""
    waiting: dict[str, str] = {}
    called: set[str] = set()
    for item in items:
        kind, call = fields.text(item.get("type")), fields.text(item.get("call_id"))
        if kind in _CALLS:
            called.add(call)
            waiting[call] = "function" if kind == "function_call" else "custom tool"
        elif kind in _OUTPUTS:
            if call not in called:
                raise Refusal(
                    f"No tool call found for function call output with call_id {call}.",
                    param="input",
                )
            waiting.pop(call, None)
    for call, kind in waiting.items():
        raise Refusal(f"No tool output found for {kind} call {call}.", param="input")


def _items(items: Iterable[Record]) -> Iterable[Item]:
    for item in items:
        found = _item(item)
        if found is not None:
            yield found


def _item(item: Record) -> Item | None:
    name = ItemId(fields.text(item.get("id")))
    kind = fields.text(item.get("type"), "message")
    if kind == "message":
        return _message(name, item)
    call = CallId(fields.text(item.get("call_id")))
    if kind in _OUTPUTS:
        return ToolOutput(name, call, fields.parts(item.get("output")))
    if kind in _CALLS:
        freeform = kind == "custom_tool_call"
        given = fields.text(item.get("input" if freeform else "arguments"))
        return ToolCall(name, call, fields.text(item.get("name")), given, freeform)
    return None


def _message(name: ItemId, item: Record) -> Item:
    text = fields.parts(item.get("content"))
    match item.get("role"):
        case "user":
            return UserMessage(name, text)
        case "assistant":
            return AgentMessage(
                name, text, phase=fields.text(item.get("phase")) or None
            )
        case _:
            return Note(name, text)


def _tools(body: Record, items: Iterable[Record]) -> Iterable[ToolSpec]:
    """The declared tools, also those that came as an item of the input."""
    added = (
        fields.records(item.get("tools"))
        for item in items
        if item.get("type") == "additional_tools"
    )
    for tool in chain(fields.records(body.get("tools")), *added):
        name = fields.text(tool.get("name"))
        words = fields.text(tool.get("description"))
        if name and tool.get("type") == "function":
            schema = fields.record(tool.get("parameters"))
            yield ToolSpec(name, words, json_object(schema))
        elif name and tool.get("type") == "custom":
            form = fields.record(tool.get("format"))
            yield ToolSpec(name, words, {}, fields.text(form.get("definition")))


def _choice(value: object) -> str:
    if isinstance(value, str):
        return value
    chosen = fields.record(value)
    if chosen.get("type") == "allowed_tools":
        return fields.text(chosen.get("mode"), "auto")
    return fields.text(chosen.get("name"), "auto")


def _schema(form: Record) -> JsonObject | None:
    if form.get("type") == "json_schema":
        return json_object(fields.record(form.get("schema")))
    if form.get("type") == "json_object":
        return ANSWER_OBJECT
    return None


# What `json_object` mode gets, where the client says no more than that.
ANSWER_OBJECT: Mapping[str, JsonValue] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
}
