from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

import pytest
from websockets.asyncio.server import ServerConnection

from spark_cli.core.errors import ConnectionLost, RateLimited, Unavailable
from spark_cli.core.events import LimitsSeen, ReplyEnded, TextDelta
from spark_cli.core.ids import ItemId
from spark_cli.core.items import AgentMessage, Item, ToolOutput, UserMessage
from spark_cli.core.json import JsonObject
from spark_cli.wire import socket as module
from spark_cli.wire.endpoint import CA_VARIABLES
from spark_cli.wire.failures import ContextOverflow, Rejected, SocketRefused
from spark_cli.wire.request import ToolSpec
from spark_cli.wire.socket import SocketTransport
from spark_cli.wire.transport import ReplyPart
from tests.wire.servers import (
    HELLO,
    Asked,
    SocketBench,
    accepted,
    answer_of,
    answers,
    call_of,
    called,
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
)

MORE = UserMessage(ItemId("u2"), "more")
MISSING = failed("previous_response_not_found", param="previous_response_id")
CERTIFICATE = Path(__file__).with_name("loopback.pem")


def inputs(bench: SocketBench) -> list[int]:
    """How many items each create brought."""
    return [len(create["input"]) for create in bench.creates]  # type: ignore[arg-type]  # a list


def continues(bench: SocketBench) -> list[object]:
    return [create.get("previous_response_id") for create in bench.creates]


async def test_ten_tool_rounds_use_one_connection_and_send_only_what_is_new() -> None:
    rounds = [called("read_file", "{}", number) for number in range(10)]
    history: list[Item] = [HELLO]
    parts: list[ReplyPart] = []
    async with sockets(answers(*rounds, said("done", 99))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        for number in range(11):
            parts = await collect(transport, request(*history))
            assert isinstance(parts[-1], ReplyEnded)
            if number < 10:
                call = call_of(number, "read_file", "{}")
                assert items_of(parts) == [call]
                history += [call, ToolOutput(ItemId(f"o{number}"), call.call, "text")]
        await transport.aclose()

    assert bench.connections == 1
    assert inputs(bench) == [1] * 11
    assert continues(bench) == [None, *(f"resp_{number}" for number in range(10))]
    assert items_of(parts) == [answer_of(99, "done")]


async def test_the_bytes_of_messages_are_counted() -> None:
    async with sockets(answers(said("noon"))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        *_, ended = await collect(transport, request())
        await transport.aclose()

    assert isinstance(ended, ReplyEnded)
    received = sum(len(json.dumps(event)) for event in said("noon"))
    sent = json.dumps(bench.creates[0], separators=(",", ":"))
    assert (ended.sent_bytes, ended.received_bytes) == (len(sent), received)
    assert 0 < ended.first_token_s <= ended.duration_s
    assert ended.transport == "websocket"


class Counting(ServerConnection):
    """Counts what really came through the wire, compressed."""

    received: ClassVar[list[int]] = []

    def data_received(self, data: bytes) -> None:
        self.received.append(len(data))
        super().data_received(data)


async def test_tools_that_go_along_each_time_cost_nothing_the_second_time() -> None:
    chance = random.Random(0)
    words = ["".join(chance.choices("abcdefghij", k=6)) for _ in range(400)]
    tool = ToolSpec("read_file", " ".join(chance.choices(words, k=1000)), {})
    call = call_of(1, "read_file", "{}")
    output = ToolOutput(ItemId("o"), call.call, "a few words of output")
    Counting.received.clear()
    script = answers(called("read_file", "{}"), said("done", 2))
    async with sockets(script, create_connection=Counting) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request(tools=(tool,)))
        first = sum(Counting.received)
        parts = await collect(transport, request(HELLO, call, output, tools=(tool,)))
        await transport.aclose()

    ended = parts[-1]
    assert isinstance(ended, ReplyEnded)
    assert ended.sent_bytes > 7000
    assert first > 2000
    assert sum(Counting.received) - first < 400


@pytest.mark.parametrize("refusal", [MISSING, failed("odd"), failed("x", status=404)])
async def test_a_continuation_that_is_refused_is_sent_whole_on_the_same_socket(
    refusal: dict[str, object],
) -> None:
    script = answers(said("hi"), [refusal], said("done", 2))  # type: ignore[list-item]  # an event
    async with sockets(script) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        parts = await collect(transport, request(HELLO, answer_of(1, "hi"), MORE))
        await transport.aclose()

    assert items_of(parts) == [answer_of(2, "done")]
    assert bench.connections == 1
    assert inputs(bench) == [1, 1, 3]
    assert continues(bench) == [None, "resp_1", None]


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        (failed("context_length_exceeded"), ContextOverflow),
        (failed("unsupported_parameter", param="stream_options"), Rejected),
        (failed("rate_limit_exceeded", "try again in 9s"), RateLimited),
    ],
)
async def test_a_refusal_that_has_another_cause_goes_up_and_the_socket_stays(
    refusal: dict[str, object], error: type[Exception]
) -> None:
    script = answers(said("hi"), [refusal], said("done", 2))  # type: ignore[list-item]  # an event
    async with sockets(script) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        history = request(HELLO, answer_of(1, "hi"), MORE)
        with pytest.raises(error):
            await collect(transport, history)
        await collect(transport, history)
        await transport.aclose()

    assert bench.connections == 1
    # The error evicted what was to be continued.
    assert continues(bench) == [None, "resp_1", None]


