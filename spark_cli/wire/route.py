"""The way to a model: a socket where there is one, HTTP where there is not.

`auto` dials a WebSocket and gives it a second.  Whatever stands in the way, the same
request goes over HTTP at once, and the socket is left alone for a while, so that
neither a server without sockets nor one bad minute is paid for twice.  A server
that does not know Responses at all is asked in the chat dialect.

Failures before the first token end here as far as trying again can end them, and
parameters that a server refuses are left out from then on.  Once something was said,
errors go up: only the agent knows what to do with half an answer.
"""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from spark_cli.config.settings import Provider, TransportKind
from spark_cli.core.errors import ConnectionLost, Denied, SparkError, Unavailable
from spark_cli.core.events import Level, LimitsSeen, Notice, ReplyEnded
from spark_cli.core.secret import Secret
from spark_cli.wire.concessions import Concessions
from spark_cli.wire.endpoint import Endpoint
from spark_cli.wire.failures import (
    ContextOverflow,
    Rejected,
    RouteMissing,
    SocketRefused,
)
from spark_cli.wire.request import Request
from spark_cli.wire.retry import Wait, wait_before
from spark_cli.wire.transport import ReplyPart, Transport

HANDSHAKE_S = 1.0
# A server without sockets will not grow one soon; one that hung may be back.
REFUSED_S = 600.0
FAILED_S = 60.0
_REFUSALS = (400, 401, 403, 404, 405, 406, 426, 501)


def connect(provider: Provider, key: Secret | None) -> Transport:
    """A transport to the provider; nothing is dialed before `warm` or `reply`."""
    return Route(Endpoint(provider, key))


