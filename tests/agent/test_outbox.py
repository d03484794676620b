from __future__ import annotations

import pytest

from spark_cli.agent.outbox import Outbox
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    CallDelta,
    Cleared,
    Event,
    Level,
    Notice,
    ReasoningDelta,
    TextDelta,
)
from spark_cli.core.ids import ItemId

A, B = ItemId("a"), ItemId("b")
FULL = SparkError("the disk is full", "free some space")


async def read(outbox: Outbox) -> list[Event]:
    outbox.close()
    return [event async for event in outbox.events()]


async def test_what_was_not_recorded_is_not_shown() -> None:
    """Law 2: the journal has an event before any face does."""

    def dies(event: Event) -> None:
        raise MemoryError

    outbox = Outbox([dies])
    with pytest.raises(MemoryError):
        outbox.emit(Cleared())

    assert await read(outbox) == []


async def test_those_who_record_are_called_in_their_order() -> None:
    called: list[str] = []
    outbox = Outbox([lambda _: called.append("one"), lambda _: called.append("two")])

    outbox.emit(Cleared())

    assert called == ["one", "two"]


async def test_one_that_cannot_record_is_told_of_once_and_left_out() -> None:
    def full(event: Event) -> None:
        raise FULL

    recorded: list[Event] = []
    outbox = Outbox([full, recorded.append])
    outbox.emit(Cleared())
    outbox.emit(Cleared())

    told = Notice(Level.WARNING, "the disk is full", "free some space")
    assert recorded == [told, Cleared(), Cleared()]
    assert await read(outbox) == recorded


@pytest.mark.parametrize(
    ("emitted", "shown"),
    [
        ([TextDelta(A, "a"), TextDelta(A, "b")], [TextDelta(A, "ab")]),
        (
            [TextDelta(A, "a"), TextDelta(B, "b")],
            [TextDelta(A, "a"), TextDelta(B, "b")],
        ),
        (
            [TextDelta(A, "a"), ReasoningDelta(A, "b")],
            [TextDelta(A, "a"), ReasoningDelta(A, "b")],
        ),
        (
            [CallDelta(A, "shell", "l"), CallDelta(A, "shell", "s")],
            [CallDelta(A, "shell", "ls")],
        ),
        (
            [TextDelta(A, "a"), Cleared(), TextDelta(A, "b")],
            [TextDelta(A, "a"), Cleared(), TextDelta(A, "b")],
        ),
    ],
)
async def test_deltas_of_one_item_merge_while_nobody_reads(
    emitted: list[Event], shown: list[Event]
) -> None:
    recorded: list[Event] = []
    outbox = Outbox([recorded.append])

    for event in emitted:
        outbox.emit(event)

    assert recorded == emitted
    assert await read(outbox) == shown
