"""What a session is at, as far as the user can tell."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """What the user is waiting for."""

    IDLE = "idle"
    WAITING = "waiting"
    THINKING = "thinking"
    SPEAKING = "speaking"
    CALLING = "calling"
    WORKING = "working"
    ASKING = "asking"
