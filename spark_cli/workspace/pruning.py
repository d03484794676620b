"""Which old checkpoints are let go: by their number, their age and their size."""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.workspace.snapshots import Weight

COUNT_MAX = 500
AGE_MAX_S = 30 * 24 * 3600
BYTES_MAX = 1 << 29
_KEPT = 10
"""The newest are kept whatever they weigh."""


def surplus(weights: Sequence[Weight], now_s: float) -> list[str]:
    """The handles of what is too much, or too old at a Unix time in seconds."""
    dropped, total = [], 0
    newest_first = sorted(weights, key=lambda weight: weight.name, reverse=True)
    for number, weight in enumerate(newest_first):
        total += weight.size_bytes
        many = number >= COUNT_MAX or total > BYTES_MAX
        if number >= _KEPT and (many or now_s - made_s(weight.name) > AGE_MAX_S):
            dropped.append(weight.handle)
    return dropped


def made_s(name: str) -> float:
    """When a snapshot was made: its name begins with microseconds."""
    try:
        return int(name[:13], 16) / 1e6
    except ValueError:
        return 0.0
