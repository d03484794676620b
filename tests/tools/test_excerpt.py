from __future__ import annotations

import os

import pytest

from spark_cli.tools import excerpt


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("src/a b.py", "src/a b.py"),
        ("naïve/日本.txt", "naïve/日本.txt"),
        ("a\nb:1: fake", "a\\nb:1: fake"),
        ("esc\x1b]0;t\x07", "esc\\x1b]0;t\\x07"),
        (os.fsdecode(b"caf\xe9"), "caf\\udce9"),
        ("right\u202eleft", "right\\u202eleft"),
    ],
)
def test_a_name_stays_on_one_line_and_can_be_encoded(value: str, shown: str) -> None:
    assert excerpt.name(value) == shown
    assert shown.encode()


@pytest.mark.parametrize(
    ("value", "start", "shown"),
    [
        ("short\r", 0, "short"),
        ("a" * 20 + "b" * 5, 0, "aaaaaaaa [17 more characters]"),
        ("a" * 20 + "b" * 5, 20, "[17 characters] aaabbbbb"),
        ("a" * 10 + "X" + "b" * 10, 10, "[8 characters] aaXbbbbb [5 more characters]"),
    ],
)
def test_a_long_line_is_shown_around_what_matters(
    value: str, start: int, shown: str
) -> None:
    assert excerpt.line(value, 8, start) == shown


def test_counts_are_words() -> None:
    assert [
        excerpt.counted(1, "file"),
        excerpt.counted(1_200, "file"),
        excerpt.counted(0, "process", "processes"),
    ] == ["1 file", "1,200 files", "0 processes"]
