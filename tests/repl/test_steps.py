from __future__ import annotations

import pytest

from spark_cli.core.events import (
    CheckpointUndone,
    Cleared,
    Event,
    Level,
    Notice,
    Rewound,
    TurnStarted,
)
from spark_cli.core.ids import CheckpointId, ItemId, TurnId
from spark_cli.core.ops import Op, Prompt, Rewind, Undo
from spark_cli.repl.lines import plain
from spark_cli.repl.steps import Steps

DONE = CheckpointUndone(CheckpointId("1"), ("a",))
REFUSED = Notice(Level.ERROR, "there is nothing to undo")
BUSY = Notice(Level.WARNING, "a turn is running")
TOLD = Notice(Level.INFO, "by the way")
CUT = Rewound(ItemId("u"))
STARTED = TurnStarted(TurnId("t"))


def nobody(text: str) -> None:
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("events", "submitted", "told"),
    [
        ([], 1, []),
        ([DONE], 2, []),
        ([TOLD, Cleared()], 1, []),
        ([DONE, DONE, DONE], 3, ["(3 of 3 changes taken back)"]),
        ([DONE, REFUSED, DONE], 2, ["(1 of 3 changes taken back)"]),
        ([BUSY], 1, ["(0 of 3 changes taken back)"]),
    ],
)
def test_a_step_follows_only_one_that_was_carried_out(
    events: list[Event], submitted: int, told: list[str]
) -> None:
    ops: list[Op] = []
    steps = Steps(ops.append, nobody)

    steps.begin((Undo(),) * 3)
    lines = [plain(line) for event in events for line in steps.see(event)]

    assert (len(ops), lines) == (submitted, told)


def test_nothing_is_said_of_what_was_not_begun() -> None:
    steps = Steps(lambda _: None, nobody)
    steps.begin(())

    assert [*steps.see(DONE), *steps.see(REFUSED)] == []


@pytest.mark.parametrize(
    ("events", "submitted", "drafts"),
    [
        ([], 1, []),
        ([DONE], 1, []),
        ([DONE, CUT], 2, []),
        ([CUT, STARTED], 2, ["fix it"]),
        ([REFUSED, CUT], 1, []),
    ],
)
def test_words_are_given_back_once_all_was_carried_out(
    events: list[Event], submitted: int, drafts: list[str]
) -> None:
    ops: list[Op] = []
    given: list[str] = []
    steps = Steps(ops.append, given.append)

    steps.begin((Rewind(ItemId("u")), Prompt("fix it")), "fix it")
    told = [line for event in events for line in steps.see(event)]

    assert (len(ops), given, told) == (submitted, drafts, [])