class Route:
    """`clock`, `pause` and `chance` are time.monotonic, asyncio.sleep and random."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] | None = None,
        chance: Callable[[], float] = random.random,
        handshake_s: float = HANDSHAKE_S,
    ) -> None:
        self._endpoint = endpoint
        self._kind = endpoint.provider.transport
        self._clock = clock
        self._pause = pause
        self._chance = chance
        self._handshake_s = handshake_s
        self._ways: dict[TransportKind, Transport] = {}
        self._no_socket_until = 0.0
        self._socket_works = False
        self._no_responses = False
        self._concessions = Concessions()

    async def warm(self) -> None:
        if self._kind is not TransportKind.AUTO:
            await self._way(self._next()).warm()
            return
        from spark_cli.wire.socket import SocketTransport

        socket = self._way(TransportKind.WEBSOCKET)
        if not isinstance(socket, SocketTransport):
            raise TypeError("the way of a socket is a socket")
        try:
            await socket.open()
        except SparkError as error:
            # Known now, so that the first reply does not lose its second to it.
            self._leave_socket(error)

    async def steer(self, text: str) -> bool:
        return await self._way(self._next()).steer(text)

    async def aclose(self) -> None:
        for way in self._ways.values():
            await way.aclose()

    async def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]:
        tries = _Tries()
        while True:
            kind = self._next()
            fitted = self._concessions.fit(request)
            try:
                async with aclosing(self._way(kind).reply(fitted)) as parts:
                    async for part in parts:
                        if not tries.told and not isinstance(part, LimitsSeen | Notice):
                            tries.told = True
                            self._proven(kind)
                        yield self._clean(part)
            except SparkError as error:
                wait = self._judge(self._endpoint.cleaned(error), kind, fitted, tries)
            else:
                return
            if wait.told:
                yield _notice(wait, tries.error)
            if wait.delay_s:
                await self._sleep(wait.delay_s)

    def _clean(self, part: ReplyPart) -> ReplyPart:
        """The part without the key, where a server's own words are printed and kept."""
        if isinstance(part, ReplyEnded):
            response, status = self._endpoint.scrubbed(part.response, part.status)
            return replace(part, response=response, status=status)
        if isinstance(part, Notice):
            text, hint = self._endpoint.scrubbed(part.text, part.hint)
            return replace(part, text=text, hint=hint)
        if isinstance(part, LimitsSeen):
            limits = part.limits
            names = self._endpoint.scrubbed(*(limit.name for limit in limits))
            pairs = zip(limits, names, strict=True)
            return LimitsSeen(tuple(replace(one, name=name) for one, name in pairs))
        return part

    def _judge(
        self, error: SparkError, kind: TransportKind, request: Request, tries: _Tries
    ) -> Wait:
        """What to wait before the next try; raises where there is no next one."""
        if tries.told:
            raise error
        tries.error = error
        at_once = Wait(0.0, told=False)
        if self._concessions.learn(error, request):
            return at_once
        if self._switched(error, kind, tries):
            return at_once
        if isinstance(error, SocketRefused):
            error = error.reason
        tries.failures += 1
        wait = wait_before(error, tries.failures, self._chance())
        if wait is None:
            raise error
        return wait

    def _next(self) -> TransportKind:
        if self._kind is not TransportKind.AUTO:
            return self._kind
        if self._no_responses:
            return TransportKind.CHAT
        if self._clock() < self._no_socket_until:
            return TransportKind.SSE
        return TransportKind.WEBSOCKET

    def _way(self, kind: TransportKind) -> Transport:
        if kind not in self._ways:
            self._ways[kind] = self._made(kind)
        return self._ways[kind]

    def _made(self, kind: TransportKind) -> Transport:
        # Each library is loaded when it is needed: together they cost 130 ms.
        if kind is TransportKind.WEBSOCKET:
            from spark_cli.wire.socket import DIAL_S, SocketTransport

            is_only = self._kind is TransportKind.WEBSOCKET
            patience_s = DIAL_S if is_only else self._handshake_s
            return SocketTransport(self._endpoint, patience_s=patience_s)
        from spark_cli.wire.sse import CHAT, RESPONSES, StreamTransport

        dialect = CHAT if kind is TransportKind.CHAT else RESPONSES
        return StreamTransport(self._endpoint, dialect)

    def _switched(self, error: SparkError, kind: TransportKind, tries: _Tries) -> bool:
        """Whether the next try goes another way, since this one leads nowhere."""
        if self._kind is not TransportKind.AUTO:
            return False
        if kind is TransportKind.WEBSOCKET:
            return self._leave_socket(error, tries)
        missing = isinstance(error, RouteMissing)
        if kind is TransportKind.SSE and tries.doubted_socket:
            # HTTP does no better: it was the request or the network, not the socket.
            self._no_socket_until = 0.0
        if kind is TransportKind.SSE or missing:
            self._no_responses = missing and kind is TransportKind.SSE
        return self._no_responses and kind is TransportKind.SSE

    def _leave_socket(self, error: SparkError, tries: _Tries | None = None) -> bool:
        if isinstance(error, ConnectionLost) and tries and not tries.failures:
            return False
        if not self._is_of_socket(error):
            return False
        refused = isinstance(error, SocketRefused) and error.status in _REFUSALS
        cooling_s = REFUSED_S if refused else FAILED_S
        self._no_socket_until = self._clock() + cooling_s
        if tries:
            tries.doubted_socket = not isinstance(error, SocketRefused)
        return True

    def _is_of_socket(self, error: SparkError) -> bool:
        """Whether HTTP might do better: not where the server answered on the socket.

        Before a socket ever worked, a refusal may be the socket's all the same.
        """
        if isinstance(error, SocketRefused | ConnectionLost | RouteMissing):
            return True
        if type(error) is Unavailable:
            return True
        unproven = not self._socket_works and isinstance(error, Rejected | Denied)
        return unproven and not isinstance(error, ContextOverflow)

    def _proven(self, kind: TransportKind) -> None:
        if kind is TransportKind.WEBSOCKET:
            self._socket_works = True

    async def _sleep(self, delay_s: float) -> None:
        if self._pause is not None:
            await self._pause(delay_s)
            return
        import asyncio

        await asyncio.sleep(delay_s)


@dataclass(slots=True)
class _Tries:
    """How often one request failed so far, and how."""

    failures: int = 0
    told: bool = False
    doubted_socket: bool = False
    error: SparkError = field(default_factory=lambda: SparkError(""))


def _notice(wait: Wait, error: SparkError) -> Notice:
    return Notice(
        Level.WARNING, f"{error.message}; trying again in {wait.delay_s:.1f} s"
    )
