"""What the dialects have in common: a decoder that turns events into reply parts.

A decoder is fed one parsed event after the other and never touches the network, so
that sockets, HTTP streams and tests drive the same code.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Protocol

from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Usage
from spark_cli.wire.durations import number
from spark_cli.wire.transport import ReplyPart

_REASON = re.compile("[a-z_]{1,40}")
_decode = json.JSONDecoder().decode


@dataclass(frozen=True, slots=True)
class Ending:
    """How a reply ended: `completed`, or the server's reason for cutting it."""

    response: str
    status: str
    usage: Usage


class Decoder(Protocol):
    """`ending` is set by the event that ends the reply, or by `finish`.

    `settled` says that all which matters has come, though the stream goes on.
    `feed`, `done` and `finish` raise a `SparkError` where the server failed; what came
    before it is still to be taken.
    """

    @property
    def ending(self) -> Ending | None: ...

    @property
    def settled(self) -> bool: ...

    def feed(self, event: JsonObject) -> None: ...

    def done(self) -> None:
        """The stream says `[DONE]`."""
        ...

    def finish(self) -> None:
        """The stream has ended; `ConnectionLost` if it ended too early."""
        ...

    def take(self) -> list[ReplyPart]:
        """What was understood since the last time, deltas merged."""
        ...

    def release(self) -> list[ReplyPart]:
        """What can be saved of a reply that broke off: whole items, in order."""
        ...


def dump(value: JsonValue) -> str:
    """Compact JSON; a lone surrogate, which UTF-8 cannot say, is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"))
    return text


def parse(text: str | bytes) -> JsonValue:
    """The JSON of a message, or `None` where it is none."""
    try:
        # The standard `loads` guesses the encoding of bytes, which costs a fifth more.
        value: JsonValue = _decode(text.decode() if isinstance(text, bytes) else text)
    except (ValueError, RecursionError):
        return None
    return value


def reason(text: str) -> str:
    """Why a reply was cut, as a plain word: what else a server says is not repeated.

    It is printed, and kept in journals, and a server that quotes the request there
    would put the key into both.
    """
    return text if _REASON.fullmatch(text) else "incomplete"


def tokens(counts: JsonValue, *path: str) -> int:
    """A count of tokens, where the server tells it."""
    for name in path:
        if not isinstance(counts, dict):
            return 0
        counts = counts.get(name)
    return max(0, int(number(counts) or 0))


def word(value: JsonValue) -> str:
    """A string, or nothing: servers send numbers and null where names belong."""
    return value if isinstance(value, str) else ""


def arguments(value: JsonValue) -> str:
    """A call's input as text; some servers send the arguments as an object."""
    if value is None or isinstance(value, str):
        return value or ""
    return dump(value)


def without(body: JsonObject, rejects: frozenset[str]) -> JsonObject:
    """The body without the parameters that `rejects` names, dotted."""
    kept: dict[str, JsonValue] = {}
    for name, value in body.items():
        if name in rejects:
            continue
        inner = frozenset(
            path.removeprefix(f"{name}.")
            for path in rejects
            if path.startswith(f"{name}.")
        )
        if inner and isinstance(value, dict):
            value = without(value, inner)  # noqa: PLW2901  # the pruned one
            if not value:
                continue
        kept[name] = value
    return kept
