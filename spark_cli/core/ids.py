"""Names for sessions, turns, items, calls and checkpoints.

An id made here sorts by the time it was made, so that a directory listing or a
journal is in order without reading it.
"""

from __future__ import annotations

import os
import time
from typing import NewType

SessionId = NewType("SessionId", str)
TurnId = NewType("TurnId", str)
ItemId = NewType("ItemId", str)
CallId = NewType("CallId", str)
CheckpointId = NewType("CheckpointId", str)


def new_session_id() -> SessionId:
    """Short enough to be typed after `spark -r`, unique enough for one person."""
    return SessionId(f"{_milliseconds():011x}{os.urandom(2).hex()}")


def new_turn_id() -> TurnId:
    return TurnId(_unique("turn"))


def new_item_id(kind: str = "item") -> ItemId:
    """An item's id; `kind` is a prefix such as `msg`, which servers expect."""
    return ItemId(_unique(kind))


def new_call_id() -> CallId:
    return CallId(_unique("call"))


def _unique(kind: str) -> str:
    return f"{kind}_{_milliseconds():011x}{os.urandom(6).hex()}"


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
