"""Reading a journal back: the conversation as it stood, ready to be sent again.

A journal may end anywhere, even in the middle of a line, and may have been written by
another version.  Lines that cannot be read are counted, not fatal.  What had been
said but not finished becomes an incomplete message, and a call that was never
answered is answered, so that law 1 (a history can always be sent) holds here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spark_cli.core.events import (
    CheckpointMade,
    CheckpointUndone,
    Cleared,
    Compacted,
    Configured,
    Event,
    ItemCompleted,
    Renamed,
    ReplyEnded,
    Rewound,
    TextDelta,
    TurnEnded,
    TurnStarted,
)
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import AgentMessage, Item, ToolCall, ToolOutput
from spark_cli.core.serde import load

LOST = "not done: the session ended before this was carried out"
_SKIPPED = (b'{"type":"call_delta"', b'{"type":"reasoning_delta"', b'{"type":"session"')


_FACTS = CheckpointMade | CheckpointUndone | Configured | Renamed | ReplyEnded


@dataclass(slots=True)
class Past:
    """What a journal holds: the items to send, and the last settings that were made.

    `events` are the whole ones, for a face to show again; deltas are left out.
    `unreadable` counts lines that were passed over; `open` are calls without output.
    """

    items: list[Item] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    configured: Configured | None = None
    unreadable: int = 0
    open: dict[CallId, ToolCall] = field(default_factory=dict)

    def take(self, item: Item) -> None:
        self.items.append(item)
        if isinstance(item, ToolCall):
            self.open[item.call] = item
        elif isinstance(item, ToolOutput):
            del self.open[item.call]

    def note(self, event: Event) -> None:
        """Keep an event; of the settings and names the last one counts."""
        if isinstance(event, Configured):
            self.configured = event
        if not isinstance(event, Rewound):
            self.events.append(event)

    def shorten(self, event: Cleared | Rewound | Compacted) -> None:
        """Forget what is no longer sent.

        What was said before a `Cleared` is still shown as history; what was taken
        back by a `Rewound` is not, but what it did to files and cost in tokens is.
        """
        if isinstance(event, Cleared):
            self._keep([])
            return
        if isinstance(event, Compacted):
            self._keep(event.of(self.items))
            return
        ids = [item.id for item in self.items]
        if event.item not in ids:
            self.unreadable += 1  # the message that it names is lost
            return
        self._keep(self.items[: ids.index(event.item)])
        self.events = _rewound(self.events, event.item)

    def _keep(self, items: list[Item]) -> None:
        """Go on with those; a call that is not answered yet still has to be."""
        self.items = items
        calls = {one.call for one in items if isinstance(one, ToolCall)}
        self.open = {call: one for call, one in self.open.items() if call in calls}


def replay(path: Path) -> Past:
    """Fold a journal into the past that it records."""
    past = Past()
    said: dict[ItemId, list[str]] = {}
    for event in _events(path, past):
        _fold(past, said, event)
    _mend(past, said)
    return past


def _fold(past: Past, said: dict[ItemId, list[str]], event: Event) -> None:
    match event:
        case TextDelta(item, text):
            said.setdefault(item, []).append(text)
            return
        case ItemCompleted(ToolOutput(call=call)) if call not in past.open:
            past.unreadable += 1  # its call is lost: no server would take it
            return
        case ItemCompleted(item):
            said.pop(item.id, None)
            past.take(item)
        case TurnStarted():
            # What a spark that was killed left open ends here, before what came next.
            _mend(past, said)
        case TurnEnded():
            said.clear()
        case Cleared() | Rewound() | Compacted():
            said.clear()
            past.shorten(event)
        case _:
            pass
    past.note(event)


def _rewound(events: list[Event], item: ItemId) -> list[Event]:
    """The events without the talk from that message on."""
    said = (
        at
        for at, event in enumerate(events)
        if isinstance(event, ItemCompleted) and event.item.id == item
    )
    at = next(said, len(events))
    if at and isinstance(events[at - 1], TurnStarted):
        at -= 1
    return [*events[:at], *(one for one in events[at:] if isinstance(one, _FACTS))]


def _mend(past: Past, said: dict[ItemId, list[str]]) -> None:
    for id_, pieces in said.items():
        _append(past, AgentMessage(id_, "".join(pieces), complete=False))
    said.clear()
    for call in list(past.open):
        _append(past, ToolOutput(ItemId(f"out_{call}"), call, LOST, ok=False))


def _append(past: Past, item: Item) -> None:
    past.take(item)
    past.events.append(ItemCompleted(item))


def _events(path: Path, past: Past) -> Iterator[Event]:
    with path.open("rb") as lines:
        for line in lines:
            if line.startswith(_SKIPPED) or not line.strip():
                continue
            try:
                event = load(json.loads(line))
            except (ValueError, RecursionError):
                past.unreadable += 1
                continue
            if isinstance(event, Event):
                yield event
            else:
                past.unreadable += 1
