from __future__ import annotations

from collections.abc import Mapping

import pytest

from spark_cli.repl.reflow import reflows, rows_above


@pytest.mark.parametrize(
    ("environment", "breaks_anew"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "screen", "STY": "1.pts", "VTE_VERSION": "7600"}, False),
    ],
)
def test_it_is_known_of_many_terminals(
    environment: Mapping[str, str], *, breaks_anew: bool
) -> None:
    assert reflows(environment) is breaks_anew


@pytest.mark.parametrize(
    ("widths", "cursor_x", "columns", "rows"),
    [
        ([], 2, 80, 0),
        ([0, 10, 80], 2, 80, 3),
        ([0, 10, 81], 2, 80, 4),
        ([120, 120], 2, 40, 6),
        ([0], 90, 40, 3),
    ],
)
def test_a_row_that_is_too_long_becomes_several(
    widths: list[int], cursor_x: int, columns: int, rows: int
) -> None:
    assert rows_above(widths, cursor_x, columns) == rows
