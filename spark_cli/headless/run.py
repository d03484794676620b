"""One prompt without a person: drive the agent to the end of the turn.

Nobody is there to answer a question, so each is refused at once, the model is told,
and the run ends with the code that says a question was due.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Protocol

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import ApprovalMissing, TimedOut
from spark_cli.core.events import (
    ApprovalRequested,
    Event,
    Level,
    Notice,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.ops import Close, Decide, Interrupt, Op, Prompt

UNATTENDED = "nobody is there to approve it in this run"


class Agent(Protocol):
    def submit(self, op: Op) -> None: ...

    def events(self) -> AsyncGenerator[Event, None]: ...


@dataclass(frozen=True, slots=True)
class Result:
    """How the run ended; `error` is what the user must be told, if anything."""

    exit_code: int
    error: Notice | None = None


class Face(Protocol):
    """Shows every event in order, and at last how the run ended."""

    def show(self, event: Event) -> None: ...

    def end(self, result: Result, /) -> None: ...


async def run(
    agent: Agent,
    prompt: str,
    show: Callable[[Event], None],
    *,
    timeout_s: float | None = None,
) -> Result:
    """Submit the prompt, show every event, and close the agent.

    SIGINT, SIGTERM and SIGHUP interrupt the turn: what was said so far has been
    shown, and the exit code is 128 and the signal's number.  `timeout_s` does the
    same with `TimedOut`.
    """
    drive = _Drive(agent)
    try:
        with _interrupted_by_signals(drive.stop):
            agent.submit(Prompt(prompt))
            async with aclosing(agent.events()) as events:
                timer = _timer(timeout_s, drive.stop)
                try:
                    async for event in events:
                        show(event)
                        if drive.see(event):
                            break
                finally:
                    timer()
                agent.submit(Close())
                async for event in events:
                    show(event)
    finally:
        agent.submit(Close())
    return drive.result(timeout_s)


class _Drive:
    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._refused: ApprovalRequested | None = None
        self._error: Notice | None = None
        self._ended: TurnEnded | None = None
        self._stopped: int | None = None

    def stop(self, exit_code: int) -> None:
        self._stopped = exit_code
        self._agent.submit(Interrupt())

    def see(self, event: Event) -> bool:
        """Act on an event; true when the turn has ended."""
        match event:
            case ApprovalRequested(call):
                self._refused = event
                self._agent.submit(
                    Decide(call, accept=False, reason=UNATTENDED, attended=False)
                )
            case Notice(Level.ERROR):
                self._error = event
            case TurnEnded():
                self._ended = event
            case _:
                pass
        return self._ended is not None

    def result(self, timeout_s: float | None) -> Result:
        if self._stopped == TimedOut.exit_code:
            return Result(self._stopped, _out_of_time(timeout_s))
        if self._stopped is not None and self._was_interrupted():
            return Result(self._stopped)
        if self._error is not None or self._ended is None:
            return Result(self._ended.exit_code if self._ended else 1, self._error)
        if self._refused is not None:
            return Result(ApprovalMissing.exit_code, _approval_missing(self._refused))
        return Result(self._ended.exit_code)

    def _was_interrupted(self) -> bool:
        return self._ended is None or self._ended.status is TurnStatus.INTERRUPTED


def _out_of_time(timeout_s: float | None) -> Notice:
    return Notice(
        Level.ERROR,
        f"not done within {timeout_s:g} s; what was said and changed so far is kept",
        "`spark --continue` goes on, or give it more time with `--timeout`",
    )


def _approval_missing(asked: ApprovalRequested) -> Notice:
    editing = asked.effect is Effect.EDIT
    wider = Approval.AUTO_EDIT if editing else Approval.FULL_AUTO
    return Notice(
        Level.ERROR,
        f"`{asked.summary}` needs approval, and nobody is there to give it",
        f"run it with `--approval {wider}`, or with `--patch` to get the change only",
    )


def _timer(timeout_s: float | None, stop: Callable[[int], None]) -> Callable[[], None]:
    if timeout_s is None:
        return lambda: None
    loop = asyncio.get_running_loop()
    return loop.call_later(timeout_s, stop, TimedOut.exit_code).cancel


@contextmanager
def _interrupted_by_signals(stop: Callable[[int], None]) -> Iterator[None]:
    """The second signal of a kind has its default effect: it ends the program."""
    loop = asyncio.get_running_loop()

    def once(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
        stop(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, once, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
