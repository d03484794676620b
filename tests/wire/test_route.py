from __future__ import annotations

import asyncio
import json

import pytest

from spark_cli.config.settings import Provider, TransportKind
from spark_cli.core.errors import (
    ConnectionLost,
    Denied,
    RateLimited,
    SparkError,
    Unavailable,
)
from spark_cli.core.events import Notice, ReplyEnded, TextDelta
from spark_cli.core.items import AgentMessage
from spark_cli.core.json import JsonObject
from spark_cli.core.secret import Secret
from spark_cli.wire.endpoint import Endpoint
from spark_cli.wire.failures import RouteMissing, ServerFailed
from spark_cli.wire.route import FAILED_S, REFUSED_S, Route, connect
from spark_cli.wire.transport import ReplyPart
from tests.wire.servers import (
    Asked,
    Respond,
    accepted,
    answer_of,
    answers,
    chat_said,
    chunked_chat,
    collect,
    endpoint,
    failed,
    frame,
    http,
    items_of,
    plain,
    request,
    said,
    sockets,
    streamed,
)

WS, SSE, CHAT = (
    "WS /v1/responses",
    "POST /v1/responses",
    "POST /v1/chat/completions",
)
OK = streamed(said("noon"))
SUMMARY = failed(
    "unsupported_parameter", "not with this model", param="reasoning.summary"
)


