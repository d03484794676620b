from __future__ import annotations

import pytest

from spark_cli.config.models import BUILT_IN, known, traits
from spark_cli.config.settings import ModelTraits

SPARK = BUILT_IN["gpt-5.3-codex-spark"]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("gpt-5.3-codex-spark", "gpt-5.3-codex-spark"),
        ("gpt-5.3-codex-spark-2026-09", "gpt-5.3-codex-spark"),
        ("gpt-5.3-codex", "gpt-5.3-codex"),
        ("openai/gpt-5.4", "gpt-5.4"),
        ("gpt-5.4-mini-2026", "gpt-5.4-mini"),
        ("gpt-5.2-codex", "gpt-5"),
        ("gpt-oss:20b", "gpt-oss"),
    ],
)
def test_the_longest_beginning_of_a_name_counts(name: str, entry: str) -> None:
    assert traits(name, {}) == BUILT_IN[entry]


@pytest.mark.parametrize("name", ["qwen3-coder", "gpt-50", "o30", "", "my-gpt-5.4"])
def test_an_unknown_model_is_treated_with_care(name: str) -> None:
    assert known(name, {}) is None
    assert traits(name, {}) == ModelTraits()
    assert not traits(name, {}).freeform_tools


def test_spark_is_not_sent_what_it_rejects() -> None:
    assert "reasoning.summary" in SPARK.rejects
    assert (SPARK.context_window, SPARK.freeform_tools) == (128_000, True)


def test_an_override_wins_over_the_table_but_not_over_a_longer_name() -> None:
    mine = {"gpt-5.5": ModelTraits(7), "gpt-5": ModelTraits(9)}

    assert traits("gpt-5.5-2026", mine).context_window == 7
    assert traits("gpt-5.1", mine).context_window == 9
    assert traits("gpt-5.3-codex-spark", mine) == SPARK
