from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from pathlib import Path

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalRequested,
    CheckpointUndone,
    Event,
    ItemCompleted,
    Level,
    Notice,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage
from spark_cli.core.ops import Clear, Close, Decide, Interrupt, Op, Prompt, Steer, Undo
from spark_cli.core.usage import Usage
from spark_cli.repl.plain import PlainSession
from spark_cli.repl.scene import Scene

STARTED = TurnStarted(TurnId("t"))
ENDED = TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage())
SCENE = Scene("m-1", "demo", Approval.ASK, Path("/w"), "0abc")


class Recorder:
    """Keeps ops, and tells the events that it was given; `Close` ends them."""

    def __init__(self, *events: Event) -> None:
        self.ops: list[Op] = []
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self.tell(*events)

    def tell(self, *events: Event) -> None:
        for event in events:
            self._events.put_nowait(event)

    def submit(self, op: Op) -> None:
        self.ops.append(op)
        if op == Close():
            self._events.put_nowait(None)

    async def events(self) -> AsyncGenerator[Event, None]:
        while (event := await self._events.get()) is not None:
            yield event


async def told(agent: Recorder) -> tuple[PlainSession, str]:
    """The session after all of the agent's events, and what it has printed."""
    stream = io.StringIO()
    session = PlainSession(agent, SCENE, stream)
    session.begin(None)
    agent.submit(Close())
    await session.pump()
    agent.ops.clear()
    return session, stream.getvalue()


async def test_an_answer_is_printed_without_any_escape() -> None:
    said = ItemCompleted(AgentMessage(ItemId("m"), "**Hello** \x1b[2J"))

    _, text = await told(Recorder(STARTED, said, ENDED))

    assert text.endswith("Hello \u241b[2J\n> ")
    assert "\x1b" not in text


async def test_a_line_is_a_prompt_when_idle_and_a_steer_when_not() -> None:
    agent = Recorder(STARTED)
    session, _ = await told(agent)
    session.line("stop that")
    session.interrupt()

    idle = Recorder()
    quiet, _ = await told(idle)
    quiet.line("hi")
    quiet.line("")
    quiet.line("/clear")

    assert agent.ops == [Steer("stop that"), Interrupt()]
    assert idle.ops == [Prompt("hi"), Clear()]


async def test_a_question_is_answered_by_a_line() -> None:
    agent = Recorder(
        STARTED, ApprovalRequested(CallId("c"), "run ls", Effect.RUN, "ls")
    )
    session, text = await told(agent)

    session.line("y")

    assert agent.ops == [Decide(CallId("c"), accept=True)]
    assert "$ ls\nquestion: run this? yes, no, or say what to do instead\n> " in text


async def test_two_interrupts_at_an_idle_prompt_leave() -> None:
    agent = Recorder()
    session, _ = await told(agent)

    session.interrupt()
    session.line("")
    session.interrupt()
    assert agent.ops == []
    session.interrupt()

    assert agent.ops == [Close()]


async def test_a_question_mark_lists_what_can_be_done_without_keys() -> None:
    agent = Recorder()
    stream = io.StringIO()
    session = PlainSession(agent, SCENE, stream)

    session.line("?")

    assert agent.ops == []
    assert "Ctrl-C  stop the answer; twice: leave\n" in stream.getvalue()
    assert stream.getvalue().endswith("\n> ")


async def test_a_command_of_several_steps_ends_with_the_first_that_fails() -> None:
    undone = CheckpointUndone(CheckpointId("1"), ("a.py",))
    agent = Recorder()
    stream = io.StringIO()
    session = PlainSession(agent, SCENE, stream)
    session.line("/undo 3")
    agent.tell(undone, Notice(Level.ERROR, "nothing to undo"))
    agent.submit(Close())

    await session.pump()

    assert agent.ops == [Undo(), Close(), Undo()]
    assert stream.getvalue() == (
        "· taken back a.py\n\nerror: nothing to undo\n(1 of 3 changes taken back)\n> "
    )
