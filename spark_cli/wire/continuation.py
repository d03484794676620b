"""What the server at the other end of a socket still knows: only the rest is sent.

A server keeps the last response of a connection.  A request continues it where
nothing but the conversation's end is new: the same model, instructions and tools,
all that was sent before, and what the server answered, unaltered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from spark_cli.core.items import Item, Note, ToolCall, ToolOutput, UserMessage
from spark_cli.wire.request import Request


class Continuation:
    def __init__(self) -> None:
        self.response: str | None = None
        self._settings: Request | None = None
        self._items: tuple[Item, ...] = ()
        self._named: tuple[Item, ...] = ()
        self._item_ids: set[str] = set()
        self._call_ids: set[str] = set()

    def rest(self, request: Request) -> tuple[Item, ...] | None:
        """The items that the server does not know, or `None` if it needs them all.

        Comparing tuples looks at identity first, so ten thousand items that are the
        same objects cost microseconds.
        """
        if self.response is None or self._settings != replace(request, items=()):
            return None
        known = len(self._items)
        if request.items[:known] != self._items:
            return None
        rest = request.items[known:]
        # Words of the agent that this server did not say: it must be told all.
        mine = all(isinstance(item, UserMessage | Note | ToolOutput) for item in rest)
        return rest if rest and mine else None

    def remember(self, request: Request, answer: Iterable[Item], response: str) -> None:
        """The server answered the request, whole, and keeps it as `response`."""
        self.response = response or None
        self._settings = replace(request, items=())
        self._items = (*request.items, *answer)

    def forget(self) -> None:
        self.response = None
        self._items = ()

    def ids(self, request: Request) -> tuple[set[str], set[str]]:
        """The ids of the request's items, and those of its calls.

        Only what is new since the last time is looked at.
        """
        named = len(self._named)
        if request.items[:named] != self._named:
            named = 0
            self._item_ids, self._call_ids = set(), set()
        items, calls = ids(request.items[named:])
        self._item_ids |= items
        self._call_ids |= calls
        self._named = request.items
        return self._item_ids, self._call_ids


def ids(items: Sequence[Item]) -> tuple[set[str], set[str]]:
    """The ids of items, and those of the calls among them."""
    calls = {str(item.call) for item in items if isinstance(item, ToolCall)}
    return {str(item.id) for item in items}, calls
