from __future__ import annotations

import pytest

from spark_cli.wire.durations import asked_to_wait, moment, number, seconds

NOW = 1_795_000_000.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("250ms", 0.25),
        ("1h2m3.5s", 3723.5),
        ("1d", 86400.0),
        ("33011.38", 33011.38),
        (" 2 minutes ", 120.0),
        ("-4", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("1s and more", None),
    ],
)
def test_spans_are_read_as_servers_write_them(
    text: str, expected: float | None
) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30", NOW + 30),
        ("1m", NOW + 60),
        ("1795230000", 1795230000.0),
        ("1795230000500", 1795230000.5),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1792567680.0),
        ("2026-10-21T07:28:00Z", 1792567680.0),
        ("2026-10-21T07:28:00", 1792567680.0),
        ("whenever", None),
    ],
)
def test_moments_may_be_spans_dates_or_times(text: str, expected: float | None) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rate limit reached. Please try again in 1.2s.", 1.2),
        ("Please try again in 250ms. Visit https://example.com", 0.25),
        ("try again in 1m30s", 90.0),
        ("Retry after 2 seconds", 2.0),
        ("Please wait for about 5 minutes", 300.0),
        ("try again later", None),
        ("it failed in 3s", None),
    ],
)
def test_prose_that_asks_to_wait_says_how_long(
    text: str, expected: float | None
) -> None:
    assert asked_to_wait(text) == expected


@pytest.mark.parametrize("value", [True, None, "x", [], float("inf"), "nan", {}])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    assert number(value) is None
