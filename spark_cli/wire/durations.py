"""How servers say how long: `1s`, `6m0s`, `250ms`, `1.5`, a date, a Unix time.

Rate-limit headers, `retry-after` and the prose of an error all say it differently;
everything here answers in seconds.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)[a-z]*", re.IGNORECASE)
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s*)+", re.IGNORECASE)
_AGAIN = re.compile(
    r"(?:try again|retry|wait)(?: again)?(?: in| after| for)? +"
    r"((?:about )?\d[\d.]*\s*(?:ms|s|m|h|d)[a-z]*(?:\s*\d[\d.]*\s*(?:ms|s|m)[a-z]*)*)",
    re.IGNORECASE,
)
_CLOCK_S = 2.5e11  # the year 9892: calendars and C libraries end soon after
# Below it a bare number is a span, above it a moment (9 September 2001).
_EPOCH_S = 1e9
_EPOCH_MS = 1e12


def seconds(text: str) -> float | None:
    """The span that a text such as `6m0s`, `250ms` or `1.5` names, in seconds."""
    text = text.strip()
    plain = number(text)
    if plain is not None:
        return plain if plain >= 0 else None
    if not _WHOLE.fullmatch(text):
        return None
    span = sum(
        float(amount) * _UNITS_S[unit.lower()] for amount, unit in _PART.findall(text)
    )
    return span if math.isfinite(span) else None


def moment(text: str, now: float) -> float | None:
    """The Unix time that a header names: a span from `now`, a date or a time."""
    span = seconds(text)
    if span is None:
        return _date(text)
    return instant(span if span >= _EPOCH_S else now + span)


def instant(value: object) -> float | None:
    """A Unix time that a clock can show, in seconds, also where it counts more finely.

    Servers have told of times without end, and of none at all: those are left out.
    """
    at = number(value)
    if at is not None and at >= _EPOCH_MS:
        at /= 1000
    return at if at is not None and 0 <= at <= _CLOCK_S else None


def asked_to_wait(text: str) -> float | None:
    """The seconds of "Please try again in 1.2s" in an error's prose."""
    found = _AGAIN.search(text)
    return seconds(found[1].removeprefix("about ")) if found else None


def number(value: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _date(text: str) -> float | None:
    """A date as HTTP (RFC 9110, 5.6.7) or RFC 3339 writes it, as a Unix time."""
    # It loads a mail library, for a header that few servers send.
    from email.utils import parsedate_to_datetime

    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = parse(text)
        except (ValueError, TypeError, IndexError):
            continue
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return found.timestamp()
    return None
