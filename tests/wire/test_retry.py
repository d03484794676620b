from __future__ import annotations

import pytest

from spark_cli.core.errors import (
    ConnectionLost,
    Denied,
    RateLimited,
    SparkError,
    Unavailable,
)
from spark_cli.wire.failures import (
    ContextOverflow,
    Rejected,
    RouteMissing,
    ServerFailed,
    SocketRefused,
)
from spark_cli.wire.retry import Wait, wait_before

QUICK = Wait(0.1, told=False)


@pytest.mark.parametrize(
    ("error", "failures", "expected"),
    [
        (RateLimited("", retry_after_s=1.2), 1, Wait(1.2, told=True)),
        (RateLimited("", retry_after_s=1.2), 2, Wait(1.2, told=True)),
        (RateLimited("", retry_after_s=1.2), 3, None),
        (RateLimited("", retry_after_s=7200), 1, None),
        (RateLimited(""), 1, Wait(0.375, told=True)),
        (RateLimited(""), 2, Wait(0.75, told=True)),
        (ServerFailed(""), 1, Wait(0.375, told=True)),
        (ServerFailed("", final=True), 1, None),
        (ConnectionLost(""), 1, QUICK),
        (ConnectionLost(""), 2, None),
        (Unavailable(""), 1, QUICK),
        (Unavailable(""), 2, None),
        (SocketRefused(""), 1, None),
        (RouteMissing(""), 1, None),
        (Denied(""), 1, None),
        (Rejected(""), 1, None),
        (ContextOverflow(""), 1, None),
    ],
)
def test_the_schedule(error: SparkError, failures: int, expected: Wait | None) -> None:
    assert wait_before(error, failures, jitter=0.0) == expected


def test_jitter_never_shortens_what_the_server_asked_for() -> None:
    waits = [wait_before(RateLimited("", "", 2.0), 1, j / 10) for j in range(11)]

    assert all(wait is not None and 2.0 <= wait.delay_s <= 2.2 for wait in waits)
