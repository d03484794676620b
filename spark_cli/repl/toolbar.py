"""The quiet line below the prompt: what is going on, and with whom.

What matters least goes first where the window is narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spark_cli.core.events import (
    CallDelta,
    Event,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
    ToolStarted,
    TurnStarted,
)
from spark_cli.core.printable import printable_line
from spark_cli.core.usage import CHARS_PER_TOKEN
from spark_cli.repl.lines import Line, Span, columns_of
from spark_cli.repl.view import Phase

_RATE_AFTER_S = 0.25

DOING = {
    Phase.WAITING: "waiting",
    Phase.THINKING: "thinking",
    Phase.SPEAKING: "answering",
    Phase.CALLING: "writing",
    Phase.WORKING: "working",
    Phase.ASKING: "your turn",
}


class Pace:
    """How long this step takes, and how fast the text comes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._step_began = clock()
        self._text_began: float | None = None
        self._chars = 0

    def see(self, event: Event) -> None:
        match event:
            case TextDelta() | ReasoningDelta() | CallDelta():
                if self._text_began is None:
                    self._text_began = self._clock()
                self._chars += len(event.text)
            case TurnStarted() | ToolStarted() | ReplyEnded():
                self._step_began = self._clock()
                self._text_began, self._chars = None, 0
            case _:
                pass

    @property
    def seconds(self) -> int:
        return int(self._clock() - self._step_began)

    @property
    def tokens_per_s(self) -> int | None:
        """An estimate, from the first piece on; the server's count replaces it."""
        if self._text_began is None:
            return None
        passed = self._clock() - self._text_began
        if passed < _RATE_AFTER_S:
            return None
        return round(self._chars / CHARS_PER_TOKEN / passed)


@dataclass(frozen=True, slots=True)
class Status:
    """What the line is made of; empty texts and `None` are left out."""

    phase: Phase
    model: str
    approval: str
    transport: str = ""
    seconds: int = 0
    live_tokens_per_s: int | None = None
    tokens_per_s: float | None = None
    first_token_s: float | None = None
    context_left: int | None = None
    branch: str = ""
    drafting: bool = False
    hint: str = ""


def toolbar(status: Status, columns: int) -> Line:
    """The line, as much of it as fits."""
    if status.hint:
        return _fitting([(0, ("class:question", status.hint))], columns)
    doing = DOING.get(status.phase)
    parts: list[tuple[int, Span]] = []
    if doing:
        parts.append((0, ("class:prompt", _since(doing, status.seconds))))
    parts.extend((rank, ("class:quiet", text)) for rank, text in _facts(status) if text)
    if doing and status.phase is not Phase.ASKING:
        offer = "Enter redirects it" if status.drafting else "Esc stops"
        parts.insert(1, (1, ("class:quiet", offer)))
    return _fitting(parts, columns)


def _since(doing: str, seconds: int) -> str:
    return f"{doing} {seconds} s" if seconds else doing


def _facts(status: Status) -> Sequence[tuple[int, str]]:
    """Ranked: what has the greatest number is dropped first."""
    left = status.context_left
    return (
        (2, printable_line(status.model)),
        (6, status.transport),
        (3, _rate(status)),
        (7, _first(status.first_token_s)),
        (5, f"{left}% context left" if left is not None else ""),
        (8, printable_line(status.branch)),
        (4, status.approval),
    )


def _rate(status: Status) -> str:
    if status.live_tokens_per_s is not None:
        return f"~{status.live_tokens_per_s:,} tok/s"
    if status.tokens_per_s is not None:
        return f"{status.tokens_per_s:,.0f} tok/s"
    return ""


def _first(seconds: float | None) -> str:
    return f"first {seconds * 1000:,.0f} ms" if seconds is not None else ""


def _fitting(parts: list[tuple[int, Span]], columns: int) -> Line:
    between = " · "
    kept = list(parts)
    while len(kept) > 1 and _width(kept, between) > columns - 1:
        kept.remove(max(kept, key=lambda part: part[0]))
    line: Line = []
    for _, span in kept:
        if line:
            line.append(("class:quiet", between))
        line.append(span)
    return line


def _width(parts: list[tuple[int, Span]], between: str) -> int:
    return sum(columns_of(text) for _, (_, text) in parts) + len(between) * (
        len(parts) - 1
    )
