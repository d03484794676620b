"""What a server complains of, read from every shape that complaints have.

One arrives as an HTTP status with a body (JSON, server-sent events, HTML or
nothing), as an event in a stream, or inside a response that failed; its error is an
object, a string, JSON in a string, or a list of faults under `detail`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from spark_cli.core.json import JsonValue
from spark_cli.wire.codec import parse
from spark_cli.wire.durations import instant, number
from spark_cli.wire.eventstream import EventStream

TEXT_MAX = 400
_DEPTH_MAX = 4


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is left of an error when its spelling is taken away."""

    text: str = ""
    code: str = ""
    param: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    resets_at: float | None = None

    def says(self, words: re.Pattern[str]) -> bool:
        return words.search(f"{self.code} {self.text}") is not None


def complaint(
    body: JsonValue,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Complaint:
    """Read an error of any shape: a string, an object, a list, JSON in a string.

    `body` may be the whole event or the whole answer; `error` and `detail` are
    looked for inside it.
    """
    found: dict[str, JsonValue] = {}
    for level in _levels(body):
        found |= {key: value for key, value in level.items() if value}
    told = found.get("headers")
    return Complaint(
        text=shortened(str(found.get("message") or found.get("msg") or "")),
        code=_code(found),
        param=_word(found.get("param")) or _place(found.get("loc")),
        status=_status(found, status),
        headers={
            name.lower(): str(value)
            for source in (headers or {}, told if isinstance(told, Mapping) else {})
            for name, value in source.items()
        },
        resets_at=_resets_at(found),
    )


def answered(
    status: int, headers: Mapping[str, str], body: bytes | bytearray
) -> Complaint:
    """The complaint of an HTTP answer, whatever its body is made of."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return complaint(_title(text), status, headers)
    value = parse(text)
    if value is None:
        stream = EventStream()
        events = [*stream.feed(bytes(body)), *stream.finish()]
        value = next((v for e in events if (v := parse(e.data)) is not None), text)
    return complaint(value, status, headers)


def _levels(body: JsonValue, depth: int = 0) -> Iterator[Mapping[str, JsonValue]]:
    """The objects that an error is wrapped in, outermost first."""
    if depth > _DEPTH_MAX:
        return
    if isinstance(body, str):
        inner = parse(body)
        if isinstance(inner, Mapping):
            yield from _levels(inner, depth + 1)
        else:
            yield {"message": body}
    elif isinstance(body, Mapping):
        yield body
        for key in ("response", "error", "detail", "message"):
            if isinstance(inner := body.get(key), str | Mapping | list) and inner:
                yield from _levels(inner, depth + 1)
    elif isinstance(body, list) and body:
        # FastAPI and pydantic answer with a list of faults under `detail`.
        yield from _levels(body[0], depth + 1)


def _code(found: Mapping[str, JsonValue]) -> str:
    """All that names the kind of an error: `code` may be a number, `type` a code."""
    kind = _word(found.get("type"))
    words = (_word(found.get("code")), "" if kind == "error" else kind)
    return " ".join(word for word in words if word and not word.isdigit())


def _status(found: Mapping[str, JsonValue], given: int | None) -> int | None:
    for key in ("status", "status_code", "code"):
        value = number(found.get(key))
        if value is not None and 400 <= value < 600:
            return int(value)
    return given


def _resets_at(found: Mapping[str, JsonValue]) -> float | None:
    at = instant(found.get("resets_at"))
    if at is not None:
        return at
    after = number(found.get("resets_in_seconds"))
    return None if after is None else instant(time.time() + after)


def _place(loc: JsonValue) -> str:
    """Where pydantic says that a fault is: `["body", "stream_options"]`."""
    return ".".join(map(str, loc[1:])) if isinstance(loc, list) else ""


def _word(value: JsonValue) -> str:
    return str(value) if isinstance(value, str | int) else ""


def shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def _title(html: str) -> str:
    found = re.search(r"<(title|h1)[^>]*>([^<]*)<", html, re.IGNORECASE)
    return f"a web page, `{found[2].strip()}`" if found else "a web page"
