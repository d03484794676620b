from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

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
from spark_cli.metrics.meter import Meter
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
    assert "Ctrl-C    stop the answer; twice: leave\n" in stream.getvalue()
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


class Talk:
    """A plain session in a folder, with what it prints and all that it began done."""

    def __init__(self, root: Path) -> None:
        self.agent, self.stream = Recorder(), io.StringIO()
        self.meter = Meter()
        scene = replace(SCENE, root=root, environ=os.environ, meter=self.meter)
        self.session = PlainSession(self.agent, scene, self.stream)

    async def types(self, *lines: str) -> str:
        """What is printed for it."""
        before = len(self.stream.getvalue())
        for line in lines:
            self.session.line(line)
            await self.done()
        return self.stream.getvalue()[before:]

    async def done(self) -> None:
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    (tmp_path / "a.py").write_text("x\n")
    return Talk(tmp_path.resolve())


async def test_a_command_of_the_users_own_is_run_and_printed(talk: Talk) -> None:
    text = await talk.types("!echo hi")

    assert text.startswith("! echo hi\n  hi\n· exit code 0, ")
    assert text.endswith("> ")
    assert talk.agent.ops == []

    await talk.types("why?", "!!echo secret", "and?")

    first, second = talk.agent.ops
    assert isinstance(first, Prompt)
    assert first.attached[0].startswith('<shell by="user">\n$ echo hi\nhi\n')
    assert second == Prompt("and?")


async def test_what_a_line_names_goes_with_it(talk: Talk) -> None:
    assert await talk.types("see @a.py", "see @a.py:9") == (
        "error: `a.py` has 1 lines, and line 9 was asked for\n"
        "hint: name lines that there are: `@FILE:10-40`\n> "
    )

    assert talk.agent.ops == [Prompt("see @a.py", ('<file path="a.py">\nx\n</file>',))]


async def test_a_dot_is_the_last_thing_again_in_lines_too(talk: Talk) -> None:
    assert "error: nothing was said yet" in await talk.types(".")
    await talk.types("run the tests", ".")

    assert talk.agent.ops == [Prompt("run the tests"), Prompt("run the tests")]


async def test_a_first_prompt_is_a_line_like_any_other(talk: Talk) -> None:
    talk.session.begin("see @a.py")
    await talk.done()

    assert talk.agent.ops == [Prompt("see @a.py", ('<file path="a.py">\nx\n</file>',))]


async def test_a_session_that_is_gone_on_with_knows_what_it_has_in_use(
    talk: Talk,
) -> None:
    talk.meter.context_tokens = 1_234

    assert " 1,234 tokens, as they were counted" in await talk.types("/context")


async def test_an_interrupt_stops_a_command_of_the_users_own(talk: Talk) -> None:
    talk.session.line("!sleep 60")
    talk.session.interrupt()
    await talk.done()

    assert talk.agent.ops == [Interrupt()]
    assert "· stopped; the model reads it" in talk.stream.getvalue()


async def test_a_command_does_not_answer_a_question(talk: Talk) -> None:
    talk.agent.tell(STARTED, ApprovalRequested(CallId("c"), "run", Effect.RUN, "ls"))
    talk.agent.submit(Close())
    await talk.session.pump()
    talk.agent.ops.clear()

    assert "  hi\n" in await talk.types("!echo hi")
    assert talk.agent.ops == []
