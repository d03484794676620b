from __future__ import annotations

import pytest

from spark_cli.repl.table import cells, is_delimiter


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("| a | b |", ["a", "b"]),
        ("| a | b", ["a", "b"]),
        ("| a \\| b | `c|d` |", ["a | b", "`c|d`"]),
        ("| | x |", ["", "x"]),
        ("| ` | x |", ["`", "x"]),
        ("|", []),
    ],
)
def test_a_row_is_split_into_cells(line: str, expected: list[str]) -> None:
    assert cells(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("|---|:-:|", True),
        ("| - | -: |", True),
        ("|---", True),
        ("---", False),
        ("| a | - |", False),
        ("||", False),
    ],
)
def test_a_delimiter_makes_a_table(line: str, *, expected: bool) -> None:
    assert is_delimiter(line) is expected
