"""The chat-completions dialect, outwards: a request as messages.

It is what local servers speak, so it asks for little: no `developer` role (many
chat templates know none), no system message but the first (many refuse it), no
fields that only OpenAI knows.  Reasoning is not sent back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spark_cli.core.ids import CallId
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
from spark_cli.wire.codec import parse, without
from spark_cli.wire.request import Request, ToolSpec
from spark_cli.wire.responses import answer_format, wrapped


def body(request: Request) -> JsonObject:
    made: dict[str, JsonValue] = {
        "model": request.model,
        "messages": messages(request.instructions, request.items),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        made["tools"] = [_declared(tool) for tool in request.tools]
    if request.effort:
        made["reasoning_effort"] = request.effort
    if request.max_output_tokens:
        made["max_tokens"] = request.max_output_tokens
    if request.schema is not None:
        made["response_format"] = {
            "type": "json_schema",
            "json_schema": answer_format(request.schema),
        }
    return without(made, request.rejects)


def messages(instructions: str, items: Sequence[Item]) -> list[JsonObject]:
    """The conversation as messages.

    What the agent said in one step is one message; the outputs of its calls follow
    at once, as the API demands, even if something was said in between.  Neighbours
    of the user's side are joined, since some templates want the roles to alternate.
    """
    outputs = {item.call: item for item in items if isinstance(item, ToolOutput)}
    made: list[JsonObject] = []
    if instructions:
        made.append({"role": "system", "content": instructions})
    for is_agent, step in _steps(items):
        if not is_agent:
            made.append({"role": "user", "content": _user_text(step)})
            continue
        message, calls = _agent_message(step)
        if message:
            made.append(message)
        made.extend(
            {"role": "tool", "tool_call_id": call, "content": outputs[call].text}
            for call in calls
            if call in outputs
        )
    return made


def _steps(items: Iterable[Item]) -> Iterator[tuple[bool, list[Item]]]:
    """Runs of items of one side; outputs belong to neither and are left out."""
    step: list[Item] = []
    answered = False
    for item in items:
        if isinstance(item, ToolOutput):
            answered = True
            continue
        # Outputs end a step: what the agent says after them is another message.
        same = not step or _is_agent(step[0]) == _is_agent(item)
        if step and (not same or (answered and _is_agent(item))):
            yield _is_agent(step[0]), step
            step = []
        answered = False
        step.append(item)
    if step:
        yield _is_agent(step[0]), step


def _is_agent(item: Item) -> bool:
    return isinstance(item, AgentMessage | Reasoning | ToolCall)


def _user_text(step: list[Item]) -> str:
    """What the user's side said; a note is marked, since it is not the user's word."""
    return "\n\n".join(
        f"[note] {item.text}" if isinstance(item, Note) else item.whole
        for item in step
        if isinstance(item, Note | UserMessage)
    )


def _agent_message(step: list[Item]) -> tuple[JsonObject | None, list[CallId]]:
    text = "\n\n".join(i.text for i in step if isinstance(i, AgentMessage) and i.text)
    calls = [item for item in step if isinstance(item, ToolCall)]
    if not text and not calls:
        return None, []
    message: dict[str, JsonValue] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    return message, [call.call for call in calls]


def _call(call: ToolCall) -> JsonObject:
    arguments = wrapped(call)
    if not isinstance(parse(arguments), dict):
        # Servers render arguments through their template, and fail on a torn object.
        arguments = "{}"
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.call, "type": "function", "function": function}


def _declared(tool: ToolSpec) -> JsonObject:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.schema,
        },
    }
