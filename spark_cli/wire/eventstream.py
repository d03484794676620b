"""Server-sent events, from bytes to events, however the bytes were cut.

A parser without I/O (WHATWG HTML, section 9.2.6): lines end with LF, CRLF or CR;
a line that starts with a colon is a comment; `data` lines of one event are joined
with LF; a byte order mark at the start is skipped.  Two things are added that
servers do: the last event may lack its blank line (`finish`), and llama.cpp once
wrote `error: {...}` where it meant an event.
"""

from __future__ import annotations

from dataclasses import dataclass

from spark_cli.core.errors import ConnectionLost

# A line or an event that is longer than this is no event but an attack or a fault.
EVENT_BYTES_MAX = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerSent:
    data: str
    event: str = ""


class EventStream:
    def __init__(self) -> None:
        self._rest = bytearray()
        self._started = False
        self._after_cr = False
        self._data: list[str] = []
        self._event = ""
        self._held = 0

    def feed(self, piece: bytes) -> list[ServerSent]:
        """The events that this piece completes."""
        if self._after_cr and piece:
            # The CR ended its line already; this LF belongs to it.
            piece = piece.removeprefix(b"\n")
            self._after_cr = False
        self._rest += piece
        self._held += len(piece)
        if self._held > EVENT_BYTES_MAX:
            raise ConnectionLost("the server sent an event without an end")
        found: list[ServerSent] = []
        if b"\n" in piece or b"\r" in piece:
            for line in self._lines():
                self._line(line, found)
            if not self._data:
                self._held = len(self._rest)
        return found

    def finish(self) -> list[ServerSent]:
        """The event that the stream ended in the middle of, if it has any data."""
        found: list[ServerSent] = []
        if self._rest:
            self._line(self._text(self._rest), found)
            self._rest.clear()
        self._line("", found)
        return found

    def _lines(self) -> list[str]:
        data = bytes(self._rest)
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        whole, _, rest = data.rpartition(b"\n")
        self._rest[:] = rest
        return self._text(whole).split("\n")

    def _text(self, data: bytes | bytearray) -> str:
        text = data.decode("utf-8", "replace")
        if not self._started:
            self._started = True
            text = text.removeprefix("\ufeff")
        return text

    def _line(self, line: str, found: list[ServerSent]) -> None:
        if not line:
            if self._data:
                found.append(ServerSent("\n".join(self._data), self._event))
            self._data = []
            self._event = ""
            return
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "error":
            self._data.append(value)
            self._event = "error"
