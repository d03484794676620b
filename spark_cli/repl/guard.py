"""Being told to end, the terminal gone, a bug of ours: all of them end it cleanly."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SWITCH_S = 0.001
"""A key waits for another thread for so long at most; Python's default is 5 ms."""


@contextmanager
def guarded(
    loop: asyncio.AbstractEventLoop,
    leave: Callable[[int], None],
    fail: Callable[[BaseException | None], None],
) -> Iterator[None]:
    """`leave` is given an exit code, `fail` what nobody has caught."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before, switch_s = loop.get_exception_handler(), sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    loop.set_exception_handler(lambda _, told: fail(told.get("exception")))
    for number in numbers:
        loop.add_signal_handler(number, leave, 128 + number)
    try:
        yield
    finally:
        loop.set_exception_handler(before)
        sys.setswitchinterval(switch_s)
        for number in numbers:
            loop.remove_signal_handler(number)
