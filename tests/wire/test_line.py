from __future__ import annotations

import asyncio
import base64

import pytest

from spark_cli.core.errors import ConfigError, ConnectionLost
from spark_cli.wire import line as module
from spark_cli.wire.failures import SocketRefused
from spark_cli.wire.line import dial
from tests.wire.servers import Asked, accepted, endpoint, frame, http, plain

PATH = "/responses"


async def test_a_reader_that_is_slow_stops_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WAITING_BYTES_HIGH", 200_000)
    monkeypatch.setattr(module, "WAITING_BYTES_LOW", 50_000)
    message = frame(b"x" * 10_000)
    count = 3_000
    sent = 0

    async def flood(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        nonlocal sent
        writer.write(accepted(asked))
        for _ in range(count):
            writer.write(message)
            await writer.drain()
            sent += 1
        await reader.read()
        return None

    async with http(flood) as bench:
        line = await dial(endpoint(bench.url), PATH, 5)
        before = -1
        while before != sent:
            # As long as the server gets on, what is on its way has not come to rest.
            before = sent
            for _ in range(50):
                await asyncio.sleep(0)
        assert sent < count
        taken = 0
        while taken < count:
            taken += len(await line.messages())
        line.drop()

    assert sent == count


async def test_a_message_that_is_too_long_ends_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MESSAGE_BYTES_MAX", 1000)

    async def shout(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        writer.write(accepted(asked) + frame(b"x" * 2000))
        await reader.read()
        return None

    async with http(shout) as bench:
        line = await dial(endpoint(bench.url), PATH, 5)
        with pytest.raises(ConnectionLost, match="1009"):
            await line.messages()
        line.drop()


async def test_fragments_without_end_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FRAGMENTS_MAX", 10)

    async def crumble(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        writer.write(accepted(asked) + frame(b"", fin=False))
        writer.write(frame(b"", 0, fin=False) * 100)
        await reader.read()
        return None

    async with http(crumble) as bench:
        line = await dial(endpoint(bench.url), PATH, 5)
        with pytest.raises(ConnectionLost):
            await line.messages()


async def test_a_long_message_leaves_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PIECE_CHARS", 1000)
    first = b""

    async def listen(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        nonlocal first
        writer.write(accepted(asked))
        first = await reader.readexactly(2)
        return None

    async with http(listen) as bench:
        line = await dial(endpoint(bench.url), PATH, 5)
        await line.say("x" * 2500)
        await bench.gone.wait()
        line.drop()

    assert not first[0] & 0x80, "the first of several frames is not the last"


async def test_a_proxy_is_asked_for_a_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    async def tunnel(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        if asked.method == "CONNECT":
            return b"HTTP/1.1 200 OK\r\n\r\n"
        writer.write(accepted(asked) + frame(b"{}"))
        await reader.read()
        return None

    async with http(tunnel) as proxy:
        address = proxy.url.removesuffix("/v1").replace("//", "//me:pw@")
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, address)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        line = await dial(endpoint("http://model.invalid/v1"), PATH, 5)
        assert await line.messages() == [b"{}"]
        line.drop()

    assert proxy.paths == ["CONNECT model.invalid:80", "WS /v1/responses"]
    password = base64.b64encode(b"me:pw").decode()
    assert proxy.asked[0].headers["proxy-authorization"] == f"Basic {password}"


async def test_a_proxy_that_refuses_refuses_the_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def respond(asked: Asked, *_: object) -> bytes:
        return plain("407 Proxy Authentication Required")

    async with http(respond) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.removesuffix("/v1"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(SocketRefused, match="407"):
            await dial(endpoint("http://model.invalid/v1"), PATH, 5)


async def test_a_proxy_that_is_none_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "gopher://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="cannot dial"):
        await dial(endpoint("http://model.invalid/v1"), PATH, 5)


async def test_leaving_says_goodbye() -> None:
    heard = b""

    async def listen(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        nonlocal heard
        writer.write(accepted(asked))
        heard = await reader.read()
        return None

    async with http(listen) as bench:
        line = await dial(endpoint(bench.url), PATH, 5)
        line.leave()
        await bench.gone.wait()

    assert heard[:1] == b"\x88"
