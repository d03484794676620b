"""What is known of each model: a table, by the beginning of the name.

Names carry dates, sizes and vendors (`gpt-5.5-2026-04-23`, `qwen3:30b`,
`openai/gpt-5.4`), so the longest entry that a name begins with is the one that
counts, with and without the vendor before the last slash.  What is not in the table
is treated with care: no free-text tools, no parameters that a server may not know.

Windows are those that the models' makers publish (November 2026).  The full window
of a model is not always sold with every plan; `[models."NAME"]` corrects it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from spark_cli.config.settings import ModelTraits

_SPARK_REJECTS = ("reasoning.summary",)

BUILT_IN: Mapping[str, ModelTraits] = MappingProxyType(
    {
        "gpt-6": ModelTraits(freeform_tools=True, steers=True),
        "gpt-5.3-codex-spark": ModelTraits(
            128_000,
            freeform_tools=True,
            rejects=_SPARK_REJECTS,
            best_for="small, targeted edits, over 1,000 tokens a second",
        ),
        "gpt-5.3-codex": ModelTraits(
            400_000, freeform_tools=True, best_for="longer tasks that run their tests"
        ),
        "gpt-5.5": ModelTraits(
            1_050_000, freeform_tools=True, best_for="unclear causes, architecture"
        ),
        "gpt-5.4": ModelTraits(
            1_050_000, freeform_tools=True, best_for="whole repositories"
        ),
        "gpt-5.4-mini": ModelTraits(
            400_000, freeform_tools=True, best_for="many small tasks at once"
        ),
        "gpt-5": ModelTraits(400_000, freeform_tools=True),
        "gpt-4.1": ModelTraits(1_047_576),
        "gpt-oss": ModelTraits(131_072),
        "o3": ModelTraits(200_000),
        "o4-mini": ModelTraits(200_000),
        "demo": ModelTraits(
            128_000, freeform_tools=True, best_for="trying spark out; not an LLM"
        ),
    }
)


def traits(name: str, overrides: Mapping[str, ModelTraits]) -> ModelTraits:
    """What is known of a model, `overrides` (`Settings.models`) before the table."""
    return known(name, overrides) or ModelTraits()


def known(name: str, overrides: Mapping[str, ModelTraits]) -> ModelTraits | None:
    """The same, and `None` where nothing is known."""
    best: ModelTraits | None = None
    length = -1
    for table in (overrides, BUILT_IN):
        key = _longest(name, table)
        if key is not None and len(key) > length:
            best, length = table[key], len(key)
    return best


def _longest(name: str, keys: Iterable[str]) -> str | None:
    short = name.rpartition("/")[2]
    found = [key for key in keys if _begins(name, key) or _begins(short, key)]
    return max(found, key=len, default=None)


def _begins(name: str, key: str) -> bool:
    """`gpt-5.5-mini` begins with `gpt-5.5` and with `gpt-5`; `gpt-50` with neither."""
    rest = name[len(key) :]
    return name.startswith(key) and not (key[-1:].isdigit() and rest[:1].isdigit())
