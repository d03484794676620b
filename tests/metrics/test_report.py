from __future__ import annotations

import time

import pytest

from spark_cli.core.usage import Limit, Usage
from spark_cli.metrics.meter import Meter
from spark_cli.metrics.report import lines

NOON = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))


def test_a_session_that_said_nothing_yet_has_its_lines_too() -> None:
    assert lines(Meter(), 0, NOON) == [
        ("context", "0 tokens"),
        ("tokens", "0 in (0 cached), 0 out (0 reasoning)"),
        ("requests", "0 in 0 turns"),
        ("wire", "not used yet, 0.0 kB up, 0.0 kB down"),
    ]


def test_every_figure_is_told() -> None:
    meter = Meter(
        usage=Usage(12_400, 11_000, 800, 20),
        turns=1,
        requests=5,
        sent_bytes=3_210,
        received_bytes=45_600,
        first_token_s=0.0884,
        tokens_per_s=1142.6,
        context_tokens=32_000,
        transport="websocket",
    )

    assert lines(meter, 128_000, NOON) == [
        ("context", "32,000 of 128,000 tokens, 75 % left"),
        ("tokens", "12,400 in (11,000 cached), 800 out (20 reasoning)"),
        ("requests", "5 in 1 turn"),
        ("wire", "websocket, 3.2 kB up, 45.6 kB down"),
        ("last reply", "first token after 88 ms, 1,143 tokens/s"),
    ]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Limit("requests", 0.834), "83 % left"),
        (Limit("5 h", 0.5, NOON + 600), "50 % left, resets at 12:10 (in 10 min)"),
        (Limit("5 h", 0.5, 1e18), "50 % left"),
        (Limit("5 h", 0.5, float("inf")), "50 % left"),
        (Limit("7 d", 0.0, NOON - 60), "0 % left, resets at 11:59 (in 0 min)"),
    ],
)
def test_a_limit_is_told_with_when_it_is_full_again(limit: Limit, told: str) -> None:
    meter = Meter(limits={limit.name: limit})

    assert lines(meter, 0, NOON)[-1] == (f"limit {limit.name}", told)
