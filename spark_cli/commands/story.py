"""What was said and changed so far, as commands need it: a fold over the events.

It holds the conversation that is sent, and every checkpoint that was made, in their
order; a rewind cuts the one and not the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spark_cli.core.events import (
    CheckpointMade,
    Cleared,
    Compacted,
    Event,
    ItemCompleted,
    Renamed,
    Rewound,
)
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.items import AgentMessage, Item, UserMessage


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the user's, with what it names, and the checkpoints made since."""

    number: int
    item: ItemId
    text: str
    since: tuple[CheckpointId, ...] = ()
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Made:
    checkpoint: CheckpointId


class Story:
    def __init__(self, past: Sequence[Event] = ()) -> None:
        self.name = ""
        self._entries: list[Item | _Made] = []
        for event in past:
            self.see(event)

    def see(self, event: Event) -> None:
        match event:
            case ItemCompleted(item):
                self._entries.append(item)
            case CheckpointMade(checkpoint):
                self._entries.append(_Made(checkpoint))
            case Cleared():
                self._cut(0)
            case Compacted():
                self._compact(event)
            case Rewound(item):
                self._cut(self._place(item))
            case Renamed(name):
                self.name = name
            case _:
                pass

    def items(self) -> list[Item]:
        """The conversation, oldest first."""
        return [one for one in self._entries if not isinstance(one, _Made)]

    def said(self) -> list[Said]:
        """The user's messages, numbered from 1, oldest first."""
        found: list[Said] = []
        made = [one.checkpoint for one in self._entries if isinstance(one, _Made)]
        before = 0
        for entry in self._entries:
            if isinstance(entry, _Made):
                before += 1
            elif isinstance(entry, UserMessage):
                since = tuple(made[before:])
                words = (entry.text, since, entry.attached)
                found.append(Said(len(found) + 1, entry.id, *words))
        return found

    def last_answer(self) -> str:
        """The model's last message, empty if it has said nothing yet."""
        for entry in reversed(self._entries):
            if isinstance(entry, AgentMessage) and entry.text.strip():
                return entry.text
        return ""

    def _place(self, item: ItemId) -> int:
        for at, entry in enumerate(self._entries):
            if not isinstance(entry, _Made) and entry.id == item:
                return at
        return len(self._entries)

    def _compact(self, event: Compacted) -> None:
        kept = {item.id for item in event.of(self.items())}
        at = len(self._entries) if event.tail is None else self._place(event.tail)
        self._entries.insert(at, event.summary)
        self._entries = [
            one for one in self._entries if isinstance(one, _Made) or one.id in kept
        ]

    def _cut(self, at: int) -> None:
        made = [one for one in self._entries[at:] if isinstance(one, _Made)]
        self._entries[at:] = made
