from __future__ import annotations

import asyncio

import pytest

from spark_cli.config.settings import Provider, TransportKind
from spark_cli.core.secret import Secret
from spark_cli.wire import probe as module
from spark_cli.wire.probe import probe
from tests.wire.servers import (
    Asked,
    answers,
    chat_said,
    chunked_chat,
    http,
    plain,
    said,
    sockets,
    streamed,
)


async def steps(provider: Provider, key: Secret | None = None) -> dict[str, bool]:
    return {step.name: step.ok async for step in probe(provider, key, "m")}


async def test_a_server_with_a_socket_is_gone_through_step_by_step() -> None:
    async with sockets(answers(said("ready"))) as bench:
        provider = Provider(base_url=bench.url, transport=TransportKind.WEBSOCKET)
        found = await steps(provider)

    assert found == {
        "address": True,
        "name": True,
        "tcp": True,
        "websocket": True,
        "websocket reply": True,
        "models": False,
    }


@pytest.mark.parametrize("has_responses", [True, False])
async def test_a_server_without_a_socket_is_tried_over_http(
    has_responses: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    async def respond(asked: Asked, *_: object) -> bytes | None:
        if asked.method == "GET":
            return plain("404 X") if asked.is_upgrade else plain("200 OK", b"[]")
        if asked.path.endswith("/chat/completions"):
            return chunked_chat(*chat_said("ready"))
        return streamed(said("ready")) if has_responses else plain("404 X")

    async with http(respond) as bench:
        found = await steps(Provider(base_url=bench.url))

    rest = {} if has_responses else {"chat reply": True}
    assert found == {
        "address": True,
        "name": True,
        "tcp": True,
        "websocket": False,
        "sse reply": has_responses,
        **rest,
        "models": True,
    }


async def test_nobody_there_is_found_at_the_first_step_that_knows(
    unused_tcp_port: int,
) -> None:
    provider = Provider(base_url=f"http://127.0.0.1:{unused_tcp_port}/v1")
    found = [step async for step in probe(provider, None, "m")]

    assert [(step.name, step.ok) for step in found[:3]] == [
        ("address", True),
        ("name", True),
        ("tcp", False),
    ]
    assert {step.name: step.detail for step in found[3:]} == dict.fromkeys(
        ["websocket", "sse reply", "chat reply", "models"], "skipped: tcp failed"
    )


async def test_a_name_that_is_none_leaves_nothing_to_try() -> None:
    provider = Provider(base_url="https://h.invalid/v1", transport=TransportKind.SSE)
    found = [step async for step in probe(provider, None, "m")]

    assert [step.name for step in found] == [
        *("address", "name", "tcp", "tls", "sse reply", "models")
    ]
    assert {step.detail for step in found[2:]} == {"skipped: name failed"}


async def test_behind_a_proxy_every_step_is_tried(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://me:hunter2@127.0.0.1:{unused_tcp_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    provider = Provider(base_url="http://h.invalid/v1", transport=TransportKind.CHAT)
    found = [step async for step in probe(provider, None, "m")]

    assert [step.name for step in found] == [
        *("address", "proxy", "name", "tcp", "chat reply", "models")
    ]
    assert "skipped" not in str(found)
    assert "hunter2" not in str(found)


async def test_an_address_that_is_none_ends_it() -> None:
    assert await steps(Provider(base_url="nonsense")) == {"address": False}


async def test_a_key_that_cannot_be_sent_is_found_and_not_shown() -> None:
    provider = Provider(base_url="http://127.0.0.1:9/v1")
    found = [step async for step in probe(provider, Secret("sk-bad\nkey"), "m")]

    assert not found[0].ok
    assert "sk-bad" not in str(found)


async def test_every_step_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP_S", 0.05)
    monkeypatch.setattr(module, "REPLY_S", 0.05)

    async def hang(
        asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        await reader.read()
        return None

    async with http(hang) as bench:
        found = await steps(Provider(base_url=bench.url))

    assert [name for name, ok in found.items() if ok] == ["address", "name", "tcp"]
