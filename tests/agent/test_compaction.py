from __future__ import annotations

import pytest

from spark_cli.agent.compaction import SUMMARY
from spark_cli.core.errors import Unavailable
from spark_cli.core.events import (
    Compacted,
    Event,
    Level,
    Notice,
    ReplyEnded,
    TextDelta,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.ids import ItemId
from spark_cli.core.items import AgentMessage, Item, Note, UserMessage
from spark_cli.core.ops import Compact, Interrupt, Prompt
from spark_cli.core.usage import Usage
from tests.agent.script import STALL, Script, calls, says
from tests.agent.test_agent import Session

LONG = "word " * 200


def told(items: tuple[Item, ...]) -> list[str]:
    """The conversation in brief."""
    kinds = {UserMessage: "user", AgentMessage: "agent", Note: "note"}
    return [
        f"{kinds.get(type(one), type(one).__name__)}: {getattr(one, 'text', '')[:20]}"
        for one in items
    ]


def told_whole(item: Item) -> str:
    assert isinstance(item, UserMessage | Note)
    return item.text


def notices(heard: list[Event]) -> list[str]:
    return [one.text for one in heard if isinstance(one, Notice)]


async def spoken(*replies: list[object]) -> tuple[Session, Script]:
    """A session after four prompts, the first of which called a tool."""
    script = Script(
        calls("look"),
        *(says(f"{LONG}{n}", f"a{n}") for n in range(4)),
        *replies,
    )
    session = Session(script)
    for prompt in ("one", "two", "three", "four"):
        await session.turn(Prompt(prompt))
    return session, script


async def test_a_summary_stands_for_all_but_the_users_words_and_the_end() -> None:
    session, script = await spoken([*says("We looked.", "s")], [*says("ok", "b")])

    ended = await session.turn(Compact("the look"))
    await session.turn(Prompt("five"))

    assert ended.status is TurnStatus.COMPLETED
    asked, after = script.requests[-2:]
    assert asked.tools == ()
    assert "Above all: the look]" in told_whole(asked.items[-1])
    assert told(asked.items[:-1]) == [
        *("user: one", "ToolCall: ", "ToolOutput: look is done"),
        *("agent: word word word word ", "user: two", "agent: word word word word "),
    ]
    assert told(after.items) == [
        *("user: one", "user: two", f"note: {SUMMARY[:20]}"),
        *("user: three", "agent: word word word word "),
        *("user: four", "agent: word word word word ", "user: five"),
    ]
    await session.close()


async def test_what_was_gained_is_told() -> None:
    session, _ = await spoken([*says("We looked.", "s")])

    await session.turn(Compact())

    [event] = [one for one in session.heard if isinstance(one, Compacted)]
    assert event.summary.text == SUMMARY + "We looked."
    assert event.tokens_before - event.tokens_after > 300
    assert event.of(session.items())[-1] == session.items()[-1]
    await session.close()


CUT = ReplyEnded("r", "max_output_tokens", Usage(), "script")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ([Unavailable("no answer")], "no answer"),
        (
            [AgentMessage(ItemId("s"), "We", complete=False), CUT],
            "there is no whole summary (max_output_tokens); nothing was changed",
        ),
        (
            says("  ", "s"),
            "there is no whole summary (completed); nothing was changed",
        ),
        (
            says(LONG * 9, "s"),
            "the summary is as long as what it sums up; the conversation stays",
        ),
    ],
)
async def test_where_there_is_no_summary_nothing_has_changed(
    reply: list[object], message: str
) -> None:
    session, script = await spoken([*reply], [*says("ok", "b")])

    ended = await session.turn(Compact())
    await session.turn(Prompt("five"))

    assert (ended.status, notices(session.heard)[-1]) == (TurnStatus.FAILED, message)
    assert len(script.requests[-1].items) == 11
    await session.close()


async def test_a_compaction_can_be_stopped() -> None:
    session, script = await spoken([TextDelta(ItemId("s"), "We"), STALL])
    session.agent.submit(Compact())
    await script.stalled.wait()

    ended = await session.turn(Interrupt())

    assert ended.status is TurnStatus.INTERRUPTED
    assert not any(isinstance(one, Compacted) for one in session.heard)
    await session.close()


async def test_words_while_it_compacts_stop_it_and_are_answered() -> None:
    session, script = await spoken([STALL], [*says("ok", "b")])
    session.agent.submit(Compact())
    await script.stalled.wait()

    await session.turn(Prompt("five"))
    await session.until(lambda event: isinstance(event, TurnEnded))

    assert told(script.requests[-1].items)[-1] == "user: five"
    assert len(script.requests[-1].items) == 11
    await session.close()


@pytest.mark.parametrize("prompts", [[], ["one"]])
async def test_there_may_be_nothing_to_compact(prompts: list[str]) -> None:
    session = Session(Script(*(says("1", "a") for _ in prompts)))
    for prompt in prompts:
        await session.turn(Prompt(prompt))

    await session.turn(Compact())

    told = Notice(Level.ERROR, "there is nothing to compact yet")
    assert told in session.heard
    await session.close()


async def test_an_end_that_is_too_long_is_summed_up_too() -> None:
    huge = "word " * 20_000
    script = Script([*says(huge, "a")], [*says("short", "s")], [*says("ok", "b")])
    session = Session(script)
    await session.turn(Prompt("one"))

    await session.turn(Compact())
    await session.turn(Prompt("two"))

    assert told(script.requests[-1].items) == [
        *("user: one", f"note: {SUMMARY[:20]}", "user: two"),
    ]
    await session.close()
