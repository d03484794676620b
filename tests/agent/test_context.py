from __future__ import annotations

import pytest

from spark_cli.agent.context import Context
from spark_cli.core.errors import SparkError
from spark_cli.core.ids import ItemId
from spark_cli.core.items import Item, UserMessage
from spark_cli.core.usage import Usage
from spark_cli.wire.request import Request


def request(*texts: str) -> Request:
    items: tuple[Item, ...] = tuple(UserMessage(ItemId("u"), text) for text in texts)
    return Request("model", "", items)


def test_a_request_that_cannot_fit_is_refused_and_nothing_is_cut() -> None:
    with pytest.raises(SparkError, match="nothing was cut or sent"):
        Context().check(request("x" * 50_000), 10_000)


def test_room_for_the_answer_is_kept() -> None:
    context = Context()
    whole = request("x" * 30_000)

    context.check(whole, 10_000)
    with pytest.raises(SparkError):
        context.check(
            Request("model", "", whole.items, max_output_tokens=5_000), 10_000
        )


def test_an_unknown_window_refuses_nothing() -> None:
    Context().check(request("x" * 10_000_000), 0)


def test_the_estimate_learns_from_the_servers_count() -> None:
    context = Context()
    asked = request("x" * 8_000)
    before = context.tokens(asked)

    context.learn(Usage(input_tokens=4_000))

    assert before == pytest.approx(2_000, rel=0.1)
    assert context.tokens(asked) == pytest.approx(4_000, rel=0.01)


def test_a_growing_conversation_is_counted_as_if_it_were_counted_whole() -> None:
    texts = ["a" * 100, "b" * 250, "c" * 13]
    growing = Context()

    sizes = [growing.tokens(request(*texts[: n + 1])) for n in range(3)]

    assert sizes == [Context().tokens(request(*texts[: n + 1])) for n in range(3)]
