from __future__ import annotations

from hypothesis import given, strategies as st

from spark_cli.repl.ink import Ink, Row
from spark_cli.repl.lines import Line, plain


def rows(*lines: str) -> list[Row]:
    return [Row(line[0], [], line[1:]) for line in lines]


def marked(line: Line) -> str:
    return "".join(text for style, text in line if "class:changed" in style)


def test_the_words_that_differ_stand_out() -> None:
    old, new = Ink("").colored(rows("-total = first + rest", "+total = first - rest"))

    assert (marked(old), marked(new)) == ("+", "-")


def test_lines_that_have_little_in_common_are_not_compared() -> None:
    old, new = Ink("").colored(rows("-return None", "+raise ValueError(name)"))

    assert (marked(old), marked(new)) == ("", "")


def test_runs_of_another_length_are_not_compared() -> None:
    lines = Ink("").colored(rows("-a b c d", "+a b c e", "+a b c f"))

    assert [marked(line) for line in lines] == ["", "", ""]


def test_what_comes_has_the_colors_of_its_language() -> None:
    (kept,) = Ink("py").colored(rows(" return 1"))
    (new,) = Ink("py").colored(rows("+return 1"))

    assert kept[0] == ("class:keyword", "return")
    assert new[0] == ("class:added class:keyword", "return")


@given(st.lists(st.text("ab +-\t\"'#(", max_size=12), min_size=1, max_size=4))
def test_no_letter_is_lost(lines: list[str]) -> None:
    gone, come = [f"-{line}" for line in lines], [f"+{line}" for line in lines[::-1]]
    given_ = rows(*gone, *come)

    shown = Ink("py").colored(given_)

    assert [plain(line) for line in shown] == [row.text for row in given_]
