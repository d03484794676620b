"""The conversation that is sent: it only grows, until it is cleared.

Law 1: a history left behind can always be sent, so every tool call in it is answered
before the next request goes out.
"""

from __future__ import annotations

from collections.abc import Iterable

from spark_cli.core.ids import CallId
from spark_cli.core.items import Item, ToolCall, ToolOutput


class History:
    """Items in the order in which they came; each is recorded once."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._items: list[Item] = []
        self._open: dict[CallId, ToolCall] = {}
        for item in items:
            self.append(item)

    def __len__(self) -> int:
        return len(self._items)

    def append(self, item: Item) -> None:
        self._items.append(item)
        if isinstance(item, ToolCall):
            self._open[item.call] = item
        elif isinstance(item, ToolOutput):
            self._open.pop(item.call, None)

    def items(self) -> tuple[Item, ...]:
        return tuple(self._items)

    def unanswered(self) -> list[ToolCall]:
        """The calls that have no output yet, in the order in which they were made."""
        return list(self._open.values())

    def clear(self) -> None:
        self._items.clear()
        self._open.clear()
