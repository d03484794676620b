from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.wire.codec import arguments, dump, parse, tokens, without

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_dumped_is_parsed(value: JsonValue) -> None:
    assert parse(dump(value)) == parse(dump(value).encode()) == value


def test_a_lone_surrogate_can_be_sent() -> None:
    assert json.loads(dump("a\ud83d").encode()) == "a\ud83d"


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, b"\xff", "9" * 5000, "NaNx"])
def test_what_is_no_json_is_nothing(text: str | bytes) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("rejects", "expected"),
    [
        (set(), {"a": 1, "b": {"c": 2, "d": 3}}),
        ({"a"}, {"b": {"c": 2, "d": 3}}),
        ({"b.c"}, {"a": 1, "b": {"d": 3}}),
        ({"b.c", "b.d"}, {"a": 1}),
        ({"b"}, {"a": 1}),
        ({"a.x", "z"}, {"a": 1, "b": {"c": 2, "d": 3}}),
    ],
)
def test_rejected_parameters_are_cut_out(
    rejects: set[str], expected: JsonObject
) -> None:
    body: JsonObject = {"a": 1, "b": {"c": 2, "d": 3}}

    assert without(body, frozenset(rejects)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": {"b": 3}}, 3),
        ({"a": {"b": 3.0}}, 3),
        ({"a": {"b": -3}}, 0),
        ({"a": {"b": None}}, 0),
        ({"a": None}, 0),
        ({}, 0),
        (None, 0),
        ({"a": {"b": "many"}}, 0),
    ],
)
def test_counts_that_are_none_are_nought(counts: JsonValue, expected: int) -> None:
    assert tokens(counts, "a", "b") == expected


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("{}", "{}"), ({"a": 1}, '{"a":1}'), ([], "[]")]
)
def test_arguments_are_text(value: JsonValue, text: str) -> None:
    assert arguments(value) == text
