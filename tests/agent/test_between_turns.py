"""What is asked of the agent between two turns: ask, go on, rewind, rename."""

from __future__ import annotations

import asyncio

import pytest

from spark_cli.agent.agent import GO_ON, ONLY_LOOK, REWOUND
from spark_cli.core.effects import Approval
from spark_cli.core.errors import Unavailable
from spark_cli.core.events import (
    CheckpointUndone,
    Configured,
    Level,
    Notice,
    Renamed,
    Rewound,
    TextDelta,
)
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.items import AgentMessage, Item, Note, ToolOutput, UserMessage
from spark_cli.core.ops import (
    Ask,
    Clear,
    Configure,
    Continue,
    Interrupt,
    Op,
    Prompt,
    Redo,
    Rename,
    Rewind,
    Undo,
)
from tests.agent.script import STALL, Script, calls, says
from tests.agent.test_agent import Session


def texts(items: tuple[Item, ...]) -> list[str]:
    return [one.text for one in items if isinstance(one, UserMessage | AgentMessage)]


def user(session: Session, text: str) -> ItemId:
    """The newest message of that text."""
    said = [one for one in session.items() if isinstance(one, UserMessage)]
    return [one.id for one in said if one.text == text][-1]


async def test_a_question_only_looks_whatever_the_approval() -> None:
    script = Script(calls("edit"), says("I cannot"), calls("edit"), says("done"))
    session = Session(script, approval=Approval.FULL_AUTO)

    await session.turn(Ask("what does it do?"))
    [output] = [one for one in session.items() if isinstance(one, ToolOutput)]
    assert not output.ok
    assert "read-only" in output.text
    assert [one.text for one in script.requests[0].items] == [  # type: ignore[union-attr]  # both have a text
        "what does it do?",
        ONLY_LOOK,
    ]

    await session.turn(Prompt("then do it"))
    assert session.bench.done == ["edit"]
    await session.close()


@pytest.mark.parametrize("stopped", [False, True])
async def test_what_is_asked_aside_is_forgotten_at_its_end(stopped: bool) -> None:  # noqa: FBT001 - a case
    aside = [TextDelta(ItemId("b"), "ten"), STALL] if stopped else says("ten", "b")
    script = Script(says("1", "a"), aside, says("2", "c"))
    session = Session(script, approval=Approval.FULL_AUTO)
    await session.turn(Prompt("one"))

    if stopped:
        session.agent.submit(Ask("how old is it?", aside=True))
        await script.stalled.wait()
        await session.turn(Interrupt())
    else:
        await session.turn(Ask("how old is it?", aside=True))
    assert texts(script.requests[-1].items) == ["one", "1", "how old is it?"]
    await session.turn(Prompt("two"))

    assert [type(one) for one in script.requests[-1].items] == [
        UserMessage,
        AgentMessage,
        UserMessage,
    ]
    assert session.heard.count(Rewound(user(session, "how old is it?"), aside=True))
    await session.close()


async def test_an_answer_that_was_stopped_goes_on_without_new_words() -> None:
    script = Script([TextDelta(ItemId("a"), "one, two"), STALL], says("three", "b"))
    session = Session(script)
    session.agent.submit(Prompt("count"))
    await script.stalled.wait()
    await session.turn(Interrupt())

    await session.turn(Continue())

    assert texts(script.requests[1].items) == ["count", "one, two"]
    assert script.requests[1].items[-1] == Note(session.items()[-2].id, GO_ON)
    await session.close()


async def test_a_turn_that_failed_can_be_gone_on_with() -> None:
    script = Script([Unavailable("no answer")], says("here"))
    session = Session(script)
    await session.turn(Prompt("hello"))

    await session.turn(Continue())

    assert texts(script.requests[1].items) == ["hello"]
    await session.close()


@pytest.mark.parametrize("prompts", [[], ["hello"]])
async def test_there_may_be_nothing_to_continue(prompts: list[str]) -> None:
    session = Session(Script(says("hi")))
    for text in prompts:
        await session.turn(Prompt(text))

    session.agent.submit(Continue())
    await session.close()

    told = Notice(Level.WARNING, "there is nothing to continue", "say what to do next")
    assert told in session.heard


async def test_a_rewind_forgets_what_was_said_from_a_message_on() -> None:
    script = Script(says("1", "a"), says("2", "b"), says("3", "c"), says("4", "d"))
    session = Session(script)
    for text in ("one", "two", "three"):
        await session.turn(Prompt(text))

    session.agent.submit(Rewind(user(session, "two")))
    await session.turn(Prompt("other"))

    assert Rewound(user(session, "two")) in session.heard
    assert texts(script.requests[-1].items) == ["one", "1", "other"]
    notes = [one.text for one in script.requests[-1].items if isinstance(one, Note)]
    assert notes == [REWOUND]
    await session.close()


