"""The quiet line below the prompt: what is going on, and with whom.

Where the window is narrow, what matters least goes first: the branch, the first
token's time, the transport, what is left of the context, the approval, the rate, the
model, the mode of vi; then a rate limit that is near, and the key that stops it.  What
is going on stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from spark_cli.core.events import (
    CallDelta,
    Event,
    ReasoningDelta,
    ReplyEnded,
    TextDelta,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from spark_cli.core.printable import printable_line
from spark_cli.core.usage import CHARS_PER_TOKEN, Limit
from spark_cli.repl.lines import Line, Span, columns_of, cut
from spark_cli.repl.phase import Phase

SCARCE = 0.2
"""A rate limit is told of when no more than this is left of it."""

AWAITED_MAX = 40
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SPAN_MIN_S = 0.05
_TOKENS_MIN = 20

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
        self._first_at: float | None = None
        self._last_at = 0.0
        self._chars = 0
        self._before: int | None = None

    def see(self, event: Event) -> None:
        match event:
            case TextDelta() | ReasoningDelta() | CallDelta():
                self._last_at = self._clock()
                if self._first_at is None:
                    self._first_at = self._last_at
                else:
                    self._chars += len(event.text)
            case TurnStarted() | ToolStarted() | ReplyEnded() | TurnEnded():
                self._before = self.tokens_per_s
                self._step_began = self._clock()
                self._first_at, self._chars = None, 0
            case _:
                pass

    @property
    def seconds(self) -> int:
        return int(self._clock() - self._step_began)

    @property
    def tokens_per_s(self) -> int | None:
        """An estimate for this reply; the last one's while this is too short for one.

        It is what came after the first piece, in the time from that to the last one:
        silence at the end, and a text that comes all at once, say nothing of the pace.
        """
        if self._first_at is None:
            return self._before
        span, tokens = self._last_at - self._first_at, self._chars / CHARS_PER_TOKEN
        if span < _SPAN_MIN_S or tokens < _TOKENS_MIN:
            return self._before
        return round(tokens / span)


@dataclass(frozen=True, slots=True)
class Status:
    """What the line is made of; empty texts and `None` are left out.

    `awaited` is what is waited for, and `spin` counts on while nothing else moves.
    """

    phase: Phase
    model: str
    approval: str
    transport: str = ""
    seconds: int = 0
    tokens_per_s: int | None = None
    first_token_s: float | None = None
    context_left: int | None = None
    branch: str = ""
    drafting: bool = False
    vi: str = ""
    hint: str = ""
    awaited: str = ""
    spin: int | None = None
    limit: str = ""


def toolbar(status: Status, columns: int) -> Line:
    """The line, as much of it as fits."""
    if status.hint:
        return _fitting([(0, ("class:question", status.hint))], columns)
    doing = _doing(status)
    parts: list[tuple[int, Span]] = []
    if doing:
        parts.append((0, ("class:prompt", doing)))
    parts.extend((rank, ("class:warning", text)) for rank, text in _alarms(status))
    parts.extend((rank, ("class:quiet", text)) for rank, text in _facts(status) if text)
    if doing and status.phase is not Phase.ASKING:
        offer = "Enter redirects now, Tab queues" if status.drafting else "Esc stops"
        parts.insert(1, (1, ("class:quiet", offer)))
    return _fitting(parts, columns)


def _doing(status: Status) -> str:
    doing = DOING.get(status.phase, "")
    if doing and status.awaited:
        link = "waiting for " if status.phase is Phase.WAITING else ""
        doing = cut(f"{link}{printable_line(status.awaited)}", AWAITED_MAX)
    if doing and status.seconds:
        doing = f"{doing} {status.seconds} s"
    if status.spin is None:
        return doing
    return f"{_SPINNER[status.spin % len(_SPINNER)]} {doing}"


def _alarms(status: Status) -> Sequence[tuple[int, str]]:
    return ((2, printable_line(status.limit)),) if status.limit else ()


def scarce(limits: Iterable[Limit], now: float) -> str:
    """The rate limit that is nearest to its end, where one is near."""
    near = [
        one
        for one in limits
        if one.left <= SCARCE and (one.resets_at is None or one.resets_at > now)
    ]
    if not near:
        return ""
    least = min(near, key=lambda one: one.left)
    return f"{least.name} limit {100 * least.left:.0f}% left"


def _facts(status: Status) -> Sequence[tuple[int, str]]:
    """Ranked: what has the greatest number is dropped first."""
    left = status.context_left
    return (
        (3, f"vi {status.vi}" if status.vi else ""),
        (4, printable_line(status.model)),
        (8, status.transport),
        (5, _rate(status)),
        (9, _first(status.first_token_s)),
        (7, f"{left}% context left" if left is not None else ""),
        (10, printable_line(status.branch)),
        (6, status.approval),
    )


def _rate(status: Status) -> str:
    rate = status.tokens_per_s
    return f"~{rate:,} tok/s" if rate is not None else ""


def percent_left(used: int, window: int) -> int | None:
    """How much of a model's window is free, as `/status` has it."""
    return max(0, 100 - round(100 * used / window)) if window else None


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
