from __future__ import annotations

import pytest

from spark_cli.core.json import JsonObject
from spark_cli.core.usage import Limit
from spark_cli.wire.limits import from_event, from_headers

NOW = 1_795_000_000.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ()),
        (
            {
                "X-RateLimit-Limit-Requests": "100",
                "X-RateLimit-Remaining-Requests": "25",
                "X-RateLimit-Reset-Requests": "6m0s",
                "x-ratelimit-limit-tokens": "1000",
                "x-ratelimit-remaining-tokens": "-5",
            },
            (Limit("requests", 0.25, NOW + 360), Limit("tokens", 0.0)),
        ),
        (
            {
                "x-ratelimit-limit-tokens-minute": "100",
                "x-ratelimit-remaining-tokens-minute": "150",
                "x-ratelimit-reset-tokens-minute": "33.5",
            },
            (Limit("tokens-minute", 1.0, NOW + 33.5),),
        ),
        (
            {
                "ratelimit-limit": "10",
                "ratelimit-remaining": "5",
                "ratelimit-reset": "1795230000000",
            },
            (Limit("requests", 0.5, 1795230000.0),),
        ),
        ({"x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0"}, ()),
        ({"x-ratelimit-limit-tokens": "nan"}, ()),
        (
            {
                "x-codex-primary-used-percent": "40",
                "x-codex-primary-window-minutes": "300",
                "x-codex-primary-reset-at": "1795230000",
                "x-codex-secondary-used-percent": "5",
                "x-codex-secondary-window-minutes": "10080",
                "x-codex-secondary-reset-after-seconds": "60",
                "x-codex-plan-type": "pro",
            },
            (Limit("5 h", 0.6, 1795230000.0), Limit("7 d", 0.95, NOW + 60)),
        ),
        (
            {
                "x-codex-bengalfox-primary-used-percent": "25",
                "x-codex-bengalfox-primary-window-minutes": "300",
                "x-codex-bengalfox-limit-name": "GPT-5.3-Codex-Spark",
            },
            (Limit("GPT-5.3-Codex-Spark 5 h", 0.75),),
        ),
        ({"x-codex-primary-used-percent": "120"}, (Limit("requests", 0.0),)),
    ],
)
def test_limits_are_read_from_every_family_of_headers(
    headers: dict[str, str], expected: tuple[Limit, ...]
) -> None:
    assert from_headers(headers, NOW) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {
                "rate_limits": {
                    "primary": {
                        "used_percent": 12.5,
                        "window_minutes": 300,
                        "reset_at": 1795230000,
                    },
                    "secondary": None,
                }
            },
            (Limit("5 h", 0.875, 1795230000.0),),
        ),
        (
            {"limit_name": "spark", "rate_limits": {"primary": {"used_percent": 50}}},
            (Limit("spark", 0.5),),
        ),
        (
            {"rate_limits": {"primary": {"used_percent": 50, "reset_at": 10**20}}},
            (Limit("requests", 0.5),),
        ),
        (
            {"rate_limits": {"primary": {"used_percent": 50, "reset_at": "inf"}}},
            (Limit("requests", 0.5),),
        ),
        ({"rate_limits": None}, ()),
        ({"rate_limits": {"primary": {"used_percent": "much"}}}, ()),
    ],
)
def test_limits_are_read_from_events(
    told: JsonObject, expected: tuple[Limit, ...]
) -> None:
    assert from_event({"type": "codex.rate_limits", **told}) == expected