async def test_a_refused_first_request_is_not_repeated() -> None:
    async with sockets(answers([failed("odd")])) as bench:
        transport = SocketTransport(endpoint(bench.url))
        with pytest.raises(Rejected):
            await collect(transport, request())
        await transport.aclose()

    assert len(bench.creates) == 1


async def test_another_model_gets_another_connection() -> None:
    async with sockets(answers(said("hi"), said("done", 2))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        changed = request(HELLO, answer_of(1, "hi"), MORE, model="other")
        await collect(transport, changed)
        await transport.aclose()

    assert bench.connections == 2
    assert inputs(bench) == [1, 3]


async def test_closing_a_reply_drops_the_connection_and_the_next_one_dials() -> None:
    async def endless(connection: ServerConnection, bench: SocketBench) -> None:
        async for message in connection:
            bench.creates.append(json.loads(message))
            if len(bench.creates) == 1:
                while True:
                    await connection.send(json.dumps(said("hi ")[2]))
                    await asyncio.sleep(0)
            for event in said("done", 2):
                await connection.send(json.dumps(event))

    async with sockets(endless) as bench:
        transport = SocketTransport(endpoint(bench.url))
        async with aclosing(transport.reply(request())) as reply:
            assert isinstance(await anext(reply), TextDelta)
        await asyncio.wait_for(bench.gone.wait(), 5)
        heard = AgentMessage(ItemId("msg_1"), "hi ", complete=False)
        parts = await collect(transport, request(HELLO, heard, MORE))
        await transport.aclose()

    assert items_of(parts) == [answer_of(2, "done")]
    assert bench.connections == 2
    assert inputs(bench) == [1, 3]


async def test_cancelling_does_not_wait_for_a_server_that_reads_nothing() -> None:
    async def deaf(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        writer.write(accepted(asked))
        await asyncio.Event().wait()
        return None

    async with http(deaf) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await transport.warm()
        long = request(UserMessage(ItemId("u"), "x" * 30_000_000))
        task = asyncio.create_task(collect(transport, long))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)


async def test_a_connection_that_closed_while_idle_is_dialed_again_silently() -> None:
    closed = asyncio.Event()

    async def once(connection: ServerConnection, bench: SocketBench) -> None:
        bench.creates.append(json.loads(await connection.recv()))
        for event in said("hi", len(bench.creates)):
            await connection.send(json.dumps(event))
        await connection.close(1001)
        closed.set()

    async with sockets(once) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        await closed.wait()
        parts = await collect(transport, request(HELLO, answer_of(1, "hi"), MORE))
        await transport.aclose()

    assert items_of(parts) == [answer_of(2, "hi")]
    assert (bench.connections, inputs(bench)) == (2, [1, 3])


@pytest.mark.parametrize("ending", ["reset", "close", "error"])
async def test_a_connection_that_dies_of_the_request_is_dialed_again_once(
    ending: str,
) -> None:
    async def fading(connection: ServerConnection, bench: SocketBench) -> None:
        async for message in connection:
            bench.creates.append(json.loads(message))
            if len(bench.creates) == 2:
                if ending == "reset":
                    connection.transport.abort()
                elif ending == "close":
                    await connection.close(1011, "keepalive ping timeout")
                else:
                    code = "websocket_connection_limit_reached"
                    await connection.send(json.dumps(failed(code)))
                continue
            for event in said("hi", len(bench.creates)):
                await connection.send(json.dumps(event))

    async with sockets(fading) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        parts = await collect(transport, request(HELLO, answer_of(1, "hi"), MORE))
        await transport.aclose()

    assert items_of(parts) == [answer_of(3, "hi")]
    assert bench.connections == 2
    assert inputs(bench) == [1, 1, 3]


@pytest.mark.parametrize("code", [1000, 1008, 1009, 1011])
async def test_a_connection_that_ends_in_the_middle_keeps_what_was_said(
    code: int,
) -> None:
    async def cut(connection: ServerConnection, bench: SocketBench) -> None:
        await connection.recv()
        for event in said("no")[:3]:
            await connection.send(json.dumps(event))
        await connection.close(code, "bye")

    async with sockets(cut) as bench:
        transport = SocketTransport(endpoint(bench.url))
        reply = transport.reply(request())
        assert await anext(reply) == TextDelta(ItemId("msg_1"), "no")
        with pytest.raises(ConnectionLost, match=rf"\({code}\): bye"):
            await anext(reply)
        await transport.aclose()

    assert bench.connections == 1


def raw(*frames: bytes) -> Callable[..., Awaitable[bytes | None]]:
    async def respond(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        writer.write(accepted(asked))
        await reader.read(1)
        for one in frames:
            writer.write(one)
        await writer.drain()
        await reader.read()
        return None

    return respond


GOOD = [json.dumps(event).encode() for event in said("noon")]
ODD = {
    "text that is no JSON": [frame(b"{oops"), *map(frame, GOOD)],
    "JSON that is no object": [frame(b"[1]"), frame(b"7"), *map(frame, GOOD)],
    "bytes that are no UTF-8": [frame(b'{"a":"\xff"}'), *map(frame, GOOD)],
    "nested without end": [frame(b"[" * 60_000), *map(frame, GOOD)],
    "binary frames": [frame(one, 2) for one in GOOD],
    "fragments": [
        part
        for one in GOOD
        for part in (
            frame(one[:5], fin=False),
            frame(b"", 0, fin=False),
            frame(one[5:], 0),
        )
    ],
    "fragments with a ping between": [
        part
        for one in GOOD
        for part in (frame(one[:5], fin=False), frame(b"?", 9), frame(one[5:], 0))
    ],
    "all in one segment": [b"".join(map(frame, GOOD))],
    "byte by byte": [bytes([byte]) for byte in b"".join(map(frame, GOOD))],
}


@pytest.mark.parametrize("frames", ODD.values(), ids=ODD.keys())
async def test_odd_frames_are_read_or_skipped(frames: list[bytes]) -> None:
    async with http(raw(*frames)) as bench:
        transport = SocketTransport(endpoint(bench.url))
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(1, "noon")]


@pytest.mark.parametrize(
    "broken",
    [
        b"\xff\xff\xff\xff",
        frame(b"x", 0),
        b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    ],
)
async def test_what_is_no_websocket_is_a_lost_connection(broken: bytes) -> None:
    async with http(raw(broken)) as bench:
        transport = SocketTransport(endpoint(bench.url))
        with pytest.raises(ConnectionLost):
            await collect(transport, request())
        await transport.aclose()


async def test_silence_is_a_lost_connection_in_the_end() -> None:
    async with http(raw()) as bench:
        transport = SocketTransport(endpoint(bench.url), silence_s=0.05)
        with pytest.raises(ConnectionLost, match="silent"):
            await collect(transport, request())
        await transport.aclose()


async def test_a_line_that_died_without_a_sign_is_found_out_and_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TRUSTED_S", 0.0)
    monkeypatch.setattr(module, "PONG_S", 0.05)
    connections = 0

    async def half_open(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        nonlocal connections
        connections += 1
        writer.write(accepted(asked))
        # Pings are not answered either: nobody is there.
        if connections > 1:
            await reader.read(1)
            for one in GOOD:
                writer.write(frame(one))
        await asyncio.Event().wait()
        return None

    async with http(half_open) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await transport.warm()
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(1, "noon")]
    assert connections == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (plain("426 Upgrade Required"), 426),
        (plain("403 Forbidden"), 403),
        (plain("404 Not Found", b"<html>nothing</html>"), 404),
        (plain("500 Oops", b'{"error":"x"}'), 500),
        (plain("200 OK", b"hello"), 200),
        (plain("302 Found", b"", "Location: ws://192.0.2.1/elsewhere"), 302),
        (plain("308 Moved", b"", "Location: /v1/other"), 308),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", None),
        (b"SSH-2.0-OpenSSH_9.6\r\n", None),
        (None, None),
    ],
)
async def test_a_refused_handshake_says_what_was_answered(
    answer: bytes | None, status: int | None
) -> None:
    async def respond(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if answer is not None:
            writer.write(answer)
        return None

    async with http(respond) as bench:
        transport = SocketTransport(endpoint(bench.url))
        with pytest.raises(SocketRefused) as caught:
            await collect(transport, request())

    assert caught.value.status == status
    assert len(bench.asked) == 1


async def test_a_handshake_that_is_never_answered_is_not_waited_for() -> None:
    async def hang(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        await reader.read()
        return None

    async with http(hang) as bench:
        transport = SocketTransport(endpoint(bench.url), patience_s=0.05)
        with pytest.raises(SocketRefused, match="did not answer"):
            await collect(transport, request())


async def test_warming_dials_and_the_reply_uses_that_connection() -> None:
    async with sockets(answers(said("hi"))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await transport.warm()
        assert bench.connections == 1
        await collect(transport, request())
        await transport.aclose()

    assert bench.connections == 1


async def test_warming_never_raises(unused_tcp_port: int) -> None:
    transport = SocketTransport(endpoint(f"http://127.0.0.1:{unused_tcp_port}"))
    await transport.warm()

    with pytest.raises(Unavailable, match="cannot reach"):
        await collect(transport, request())


async def test_an_old_connection_is_replaced_between_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sockets(answers(said("hi"), said("done", 2))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        await collect(transport, request())
        monkeypatch.setattr(module, "LIFETIME_S", 0.0)
        await collect(transport, request(HELLO, answer_of(1, "hi"), MORE))
        await transport.aclose()

    assert (bench.connections, inputs(bench)) == (2, [1, 3])


async def test_the_limits_of_the_handshake_come_with_the_first_reply() -> None:
    def headers(connection: ServerConnection, *args: object) -> None:
        response = args[-1]
        response.headers["x-ratelimit-limit-requests"] = "10"  # type: ignore[attr-defined]  # a Response
        response.headers["x-ratelimit-remaining-requests"] = "4"  # type: ignore[attr-defined]  # a Response

    script = answers(said("hi"), said("done", 2))
    async with sockets(script, process_response=headers) as bench:
        transport = SocketTransport(endpoint(bench.url))
        first = await collect(transport, request())
        second = await collect(transport, request(HELLO, answer_of(1, "hi"), MORE))
        await transport.aclose()

    assert isinstance(first[0], LimitsSeen)
    assert not any(isinstance(part, LimitsSeen) for part in second)


async def test_a_reply_that_was_cut_is_not_continued() -> None:
    end: JsonObject = {"type": "response.incomplete", "response": {"id": "resp_1"}}
    async with sockets(answers([*said("hi")[:3], end], said("done", 2))) as bench:
        transport = SocketTransport(endpoint(bench.url))
        parts = await collect(transport, request())
        (cut,) = (part for part in parts if isinstance(part, AgentMessage))
        assert not cut.complete
        await collect(transport, request(HELLO, cut, MORE))
        await transport.aclose()

    assert (bench.connections, inputs(bench)) == (1, [1, 3])


async def test_many_deltas_leave_as_few_parts_and_others_get_their_turn() -> None:
    count = 20_000
    delta = {**said("tok ")[2], "delta": "tok "}
    flood = b"".join([frame(json.dumps(delta).encode())] * count)
    end = frame(json.dumps(said("x")[-1]).encode())
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with http(raw(flood, end)) as bench:
        transport = SocketTransport(endpoint(bench.url))
        task = asyncio.create_task(others())
        parts = await collect(transport, request())
        task.cancel()
        await transport.aclose()

    told = [part for part in parts if isinstance(part, TextDelta)]
    assert "".join(part.text for part in told).startswith("tok " * count)
    assert len(told) < count / 20
    assert turns > 20


async def test_a_server_with_a_trusted_certificate_is_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    async with sockets(answers(said("noon")), ssl=context) as bench:
        url = bench.url.replace("http:", "https:")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
        transport = SocketTransport(endpoint(url))
        parts = await collect(transport, request())
        await transport.aclose()
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        stranger = SocketTransport(endpoint(url))
        with pytest.raises(Unavailable, match="certificate"):
            await collect(stranger, request())

    assert items_of(parts) == [answer_of(1, "noon")]
