"""What a tool call would do to the world, and how much of it is allowed unasked."""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    READ = "read"
    EDIT = "edit"
    RUN = "run"


class Approval(StrEnum):
    """How much happens without a question, from nothing to everything."""

    READ_ONLY = "read-only"
    ASK = "ask"
    AUTO_EDIT = "auto-edit"
    FULL_AUTO = "full-auto"
