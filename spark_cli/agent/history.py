"""The conversation that is sent: it only grows, until it is cut or cleared.

Law 1: a history left behind can always be sent, so every tool call in it is answered
before the next request goes out.
"""

from __future__ import annotations

from collections.abc import Iterable

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)


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

    @property
    def unfinished(self) -> bool:
        """Whether the model was stopped before it came to an end."""
        for item in reversed(self._items):
            if not isinstance(item, Note | Reasoning):
                return not isinstance(item, AgentMessage) or not item.complete
        return False

    def cut(self, before: ItemId) -> bool:
        """Forget a message of the user and all that follows; false if there is none.

        What is left can be sent: when the user speaks, every call is answered.
        """
        for at, item in enumerate(self._items):
            if item.id == before and isinstance(item, UserMessage):
                del self._items[at:]
                self._open.clear()
                return True
        return False

    def replace(self, items: Iterable[Item]) -> None:
        """Take another conversation, in which every call is answered."""
        self._items = list(items)

    def clear(self) -> None:
        self._items.clear()
        self._open.clear()
