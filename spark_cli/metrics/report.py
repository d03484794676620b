"""The figures of a session as lines that a person reads."""

from __future__ import annotations

import time

from spark_cli.core.usage import Limit
from spark_cli.metrics.meter import Meter


def lines(meter: Meter, context_window: int, now: float) -> list[tuple[str, str]]:
    """Pairs of a label and its value; `now` is a Unix time in seconds."""
    shown = [
        ("context", _context(meter.context_tokens, context_window)),
        ("tokens", _tokens(meter)),
        ("requests", _requests(meter)),
        ("wire", _wire(meter)),
    ]
    if meter.first_token_s is not None:
        shown.append(("last reply", _speed(meter)))
    shown += [(f"limit {one.name}", _limit(one, now)) for one in meter.limits.values()]
    return shown


def _context(used: int, window: int) -> str:
    if not window:
        return f"{used:,} tokens"
    left = max(0, 100 - round(100 * used / window))
    return f"{used:,} of {window:,} tokens, {left} % left"


def _tokens(meter: Meter) -> str:
    usage = meter.usage
    return (
        f"{usage.input_tokens:,} in ({usage.cached_tokens:,} cached), "
        f"{usage.output_tokens:,} out ({usage.reasoning_tokens:,} reasoning)"
    )


def _requests(meter: Meter) -> str:
    turns = "turn" if meter.turns == 1 else "turns"
    return f"{meter.requests:,} in {meter.turns:,} {turns}"


def _wire(meter: Meter) -> str:
    if meter.requests and not meter.transport:
        return "no reply has come to its end yet"
    sent, received = meter.sent_bytes / 1000, meter.received_bytes / 1000
    transport = meter.transport or "not used yet"
    return f"{transport}, {sent:,.1f} kB up, {received:,.1f} kB down"


def _speed(meter: Meter) -> str:
    first = f"first token after {1000 * (meter.first_token_s or 0):,.0f} ms"
    if meter.tokens_per_s is None:
        return first
    return f"{first}, {meter.tokens_per_s:,.0f} tokens/s"


def _limit(limit: Limit, now: float) -> str:
    left = f"{100 * limit.left:.0f} % left"
    if limit.resets_at is None:
        return left
    try:
        clock = time.strftime("%H:%M", time.localtime(limit.resets_at))
    except (ValueError, OverflowError, OSError):  # no clock goes so far
        return left
    minutes = max(0, round((limit.resets_at - now) / 60))
    return f"{left}, resets at {clock} (in {minutes} min)"