async def test_rewinding_often_is_told_to_the_model_once() -> None:
    script = Script(*(says(f"{n}", f"a{n}") for n in range(4)))
    session = Session(script)
    await session.turn(Prompt("one"))
    for _ in range(2):
        await session.turn(Prompt("two"))
        session.agent.submit(Rewind(user(session, "two")))

    await session.turn(Prompt("three"))

    notes = [one.text for one in script.requests[-1].items if isinstance(one, Note)]
    assert notes == [REWOUND]
    await session.close()


async def test_a_rewind_to_the_beginning_leaves_nothing() -> None:
    script = Script(says("1", "a"), says("2", "b"))
    session = Session(script)
    await session.turn(Prompt("one"))

    session.agent.submit(Rewind(user(session, "one")))
    await session.turn(Prompt("two"))

    assert [type(one) for one in script.requests[-1].items] == [UserMessage]
    await session.close()


async def test_a_rewind_takes_the_files_back_first() -> None:
    asked: list[Undo] = []

    def undo(op: Undo) -> CheckpointUndone:
        asked.append(op)
        return CheckpointUndone(CheckpointId("c1"), ("a.py",))

    script = Script(says("1", "a"), says("2", "b"))
    session = Session(script, undo=undo)
    await session.turn(Prompt("one"))

    session.agent.submit(Rewind(user(session, "one"), CheckpointId("c1")))
    await session.until(lambda event: isinstance(event, Rewound))
    await session.turn(Prompt("two"))

    assert asked == [Undo(CheckpointId("c1"), onward=True)]
    assert [type(one) for one in script.requests[-1].items] == [UserMessage]
    await session.close()


async def test_where_the_files_cannot_be_taken_back_nothing_is_cut() -> None:
    script = Script(says("1", "a"), says("2", "b"))
    session = Session(script)
    await session.turn(Prompt("one"))

    session.agent.submit(Rewind(user(session, "one"), CheckpointId("c1")))
    await session.until(
        lambda event: event == Notice(Level.ERROR, "there is nothing to undo")
    )
    await session.turn(Prompt("two"))

    assert texts(script.requests[-1].items) == ["one", "1", "two"]
    assert not any(isinstance(event, Rewound) for event in session.heard)
    await session.close()


async def test_a_turn_that_began_meanwhile_is_not_cut_away() -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def undo(op: Undo) -> CheckpointUndone:
        asyncio.run_coroutine_threadsafe(begun.wait(), loop).result()
        return CheckpointUndone(CheckpointId("c1"), ("a.py",))

    script = Script(says("1", "a"), says("2", "b"))
    session = Session(script, undo=undo)
    await session.turn(Prompt("one"))
    session.agent.submit(Rewind(user(session, "one"), CheckpointId("c1")))
    session.agent.submit(Prompt("two"))
    begun.set()
    await session.turn()

    assert texts(script.requests[-1].items) == ["one", "1", "two"]
    assert not any(isinstance(event, Rewound) for event in session.heard)
    await session.close()


@pytest.mark.parametrize(
    "op", [Ask("?"), Continue(), Undo(), Redo(), Rewind(ItemId("u")), Clear()]
)
async def test_while_a_turn_runs_the_user_is_told_to_wait(op: Op) -> None:
    script = Script([TextDelta(ItemId("a"), "no"), STALL])
    session = Session(script)
    session.agent.submit(Prompt("go"))
    await script.stalled.wait()

    session.agent.submit(op)
    await session.turn(Interrupt())

    told = Notice(Level.WARNING, "a turn is running", "stop it first")
    assert session.heard.count(told) == 1
    await session.close()


async def test_a_session_can_be_named_at_any_time() -> None:
    session = Session(Script())

    session.agent.submit(Rename("the parser"))

    assert session.heard[-1] == Renamed("the parser")
    await session.close()


async def test_a_new_effort_makes_a_new_rig() -> None:
    first, second = Script(says("1", "a")), Script(says("2", "b"))
    session = Session(first, second)
    await session.turn(Prompt("one"))

    session.agent.submit(Configure(effort="high"))
    await session.turn(Prompt("two"))

    assert [one.effort for one in session.equipment.asked] == ["", "high"]
    assert Configured("model", "provider", Approval.ASK, "high") in session.heard
    await session.close()
