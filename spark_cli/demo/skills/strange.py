"""Call a tool that has nothing to do with files, as the examples of SDKs declare.

A tool is meant when the request names it or the word in its name (`get_weather`:
"weather"), or when the client demands a call.  Its arguments come from the request:
JSON if there is any, else the words that look like values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from spark_cli.demo import fields, outputs, shape
from spark_cli.demo.ask import Use
from spark_cli.demo.fields import Record
from spark_cli.demo.program import Program, Step
from spark_cli.wire.request import ToolSpec

_DULL = {"get", "set", "list", "read", "file", "the", "new", "tool", "call", "run"}


def meant(text: str, tools: Sequence[ToolSpec]) -> ToolSpec | None:
    """The tool that a request speaks of."""
    words = set(re.findall(r"[a-z]{3,}", text.lower()))
    for spec in tools:
        own = set(re.findall(r"[a-z]{3,}", spec.name.lower().replace("_", " ")))
        if spec.name in text or words & (own - _DULL):
            return spec
    return None


def call(spec: ToolSpec, text: str) -> Program[str]:
    """Call it once, and tell what it says."""
    (said,) = yield Step((_use(spec, text),))
    body = outputs.ran(said)[1].strip()
    return f"`{spec.name}` says: {body}" if body else f"`{spec.name}` says nothing."


def _use(spec: ToolSpec, text: str) -> Use:
    if spec.grammar is not None:
        return Use(spec.name, text, freeform=True)
    return Use(spec.name, json.dumps(_arguments(spec.schema, text), ensure_ascii=False))


def _arguments(schema: Record, text: str) -> Mapping[str, object]:
    given = re.search(r"\{.*\}", text, re.DOTALL)
    if given:
        try:
            return fields.record(json.loads(given[0]))
        except ValueError:
            pass
    quoted = [word for _, word in re.findall(r"([`'\"])(.+?)\1", text)]
    named = re.findall(r"(?<=[a-z,?] )([A-Z][\w-]*(?: [A-Z][\w-]*)*)", text)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text)
    values, counts = [*quoted, *named], list(numbers)
    found: dict[str, object] = {}
    named_fields = fields.record(schema.get("properties"))
    for name in _needed(schema):
        one = fields.record(named_fields.get(name))
        found[name] = _value(one, values, counts, text)
    return found


def _needed(schema: Record) -> list[str]:
    named = fields.record(schema.get("properties"))
    return [str(name) for name in fields.listed(schema.get("required")) or named]


def _value(schema: Record, values: list[str], counts: list[str], text: str) -> object:
    kind = schema.get("type")
    if options := fields.listed(schema.get("enum")):
        lowered = text.lower()
        return next(
            (each for each in options if str(each).lower() in lowered), options[0]
        )
    if kind == "integer" and counts:
        return int(float(counts.pop(0)))
    if kind == "number" and counts:
        return float(counts.pop(0))
    if kind == "string":
        return values.pop(0) if values else text
    return shape.fit(schema, text)
