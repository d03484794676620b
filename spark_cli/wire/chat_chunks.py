"""The chat-completions dialect, inwards: its chunks as reply parts.

The dialect has as many accents as servers: whole calls in one delta, calls without
an index or all with index 0, names and arguments that are repeated, arguments as an
object, three fields for reasoning, usage anywhere, an answer that was not streamed
at all, errors inside a stream that began well.
"""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from spark_cli.core.errors import ConnectionLost
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Usage
from spark_cli.wire.assembler import Assembler, Draft, Kind
from spark_cli.wire.codec import Ending, arguments, parse, reason, tokens, word
from spark_cli.wire.complaints import complaint
from spark_cli.wire.durations import number
from spark_cli.wire.failures import failure
from spark_cli.wire.transport import ReplyPart

_CUT = {"length": "max_output_tokens", "max_tokens": "max_output_tokens"}
_WHOLE = {"stop", "tool_calls", "function_call", "eos", "end_turn", "tool_use"}


class ChatDecoder:
    """One reply.  `where` names the endpoint in errors.

    `calls` are the ids of calls that the conversation has already, `tools` the names
    that were declared: they tell a repeated name from the next piece of one.
    """

    def __init__(
        self,
        where: str,
        items: AbstractSet[str] = frozenset(),
        calls: AbstractSet[str] = frozenset(),
        tools: AbstractSet[str] = frozenset(),
    ) -> None:
        self.ending: Ending | None = None
        self._where = where
        self._tools = tools
        self._assembler = Assembler(items, calls)
        self._response = ""
        self._reason = ""
        self._usage = Usage()
        self._message: Draft | None = None
        self._reasoning: Draft | None = None
        self._calls: list[Draft] = []
        self._by_id: dict[str, Draft] = {}
        self._by_index: dict[float | None, Draft] = {}

    @property
    def settled(self) -> bool:
        return bool(self._reason) or self.ending is not None

    def feed(self, event: JsonObject) -> None:
        self._response = word(event.get("id")) or self._response
        self._spent(event)
        choice = _first(event.get("choices"))
        self._check(event, choice)
        if choice is None:
            return
        self._spent(choice)
        for key in ("delta", "message"):
            said = choice.get(key)
            if isinstance(said, dict):
                self._said(said)
        self._reason = word(choice.get("finish_reason")) or self._reason

    def done(self) -> None:
        """The stream said `[DONE]`."""
        if not self._reason and not self._has_said():
            raise ConnectionLost(f"{self._where} ended without an answer")
        self._reason = self._reason or "stop"
        self.finish()

    def finish(self) -> None:
        if self.ending is not None:
            return
        if not self._reason:
            raise ConnectionLost(f"{self._where} stopped in the middle of an answer")
        status = _CUT.get(self._reason, reason(self._reason))
        if self._reason in _WHOLE:
            status = "completed"
        for draft in self._calls:
            # A limit may fall on the last brace: a call is as whole as its JSON.
            if isinstance(parse(draft.text or "{}"), dict):
                draft.final = draft.text
        self._assembler.finish(cut=status != "completed")
        self.ending = Ending(self._response, status, self._usage)

    def take(self) -> list[ReplyPart]:
        return self._assembler.take()

    def release(self) -> list[ReplyPart]:
        return self._assembler.release()

    def _has_said(self) -> bool:
        return bool(self._message or self._reasoning or self._calls)

    def _check(self, event: JsonObject, choice: JsonObject | None) -> None:
        """An error may be in the chunk, in its choice, or be the chunk."""
        of_choice = choice.get("error") if choice else None
        if of_choice or (choice and choice.get("finish_reason") == "error"):
            raise failure(complaint({"error": of_choice, **event}), self._where)
        is_error = event.get("object") == "error" or event.get("type") == "error"
        if is_error or event.get("error") or (not choice and event.get("detail")):
            raise failure(complaint(event), self._where)

    def _spent(self, event: JsonObject) -> None:
        usage = event.get("usage")
        if isinstance(usage, dict) and usage:
            self._usage = _usage(usage)

    def _said(self, delta: JsonObject) -> None:
        if thought := _thought(delta):
            if self._reasoning is None:
                self._reasoning = self._assembler.open(Kind.REASONING)
            self._assembler.write(self._reasoning, thought)
        if text := _text(delta.get("content"), "text") or word(delta.get("refusal")):
            if self._message is None:
                self._message = self._assembler.open(Kind.MESSAGE)
            self._assembler.write(self._message, text)
        pieces = _call_pieces(delta)
        for place, piece in enumerate(pieces):
            self._called(piece, place if len(pieces) > 1 else -1)

    def _called(self, piece: JsonObject, place: int) -> None:
        function = piece.get("function")
        if not isinstance(function, dict):
            function = piece
        name = word(function.get("name"))
        draft = self._draft(piece, name, place)
        if name and not draft.pieces:
            # Some send a name in pieces, and more send it with every piece.
            if draft.name and draft.name != name and draft.name not in self._tools:
                name = draft.name + name
            self._assembler.name(draft, name)
        self._write(draft, arguments(function.get("arguments")))

    def _draft(self, piece: JsonObject, name: str, place: int) -> Draft:
        """The call that a piece belongs to: by its id, its index, or its place.

        Ids come first: Gemini's gateway gives every call index 0.  But only an id
        that comes with a name starts a call; others are made up for each piece.
        """
        given = word(piece.get("id"))
        if given in self._by_id:
            return self._by_id[given]
        index = number(piece.get("index"))
        draft = self._by_index.get(index)
        if index is None:
            draft = None if self._starts(given, name) else self._at(place)
        if draft is None or (given and name and draft.call is not None):
            draft = self._assembler.open(Kind.CALL)
            self._calls.append(draft)
            self._by_index[index] = draft
        if given and draft.call is None:
            self._assembler.name(draft, "", given)
            self._by_id[given] = draft
        return draft

    def _at(self, place: int) -> Draft:
        return self._calls[place if place < len(self._calls) else -1]

    def _starts(self, given: str, name: str) -> bool:
        """Whether a piece without an index starts one more call."""
        if not self._calls or (given and name):
            return True
        last = self._calls[-1]
        if not name:
            return False
        if last.pieces:
            return name != last.name or _is_object(last.text)
        return name != last.name and {name, last.name} <= self._tools

    def _write(self, draft: Draft, piece: str) -> None:
        text = draft.text if piece.startswith("{") else ""
        if text == "{}":
            # Gateways to other APIs open with an empty object, then send the real one.
            draft.pieces.clear()
        elif piece == text and _is_object(text):
            return
        if piece:
            self._assembler.write(draft, piece)


