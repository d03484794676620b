"""Words that are handed in while a model answers, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from websockets.asyncio.server import ServerConnection

from spark_cli.core.events import ReplyEnded, TextDelta
from spark_cli.core.items import AgentMessage
from spark_cli.core.json import JsonObject
from spark_cli.wire.socket import SocketTransport
from spark_cli.wire.transport import ReplyPart, Steered
from tests.wire.servers import Script, SocketBench, endpoint, request, said, sockets

ACCEPTED: JsonObject = {"type": "response.steer.accepted", "steer": {"id": "steer_1"}}
PENDING: JsonObject = {"type": "response.steer.pending", "steer": {"id": "steer_1"}}
REFUSED: JsonObject = {
    "type": "response.steer.failed",
    "error": {"code": "steering_not_supported", "message": "not with this model"},
}


def cut(events: list[JsonObject]) -> list[JsonObject]:
    """The same reply, ended since it was steered."""
    *before, last = events
    response = {
        **last["response"],  # type: ignore[dict-item]  # an object
        "status": "incomplete",
        "incomplete_details": {"reason": "steered"},
    }
    return [*before, {"type": "response.incomplete", "response": response}]


def steered(
    answer: JsonObject, ends: Callable[[list[JsonObject]], list[JsonObject]]
) -> Script:
    """Says half a reply, waits for words, and goes on as the test says."""

    async def script(connection: ServerConnection, bench: SocketBench) -> None:
        async for message in connection:
            bench.creates.append(json.loads(message))
            first, second = said("one two", 1), said("three", 2)
            for event in first[:3]:
                await connection.send(json.dumps(event))
            bench.creates.append(json.loads(await connection.recv()))
            follows = second if answer is ACCEPTED else []
            for event in (answer, *ends(first)[3:], *follows):
                await connection.send(json.dumps(event))

    return script


async def played(script: Script) -> tuple[SocketBench, list[ReplyPart]]:
    parts: list[ReplyPart] = []
    async with sockets(script) as bench:
        transport = SocketTransport(endpoint(bench.url))
        assert not await transport.steer("too early")
        async for part in transport.reply(request()):
            if isinstance(part, TextDelta) and not parts:
                assert await transport.steer("the other way")
            parts.append(part)
        assert not await transport.steer("too late")
        await transport.aclose()
    return bench, parts


@pytest.mark.parametrize(("ends", "status"), [(cut, "steered"), (list, "completed")])
async def test_a_reply_goes_on_with_words_that_were_handed_in(
    ends: Callable[[list[JsonObject]], list[JsonObject]], status: str
) -> None:
    bench, parts = await played(steered(ACCEPTED, ends))

    assert bench.connections == 1
    assert bench.creates[1] == {
        "type": "response.steer",
        "previous_response_id": "resp_1",
        "input": "the other way",
    }
    told = [
        part.text if isinstance(part, AgentMessage) else part
        for part in parts
        if isinstance(part, AgentMessage | Steered)
    ]
    assert told == ["one two", Steered(), "three"]
    ended = [part.status for part in parts if isinstance(part, ReplyEnded)]
    assert ended == [status, "completed"]


async def test_words_that_a_model_does_not_take_are_given_back() -> None:
    _, parts = await played(steered(REFUSED, list))

    assert Steered("not with this model") in parts
    assert sum(isinstance(part, ReplyEnded) for part in parts) == 1


async def test_a_reply_that_waits_for_tools_ends_there() -> None:
    _, parts = await played(steered(PENDING, list))

    assert not any(isinstance(part, Steered) for part in parts)
    assert sum(isinstance(part, ReplyEnded) for part in parts) == 1
