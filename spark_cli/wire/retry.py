"""When to try again, and how long to wait first: pure, so that it can be a table.

It judges failures before the first token only; afterwards something was said, and
the agent decides what becomes of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from spark_cli.core.errors import ConnectionLost, RateLimited, SparkError, Unavailable
from spark_cli.wire.failures import RouteMissing, ServerFailed, SocketRefused

RETRIES_MAX = 2
WAIT_MAX_S = 60.0
_STEP_S = 0.5
_STEP_MAX_S = 8.0
_AT_ONCE_S = 0.1


@dataclass(frozen=True, slots=True)
class Wait:
    """`told` is false where it is over before anyone could read about it."""

    delay_s: float
    told: bool


def wait_before(error: SparkError, failures: int, jitter: float) -> Wait | None:
    """What to wait after the `failures`-th failure in a row; `None` is to give up.

    `jitter` is a random number from 0 to 1: many clients that failed together must
    not come back together.  Waits that a server asked for are never shortened.
    """
    if failures > RETRIES_MAX or isinstance(error, SocketRefused | RouteMissing):
        return None
    if isinstance(error, RateLimited | ServerFailed):
        return _asked(error, failures, jitter)
    if isinstance(error, ConnectionLost | Unavailable) and failures == 1:
        # A restarted server is back at once; one that refuses again stays away.
        return Wait(_AT_ONCE_S, told=False)
    return None


def _asked(
    error: RateLimited | ServerFailed, failures: int, jitter: float
) -> Wait | None:
    if isinstance(error, ServerFailed) and error.final:
        return None
    if error.retry_after_s is None:
        step_s = min(_STEP_S * 2.0 ** (failures - 1), _STEP_MAX_S)
        return Wait(step_s * (0.75 + jitter / 4), told=True)
    if error.retry_after_s > WAIT_MAX_S:
        return None
    return Wait(error.retry_after_s + jitter * _AT_ONCE_S, told=True)
