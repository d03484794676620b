from __future__ import annotations

import pytest

from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.wire.continuation import Continuation, ids
from tests.wire.servers import HELLO, PATCH, READ, answer_of, call_of, request

CALL = call_of(1, "read_file", "{}")
OUTPUT = ToolOutput(ItemId("o"), CallId("call_1"), "text")
MORE = UserMessage(ItemId("u2"), "more")


def known() -> Continuation:
    continuation = Continuation()
    continuation.remember(request(tools=(READ,)), [answer_of(1, "hi"), CALL], "resp_1")
    return continuation


def rest(*items: Item, **changes: object) -> tuple[Item, ...] | None:
    return known().rest(request(*items, **{"tools": (READ,), **changes}))


@pytest.mark.parametrize("new", [(OUTPUT,), (OUTPUT, MORE), (Note(ItemId("n"), "x"),)])
def test_only_what_is_new_is_sent(new: tuple[Item, ...]) -> None:
    assert rest(HELLO, answer_of(1, "hi"), CALL, *new) == new


@pytest.mark.parametrize(
    "items",
    [
        (HELLO, answer_of(1, "hi"), CALL),
        (HELLO, answer_of(1, "hi")),
        (HELLO, CALL, answer_of(1, "hi"), OUTPUT),
        (HELLO, answer_of(1, "ho"), CALL, OUTPUT),
        (HELLO, AgentMessage(ItemId("msg_1"), "hi", complete=False), CALL, OUTPUT),
        (MORE, answer_of(1, "hi"), CALL, OUTPUT),
        (HELLO, answer_of(1, "hi"), CALL, OUTPUT, answer_of(7, "not the server's")),
        (HELLO, answer_of(1, "hi"), CALL, OUTPUT, ToolCall(*["x"] * 4)),  # type: ignore[arg-type]  # any call
        (MORE,),
    ],
)
def test_a_conversation_that_was_rewritten_is_sent_whole(
    items: tuple[Item, ...],
) -> None:
    assert rest(*items) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "other"},
        {"instructions": "Be long."},
        {"tools": (READ, PATCH)},
        {"tools": ()},
        {"effort": "high"},
        {"freeform_tools": True},
        {"schema": {}},
        {"rejects": frozenset({"x"})},
    ],
)
def test_other_settings_are_told_with_the_whole_conversation(
    changes: dict[str, object],
) -> None:
    assert rest(HELLO, answer_of(1, "hi"), CALL, OUTPUT, **changes) is None


def test_what_was_forgotten_is_sent_whole() -> None:
    continuation = known()
    continuation.forget()

    asked = request(HELLO, answer_of(1, "hi"), CALL, OUTPUT, tools=(READ,))
    assert continuation.rest(asked) is None


def test_a_response_without_an_id_cannot_be_continued() -> None:
    continuation = Continuation()
    continuation.remember(request(), [], "")

    assert continuation.rest(request(HELLO, MORE)) is None


def test_ids_follow_a_conversation_that_grows_and_one_that_is_rewritten() -> None:
    continuation = Continuation()
    for items in ((HELLO,), (HELLO, CALL, OUTPUT), (MORE, CALL), (MORE,)):
        assert continuation.ids(request(*items)) == ids(items)
