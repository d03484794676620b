from __future__ import annotations

import pytest
import tomli
from hypothesis import given, strategies as st

from spark_cli.config.overlay import (
    Entry,
    Key,
    Layer,
    Origin,
    Source,
    dotted,
    leaves,
    over,
)

ORIGIN = Origin(Source.USER)


def test_the_later_layer_wins_leaf_by_leaf() -> None:
    low: Layer = {("a", "x"): Entry(1, ORIGIN), ("a", "y"): Entry(1, ORIGIN)}
    high: Layer = {("a", "x"): Entry(2, ORIGIN)}

    assert over(low, high) == {**low, **high}


def test_an_empty_table_is_a_leaf() -> None:
    assert dict(leaves({"a": {"b": {}, "c": 1}})) == {("a", "b"): {}, ("a", "c"): 1}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (("a", "b-c"), "a.b-c"),
        (("models", "gpt-5.5"), 'models."gpt-5.5"'),
        (("a", 'b"c'), 'a."b\\"c"'),
    ],
)
def test_a_key_is_written_as_toml_reads_it(key: Key, text: str) -> None:
    assert dotted(key) == text


# DEL alone is a control character that JSON writes bare and TOML does not take.
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), min_size=1
)


@given(st.lists(NAMES, min_size=1, max_size=4).map(tuple))
def test_a_written_key_reads_as_itself(key: Key) -> None:
    assert dict(leaves(tomli.loads(f"{dotted(key)} = 0"))) == {key: 0}
