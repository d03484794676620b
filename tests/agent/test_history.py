from __future__ import annotations

import pytest

from spark_cli.agent.history import History
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)

ASKED = UserMessage(ItemId("u1"), "go")
SAID = AgentMessage(ItemId("a1"), "done")
CUT = AgentMessage(ItemId("a2"), "I am", complete=False)
THOUGHT = Reasoning(ItemId("r1"))
CALL = ToolCall(ItemId("t1"), CallId("c1"), "look", "{}")
OUTPUT = ToolOutput(ItemId("o1"), CallId("c1"), "seen")
NOTE = Note(ItemId("n1"), "[by the way]")


@pytest.mark.parametrize(
    ("items", "unfinished"),
    [
        ([], False),
        ([NOTE], False),
        ([ASKED], True),
        ([ASKED, SAID], False),
        ([ASKED, SAID, NOTE], False),
        ([ASKED, CUT], True),
        ([ASKED, CUT, NOTE], True),
        ([ASKED, THOUGHT, NOTE], True),
        ([ASKED, SAID, CALL, OUTPUT, NOTE], True),
    ],
)
def test_what_was_stopped_can_be_gone_on_with(
    items: list[Item], *, unfinished: bool
) -> None:
    assert History(items).unfinished is unfinished


def test_a_cut_forgets_a_message_and_all_that_follows() -> None:
    second = UserMessage(ItemId("u2"), "more")
    history = History([ASKED, SAID, second, CALL])

    assert history.cut(second.id)
    assert (history.items(), history.unanswered()) == ((ASKED, SAID), [])


@pytest.mark.parametrize("item", [ItemId("nobody"), SAID.id])
def test_only_words_of_the_user_can_be_gone_back_to(item: ItemId) -> None:
    history = History([ASKED, SAID])

    assert not history.cut(item)
    assert history.items() == (ASKED, SAID)
