from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from spark_cli.core.errors import (
    ConfigError,
    ConnectionLost,
    Denied,
    RateLimited,
    SparkError,
    Unavailable,
)
from spark_cli.core.events import LimitsSeen, ReplyEnded, TextDelta
from spark_cli.core.ids import ItemId
from spark_cli.core.items import ToolOutput
from spark_cli.core.usage import Limit
from spark_cli.wire import sse
from spark_cli.wire.endpoint import CA_VARIABLES
from spark_cli.wire.failures import ContextOverflow, RouteMissing, ServerFailed
from spark_cli.wire.responses_events import ResponsesDecoder
from spark_cli.wire.sse import CHAT, RESPONSES, Body, StreamTransport
from tests.wire.servers import (
    HELLO,
    Asked,
    HttpBench,
    answer_of,
    call_of,
    called,
    chat_said,
    chunked_chat,
    collect,
    endpoint,
    http,
    items_of,
    plain,
    request,
    said,
    streamed,
)

Respond = Callable[..., Awaitable[bytes | None]]
CERTIFICATE = Path(__file__).with_name("loopback.pem")


def replies(*answers: bytes) -> Respond:
    left = list(answers)

    async def respond(asked: Asked, *_: object) -> bytes:
        return left.pop(0)

    return respond


def breaking(*pieces: bytes) -> Respond:
    """Write these, then hang up."""

    async def respond(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for piece in pieces:
            writer.write(piece)
        await writer.drain()

    return respond


def responses(bench: HttpBench) -> StreamTransport:
    return StreamTransport(endpoint(bench.url), RESPONSES)


async def test_tool_rounds_keep_the_connection_and_send_everything() -> None:
    call = call_of(1, "read_file", "{}")
    answers = (streamed(called("read_file", "{}")), streamed(said("done", 2)))
    async with http(replies(*answers)) as bench:
        transport = responses(bench)
        first = await collect(transport, request())
        output = ToolOutput(ItemId("o"), call.call, "text")
        second = await collect(transport, request(HELLO, call, output))
        await transport.aclose()

    assert (items_of(first), items_of(second)) == ([call], [answer_of(2, "done")])
    assert bench.connections == 1
    assert [len(asked.json["input"]) for asked in bench.asked] == [1, 3]  # type: ignore[arg-type]  # a list
    assert all("previous_response_id" not in asked.json for asked in bench.asked)


async def test_a_reply_says_how_it_went() -> None:
    answer = streamed(
        said("noon"),
        "x-ratelimit-limit-tokens: 10",
        "x-ratelimit-remaining-tokens: 5",
    )
    async with http(replies(answer)) as bench:
        transport = responses(bench)
        limits, *_, ended = await collect(transport, request())
        await transport.aclose()

    assert limits == LimitsSeen((Limit("tokens", 0.5),))
    assert isinstance(ended, ReplyEnded)
    assert (ended.transport, ended.response, ended.status) == (
        "sse",
        "resp_1",
        "completed",
    )
    (asked,) = bench.asked
    assert ended.sent_bytes == len(asked.body)
    assert asked.headers["accept"] == "text/event-stream"
    assert asked.headers["content-type"] == "application/json"
    assert 0 < ended.first_token_s <= ended.duration_s


async def test_chat_is_spoken_where_it_is_asked_for() -> None:
    async with http(replies(chunked_chat(*chat_said("noon")))) as bench:
        transport = StreamTransport(endpoint(bench.url), CHAT)
        parts = await collect(transport, request())
        await transport.aclose()

    assert bench.paths == ["POST /v1/chat/completions"]
    assert [getattr(part, "text", None) for part in parts] == ["noon", "noon", None]


EVENTS = b"".join(
    b"data: " + json.dumps(event).encode() + b"\r\n\r\n" for event in said("noon")
)
WHOLE = {"object": "response", **said("noon")[-1]["response"]}  # type: ignore[dict-item]  # an object
BODIES = {
    "without event lines, with CRLF": plain("200 OK", EVENTS),
    "with [DONE]": plain("200 OK", EVENTS + b"data: [DONE]\n\n"),
    "with a BOM": plain("200 OK", b"\xef\xbb\xbf" + EVENTS),
    "with comments": plain("200 OK", b": hi\n\n" + EVENTS),
    "without a last blank line": plain("200 OK", EVENTS.rstrip()),
    "compressed": plain("200 OK", gzip.compress(EVENTS), "Content-Encoding: gzip"),
    "as a document": plain("200 OK", json.dumps(WHOLE).encode()),
    "as a document with blanks before": plain(
        "200 OK", b"\n\n " + json.dumps(said("noon")[-1]).encode()
    ),
    "as lines of JSON": plain(
        "200 OK", b"\n".join(json.dumps(event).encode() for event in said("noon"))
    ),
    "with a type that lies": plain("200 OK", EVENTS, "Content-Type: text/html"),
    "with types in event lines only": plain(
        "200 OK",
        b"".join(
            f"event: {event['type']}\n".encode()
            + b"data: "
            + json.dumps({k: v for k, v in event.items() if k != "type"}).encode()
            + b"\n\n"
            for event in said("noon")
        ),
    ),
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES.keys())
async def test_a_body_is_understood_however_it_is_written(answer: bytes) -> None:
    async with http(replies(answer)) as bench:
        transport = responses(bench)
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(1, "noon")]


