from __future__ import annotations

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.tools.arguments import flag, parse, text, whole

DIGITS = "9" * 5000


@pytest.mark.parametrize("written", ["", "  \n", "{}"])
def test_no_arguments_are_none(written: str) -> None:
    assert parse(written) == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"path": "a', "not whole JSON"),
        ("[" * 100_000, "not whole JSON"),
        (f'{{"start": {DIGITS}}}', "not whole JSON"),
        ("[1]", "must be a JSON object"),
        ("null", "must be a JSON object"),
    ],
    ids=["torn", "deep", "long number", "list", "null"],
)
def test_what_is_no_object_is_told(written: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        parse(written)


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), (3.0, 3), ("3", 3), (" 3 ", 3), (None, 7)]
)
def test_a_whole_number_is_taken_as_meant(value: object, number: int) -> None:
    assert whole({"start": value}, "start", default=7) == number


@pytest.mark.parametrize(
    "value", [0, -1, "-1", "--5", "\u00b2", DIGITS, 2.5, float("inf"), True, "x", [1]]
)
def test_what_is_no_whole_number_is_told(value: object) -> None:
    with pytest.raises(ToolError, match="`start` must be a whole number from 1"):
        whole({"start": value}, "start", default=7)


@pytest.mark.parametrize("value", [1e300, 10**13, "9" * 400])
def test_a_number_without_a_meaning_is_not_printed(value: object) -> None:
    with pytest.raises(ToolError, match=r"from 1 to 1000000000000$"):
        whole({"start": value}, "start", default=7)


@pytest.mark.parametrize(
    ("value", "meant"), [(True, True), ("True", True), ("false", False), (None, False)]
)
def test_a_flag_is_taken_as_meant(value: object, *, meant: bool) -> None:
    assert flag({"fixed": value}, "fixed") is meant


@pytest.mark.parametrize("value", [1, "yes", []])
def test_what_is_no_flag_is_told(value: object) -> None:
    with pytest.raises(ToolError, match="`fixed` must be true or false"):
        flag({"fixed": value}, "fixed")


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "not missing"), (3, "not int"), ("\ud800", "surrogate pair")],
)
def test_what_is_no_text_is_told(value: object, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        text({"path": value}, "path")
