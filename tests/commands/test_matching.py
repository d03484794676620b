from __future__ import annotations

import pytest

from spark_cli.commands.matching import matching

ROWS = ["gpt-5.3-codex-spark  fast", "gpt-5.5  architecture", "qwen3  local", "spark"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("spark", [3, 0]),
        ("GPT arch", [1]),
        ("local", [2]),
        ("gpt55", [1]),
        ("gcs", [0]),
        ("xyz", []),
    ],
)
def test_the_best_comes_first(typed: str, found: list[int]) -> None:
    assert matching(typed, ROWS, str) == [ROWS[at] for at in found]
