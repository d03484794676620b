from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from spark_cli.patch.argument import Argument


def carried(text: str, size: int) -> str:
    argument = Argument()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return "".join(map(argument.feed, parts))


@given(st.text(max_size=40), st.booleans(), st.integers(1, 7))
def test_the_string_comes_out_as_it_went_in(
    text: str,
    ascii_only: bool,  # noqa: FBT001 - drawn by hypothesis
    size: int,
) -> None:
    whole = json.dumps({"other": "x", "input": text}, ensure_ascii=ascii_only)

    assert carried(whole, size) == text + "\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": ["input", {"input": "no"}], "patch": "yes"}, "yes\n"),
        ({"command": ["apply_patch", "p"]}, "apply_patch\np\n"),
        ("alone", "alone\n"),
        ({"a": "input", "b": "c"}, ""),
        (["input", "x"], ""),
    ],
)
def test_only_the_argument_that_holds_the_patch_is_taken(
    value: object, text: str
) -> None:
    assert carried(json.dumps(value), 3) == text


@given(st.text(alphabet='{}[]",:\\u0d8a', max_size=60), st.integers(1, 5))
def test_no_json_makes_it_crash(text: str, size: int) -> None:
    carried(text, size)
