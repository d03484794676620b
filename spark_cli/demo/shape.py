"""The simplest JSON value that fits a JSON Schema, for structured output."""

from __future__ import annotations

import json
from collections.abc import Mapping

from spark_cli.demo import fields
from spark_cli.demo.fields import Record

_DEPTH_MAX = 12


def fit_text(schema: Record, text: str) -> str:
    """A JSON document of that schema; strings say `text` where they may."""
    return json.dumps(fit(schema, text), ensure_ascii=False)


def fit(schema: Record, text: str) -> object:
    return _fit(schema, text, schema, 0)


def _fit(schema: Record, text: str, root: Record, depth: int) -> object:
    if depth > _DEPTH_MAX:
        return None
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if options := fields.listed(schema.get("enum")):
        return options[0]
    if branch := _branch(schema, root):
        return _fit(branch, text, root, depth + 1)
    return _plain(schema, text, root, depth)


def _branch(schema: Record, root: Record) -> Record | None:
    """What a reference or a choice stands for."""
    if pointer := fields.text(schema.get("$ref")):
        return _resolve(pointer, root)
    for key in ("anyOf", "oneOf", "allOf"):
        options = fields.records(schema.get(key))
        if options:
            solid = [each for each in options if each.get("type") != "null"]
            return (solid or options)[0]
    return None


def _resolve(pointer: str, root: Record) -> Record:
    place: object = root
    for name in pointer.removeprefix("#").split("/")[1:]:
        place = fields.record(place).get(name.replace("~1", "/").replace("~0", "~"))
    return fields.record(place)


def _plain(schema: Record, text: str, root: Record, depth: int) -> object:
    match _kind(schema):
        case "object":
            return _object(schema, text, root, depth)
        case "array":
            item = fields.record(schema.get("items"))
            least = fields.number(schema.get("minItems")) or 0
            return [_fit(item, text, root, depth + 1) for _ in range(least)]
        case "string":
            return text[: fields.number(schema.get("maxLength"))]
        case "integer" | "number":
            return fields.number(schema.get("minimum")) or 0
        case kind:
            return False if kind == "boolean" else None


def _object(
    schema: Record, text: str, root: Record, depth: int
) -> Mapping[str, object]:
    named = fields.record(schema.get("properties"))
    wanted = fields.listed(schema.get("required")) if "required" in schema else named
    return {
        str(name): _fit(fields.record(named.get(str(name))), text, root, depth + 1)
        for name in wanted
    }


def _kind(schema: Record) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "string"
