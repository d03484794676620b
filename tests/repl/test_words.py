from __future__ import annotations

import pytest

from spark_cli.repl.words import end_after, start_before

TEXT = "foo_bar.baz  qux"


@pytest.mark.parametrize(
    ("at", "end", "start"),
    [(0, 3, 0), (3, 7, 0), (4, 7, 0), (5, 7, 4), (11, 16, 8), (16, 16, 13)],
)
def test_words_are_letters_and_digits_as_in_bash(at: int, end: int, start: int) -> None:
    assert (end_after(TEXT, at), start_before(TEXT, at)) == (end, start)


def test_letters_of_any_alphabet_are_words() -> None:
    assert end_after("größe-x", 0) == 5
