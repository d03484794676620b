"""Reading JSON that somebody else wrote: what is not of the wanted kind is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Record: TypeAlias = Mapping[str, object]


def record(value: object) -> Record:
    return value if isinstance(value, dict) else {}


def records(value: object) -> list[Record]:
    """The objects of an array; anything else in it is left out."""
    return [each for each in listed(value) if isinstance(each, dict)]


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text(value: object, default: str = "") -> str:
    return value if isinstance(value, str) else default


def number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def parts(value: object) -> str:
    """The text of a message's or a tool output's content.

    It is a string, or a list of parts of which some have text; both dialects agree.
    """
    if isinstance(value, str):
        return value
    return "".join(text(part.get("text")) for part in records(value))
