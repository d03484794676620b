"""The Responses dialect, inwards: its events as reply parts.

The grammar on paper is orderly: `output_item.added`, deltas, `output_item.done`, and
`response.completed` with all of it again.  Real servers and proxies leave out any of
these, send them twice or out of order, change an item's id from event to event, or
send no index.  So nothing is demanded of an event but that it says something: an
item is looked up by its id, then by its call, then by its index, and is opened by
whatever comes first.  What a later event says in full goes before earlier deltas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set as AbstractSet

from spark_cli.core.errors import ConnectionLost
from spark_cli.core.events import LimitsSeen
from spark_cli.core.items import AgentMessage, Reasoning, ToolCall
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Usage
from spark_cli.wire.assembler import Assembler, Draft, Kind
from spark_cli.wire.codec import Ending, arguments, reason, tokens, word
from spark_cli.wire.complaints import complaint
from spark_cli.wire.durations import number
from spark_cli.wire.failures import failure
from spark_cli.wire.limits import from_event
from spark_cli.wire.responses_items import is_whole, kind_of, reasoning_of, text_of
from spark_cli.wire.transport import ReplyPart, Steered


class ResponsesDecoder:
    """One reply.  `where` names the endpoint in errors.

    `items` and `calls` are the ids that the conversation has already.
    """

    def __init__(
        self,
        where: str,
        items: AbstractSet[str] = frozenset(),
        calls: AbstractSet[str] = frozenset(),
    ) -> None:
        self.ending: Ending | None = None
        self.settled = False
        self.response = ""
        self.goes_on = False
        """Whether another reply follows by itself, to what was handed in meanwhile."""
        self._where = where
        self._assembler = Assembler(items, calls)
        self._by_id: dict[str, Draft] = {}
        self._by_call: dict[str, Draft] = {}
        self._by_index: dict[int, Draft] = {}
        self._all: list[Draft] = []
        self._on: dict[str, Callable[[JsonObject], None]] = {
            "response.output_text.delta": self._message_delta,
            "response.refusal.delta": self._message_delta,
            "response.function_call_arguments.delta": self._call_delta,
            "response.custom_tool_call_input.delta": self._call_delta,
            "response.reasoning_summary_text.delta": self._reasoning_delta,
            "response.reasoning_text.delta": self._reasoning_delta,
            "response.output_text.done": self._text_done,
            "response.refusal.done": self._text_done,
            "response.function_call_arguments.done": self._call_done,
            "response.custom_tool_call_input.done": self._call_done,
            "response.output_item.added": self._item_added,
            "response.output_item.done": self._item_done,
            "response.created": self._created,
            "response.in_progress": self._created,
            "response.queued": self._created,
            "response.completed": self._ended,
            "response.done": self._ended,
            "response.incomplete": self._ended,
            "response.cancelled": self._ended,
            "response.failed": self._failed,
            "error": self._failed,
            "codex.rate_limits": self._limits,
            "response.steer.accepted": self._steered,
            "response.steer.pending": self._waits_for_tools,
            "response.steer.failed": self._not_steered,
        }

    def next(self) -> ResponsesDecoder:
        """A decoder for the reply that follows by itself."""
        return ResponsesDecoder(self._where, *self._assembler.taken)

    @property
    def renamed(self) -> bool:
        """Whether a call has an id that its server does not know."""
        return self._assembler.renamed

    def feed(self, event: JsonObject) -> None:
        kind = event.get("type")
        handle = self._on.get(kind) if isinstance(kind, str) else None
        if handle is not None:
            handle(event)
        elif kind is None:
            self._untyped(event)

    def done(self) -> None:
        self.finish()

    def finish(self) -> None:
        if self.ending is None:
            raise ConnectionLost(f"{self._where} stopped in the middle of an answer")

    def take(self) -> list[ReplyPart]:
        return self._assembler.take()

    def release(self) -> list[ReplyPart]:
        return self._assembler.release()

    def _untyped(self, event: JsonObject) -> None:
        """Not an event: a whole response, or an error as HTTP bodies spell it."""
        if event.get("error") or event.get("detail"):
            self._failed(event)
        elif event.get("object") == "response" or "output" in event:
            self._ended({"response": event})

    def _message_delta(self, event: JsonObject) -> None:
        self._delta(event, Kind.MESSAGE)

    def _call_delta(self, event: JsonObject) -> None:
        self._delta(event, Kind.CALL)

    def _reasoning_delta(self, event: JsonObject) -> None:
        draft = self._find(event, Kind.REASONING)
        part = (
            event.get("type"),
            event.get("summary_index"),
            event.get("content_index"),
        )
        if part != draft.part and draft.pieces:
            self._assembler.write(draft, "\n\n")
        draft.part = part
        piece = event.get("delta")
        if isinstance(piece, str):
            self._assembler.write(draft, piece)

    def _delta(self, event: JsonObject, kind: Kind) -> None:
        item_id = event.get("item_id")
        draft = self._by_id.get(item_id) if isinstance(item_id, str) else None
        if draft is None or draft.kind is not kind:
            draft = self._find(event, kind)
        piece = event.get("delta")
        if isinstance(piece, str):
            self._assembler.write(draft, piece)

    def _text_done(self, event: JsonObject) -> None:
        draft = self._restated(event, Kind.MESSAGE)
        if draft is None:
            return
        text = word(event.get("text")) or word(event.get("refusal"))
        draft.final = None if event.get("content_index") else text or None
        if not draft.pieces:
            self._assembler.write(draft, text)

    def _call_done(self, event: JsonObject) -> None:
        draft = self._restated(event, Kind.CALL)
        if draft is None:
            return
        if "custom" in word(event.get("type")):
            draft.freeform = True
        self._assembler.name(draft, word(event.get("name")))
        draft.final = arguments(event.get("arguments", event.get("input")))

    def _item_added(self, event: JsonObject) -> None:
        item = event.get("item")
        if not isinstance(item, dict):
            return
        draft = self._draft_of(item, _index(event), fresh=True)
        self._describe(draft, item)
        if item.get("status") == "completed" and is_whole(item):
            self._close(draft, item, complete=True)

    def _item_done(self, event: JsonObject) -> None:
        item = event.get("item")
        if isinstance(item, dict):
            self._finished(item, _index(event))

    def _finished(self, item: JsonObject, index: int | None) -> None:
        draft = self._draft_of(item, index, fresh=False)
        self._describe(draft, item)
        complete = item.get("status") != "incomplete"
        self._close(draft, item, complete=complete)

    def _created(self, event: JsonObject) -> None:
        response = event.get("response")
        if isinstance(response, dict):
            self.response = word(response.get("id")) or self.response

    def _ended(self, event: JsonObject) -> None:
        self._created(event)
        response = event.get("response")
        if not isinstance(response, dict):
            response = {}
        if response.get("error") or response.get("status") == "failed":
            self._failed(event)
        status = _status(word(event.get("type")), response)
        output = response.get("output")
        if isinstance(output, list):
            self._output(output)
        self._assembler.finish(cut=status != "completed")
        self.ending = Ending(self.response, status, _usage(response.get("usage")))
        self.settled = True

    def _output(self, output: list[JsonValue]) -> None:
        """All items again, in full: what is not whole yet is taken from here."""
        free = list(self._all)
        for index, item in enumerate(output):
            if not isinstance(item, dict):
                continue
            draft = self._same(item, index, free)
            if draft is None:
                self._finished(item, None)
                continue
            free.remove(draft)
            if not draft.closed:
                self._describe(draft, item)
                complete = item.get("status") != "incomplete"
                self._close(draft, item, complete=complete)

    def _same(self, item: JsonObject, index: int, free: list[Draft]) -> Draft | None:
        """The draft that this item of the output is, although its id may differ."""
        kind = kind_of(item)
        known = self._by_id.get(word(item.get("id")))
        if known in free:
            return known
        alike = [draft for draft in free if draft.kind is kind]
        if call := word(item.get("call_id")):
            named = self._by_call.get(call)
            unnamed = (draft for draft in alike if draft.call is None)
            return named if named in alike else next(unnamed, None)
        at = self._by_index.get(index)
        return at if at in alike else next(iter(alike), None)

    def _failed(self, event: JsonObject) -> None:
        raise failure(complaint(event), self._where)

    def _limits(self, event: JsonObject) -> None:
        if limits := from_event(event):
            self._assembler.seen(LimitsSeen(limits))

    def _steered(self, event: JsonObject) -> None:
        del event
        self.goes_on = True

    def _waits_for_tools(self, event: JsonObject) -> None:
        """What the tools say has to be sent first, by a request of its own."""
        del event
        self.goes_on = False

    def _not_steered(self, event: JsonObject) -> None:
        self._assembler.seen(Steered(complaint(event).text or "it was refused"))

    def _find(self, event: JsonObject, kind: Kind) -> Draft:
        """The draft that a delta belongs to, opened if nothing announced it."""
        return self._locate(word(event.get("item_id")), _index(event), kind)

    def _locate(self, item_id: str, index: int | None, kind: Kind) -> Draft:
        draft = self._by_id.get(item_id)
        if draft is not None and draft.kind is kind:
            return draft
        found = self._unnamed(item_id, index, kind)
        if found is None:
            return self._open(item_id, index, kind)
        if item_id:
            self._by_id[item_id] = found
        return found

    def _unnamed(self, item_id: str, index: int | None, kind: Kind) -> Draft | None:
        """The draft of an event whose id is missing or was never heard of."""
        if index is not None:
            at = self._by_index.get(index)
            same = at is not None and at.kind is kind and not at.closed
            return at if same else None
        if item_id:
            return None
        free = [d for d in self._all if d.kind is kind and not d.closed]
        return free[-1] if free else None

    def _restated(self, event: JsonObject, kind: Kind) -> Draft | None:
        """The draft that is told again in full; `None` where that was done before."""
        item_id, index = word(event.get("item_id")), _index(event)
        draft = self._by_id.get(item_id) or self._unnamed(item_id, index, kind)
        if draft is not None and draft.kind is kind:
            return draft
        if any(d.kind is kind and d.closed for d in self._all):
            return None
        return self._open(item_id, index, kind)

    def _draft_of(self, item: JsonObject, index: int | None, *, fresh: bool) -> Draft:
        """The draft of an `added` (`fresh`) or `done` item."""
        item_id, kind = word(item.get("id")), kind_of(item)
        named = self._by_call.get(word(item.get("call_id"))) or self._by_id.get(item_id)
        if named is not None and named.kind is kind:
            return named
        if not fresh:
            return self._locate(item_id, index, kind)
        # Deltas may have been here before the item was announced.
        early = self._unnamed("", index, kind)
        if early is None or early.known:
            return self._open(item_id, index, kind)
        if item_id:
            self._by_id[item_id] = early
        return early

    def _open(self, item_id: str, index: int | None, kind: Kind) -> Draft:
        draft = self._assembler.open(kind, item_id, index)
        self._all.append(draft)
        self._by_index[draft.index] = draft
        if item_id:
            self._by_id[item_id] = draft
        return draft

    def _describe(self, draft: Draft, item: JsonObject) -> None:
        """What is known of an item besides its text."""
        draft.known = True
        draft.phase = word(item.get("phase")) or draft.phase
        if draft.kind is Kind.CALL:
            draft.freeform = draft.freeform or item.get("type") == "custom_tool_call"
            name, call = word(item.get("name")), word(item.get("call_id"))
            self._assembler.name(draft, name, call)
            if call:
                self._by_call[call] = draft

    def _close(self, draft: Draft, item: JsonObject, *, complete: bool) -> None:
        if not draft.closed:
            self._assembler.close(draft, self._made(draft, item, complete=complete))

    def _made(
        self, draft: Draft, item: JsonObject, *, complete: bool
    ) -> AgentMessage | Reasoning | ToolCall | None:
        known = draft.text if draft.final is None else draft.final
        match draft.kind:
            case Kind.MESSAGE:
                text = text_of(item.get("content")) or known
                made = self._assembler.message(draft, text, complete=complete)
                return made if text else None
            case Kind.CALL if complete and draft.name:
                field = "input" if draft.freeform else "arguments"
                text = arguments(item.get(field)) or known
                return self._assembler.tool_call(draft, text)
            case Kind.REASONING:
                return reasoning_of(draft.id, item, known)
            case _:
                return None


def _index(event: JsonObject) -> int | None:
    index = number(event.get("output_index"))
    return None if index is None or index < 0 else int(index)


def _status(kind: str, response: JsonObject) -> str:
    """`completed`, or why not; a terminal event's name and status may disagree."""
    details = response.get("incomplete_details")
    why = word(details.get("reason")) if isinstance(details, Mapping) else ""
    if why:
        return reason(why)
    if response.get("status") in ("incomplete", "cancelled"):
        return str(response["status"])
    if kind in ("response.incomplete", "response.cancelled"):
        return kind.removeprefix("response.")
    return "completed"


def _usage(usage: JsonValue) -> Usage:
    return Usage(
        tokens(usage, "input_tokens"),
        tokens(usage, "input_tokens_details", "cached_tokens"),
        tokens(usage, "output_tokens"),
        tokens(usage, "output_tokens_details", "reasoning_tokens"),
    )
