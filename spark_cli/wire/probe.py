"""Each step of a connection, tried and timed: what `spark doctor` shows.

A step runs whether or not the one before it worked, as long as it can: a proxy may
resolve names that this machine cannot, and HTTP may work where sockets do not.  What
cannot work without a step that failed is not tried, and says so.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from urllib.request import getproxies, proxy_bypass

from spark_cli.config.providers import without_password
from spark_cli.config.settings import Provider, TransportKind
from spark_cli.core.errors import ConfigError, SparkError, Unavailable
from spark_cli.core.events import LimitsSeen, Notice
from spark_cli.core.ids import new_item_id
from spark_cli.core.items import UserMessage
from spark_cli.core.secret import Secret
from spark_cli.wire.catalogue import models
from spark_cli.wire.endpoint import Endpoint, certificates
from spark_cli.wire.request import Request
from spark_cli.wire.transport import Transport

STEP_S = 5.0
REPLY_S = 30.0
_PROMPT = "Answer with the single word: ready"


@dataclass(frozen=True, slots=True)
class Step:
    """`detail` is what was found; `hint` is what to do, where `ok` is false."""

    name: str
    ok: bool
    detail: str
    hint: str
    seconds: float


async def probe(
    provider: Provider, key: Secret | None, model: str
) -> AsyncIterator[Step]:
    """Try the steps in order, each bounded in time; this never raises."""
    endpoint = Endpoint(provider, key)
    yield await _try(endpoint, "address", STEP_S, lambda: _address(endpoint))
    if not _is_url(endpoint):
        return
    proxy = _proxy(endpoint)
    if proxy:
        yield Step("proxy", ok=True, detail=proxy, hint="", seconds=0.0)
    failed = ""
    async for step in _reached(endpoint, direct=not proxy):
        failed = failed or step.name * (not step.ok)
        yield step
    if failed and not proxy:
        for name in _LATER[provider.transport]:
            yield _skipped(name, failed)
        return
    async for step in _asked(endpoint, model):
        yield step


async def _asked(endpoint: Endpoint, model: str) -> AsyncIterator[Step]:
    """What the server says, once it is reached."""
    provider, key = endpoint.provider, endpoint.key
    if provider.transport in (TransportKind.AUTO, TransportKind.WEBSOCKET):
        async for step in _socket(endpoint, model):
            yield step
    async for step in _http(endpoint, model):
        yield step
    yield await _try(
        endpoint, "models", STEP_S * 2, lambda: _models(provider, key, model)
    )


_LATER = {
    TransportKind.AUTO: ("websocket", "sse reply", "chat reply", "models"),
    TransportKind.WEBSOCKET: ("websocket", "models"),
    TransportKind.SSE: ("sse reply", "models"),
    TransportKind.CHAT: ("chat reply", "models"),
}


async def _reached(endpoint: Endpoint, *, direct: bool) -> AsyncIterator[Step]:
    """Whether the server is there; `direct` steps need the one before."""
    acts = {"name": _resolve, "tcp": _tcp}
    if endpoint.is_secure:
        acts["tls"] = _tls
    failed = ""
    for name, act in acts.items():
        if failed and direct:
            yield _skipped(name, failed)
            continue
        step = await _try(endpoint, name, STEP_S, partial(act, endpoint))
        failed = failed or name * (not step.ok)
        yield step


def _skipped(name: str, failed: str) -> Step:
    return Step(name, ok=False, detail=f"skipped: {failed} failed", hint="", seconds=0)


async def _try(
    endpoint: Endpoint, name: str, limit_s: float, act: Callable[[], Awaitable[str]]
) -> Step:
    started = time.monotonic()
    hint = ""
    try:
        async with asyncio.timeout(limit_s):
            detail, ok = await act(), True
    except SparkError as error:
        endpoint.cleaned(error)
        detail, hint, ok = error.message, error.hint, False
    except TimeoutError:
        detail, hint, ok = f"no answer in {limit_s:g} s", "", False
    except (OSError, EOFError, ValueError) as error:
        detail, ok = str(error) or type(error).__name__, False
    return Step(
        name, ok, detail, hint or _HINTS.get(name, "") * (not ok), _since(started)
    )


_HINTS = {
    "name": "look at the spelling of `base_url`, and at the network",
    "tcp": "is the server running, and does a firewall or a proxy stand between?",
    "tls": "`SSL_CERT_FILE` names the authorities that are trusted",
}


def _since(started: float) -> float:
    return time.monotonic() - started


def _is_url(endpoint: Endpoint) -> bool:
    try:
        return bool(endpoint.where)
    except ConfigError:
        return False


async def _address(endpoint: Endpoint) -> str:
    endpoint.headers()
    return without_password(endpoint.url(""))


def _proxy(endpoint: Endpoint) -> str:
    proxies = getproxies()
    scheme = "https" if endpoint.is_secure else "http"
    found = proxies.get(scheme) or proxies.get("all", "")
    if proxy_bypass(endpoint.address[0]):
        return ""
    # A proxy's address may hold a password.
    return found.rpartition("@")[2]


async def _resolve(endpoint: Endpoint) -> str:
    host, port = endpoint.address
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _tcp(endpoint: Endpoint) -> str:
    host, port = endpoint.address
    _, writer = await asyncio.open_connection(host, port)
    writer.transport.abort()
    return f"port {port} is open"


async def _tls(endpoint: Endpoint) -> str:
    host, port = endpoint.address
    _, writer = await asyncio.open_connection(host, port, ssl=certificates())
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    return str(version)


async def _socket(endpoint: Endpoint, model: str) -> AsyncIterator[Step]:
    from spark_cli.wire.socket import SocketTransport

    way = SocketTransport(endpoint)

    async def upgrade() -> str:
        await way.open(STEP_S)
        return "the handshake was accepted"

    step = await _try(endpoint, "websocket", STEP_S + 1, upgrade)
    if not step.ok and endpoint.provider.transport is TransportKind.AUTO:
        step = replace(step, hint="spark uses HTTP instead, which is a little slower")
    yield step
    if step.ok:
        yield await _try(
            endpoint, "websocket reply", REPLY_S, lambda: _reply(way, model)
        )
    await way.aclose()


async def _http(endpoint: Endpoint, model: str) -> AsyncIterator[Step]:
    from spark_cli.wire.sse import CHAT, RESPONSES, StreamTransport

    kind = endpoint.provider.transport
    if kind in (TransportKind.AUTO, TransportKind.SSE):
        way = StreamTransport(endpoint, RESPONSES)
        step = await _try(endpoint, "sse reply", REPLY_S, partial(_reply, way, model))
        yield step
        if step.ok or kind is TransportKind.SSE:
            return
    if kind is not TransportKind.WEBSOCKET:
        way = StreamTransport(endpoint, CHAT)
        yield await _try(endpoint, "chat reply", REPLY_S, partial(_reply, way, model))


async def _reply(way: Transport, model: str) -> str:
    """Wait for the first word of a tiny reply; more is not needed to know."""
    started = time.monotonic()
    request = Request(model, "", (UserMessage(new_item_id("msg"), _PROMPT),))
    try:
        async with aclosing(way.reply(request)) as parts:
            async for part in parts:
                if not isinstance(part, LimitsSeen | Notice):
                    return f"first event after {_since(started) * 1000:.0f} ms"
    finally:
        await way.aclose()
    raise Unavailable("the reply was empty")


async def _models(provider: Provider, key: Secret | None, model: str) -> str:
    found = await models(provider, key)
    if model in found:
        return f"{len(found)} models, `{model}` among them"
    return f"{len(found)} models, without `{model}`"
