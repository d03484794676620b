"""Reading what a model wrote as a tool's arguments, with errors it can act on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TypeAlias

from spark_cli.core.errors import ToolError

Arguments: TypeAlias = Mapping[str, object]

WHOLE_MAX = 10**12
"""No file has so many lines; beyond it, a number is only long to print."""


def parse(text: str) -> Arguments:
    """The arguments of a function call; an empty text is no arguments."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"the arguments are not whole JSON: {error}") from None
    if not isinstance(value, dict):
        raise ToolError("the arguments must be a JSON object")
    return value


def text(given: Arguments, name: str, default: str | None = None) -> str:
    value = given.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise ToolError(f"`{name}` must be a string, not {_kind(value)}")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        raise ToolError(f"`{name}` has half of a surrogate pair, which is no text")
    return value


def whole(given: Arguments, name: str, default: int, least: int = 1) -> int:
    """A whole number; one written as a string or a float is taken as meant."""
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, str):
        # Python refuses to read a number of more than 4,300 digits.
        with suppress(ValueError):
            value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ToolError(f"`{name}` must be a whole number from {least}")
    if value > WHOLE_MAX:
        raise ToolError(f"`{name}` must be a whole number from {least} to {WHOLE_MAX}")
    return value


def flag(given: Arguments, name: str, *, default: bool = False) -> bool:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ToolError(f"`{name}` must be true or false")
    return value


def _kind(value: object) -> str:
    return "missing" if value is None else type(value).__name__
