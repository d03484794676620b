from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    ApprovalRequested,
    Event,
    Level,
    Notice,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, TurnId
from spark_cli.core.ops import Close, Decide, Interrupt, Op, Prompt
from spark_cli.core.usage import Usage
from spark_cli.headless.run import UNATTENDED, Result, run

STARTED = TurnStarted(TurnId("t"))
ASKED = ApprovalRequested(CallId("c"), "change a.py", Effect.EDIT, "diff")


def ended(status: TurnStatus = TurnStatus.COMPLETED, code: int = 0) -> TurnEnded:
    return TurnEnded(TurnId("t"), status, Usage(), code)


class Double:
    """Tells its events when it is prompted; ends the turn when it is interrupted."""

    def __init__(self, *events: Event) -> None:
        self.script = events
        self.ops: list[Op] = []
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def submit(self, op: Op) -> None:
        self.ops.append(op)
        match op:
            case Prompt():
                for event in self.script:
                    self.queue.put_nowait(event)
            case Interrupt():
                self.queue.put_nowait(ended(TurnStatus.INTERRUPTED, 130))
            case Close():
                self.queue.put_nowait(None)
            case _:
                pass

    async def events(self) -> AsyncGenerator[Event, None]:
        while (event := await self.queue.get()) is not None:
            yield event


async def test_a_run_ends_with_its_turn_and_closes_the_agent() -> None:
    agent, shown = Double(STARTED, ended()), list[Event]()

    result = await run(agent, "hello", shown.append)

    assert result == Result(0)
    assert shown == [STARTED, ended()]
    assert agent.ops[0] == Prompt("hello")
    assert Close() in agent.ops


async def test_a_question_that_nobody_can_answer_is_refused_and_told() -> None:
    agent = Double(STARTED, ASKED, ended())

    result = await run(agent, "hello", lambda _: None)

    refused = Decide(ASKED.call, accept=False, reason=UNATTENDED, attended=False)
    assert refused in agent.ops
    assert result.exit_code == 6
    assert result.error is not None
    assert "--approval auto-edit" in result.error.hint


async def test_a_failed_turn_gives_its_code_and_its_error() -> None:
    error = Notice(Level.ERROR, "no answer", "try again")
    agent = Double(STARTED, error, ended(TurnStatus.FAILED, 75))

    assert await run(agent, "hello", lambda _: None) == Result(75, error)


async def test_time_that_runs_out_interrupts_the_turn() -> None:
    agent = Double(STARTED)

    result = await run(agent, "hello", lambda _: None, timeout_s=0.01)

    assert Interrupt() in agent.ops
    assert result.exit_code == 124
    assert result.error is not None
    assert "not done within 0.01 s" in result.error.text


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
async def test_a_signal_interrupts_the_turn(number: signal.Signals, code: int) -> None:
    agent = Double(STARTED)

    def show(event: Event) -> None:
        if event == STARTED:
            os.kill(os.getpid(), number)

    assert await run(agent, "hello", show) == Result(code)


async def test_a_broken_pipe_closes_the_agent_and_goes_on_up() -> None:
    agent = Double(STARTED, ended())

    def broken(event: Event) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await run(agent, "hello", broken)
    assert agent.ops[-1] == Close()
