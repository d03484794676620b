from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.repl.lines import (
    WORD_MAX,
    Flow,
    Line,
    chopped,
    columns_of,
    columns_of_line,
    folded,
    joined,
    plain,
    untabbed,
    wrapped,
)

WORDS = st.lists(st.text("abc漢👍é", min_size=1, max_size=9), max_size=30)


def flowed(columns: int, *spans: tuple[str, str]) -> list[str]:
    flow = Flow(columns, [("", "- ")], [("", "  ")])
    for style, text in spans:
        flow.push(style, text)
    return [plain(row) for row in flow.end()]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("one two three", ["- one two", "  three"]),
        ("  one  two  ", ["- one  two"]),
        ("", ["- "]),
        ("漢字漢字漢字", ["- 漢字漢字", "  漢字"]),
        ("a" * 12 + " b", ["- " + "a" * 12 + " b"]),
    ],
)
def test_text_is_broken_at_words(text: str, rows: list[str]) -> None:
    assert flowed(10, ("", text)) == rows


@given(WORDS)
def test_no_letter_is_lost_however_narrow(words: list[str]) -> None:
    rows = flowed(7, ("", " ".join(words)))

    assert "".join(row[2:] for row in rows).replace(" ", "") == "".join(words)


@given(st.lists(st.text("abc漢👍é", min_size=1, max_size=4)))
def test_a_row_of_words_that_fit_fits(words: list[str]) -> None:
    rows = flowed(12, ("", " ".join(words)))

    assert max(columns_of_line([("", row)]) for row in rows) <= 12


def test_a_word_of_several_styles_stays_in_one_piece() -> None:
    assert flowed(9, ("", "one t"), ("class:strong", "wo"), ("", "! x")) == [
        "- one",
        "  two! x",
    ]


def test_a_word_without_end_does_not_wait_for_its_end() -> None:
    flow = Flow(80, [], [])

    flow.push("", "x" * (WORD_MAX + 1) + " " + "y" * WORD_MAX)

    assert plain(flow.rows[0]) == "x" * WORD_MAX


def test_a_long_line_is_chopped_where_the_terminal_would() -> None:
    assert chopped([("a", "abc"), ("b", "漢字de")], 4) == [
        [("a", "abc"), ("b", "")],
        [("b", "漢字")],
        [("b", "de")],
    ]


def test_tabs_are_the_spaces_that_a_terminal_moves_over() -> None:
    assert plain(untabbed([("", "ab\tc"), ("x", "\td")])) == "ab      c       d"


def test_neighbours_of_one_style_are_joined() -> None:
    line: Line = [("a", "1"), ("a", "2"), ("b", ""), ("b", "3")]

    assert joined(line) == [("a", "12"), ("b", "3")]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("x one two three", ["x one two", "  three"]),
        ("  one two three", ["  one two", "    three"]),
        ("short", ["short"]),
    ],
)
def test_prose_is_broken_at_words_and_set_in(text: str, rows: list[str]) -> None:
    assert [plain(row) for row in wrapped([("", text)], 10)] == rows


@given(st.text("ab漢\té ", max_size=60), st.integers(4, 30))
def test_folding_loses_nothing_and_fits(text: str, columns: int) -> None:
    rows = folded([("", "1 ")], [("", text)], columns)

    whole = plain(untabbed([("", text)]))
    if len(rows) > 1:
        assert "".join(plain(row)[2:] for row in rows) == whole
        assert max(columns_of_line(row) for row in rows) <= max(columns, 10)
    else:
        assert plain(rows[0]) in {f"1 {text}", f"1 {whole}"}


@pytest.mark.parametrize(
    ("text", "columns"),
    [("a", 1), ("漢", 2), ("❤", 1), ("❤\ufe0f", 2), ("1\ufe0f\u20e3", 2)],
)
def test_what_terminals_differ_over_is_taken_at_its_widest(
    text: str, columns: int
) -> None:
    assert columns_of(text) == columns
