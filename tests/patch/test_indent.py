from __future__ import annotations

import pytest

from spark_cli.patch.indent import learn, reindented

FOUR, EIGHT, TWELVE = " " * 4, " " * 8, " " * 12


@pytest.mark.parametrize(
    ("known", "line", "answer"),
    [
        ({}, "\tx", "\tx"),
        ({FOUR: FOUR}, "\tx", "\tx"),
        ({"": FOUR, FOUR: EIGHT}, f"{EIGHT}x", f"{TWELVE}x"),
        ({FOUR: "", EIGHT: FOUR}, f"{TWELVE}x", f"{EIGHT}x"),
        ({"\t": FOUR}, "\t\tx", f"{EIGHT}x"),
        ({"\t": "  "}, "\t\tx", "    x"),
        ({FOUR: "\t"}, f"{EIGHT}x", "\t\tx"),
        ({"  ": FOUR, "    ": EIGHT}, "      x", f"{TWELVE}x"),
        ({"": FOUR}, "", ""),
    ],
)
def test_a_rule_that_explains_what_is_known_is_applied(
    known: dict[str, str], line: str, answer: str
) -> None:
    assert reindented(known, {}, [line]) == [answer]


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({FOUR: EIGHT}, f"{EIGHT}x"),  # four more, or twice as many?
        ({FOUR: "", EIGHT: FOUR}, "  x"),
        ({FOUR: "   "}, "\tx"),
    ],
)
def test_two_rules_or_none_are_a_doubt(known: dict[str, str], line: str) -> None:
    assert reindented(known, {}, [line]) is None


def test_other_hunks_settle_a_doubt() -> None:
    assert reindented({FOUR: EIGHT}, {"": FOUR}, [f"{EIGHT}x"]) == [f"{TWELVE}x"]


def test_what_was_seen_needs_no_rule() -> None:
    known = {"\t\t\t": " " * 6, "\t": FOUR}

    assert reindented(known, {}, ["\t\t\tx"]) == ["      x"]


def test_one_indentation_cannot_become_two() -> None:
    assert learn([("\ta", "  a"), ("\tb", "    b")]) is None
    assert learn([("\ta", "  a"), ("", "    ")]) == {"\t": "  "}


def test_a_file_whose_tabs_are_blanks_elsewhere_has_them_here_too() -> None:
    others = {"\t": FOUR, "\t\t": EIGHT}

    assert reindented({"": ""}, others, ["\tx"]) == [f"{FOUR}x"]
    assert reindented({"  ": "  "}, others, ["\tx"]) == [f"{FOUR}x"]


def test_a_shift_elsewhere_leaves_a_doubt_where_nothing_is_indented() -> None:
    assert reindented({"": ""}, {FOUR: EIGHT}, [f"{FOUR}x"]) is None
    assert reindented({"": ""}, {FOUR: EIGHT}, ["x"]) == ["x"]
