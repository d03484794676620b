from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.events import Event, ItemCompleted, TextDelta, TurnEnded, TurnStatus
from spark_cli.core.ids import CallId, ItemId, TurnId
from spark_cli.core.items import AgentMessage, Item, ToolCall
from spark_cli.core.ops import Op
from spark_cli.core.serde import Spoken, dump, load
from spark_cli.core.usage import Usage

EVERY_KIND = st.one_of(
    *(st.from_type(kind) for kind in (*get_args(Item), *get_args(Event), *get_args(Op)))
)


@given(EVERY_KIND)
def test_every_value_survives_the_journey_through_json(value: Spoken) -> None:
    if "nan" not in repr(value):
        assert load(json.loads(json.dumps(dump(value)))) == value


def test_the_type_comes_first_and_is_in_snake_case() -> None:
    assert next(iter(dump(TextDelta(ItemId("a"), "hi")).items())) == (
        "type",
        "text_delta",
    )


def test_items_inside_events_keep_their_type() -> None:
    call = ToolCall(ItemId("i"), CallId("c"), "shell", "{}")

    assert dump(ItemCompleted(call)) == {
        "type": "item_completed",
        "item": {
            "type": "tool_call",
            "id": "i",
            "call": "c",
            "name": "shell",
            "input": "{}",
            "freeform": False,
        },
    }


def test_a_reader_takes_defaults_and_passes_over_what_it_does_not_know() -> None:
    written = {"type": "agent_message", "id": "a", "text": "hi", "colour": "blue"}

    assert load(written) == AgentMessage(ItemId("a"), "hi")


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"type": "sundial"},
        {"type": "agent_message", "id": "a"},
        {"type": "agent_message", "id": 3, "text": "hi"},
        {"type": "item_completed", "item": {"type": "sundial"}},
        {"type": "item_completed", "item": "text"},
        {"type": "turn_ended", "turn": "t", "status": "sideways", "usage": {}},
    ],
)
def test_what_is_no_value_is_a_value_error(written: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the message is not the contract
        load(written)  # type: ignore[arg-type]  # the point of the test


def test_plain_values_inside_carry_no_type() -> None:
    ended = TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage(1, 2, 3, 4))

    assert dump(ended)["usage"] == {
        "input_tokens": 1,
        "cached_tokens": 2,
        "output_tokens": 3,
        "reasoning_tokens": 4,
    }
