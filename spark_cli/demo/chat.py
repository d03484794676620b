"""The chat completions dialect: messages -> what is asked, an answer -> chunks.

Source: OpenAI's API reference for `POST /v1/chat/completions`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from spark_cli.core.ids import CallId, ItemId, new_call_id, new_item_id
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
from spark_cli.demo.ask import Answer, Ask, Message, Use
from spark_cli.demo.fields import Record
from spark_cli.demo.pace import Beat
from spark_cli.demo.refusal import Refusal
from spark_cli.demo.responses import ANSWER_OBJECT, json_object
from spark_cli.demo.skills.speak import pieces
from spark_cli.wire.request import ToolSpec

_ROLES = ("user", "assistant", "system", "developer", "tool")
_NO_ID = ItemId("")


def ask(body: Record) -> Ask:
    """What is asked of the model; `Refusal` for what no server would take."""
    if not fields.text(body.get("model")):
        raise Refusal("you must provide a model parameter", param="model")
    messages = fields.records(body.get("messages"))
    if not messages or len(messages) != len(fields.listed(body.get("messages"))):
        raise Refusal(
            "Invalid 'messages': expected a non-empty array of objects.",
            code="invalid_type",
            param="messages",
        )
    _check(messages)
    form = fields.record(body.get("response_format"))
    return Ask(
        items=tuple(item for message in messages for item in _items(message)),
        tools=tuple(_tools(fields.records(body.get("tools")))),
        choice=_choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls") is not False,
        schema=_schema(form),
    )


@dataclass(slots=True)
class Chunks:
    """One completion while it is made."""

    body: Record
    input_tokens: int
    grain: int = 1
    id: str = field(default_factory=lambda: new_item_id("chatcmpl"))
    created: int = field(default_factory=lambda: int(time.time()))
    spent: int = 0

    def beats(self, answers: Sequence[Answer]) -> Iterator[Beat]:
        """The chunks of a stream, without the end marker."""
        yield self._chunk({"role": "assistant", "content": ""}), 0
        calls = 0
        finish = "stop"
        for answer in answers:
            if self._left == 0:
                break
            if isinstance(answer, Use):
                yield from self._call(answer, calls)
                calls += 1
                finish = "tool_calls"
            elif isinstance(answer, Message):
                for delta, count in self._deltas(answer.text):
                    yield self._chunk({"content": delta}), count
        yield self._chunk({}, "length" if self._left == 0 else finish), 0
        if self._with_usage:
            yield {**self._head("chat.completion.chunk"), **self._tail([])}, 0

    def whole(self, answers: Sequence[Answer]) -> JsonObject:
        """The same as one object."""
        text, calls = "", list[JsonValue]()
        for answer in answers:
            if isinstance(answer, Message):
                text += "".join(delta for delta, _ in self._deltas(answer.text))
            elif isinstance(answer, Use):
                given = "".join(delta for delta, _ in self._deltas(answer.input))
                calls.append({"id": new_call_id(), **_called(answer, given)})
        finish = "tool_calls" if calls else "stop"
        message: dict[str, JsonValue] = {
            "role": "assistant",
            "content": text or None,
            "refusal": None,
        }
        if calls:
            message["tool_calls"] = calls
        choice: JsonObject = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": "length" if self._left == 0 else finish,
        }
        return {**self._head("chat.completion"), **self._tail([choice])}

    @property
    def _with_usage(self) -> bool:
        options = fields.record(self.body.get("stream_options"))
        return options.get("include_usage") is True

    @property
    def _left(self) -> int | None:
        most = fields.number(self.body.get("max_completion_tokens"))
        if most is None:
            most = fields.number(self.body.get("max_tokens"))
        return None if most is None else max(0, most - self.spent)

    def _head(self, kind: str) -> JsonObject:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": fields.text(self.body.get("model")),
            "system_fingerprint": "fp_demo",
        }

    def _tail(self, choices: list[JsonValue]) -> JsonObject:
        usage: JsonObject = {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": self.spent,
            "total_tokens": self.input_tokens + self.spent,
        }
        return {"choices": choices, "usage": usage}

    def _chunk(self, delta: JsonObject, finish: str | None = None) -> JsonObject:
        choice: JsonObject = {
            "index": 0,
            "delta": delta,
            "logprobs": None,
            "finish_reason": finish,
        }
        chunk: JsonObject = {
            **self._head("chat.completion.chunk"),
            "choices": [choice],
        }
        return {**chunk, "usage": None} if self._with_usage else chunk

    def _call(self, use: Use, at: int) -> Iterator[Beat]:
        first: JsonObject = {"index": at, "id": new_call_id(), **_called(use, "")}
        yield self._chunk({"tool_calls": [first]}), 0
        key = "custom" if use.freeform else "function"
        inner = "input" if use.freeform else "arguments"
        for delta, count in self._deltas(use.input):
            fragment: JsonObject = {"index": at, key: {inner: delta}}
            yield self._chunk({"tool_calls": [fragment]}), count

    def _deltas(self, text: str) -> Iterator[tuple[str, int]]:
        """As much of a text as may still be said, in pieces."""
        tokens = pieces(text)[: self._left]
        for at in range(0, len(tokens), self.grain):
            group = tokens[at : at + self.grain]
            self.spent += len(group)
            yield "".join(group), len(group)


def _called(use: Use, given: str) -> JsonObject:
    if use.freeform:
        return {"type": "custom", "custom": {"name": use.name, "input": given}}
    return {"type": "function", "function": {"name": use.name, "arguments": given}}


def _check(messages: Iterable[Record]) -> None:
    waiting: list[str] = []
    for at, message in enumerate(messages):
        role = message.get("role")
        if role not in _ROLES:
            raise Refusal(
                f"Invalid value: '{role}'. Supported values are: 'system',"
                " 'assistant', 'user', 'developer', and 'tool'.",
                code="invalid_value",
                param=f"messages[{at}].role",
            )
        if role == "tool":
            _answered(fields.text(message.get("tool_call_id")), waiting)
        elif waiting:
            break
        else:
            calls = fields.records(message.get("tool_calls"))
            waiting = [fields.text(call.get("id")) for call in calls]
    if waiting:
        raise Refusal(
            "An assistant message with 'tool_calls' must be followed by tool messages"
            " responding to each 'tool_call_id'. The following tool_call_ids did not"
            f" have response messages: {', '.join(waiting)}",
            param="messages",
        )


def _answered(call: str, waiting: list[str]) -> None:
    if call not in waiting:
        raise Refusal(
            "messages with role 'tool' must be a response to a preceding message"
            " with 'tool_calls'.",
            param="messages",
        )
    waiting.remove(call)


def _items(message: Record) -> Iterator[Item]:
    text = fields.parts(message.get("content"))
    match message.get("role"):
        case "user":
            yield UserMessage(_NO_ID, text)
        case "tool":
            call = CallId(fields.text(message.get("tool_call_id")))
            yield ToolOutput(_NO_ID, call, text)
        case "assistant":
            if text:
                yield AgentMessage(_NO_ID, text)
            for each in fields.records(message.get("tool_calls")):
                yield _call_item(each)
        case _:
            yield Note(_NO_ID, text)


def _call_item(call: Record) -> ToolCall:
    freeform = call.get("type") == "custom"
    inner = fields.record(call.get("custom" if freeform else "function"))
    given = fields.text(inner.get("input" if freeform else "arguments"))
    name, call_id = fields.text(inner.get("name")), fields.text(call.get("id"))
    return ToolCall(_NO_ID, CallId(call_id), name, given, freeform)


def _tools(tools: Iterable[Record]) -> Iterator[ToolSpec]:
    for tool in tools:
        inner = fields.record(tool.get(fields.text(tool.get("type"))))
        name = fields.text(inner.get("name"))
        words = fields.text(inner.get("description"))
        if name and tool.get("type") == "function":
            schema = fields.record(inner.get("parameters"))
            yield ToolSpec(name, words, json_object(schema))
        elif name and tool.get("type") == "custom":
            yield ToolSpec(name, words, {}, "")


def _choice(value: object) -> str:
    if isinstance(value, str):
        return value
    chosen = fields.record(value)
    inner = fields.record(chosen.get(fields.text(chosen.get("type"))))
    return fields.text(inner.get("name"), "auto")


def _schema(form: Record) -> JsonObject | None:
    if form.get("type") == "json_schema":
        inner = fields.record(form.get("json_schema"))
        return json_object(fields.record(inner.get("schema")))
    return ANSWER_OBJECT if form.get("type") == "json_object" else None
