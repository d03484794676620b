from __future__ import annotations

import pytest

from spark_cli.demo import shape


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "hi"),
        ({"type": "string", "maxLength": 1}, "h"),
        ({"type": ["integer", "null"], "minimum": 3}, 3),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": 7}, 7),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [False] * 2),
        ({"anyOf": [{"type": "null"}, {"type": "number"}]}, 0),
        (
            {
                "type": "object",
                "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"type": "string"}},
                "required": ["a"],
                "$defs": {"A": {"properties": {"c": {"type": "string"}}}},
            },
            {"a": {"c": "hi"}},
        ),
        ({}, "hi"),
    ],
)
def test_the_simplest_value_fits_its_schema(
    schema: dict[str, object], value: object
) -> None:
    assert shape.fit(schema, "hi") == value


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema: dict[str, object] = {
        "type": "object",
        "properties": {"child": {"$ref": "#"}},
        "required": ["child"],
    }

    assert shape.fit_text(schema, "").startswith('{"child": {"child":')
