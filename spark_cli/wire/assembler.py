"""From deltas to items: exactly one item for each, in the order of the model.

Both dialects write into drafts here.  A draft is opened, written to and closed with
the item that the server says it is; what the server says goes before what its
deltas added up to.  Items leave in the order of their index, so an item that is
whole before an earlier one waits for it.

Deltas of one draft that arrive together leave as one part: at a thousand tokens a
second most of the cost of a token is what is done once for each part.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum

from spark_cli.core.events import CallDelta, LimitsSeen, ReasoningDelta, TextDelta
from spark_cli.core.ids import CallId, ItemId, new_call_id, new_item_id
from spark_cli.core.items import AgentMessage, Reasoning, ToolCall
from spark_cli.wire.transport import ReplyPart, Steered

_SURROGATE = re.compile("[\ud800-\udfff]")


class Kind(Enum):
    """What a draft becomes; the value is the prefix of an id that is made for it."""

    MESSAGE = "msg"
    REASONING = "rs"
    CALL = "fc"
    OTHER = "item"


@dataclass(slots=True, eq=False)
class Draft:
    """An item that is being made.

    `text` is what a delta adds to: words, thoughts or a call's input.  `final` is
    the whole of it where the server said so before the item was done.  It is `known`
    once a server named the item, and not only its deltas.
    """

    id: ItemId
    kind: Kind
    index: int
    name: str = ""
    call: CallId | None = None
    freeform: bool = False
    known: bool = False
    phase: str | None = None
    final: str | None = None
    part: object = None
    item: AgentMessage | Reasoning | ToolCall | None = None
    closed: bool = False
    held: bool = False
    torn: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        if len(self.pieces) > 1:
            self.pieces[:] = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""


class Assembler:
    """`items` and `calls` are the ids that the conversation has already.

    Some servers number from nought in every reply, which would make two items, or
    two calls, one: such an id is replaced.  `renamed` tells that a call has an id
    which the server does not know.
    """

    def __init__(
        self,
        items: AbstractSet[str] = frozenset(),
        calls: AbstractSet[str] = frozenset(),
    ) -> None:
        self.renamed = False
        self.drafts: list[Draft] = []
        self._items = _Names(items)
        self._calls = _Names(calls)
        self._out: list[ReplyPart] = []
        self._current: Draft | None = None
        self._fresh: list[str] = []
        self._next = 0

    @property
    def taken(self) -> tuple[AbstractSet[str], AbstractSet[str]]:
        """The ids of items and of calls that no later reply may use."""
        return self._items.all, self._calls.all

    def open(self, kind: Kind, given: str = "", index: int | None = None) -> Draft:
        """A new draft; without an index it comes after all that are there."""
        if index is None:
            index = max((1 + draft.index for draft in self.drafts), default=self._next)
        fresh = self._items.claim(given)
        item = ItemId(given) if fresh else new_item_id(kind.value)
        draft = Draft(item, kind, index)
        # Without a name nobody can tell what a call's input is the input of.
        draft.held = kind is Kind.CALL
        self.drafts.append(draft)
        return draft

    def name(self, draft: Draft, name: str, call: str = "") -> None:
        """Say what a call calls; the input that came before it is told now."""
        if call and draft.call is None:
            draft.call = self._call(call)
        if name:
            draft.name = name
        if draft.held and draft.name:
            draft.held = False
            if draft.text:
                self._tell(draft, draft.text)

    def write(self, draft: Draft, piece: str) -> None:
        """A delta; one that comes after the end is dropped."""
        if draft.closed or draft.kind is Kind.OTHER:
            return
        if draft.torn or not piece.isascii():
            piece = _joined(draft, piece)
        draft.pieces.append(piece)
        if not draft.held:
            self._tell(draft, piece)

    def close(
        self, draft: Draft, item: AgentMessage | Reasoning | ToolCall | None
    ) -> None:
        """The draft is whole; with `None` it leaves nothing."""
        if draft.closed:
            return
        if isinstance(item, AgentMessage | ToolCall):
            self._rest(draft, item)
        draft.item, draft.closed = item, True
        self._emit(gaps=False)

    def message(self, draft: Draft, text: str, *, complete: bool) -> AgentMessage:
        return AgentMessage(draft.id, mended(text), complete, draft.phase)

    def tool_call(self, draft: Draft, text: str) -> ToolCall:
        call = draft.call = draft.call or self._call("")
        return ToolCall(draft.id, call, draft.name, mended(text), draft.freeform)

    def finish(self, *, cut: bool) -> None:
        """The reply ended.  A call that was cut must not be carried out: it goes."""
        for draft in tuple(self.drafts):
            if not draft.closed:
                self.close(draft, self._made_of_deltas(draft, cut=cut))
        self._emit(gaps=True)

    def seen(self, part: LimitsSeen | Steered) -> None:
        """Something that is no item; it keeps its place among the deltas."""
        self._flush()
        self._out.append(part)

    def take(self) -> list[ReplyPart]:
        self._flush()
        out, self._out = self._out, []
        return out

    def release(self) -> list[ReplyPart]:
        """Whole items that waited for one which will not come, after the rest."""
        self._emit(gaps=True)
        return self.take()

    def _made_of_deltas(
        self, draft: Draft, *, cut: bool
    ) -> AgentMessage | Reasoning | ToolCall | None:
        text = draft.text if draft.final is None else draft.final
        if draft.kind is Kind.CALL:
            whole = draft.name and (draft.final is not None or not cut)
            return self.tool_call(draft, text) if whole else None
        if not text:
            return None
        if draft.kind is Kind.REASONING:
            return Reasoning(draft.id, (mended(text),))
        return self.message(draft, text, complete=not cut)

    def _call(self, given: str) -> CallId:
        if self._calls.claim(given):
            return CallId(given)
        self.renamed = True
        return new_call_id()

    def _rest(self, draft: Draft, item: AgentMessage | ToolCall) -> None:
        """What the whole item has beyond its deltas is told as one more delta."""
        text = item.text if isinstance(item, AgentMessage) else item.input
        told = "" if draft.held else draft.text
        draft.held = False
        if len(text) > len(told) and text.startswith(told):
            self._tell(draft, text[len(told) :])

    def _tell(self, draft: Draft, piece: str) -> None:
        if draft is not self._current:
            self._flush()
            self._current = draft
        self._fresh.append(piece)

    def _flush(self) -> None:
        draft = self._current
        text = "".join(self._fresh)
        if draft is not None and text:
            self._out.append(_delta(draft, text))
        self._fresh.clear()
        self._current = None

    def _emit(self, *, gaps: bool) -> None:
        """Let go of what is whole, as far as nothing before it is missing."""
        self.drafts.sort(key=lambda draft: draft.index)
        while self.drafts:
            draft = next((d for d in self.drafts if d.closed), None)
            if draft is None or not (gaps or self._is_due(draft)):
                return
            self.drafts.remove(draft)
            self._next = max(self._next, draft.index + 1)
            if draft.item is not None:
                self._flush()
                self._out.append(draft.item)

    def _is_due(self, draft: Draft) -> bool:
        return draft is self.drafts[0] and draft.index <= self._next


class _Names:
    """Ids of one kind, each of which is given once."""

    def __init__(self, taken: AbstractSet[str]) -> None:
        self._taken = taken
        self._used: set[str] = set()

    @property
    def all(self) -> AbstractSet[str]:
        return self._taken | self._used

    def claim(self, name: str) -> bool:
        if not name or name in self._taken or name in self._used:
            return False
        self._used.add(name)
        return True


def _joined(draft: Draft, piece: str) -> str:
    """Join a surrogate pair that was cut between two deltas.

    A server that counts in UTF-16 units does that to every other emoji.
    """
    piece, draft.torn = draft.torn + piece, ""
    if piece and "\ud800" <= piece[-1] <= "\udbff":
        piece, draft.torn = piece[:-1], piece[-1]
    return mended(piece)


def mended(text: str) -> str:
    """The text with surrogate pairs joined and lone ones replaced."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _delta(draft: Draft, text: str) -> TextDelta | ReasoningDelta | CallDelta:
    if draft.kind is Kind.CALL:
        return CallDelta(draft.id, draft.name, text)
    if draft.kind is Kind.REASONING:
        return ReasoningDelta(draft.id, text)
    return TextDelta(draft.id, text)
