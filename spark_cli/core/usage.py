"""What a reply cost in tokens, and what is left of the server's limits."""

from __future__ import annotations

from dataclasses import dataclass

CHARS_PER_TOKEN = 4.0
"""What English and code come to on average; used until a server has counted."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens; `cached` are among the input's, `reasoning` among the output's."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """One bucket of a server's rate limits.

    `left` is a fraction from 0 to 1; `resets_at` is a Unix time in seconds, where
    the server tells it.
    """

    name: str
    left: float
    resets_at: float | None = None
