"""An answer of the model as the events of a Responses stream.

Source: OpenAI's API reference, streaming events of the Responses API.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from spark_cli.core.ids import new_call_id, new_item_id
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Usage
from spark_cli.demo import fields
from spark_cli.demo.ask import Answer, Message, Thought, Use
from spark_cli.demo.fields import Record
from spark_cli.demo.pace import Beat
from spark_cli.demo.responses import json_object
from spark_cli.demo.skills.speak import pieces

TERMINAL = ("response.completed", "response.incomplete")


@dataclass(slots=True)
class Stream:
    """One response while it is made; `final` is the whole of it when it is over.

    `spent` counts tokens; at `max_output_tokens` the response ends incomplete.
    `grain` is how many tokens a delta holds.
    """

    body: Record
    usage: Usage
    grain: int = 1
    lane: str | None = None
    id: str = field(default_factory=lambda: new_item_id("resp"))
    created: int = field(default_factory=lambda: int(time.time()))
    output: list[JsonObject] = field(default_factory=list)
    final: JsonObject = field(default_factory=dict)
    spent: int = 0
    _number: int = 0

    def beats(self, answers: Sequence[Answer]) -> Iterator[Beat]:
        """Every event of the response, from `response.created` to its terminal one."""
        begun: JsonObject = {"response": self.response("in_progress")}
        yield self._event("response.created", begun)
        yield self._event("response.in_progress", begun)
        status = "completed"
        for answer in answers:
            if self._left == 0:
                status = "incomplete"
                break
            whole = yield from self._item(answer)
            if not whole:
                status = "incomplete"
                break
        self.final = self.response(status)
        yield self._event(f"response.{status}", {"response": self.final})

    def response(self, status: str) -> JsonObject:
        """The response object as it is at this moment."""
        over = status != "in_progress"
        reason = {"reason": "max_output_tokens"} if status == "incomplete" else None
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": reason,
            "output": list(self.output) if over else [],
            "usage": self._usage() if over else None,
            **_echoed(self.body),
        }

    def _usage(self) -> JsonObject:
        return {
            "input_tokens": self.usage.input_tokens,
            "input_tokens_details": {
                "cached_tokens": self.usage.cached_tokens,
                "cache_write_tokens": 0,
            },
            "output_tokens": self.spent,
            "output_tokens_details": {"reasoning_tokens": self.usage.reasoning_tokens},
            "total_tokens": self.usage.input_tokens + self.spent,
        }

    @property
    def _left(self) -> int | None:
        most = fields.number(self.body.get("max_output_tokens"))
        return None if most is None else max(0, most - self.spent)

    def _event(self, kind: str, rest: JsonObject, tokens: int = 0) -> Beat:
        event: dict[str, JsonValue] = {
            "type": kind,
            "sequence_number": self._number,
            **rest,
        }
        if self.lane is not None:
            event["stream_id"] = self.lane
        self._number += 1
        self.spent += tokens
        return event, tokens

    def _item(self, answer: Answer) -> Generator[Beat, None, bool]:
        """The events of one item; the generator's value is whether it got whole."""
        match answer:
            case Message():
                return self._message(answer)
            case Thought():
                return self._thought(answer)
            case Use():
                return self._use(answer)

    def _message(self, message: Message) -> Generator[Beat, None, bool]:
        name = new_item_id("msg")
        head: JsonObject = {
            "id": name,
            "type": "message",
            "role": "assistant",
            "phase": "final_answer" if message.final else "commentary",
        }
        place: JsonObject = {**self._place(name), "content_index": 0}
        kind = "response.output_text"
        yield self._added({**head, "status": "in_progress", "content": []})
        yield self._event("response.content_part.added", {**place, "part": _part("")})
        text, whole = self._cut(message.text)
        for delta, count in self._deltas(text):
            piece: JsonObject = {**place, "delta": delta, "logprobs": []}
            yield self._event(f"{kind}.delta", piece, count)
        yield self._event(f"{kind}.done", {**place, "text": text, "logprobs": []})
        yield self._event("response.content_part.done", {**place, "part": _part(text)})
        yield self._done({**head, "status": _status(whole), "content": [_part(text)]})
        return whole

    def _thought(self, thought: Thought) -> Generator[Beat, None, bool]:
        name = new_item_id("rs")
        head: JsonObject = {"id": name, "type": "reasoning"}
        place: JsonObject = {**self._place(name), "summary_index": 0}
        kind = "response.reasoning_summary"
        yield self._added({**head, "summary": []})
        yield self._event(f"{kind}_part.added", {**place, "part": _summary("")})
        text, whole = self._cut(thought.text)
        for delta, count in self._deltas(text):
            yield self._event(f"{kind}_text.delta", {**place, "delta": delta}, count)
        yield self._event(f"{kind}_text.done", {**place, "text": text})
        yield self._event(f"{kind}_part.done", {**place, "part": _summary(text)})
        self.usage += Usage(reasoning_tokens=len(pieces(text)))
        yield self._done({**head, "summary": [_summary(text)]})
        return whole

    def _use(self, use: Use) -> Generator[Beat, None, bool]:
        if use.freeform:
            name, key, kind = new_item_id("ctc"), "input", "custom_tool_call"
        else:
            name, key, kind = new_item_id("fc"), "arguments", "function_call"
        head: JsonObject = {
            "id": name,
            "type": kind,
            "call_id": new_call_id(),
            "name": use.name,
        }
        place = self._place(name)
        yield self._added({**head, "status": "in_progress", key: ""})
        text, whole = self._cut(use.input)
        for delta, count in self._deltas(text):
            piece: JsonObject = {**place, "delta": delta}
            yield self._event(f"response.{kind}_{key}.delta", piece, count)
        yield self._event(f"response.{kind}_{key}.done", {**place, key: text})
        yield self._done({**head, "status": _status(whole), key: text})
        return whole

    def _place(self, name: str) -> JsonObject:
        return {"item_id": name, "output_index": len(self.output)}

    def _added(self, item: JsonObject) -> Beat:
        rest: JsonObject = {"output_index": len(self.output), "item": item}
        return self._event("response.output_item.added", rest)

    def _done(self, item: JsonObject) -> Beat:
        rest: JsonObject = {"output_index": len(self.output), "item": item}
        self.output.append(item)
        return self._event("response.output_item.done", rest)

    def _cut(self, text: str) -> tuple[str, bool]:
        """As much of a text as may still be said, and whether that is all."""
        left = self._left
        if left is None:
            return text, True
        tokens = pieces(text)
        return "".join(tokens[:left]), len(tokens) <= left

    def _deltas(self, text: str) -> Iterator[tuple[str, int]]:
        tokens = pieces(text)
        for at in range(0, len(tokens), self.grain):
            group = tokens[at : at + self.grain]
            yield "".join(group), len(group)


def compact(event: JsonObject) -> str:
    """An event as it goes over the wire: one line that can be encoded as UTF-8."""
    text = json.dumps(event, separators=(",", ":"), ensure_ascii=False)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates


def usage(body: Record, items: Sequence[Record], known: Sequence[Record]) -> Usage:
    """Some four characters are a token; what was known before counts as cached."""
    settings = json.dumps([body.get("instructions"), body.get("tools")])
    old = len(json.dumps(list(known)))
    new = len(json.dumps(list(items)))
    return Usage(
        input_tokens=(len(settings) + new) // 4,
        cached_tokens=(len(settings) + old) // 4 if known else 0,
    )


def _status(whole: bool) -> str:  # noqa: FBT001 - two words for two states
    return "completed" if whole else "incomplete"


def _part(text: str) -> JsonObject:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _summary(text: str) -> JsonObject:
    return {"type": "summary_text", "text": text}


def _echoed(body: Record) -> JsonObject:
    """The settings of the request, as a response repeats them."""
    known: dict[str, JsonValue] = {
        "model": "",
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "user": None,
    }
    given = {name: body[name] for name in known if body.get(name) is not None}
    return {**known, **json_object(given)}