class Clock:
    """Time that passes only where the route waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    async def pause(self, delay_s: float) -> None:
        self.waits.append(round(delay_s, 3))
        self.now += delay_s


def route(
    url: str, clock: Clock | None = None, kind: TransportKind = TransportKind.AUTO
) -> Route:
    clock = clock or Clock()
    return Route(
        endpoint(url, kind),
        clock=lambda: clock.now,
        pause=clock.pause,
        chance=lambda: 0.0,
        handshake_s=0.2,
    )


def serving(
    upgrade: bytes | None = None,
    sse: bytes | list[bytes] = OK,
    chat: bytes = b"",
) -> Respond:
    """A server that answers by path; an upgrade without an answer hangs."""
    left = [sse] * 99 if isinstance(sse, bytes) else list(sse)

    async def respond(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if asked.is_upgrade:
            if upgrade is None:
                await reader.read()
                return None
            writer.write(upgrade)
            return None
        if asked.path.endswith("/chat/completions"):
            return chat
        return (
            left.pop(0) if left else b"".join([sse] if isinstance(sse, bytes) else [])
        )

    return respond


def transport_of(parts: list[ReplyPart]) -> str:
    ended = parts[-1]
    assert isinstance(ended, ReplyEnded)
    return ended.transport


async def test_a_socket_is_used_where_there_is_one() -> None:
    async with sockets(answers(said("noon"))) as bench:
        transport = connect(Provider(base_url=bench.url), Secret("sk-1"))
        await transport.warm()
        parts = await collect(transport, request())
        await transport.aclose()

    assert transport_of(parts) == "websocket"
    assert bench.connections == 1
    assert bench.headers[0]["Authorization"] == "Bearer sk-1"


@pytest.mark.parametrize(
    "upgrade",
    [
        *(
            plain(f"{status} X")
            for status in (400, 401, 403, 404, 405, 407, 426, 429, 500, 502, 503)
        ),
        plain("200 OK", b"<html>welcome</html>"),
        plain("302 Found", b"", "Location: http://192.0.2.1/"),
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"garbage",
        b"",
        None,
    ],
)
async def test_whatever_stands_before_the_socket_http_answers_and_is_remembered(
    upgrade: bytes | None,
) -> None:
    async with http(serving(upgrade)) as bench:
        transport = route(bench.url)
        parts = [await collect(transport, request()) for _ in range(2)]
        await transport.aclose()

    assert [items_of(one) for one in parts] == [[answer_of(1, "noon")]] * 2
    assert bench.paths == [WS, SSE, SSE]


async def test_a_refusal_that_was_met_while_warming_costs_the_reply_nothing() -> None:
    async with http(serving(plain("426 Upgrade Required"))) as bench:
        transport = route(bench.url)
        await transport.warm()
        await collect(transport, request())
        await transport.aclose()

    assert bench.paths == [WS, SSE]


@pytest.mark.parametrize(
    ("upgrade", "cooling_s"), [(plain("404 X"), REFUSED_S), (plain("503 X"), FAILED_S)]
)
async def test_the_socket_is_tried_again_after_a_while(
    upgrade: bytes, cooling_s: float
) -> None:
    clock = Clock()
    async with http(serving(upgrade)) as bench:
        transport = route(bench.url, clock)
        await collect(transport, request())
        clock.now += cooling_s - 1
        await collect(transport, request())
        clock.now += 2
        await collect(transport, request())
        await transport.aclose()

    assert bench.paths == [WS, SSE, SSE, WS, SSE]


@pytest.mark.parametrize("missing", [plain("404 X", b"not found"), plain("405 X")])
async def test_chat_is_spoken_where_responses_are_unknown_and_is_remembered(
    missing: bytes,
) -> None:
    chat = chunked_chat(*chat_said("noon"))
    async with http(serving(plain("404 X"), missing, chat)) as bench:
        transport = route(bench.url)
        parts = [await collect(transport, request()) for _ in range(2)]
        await transport.aclose()

    assert [transport_of(one) for one in parts] == ["chat", "chat"]
    assert bench.paths == [WS, SSE, CHAT, CHAT]


async def test_a_server_that_knows_nothing_is_said_to() -> None:
    nothing = plain("404 X")
    async with http(serving(nothing, nothing, nothing)) as bench:
        transport = route(bench.url)
        with pytest.raises(RouteMissing):
            await collect(transport, request())
        await transport.aclose()

    assert bench.paths == [WS, SSE, CHAT]


async def test_an_unknown_model_is_no_unknown_route() -> None:
    unknown = plain("404 X", b'{"error":{"code":"model_not_found","message":"no"}}')
    async with http(serving(plain("426 X"), unknown)) as bench:
        transport = route(bench.url)
        with pytest.raises(Denied):
            await collect(transport, request())
        await transport.aclose()

    assert bench.paths == [WS, SSE]


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        (TransportKind.WEBSOCKET, [WS]),
        (TransportKind.SSE, [SSE]),
        (TransportKind.CHAT, [CHAT]),
    ],
)
async def test_a_transport_that_was_chosen_is_not_left(
    kind: TransportKind, paths: list[str]
) -> None:
    nothing = plain("404 X")
    async with http(serving(nothing, nothing, nothing)) as bench:
        transport = route(bench.url, kind=kind)
        await transport.warm()
        bench.asked.clear()
        with pytest.raises(RouteMissing):
            await collect(transport, request())
        await transport.aclose()

    assert bench.paths == paths


async def test_a_socket_that_takes_no_request_is_left_for_http() -> None:
    async def dropping(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if asked.is_upgrade:
            writer.write(accepted(asked))
            await reader.read(1)
            writer.write(frame((1009).to_bytes(2, "big"), 8))
            return None
        return OK

    async with http(dropping) as bench:
        transport = route(bench.url)
        parts = await collect(transport, request())
        await collect(transport, request())
        await transport.aclose()

    assert transport_of(parts) == "sse"
    assert bench.paths == [WS, WS, SSE, SSE]


async def test_a_socket_of_another_protocol_is_left_for_http() -> None:
    async def stranger(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if asked.is_upgrade:
            writer.write(accepted(asked))
            await reader.read(1)
            writer.write(frame(json.dumps(failed("invalid_event")).encode()))
            await reader.read()
            return None
        return OK

    async with http(stranger) as bench:
        transport = route(bench.url)
        parts = await collect(transport, request())
        await transport.aclose()

    assert transport_of(parts) == "sse"


@pytest.mark.parametrize(
    ("first", "wait"),
    [
        (plain("429 X", b'{"error":{"message":"try again in 1.2s"}}'), 1.2),
        (plain("429 X", b"", "Retry-After: 3"), 3.0),
        (plain("503 X", b'{"error":{"message":"Loading model"}}'), 0.375),
        (plain("500 X"), 0.375),
        (streamed([failed("rate_limit_exceeded", "try again in 250ms")]), 0.25),
    ],
)
async def test_a_server_that_asks_to_wait_is_waited_for_and_the_user_is_told(
    first: bytes, wait: float
) -> None:
    clock = Clock()
    async with http(serving(sse=[first, OK])) as bench:
        transport = route(bench.url, clock, TransportKind.SSE)
        parts = await collect(transport, request())
        await transport.aclose()

    notices = [part for part in parts if isinstance(part, Notice)]
    assert len(notices) == 1
    assert "trying again in" in notices[0].text
    assert clock.waits == [pytest.approx(wait, abs=0.1)]
    assert items_of(parts) == [answer_of(1, "noon")]


@pytest.mark.parametrize(
    ("answer", "error", "count"),
    [
        (plain("500 X"), ServerFailed, 3),
        (plain("429 X"), RateLimited, 3),
        (plain("500 X", b"", "x-should-retry: false"), ServerFailed, 1),
        (plain("429 X", b"", "Retry-After: 9000"), RateLimited, 1),
        (plain("401 X"), Denied, 1),
        (plain("200 OK"), ConnectionLost, 2),
    ],
)
async def test_trying_again_comes_to_an_end(
    answer: bytes, error: type[SparkError], count: int
) -> None:
    async with http(serving(sse=answer)) as bench:
        transport = route(bench.url, kind=TransportKind.SSE)
        with pytest.raises(error):
            await collect(transport, request())
        await transport.aclose()

    assert len(bench.asked) == count


async def test_nobody_there_is_said_soon(unused_tcp_port: int) -> None:
    clock = Clock()
    transport = route(f"http://127.0.0.1:{unused_tcp_port}/v1", clock)
    with pytest.raises(Unavailable, match="cannot reach"):
        await collect(transport, request())
    await transport.aclose()

    assert clock.waits == [0.1]


async def test_a_refused_parameter_is_dropped_at_once_and_for_good() -> None:
    replies = ([SUMMARY], said("noon"), said("more", 2))
    clock = Clock()
    async with sockets(answers(*replies)) as bench:
        transport = route(bench.url, clock)
        parts = await collect(transport, request(effort="low"))
        await collect(transport, request(effort="low"))
        await transport.aclose()

    assert [create.get("reasoning") for create in bench.creates] == [
        {"effort": "low", "summary": "auto"},
        {"effort": "low"},
        {"effort": "low"},
    ]
    assert transport_of(parts) == "websocket"
    assert (bench.connections, clock.waits) == (1, [])


async def test_after_the_first_word_an_error_goes_up() -> None:
    script = answers([*said("no")[:3], failed("server_error", status=500)])
    async with sockets(script) as bench:
        transport = route(bench.url)
        reply = transport.reply(request())
        assert isinstance(await anext(reply), TextDelta)
        with pytest.raises(ServerFailed):
            await anext(reply)
        await transport.aclose()

    assert len(bench.creates) == 1


async def test_an_error_never_quotes_the_key() -> None:
    told = b'{"error":{"message":"Incorrect API key provided: sk-very-secret"}}'
    async with http(serving(plain("401 X"), plain("401 X", told))) as bench:
        key = Secret("sk-very-secret")
        transport = Route(Endpoint(Provider(base_url=bench.url), key))
        with pytest.raises(Denied) as caught:
            await collect(transport, request())
        await transport.aclose()

    assert "sk-very-secret" not in f"{caught.value}{caught.value.args}"
    assert "***" in caught.value.message


async def test_a_chosen_socket_says_what_its_refusal_means() -> None:
    async with http(serving(plain("401 X", b'{"error":"bad key"}'))) as bench:
        transport = route(bench.url, kind=TransportKind.WEBSOCKET)
        with pytest.raises(Denied, match="bad key"):
            await collect(transport, request())
        await transport.aclose()


async def test_cancelling_ends_a_wait() -> None:
    waiting = asyncio.Event()

    async def forever(_: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with http(serving(sse=plain("429 X", b"", "Retry-After: 30"))) as bench:
        kind = TransportKind.SSE
        transport = Route(endpoint(bench.url, kind), pause=forever)
        task = asyncio.create_task(collect(transport, request()))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await transport.aclose()


async def test_an_answer_of_nothing_but_an_end_is_an_answer() -> None:
    async with sockets(answers(said(""))) as bench:
        transport = route(bench.url)
        parts = await collect(transport, request())
        await transport.aclose()

    assert not any(isinstance(part, AgentMessage) for part in parts)
    assert transport_of(parts) == "websocket"


async def test_a_key_that_a_server_repeats_is_not_passed_on() -> None:
    key = "secret_word"
    ended: JsonObject = {
        "type": "response.incomplete",
        "response": {"id": f"r {key}", "incomplete_details": {"reason": key}},
    }
    limits: JsonObject = {
        "type": "codex.rate_limits",
        "limit_name": f"of {key}",
        "rate_limits": {"primary": {"used_percent": 1}},
    }
    async with http(serving(sse=streamed([limits, *said("noon")[:-1], ended]))) as b:
        transport = connect(Provider(b.url, transport=TransportKind.SSE), Secret(key))
        parts = await collect(transport, request())
        await transport.aclose()

    assert key not in str(parts)
    assert isinstance(parts[-1], ReplyEnded)
    assert (parts[-1].response, parts[-1].status) == ("r ***", "***")


@pytest.mark.parametrize("kind", list(TransportKind))
@pytest.mark.parametrize("url", ["http://xn--é./", "http://a..b/v1"])
async def test_a_host_that_cannot_be_is_an_error_of_ours(
    url: str, kind: TransportKind
) -> None:
    with pytest.raises(SparkError):
        await collect(route(url, kind=kind), request())
