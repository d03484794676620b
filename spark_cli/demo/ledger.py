"""What the endpoint has received, for tests and for the curious."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from spark_cli.demo.fields import Record


class Kind(StrEnum):
    """`CUT` is a reply whose client left before its end."""

    CONNECT = "connect"
    REQUEST = "request"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Received:
    """`size_bytes` is that of the request's text, before any compression."""

    kind: Kind
    transport: str
    path: str
    size_bytes: int = 0
    body: Record = field(default_factory=dict)


class Ledger:
    """Written by the endpoint's thread and read by others."""

    def __init__(self) -> None:
        self._entries: list[Received] = []
        self._changed = threading.Condition()

    def note(self, entry: Received) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def entries(self) -> list[Received]:
        with self._changed:
            return list(self._entries)

    def wait_for(self, kind: Kind, timeout_s: float = 10.0) -> bool:
        """Whether there is such an entry, waiting for it if need be."""
        with self._changed:
            return self._changed.wait_for(
                lambda: any(entry.kind is kind for entry in self._entries), timeout_s
            )