OVERFLOW = b'{"error":{"code":"context_length_exceeded","message":"x"}}'
FAILURES = {
    "nothing": (plain("200 OK"), ConnectionLost),
    "only [DONE]": (plain("200 OK", b"data: [DONE]\n\n"), ConnectionLost),
    "only comments": (plain("200 OK", b": hi\n\n: hi\n\n"), ConnectionLost),
    "only an error event": (
        plain("200 OK", b'event: error\ndata: {"error":{"code":429}}\n\n'),
        RateLimited,
    ),
    "an error event that is text": (
        plain("200 OK", b"event: error\ndata: rate limit\n\n"),
        RateLimited,
    ),
    "an error document": (plain("200 OK", OVERFLOW), ContextOverflow),
    "a document of nothing": (plain("200 OK", b"{}"), ConnectionLost),
    "a torn document": (plain("200 OK", b'{"id": '), ConnectionLost),
    "a web page": (plain("200 OK", b"<html>sign in</html>"), Unavailable),
    "500 as events": (
        plain("500 X", b"event: error\ndata: " + OVERFLOW + b"\n\n"),
        ContextOverflow,
    ),
    "502 as a web page": (plain("502 X", b"<html><h1>Bad</h1>"), ServerFailed),
    "401": (plain("401 X", b'{"error":{"message":"bad key"}}'), Denied),
    "403 and nothing": (plain("403 X"), Denied),
    "404": (plain("404 X", b'{"detail":"Not Found"}'), RouteMissing),
    "429": (plain("429 X", b"", "Retry-After: 2"), RateLimited),
    "a redirect": (plain("307 X", b"", "Location: http://192.0.2.1/"), RouteMissing),
    "gzip that is none": (
        plain("200 OK", b"oops", "Content-Encoding: gzip"),
        ConnectionLost,
    ),
}


@pytest.mark.parametrize(("answer", "error"), FAILURES.values(), ids=FAILURES.keys())
async def test_what_is_no_reply_is_an_error_of_its_kind(
    answer: bytes, error: type[SparkError]
) -> None:
    async with http(replies(answer)) as bench:
        transport = responses(bench)
        with pytest.raises(SparkError) as caught:
            await collect(transport, request())
        await transport.aclose()

    assert type(caught.value) is error
    assert len(bench.asked) == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"HTTP/1.1 200 OK\r\n",),
        (b"garbage\r\n\r\n",),
        (CHUNKED,),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ndata: {}\n\n",),
    ],
)
async def test_a_connection_that_breaks_is_lost(pieces: tuple[bytes, ...]) -> None:
    async with http(breaking(*pieces)) as bench:
        transport = responses(bench)
        with pytest.raises(ConnectionLost):
            await collect(transport, request())
        await transport.aclose()


