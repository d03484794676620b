"""The JSON faces: one object at the end, or every event as a line.

Both carry `"v": 1`.  A field may be added within a version; none changes its meaning
or goes away.  The README documents them for those who write scripts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TextIO

from spark_cli.core.events import (
    CheckpointMade,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    TurnEnded,
)
from spark_cli.core.items import AgentMessage
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.serde import dump
from spark_cli.headless.run import Result
from spark_cli.metrics.meter import Meter

VERSION = 1


class Lines:
    """`stream-json`: a line an event, with `at` in Unix milliseconds."""

    def __init__(
        self, out: TextIO, session: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._out = out
        self._clock = clock
        self._write({"type": "session", "v": VERSION, "session": session})

    def show(self, event: Event) -> None:
        self._write(dump(event))

    def end(self, result: Result, /) -> None:
        """The last line: `result`, with the exit code and what went wrong."""
        self._write({"type": "result", **_outcome(result)})

    def _write(self, value: JsonObject) -> None:
        line = {**value, "at": int(self._clock() * 1000)}
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()


class Whole:
    """`json`: one object when the run has ended."""

    def __init__(self, out: TextIO, session: str) -> None:
        self._out = out
        self._session = session
        self._meter = Meter()
        self._configured: Configured | None = None
        self._status = "failed"
        self._said: list[AgentMessage] = []
        self._changes: list[JsonValue] = []
        self._warnings: list[JsonValue] = []

    def show(self, event: Event) -> None:
        self._meter.see(event)
        match event:
            case Configured():
                self._configured = event
            case ItemCompleted(AgentMessage() as message):
                self._said.append(message)
            case CheckpointMade():
                self._changes.append(dump(event))
            case Notice(Level.WARNING):
                self._warnings.append(event.text)
            case TurnEnded():
                self._status = event.status.value
            case _:
                pass

    def end(self, result: Result, /) -> None:
        chosen, meter = self._configured, self._meter
        value = {
            "v": VERSION,
            "session": self._session,
            "model": chosen.model if chosen else "",
            "provider": chosen.provider if chosen else "",
            "status": self._status,
            **_outcome(result),
            "text": self._said[-1].text if self._said else "",
            "messages": [message.text for message in self._said],
            "changes": self._changes,
            "warnings": self._warnings,
            "usage": {
                "input_tokens": meter.usage.input_tokens,
                "cached_tokens": meter.usage.cached_tokens,
                "output_tokens": meter.usage.output_tokens,
                "reasoning_tokens": meter.usage.reasoning_tokens,
            },
            "figures": {
                "transport": meter.transport,
                "requests": meter.requests,
                "sent_bytes": meter.sent_bytes,
                "received_bytes": meter.received_bytes,
                "first_token_ms": _ms(meter.first_token_s),
                "tokens_per_s": meter.tokens_per_s,
                "duration_ms": _ms(meter.turn_s),
            },
        }
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()


def face(format_: str, out: TextIO, session: str) -> Lines | Whole:
    """The face of an output format, `json` or `stream-json`."""
    return Whole(out, session) if format_ == "json" else Lines(out, session)


def _outcome(result: Result) -> dict[str, JsonValue]:
    error = result.error
    told = {"message": error.text, "hint": error.hint} if error else None
    return {"exit_code": result.exit_code, "error": told}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
