"""The items of the Responses dialect, as servers spell them."""

from __future__ import annotations

from collections.abc import Mapping

from spark_cli.core.ids import ItemId
from spark_cli.core.items import Reasoning
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.wire.assembler import Kind, mended
from spark_cli.wire.codec import arguments, parse, word

_KINDS = {
    "message": Kind.MESSAGE,
    "reasoning": Kind.REASONING,
    "function_call": Kind.CALL,
    "custom_tool_call": Kind.CALL,
}


def kind_of(item: JsonObject) -> Kind:
    return _KINDS.get(word(item.get("type")), Kind.OTHER)


def is_whole(item: JsonObject) -> bool:
    """Whether an item that was only announced is there already."""
    if kind_of(item) is not Kind.CALL:
        return bool(text_of(item.get("content")) or item.get("encrypted_content"))
    if item.get("type") == "custom_tool_call":
        return bool(item.get("input"))
    return parse(arguments(item.get("arguments"))) is not None


def _texts(parts: JsonValue) -> list[str]:
    if isinstance(parts, str):
        return [parts]
    if not isinstance(parts, list):
        return []
    found = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, Mapping):
            found.append(word(part.get("text")) or word(part.get("refusal")))
    return [text for text in found if text]


def text_of(content: JsonValue) -> str:
    return "".join(_texts(content))


def reasoning_of(item_id: ItemId, item: JsonObject, known: str) -> Reasoning:
    encrypted = word(item.get("encrypted_content")) or None
    summary = _texts(item.get("summary"))
    if not summary and encrypted is None:
        # Open models think aloud; there is nothing else to keep.
        summary = _texts(item.get("content")) or ([known] if known else [])
    return Reasoning(item_id, tuple(mended(text) for text in summary), encrypted)