async def test_what_was_said_before_a_break_is_told_first() -> None:
    start = b"".join(b"data: %b\n\n" % json.dumps(e).encode() for e in said("no")[:3])
    chunk = b"%x\r\n%b\r\n" % (len(start), start)
    async with http(breaking(CHUNKED, chunk)) as bench:
        transport = responses(bench)
        reply = transport.reply(request())
        assert await anext(reply) == TextDelta(ItemId("msg_1"), "no")
        with pytest.raises(ConnectionLost):
            await anext(reply)
        await transport.aclose()


async def test_the_end_of_an_answer_is_not_waited_for_when_all_was_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "_TAIL_S", 0.05)

    async def lingering(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(CHUNKED + b"%x\r\n%b\r\n" % (len(EVENTS), EVENTS))
        await reader.read()

    async with http(lingering) as bench:
        transport = responses(bench)
        parts = await collect(transport, request())
        await transport.aclose()

    assert isinstance(parts[-1], ReplyEnded)


async def test_chat_without_an_end_ends_a_while_after_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "_LINGER_S", 0.05)
    monkeypatch.setattr(sse, "_TAIL_S", 0.05)
    body = b"".join(
        b"data: %b\n\n" % json.dumps(one).encode() for one in chat_said("hi")
    )

    async def lingering(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(CHUNKED + b"%x\r\n%b\r\n" % (len(body), body))
        await reader.read()

    async with http(lingering) as bench:
        transport = StreamTransport(endpoint(bench.url), CHAT)
        parts = await collect(transport, request())
        await transport.aclose()

    assert isinstance(parts[-1], ReplyEnded)


async def test_silence_is_bounded() -> None:
    async def silent(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(CHUNKED)
        await reader.read()

    async with http(silent) as bench:
        transport = StreamTransport(endpoint(bench.url), RESPONSES, silence_s=0.05)
        with pytest.raises(ConnectionLost, match="silent"):
            await collect(transport, request())
        await transport.aclose()


async def test_closing_a_reply_hangs_up_and_the_next_one_works() -> None:
    async def endless(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if len(bench.asked) > 1:
            return streamed(said("done", 2))
        start = b"".join(
            b"data: %b\n\n" % json.dumps(e).encode() for e in said("no")[:3]
        )
        writer.write(CHUNKED + b"%x\r\n%b\r\n" % (len(start), start))
        await reader.read()
        return None

    async with http(endless) as bench:
        transport = responses(bench)
        async with aclosing(transport.reply(request())) as reply:
            assert isinstance(await anext(reply), TextDelta)
        await asyncio.wait_for(bench.gone.wait(), 5)
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(2, "done")]


async def test_nobody_there_is_unavailable(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    transport = StreamTransport(endpoint(url), RESPONSES)
    with pytest.raises(Unavailable, match="cannot reach"):
        await collect(transport, request())
    await transport.aclose()


async def test_proxies_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with http(replies(streamed(said("noon")))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        transport = StreamTransport(endpoint("http://model.invalid/v1"), RESPONSES)
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(1, "noon")]
    assert proxy.paths == ["POST http://model.invalid/v1/responses"]


async def test_a_proxy_that_cannot_be_used_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "gopher://127.0.0.1:1")
    transport = StreamTransport(endpoint("http://127.0.0.1:9/v1"), RESPONSES)
    await transport.warm()
    with pytest.raises(ConfigError, match="proxy"):
        await collect(transport, request())


async def test_a_trusted_certificate_is_found_through_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in CA_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    async with http(replies(streamed(said("noon"))), ssl=context) as bench:
        transport = responses(bench)
        parts = await collect(transport, request())
        await transport.aclose()

    assert items_of(parts) == [answer_of(1, "noon")]


@settings(deadline=None)
@given(st.sampled_from(sorted(BODIES)), st.data())
def test_any_cut_of_a_body_gives_the_same_reply(name: str, data: st.DataObject) -> None:
    body = BODIES[name].partition(b"\r\n\r\n")[2]
    if name == "compressed":
        body = gzip.decompress(body)
    decoder = ResponsesDecoder("`host`")
    reader = Body(decoder, "`host`")
    while body:
        count = data.draw(st.integers(1, len(body)))
        reader.feed(body[:count])
        body = body[count:]
    reader.finish()

    assert items_of(decoder.take()) == [answer_of(1, "noon")]
