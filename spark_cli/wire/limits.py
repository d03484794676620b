"""What servers tell of their rate limits, in every spelling, as one type.

Sources: OpenAI's `x-ratelimit-*` headers (Cerebras and Groq use the same with a
period behind the name), the IETF draft's `ratelimit-*`, and the `x-codex-*` headers
and `codex.rate_limits` events of the ChatGPT backend, where each family of models
has its own buckets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.core.usage import Limit
from spark_cli.wire.durations import instant, moment, number

_PLAIN = re.compile(r"(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z0-9-]+))?")
_CODEX = re.compile(
    r"x-codex(?:-([a-z0-9-]+?))?-(primary|secondary)-"
    r"(used-percent|window-minutes|reset-at|reset-after-seconds)"
)
_MINUTES_A_DAY = 1440


def from_headers(headers: Mapping[str, str], now: float) -> tuple[Limit, ...]:
    """The limits that the headers of an answer, or of an error, tell.

    `now` is a Unix time in seconds, from which spans are counted.
    """
    folded = {name.lower(): value for name, value in headers.items()}
    return (*_plain(folded, now), *_codex(folded, now))


def from_event(event: JsonObject) -> tuple[Limit, ...]:
    """The limits of a `codex.rate_limits` event."""
    told = event.get("rate_limits")
    if not isinstance(told, Mapping):
        return ()
    family = event.get("limit_name") or event.get("metered_limit_name") or ""
    found = (
        _window(str(family), window, window.get("reset_at"))
        for window in (told.get("primary"), told.get("secondary"))
        if isinstance(window, Mapping)
    )
    return tuple(limit for limit in found if limit)


def _plain(headers: Mapping[str, str], now: float) -> list[Limit]:
    buckets: dict[str, dict[str, str]] = {}
    for name, value in headers.items():
        if found := _PLAIN.fullmatch(name):
            buckets.setdefault(found[2] or "requests", {})[found[1]] = value
    limits = []
    for name, bucket in buckets.items():
        most = number(bucket.get("limit"))
        left = number(bucket.get("remaining"))
        if most is None or left is None or most <= 0:
            continue
        resets_at = moment(bucket["reset"], now) if "reset" in bucket else None
        limits.append(Limit(name, _fraction(left / most), resets_at))
    return limits


def _codex(headers: Mapping[str, str], now: float) -> list[Limit]:
    windows: dict[tuple[str, str], dict[str, JsonValue]] = {}
    for name, value in headers.items():
        if found := _CODEX.fullmatch(name):
            window = windows.setdefault((found[1] or "", found[2]), {})
            window[found[3].replace("-", "_")] = value
    limits = []
    for (family, _), window in windows.items():
        name = headers.get(f"x-codex-{family}-limit-name", family)
        after = number(window.get("reset_after_seconds"))
        resets_at = window.get("reset_at") or (None if after is None else now + after)
        if limit := _window(name, window, resets_at):
            limits.append(limit)
    return limits


def _window(
    family: str, window: Mapping[str, JsonValue], resets_at: JsonValue
) -> Limit | None:
    used = number(window.get("used_percent"))
    if used is None:
        return None
    minutes = number(window.get("window_minutes"))
    name = " ".join(filter(None, (family, _span(minutes)))) or "requests"
    return Limit(name, _fraction(1 - used / 100), instant(resets_at))


def _span(minutes: float | None) -> str:
    """A window's length as people say it: `5 h`, `7 d`."""
    if not minutes or minutes < 0:
        return ""
    if minutes % _MINUTES_A_DAY == 0:
        return f"{minutes / _MINUTES_A_DAY:.0f} d"
    return f"{minutes / 60:.0f} h" if minutes % 60 == 0 else f"{minutes:.0f} min"


def _fraction(left: float) -> float:
    # Servers have told of less than nothing, and of more than all.
    return min(1.0, max(0.0, left))