def _first(choices: JsonValue) -> JsonObject | None:
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return None


def _call_pieces(delta: JsonObject) -> list[JsonObject]:
    calls = delta.get("tool_calls")
    pieces = calls if isinstance(calls, list) else []
    legacy = delta.get("function_call")
    if isinstance(legacy, dict):
        pieces = [*pieces, {"index": 0, "function": legacy}]
    return [piece for piece in pieces if isinstance(piece, dict)]


def _thought(delta: JsonObject) -> str:
    for field in ("reasoning_content", "reasoning"):
        if text := _text(delta.get(field), "text"):
            return text
    details = delta.get("reasoning_details")
    text = _text(details, "text") + _text(details, "summary")
    return text or _text(delta.get("content"), "thinking")


def _text(content: JsonValue, field: str) -> str:
    """The text of a string, or of a list of typed parts that have this field."""
    if isinstance(content, str):
        return content if field == "text" else ""
    if not isinstance(content, list):
        return ""
    texts = []
    for part in content:
        if isinstance(part, Mapping):
            inner = part.get(field)
            texts.append(inner if isinstance(inner, str) else _text(inner, "text"))
    return "".join(texts)


def _is_object(text: str) -> bool:
    return text.rstrip().endswith("}") and isinstance(parse(text), dict)


def _usage(usage: JsonValue) -> Usage:
    cached = tokens(usage, "prompt_tokens_details", "cached_tokens")
    return Usage(
        tokens(usage, "prompt_tokens"),
        cached or tokens(usage, "prompt_cache_hit_tokens"),
        tokens(usage, "completion_tokens"),
        tokens(usage, "completion_tokens_details", "reasoning_tokens"),
    )
