"""Responses over one WebSocket that stays open: the shortest way to a first token.

A turn after the first sends only what is new (`wire.continuation`), on a connection
that was there before the user had typed.  There is no way to cancel a reply but to
hang up, so a reply that is closed early drops the connection without waiting for
the network, and the next one dials anew.

What may go wrong before the first token is put right here without a word, as far as
it is the socket's own: a connection that died while idle is dialed again, and a
continuation that the server does not know is sent again in full.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

from spark_cli.core.errors import ConnectionLost, SparkError
from spark_cli.core.events import LimitsSeen, Notice, ReplyEnded
from spark_cli.core.items import AgentMessage, Item, Reasoning, ToolCall
from spark_cli.wire.codec import dump, parse
from spark_cli.wire.continuation import Continuation
from spark_cli.wire.endpoint import Endpoint
from spark_cli.wire.failures import (
    ContextOverflow,
    Rejected,
    RouteMissing,
    SocketRefused,
)
from spark_cli.wire.limits import from_headers
from spark_cli.wire.line import Line, dial
from spark_cli.wire.request import Request
from spark_cli.wire.responses import body
from spark_cli.wire.responses_events import ResponsesDecoder
from spark_cli.wire.transport import ReplyPart, Steered

PATH = "/responses"
DIAL_S = 10.0
# Servers end a connection after an hour; it is replaced between turns before that.
LIFETIME_S = 55 * 60.0
SILENCE_S = 300.0
# Longer idle than this, a line may have died without a sign: it is asked.
TRUSTED_S = 10.0
PONG_S = 3.0
_LIMIT_REACHED = "websocket_connection_limit_reached"


@dataclass(slots=True)
class _Exchange:
    """One request on one line, and what came of it so far."""

    line: Line
    is_fresh: bool
    continues: bool
    decoder: ResponsesDecoder
    started: float
    sent_bytes: int = 0
    received_bytes: int = 0
    first_token_s: float = 0.0
    is_second: bool = False
    steered: bool = False
    told: bool = False
    error: SparkError | None = None
    early: list[bytes] = field(default_factory=list)
    """What came together with the end of the reply, and belongs to the next."""
    answer: list[Item] = field(default_factory=list)

    async def parts(self) -> list[ReplyPart]:
        """What came since the last time; what came before an error goes before it."""
        if self.error is not None:
            raise self.error
        try:
            early, self.early = self.early, []
            self._read(early or await self.line.messages())
        except SparkError as error:
            self.error = error
            return self._noted([*self.decoder.take(), *self.decoder.release()])
        return self._noted(self.decoder.take())

    def ended(self) -> ReplyEnded | None:
        ending = self.decoder.ending
        if ending is None:
            return None
        return ReplyEnded(
            ending.response,
            ending.status,
            ending.usage,
            "websocket",
            self.sent_bytes,
            self.received_bytes,
            self.first_token_s,
            self.line.loop.time() - self.started,
        )

    def follow(self) -> _Exchange:
        """What comes after a reply that goes on by itself, on the same line."""
        return replace(
            self,
            decoder=self.decoder.next(),
            started=self.line.loop.time(),
            sent_bytes=0,
            received_bytes=0,
            told=False,
            answer=[],
        )

    def _read(self, messages: list[bytes]) -> None:
        feed = self.decoder.feed
        for at, message in enumerate(messages):
            if self.decoder.ending is not None and self.decoder.goes_on:
                self.early = messages[at:]
                return
            self.received_bytes += len(message)
            # Text that is no JSON is skipped, as every known client does.
            event = parse(message)
            if isinstance(event, dict):
                feed(event)

    def _noted(self, parts: list[ReplyPart]) -> list[ReplyPart]:
        for part in parts:
            if isinstance(part, LimitsSeen | Notice):
                continue
            if isinstance(part, AgentMessage | Reasoning | ToolCall):
                self.answer.append(part)
            if not self.told:
                self.told = True
                self.first_token_s = self.line.loop.time() - self.started
        return parts


class SocketTransport:
    """`patience_s` bounds what a reply waits for a connection."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        patience_s: float = DIAL_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self._endpoint = endpoint
        self._patience_s = patience_s
        self._silence_s = silence_s
        self._dialing = asyncio.Lock()
        self._line: Line | None = None
        self._model = ""
        self._known = Continuation()
        self._running: _Exchange | None = None

    async def open(self, timeout_s: float = DIAL_S) -> None:
        """Dial, unless there is a connection."""
        async with self._dialing:
            if self._line is None or not self._line.is_open:
                self._known.forget()
                self._line = await dial(self._endpoint, PATH, timeout_s)

    async def warm(self) -> None:
        try:
            await self.open()
        except SparkError:
            # The first reply will meet it again, and can tell someone.
            return

    async def aclose(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()

    async def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]:
        exchange = self._running = await self._start(request)
        try:
            for limit in _greeting(exchange):
                yield limit
            while True:
                while (ended := exchange.ended()) is None:
                    exchange, parts = await self._parts(exchange, request)
                    self._running = exchange
                    for part in parts:
                        yield part
                if not exchange.decoder.goes_on:
                    break
                yield ended
                yield Steered()
                exchange = self._running = exchange.follow()
            self._settle(exchange, request)
            yield ended
        except BaseException as error:
            self._broke_off(exchange, error)
            raise
        finally:
            self._running = None

    async def steer(self, text: str) -> bool:
        """Source: the guide to mid-turn steering of OpenAI's Responses API."""
        running = self._running
        if running is None or running.ended() or not running.decoder.response:
            return False
        event = {"type": "response.steer", "input": text}
        event["previous_response_id"] = running.decoder.response
        try:
            await running.line.say(dump(event))
        except ConnectionLost:
            return False
        running.steered = True
        return True

    async def _parts(
        self, exchange: _Exchange, request: Request
    ) -> tuple[_Exchange, list[ReplyPart]]:
        try:
            return exchange, await exchange.parts()
        except SparkError as error:
            if exchange.told or exchange.is_second:
                raise
            return await self._again(exchange, request, error), []

    async def _again(
        self, failed: _Exchange, request: Request, error: SparkError
    ) -> _Exchange:
        """One more try, where it is the socket that failed and nothing was said."""
        if _needs_another_line(error):
            if failed.is_fresh:
                raise error
            self._drop()
        elif not failed.continues or not _may_be_forgotten(error):
            raise error
        self._known.forget()
        exchange = await self._start(request)
        exchange.is_second = True
        return exchange

    def _broke_off(self, exchange: _Exchange, error: BaseException) -> None:
        """A server's error leaves the line usable; the reader's leaving does not.

        Closed or cancelled, the model stops only when the line is gone.
        """
        if exchange.decoder.ending is not None:
            return
        self._known.forget()
        exchange.line.unwatch()
        if not isinstance(error, SparkError) or _needs_another_line(error):
            self._drop()

    async def _start(self, request: Request) -> _Exchange:
        exchange = await self._prepare(request)
        try:
            await self._send(exchange, request)
        except ConnectionLost as error:
            exchange.error = error
        except BaseException:
            self._drop()
            raise
        return exchange

    async def _prepare(self, request: Request) -> _Exchange:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self._retire(request.model, started)
        was_open = self._line is not None
        try:
            async with asyncio.timeout(self._patience_s):
                await self.open()
        except TimeoutError as error:
            raise SocketRefused(
                f"{self._endpoint.where} did not answer the WebSocket handshake in "
                f"{self._patience_s:g} s"
            ) from error
        if self._line is None:
            raise ConnectionLost(f"the connection to {self._endpoint.where} was closed")
        self._model = request.model
        items, calls = self._known.ids(request)
        decoder = ResponsesDecoder(self._endpoint.where, items, calls)
        continues = self._known.rest(request) is not None
        return _Exchange(self._line, not was_open, continues, decoder, started)

    def _retire(self, model: str, now: float) -> None:
        """Let go of a line that would not serve: dead, old, spent, another model's.

        Some gateways look at the model of a connection's first request only.
        """
        line = self._line
        if line is None:
            return
        old = now - line.opened_at > LIFETIME_S
        other = self._model not in ("", model)
        # Nothing is due between replies but the news that the line is at its end.
        if not line.is_open or line.has_unread or old or other:
            self._drop()

    async def _send(self, exchange: _Exchange, request: Request) -> None:
        rest = self._known.rest(request)
        previous = self._known.response if rest is not None else None
        items = request.items if rest is None else rest
        made = body(request, previous=previous, items=items)
        text = dump({"type": "response.create", **made})
        exchange.sent_bytes = len(text.encode())
        line = exchange.line
        idle_s = line.loop.time() - line.heard_at
        line.watch(self._silence_s)
        if idle_s > TRUSTED_S:
            await line.check(PONG_S)
        exchange.started = line.loop.time()
        await line.say(text)

    def _settle(self, exchange: _Exchange, request: Request) -> None:
        exchange.line.unwatch()
        ending = exchange.decoder.ending
        whole = ending is not None and ending.status == "completed"
        # What was handed in is part of what the server knows, and of no request.
        if ending is None or not whole or exchange.steered or exchange.decoder.renamed:
            self._known.forget()
        else:
            self._known.remember(request, exchange.answer, ending.response)

    def _drop(self) -> None:
        self._known.forget()
        if self._line is not None:
            self._line.drop()
            self._line = None


def _greeting(exchange: _Exchange) -> list[LimitsSeen]:
    """The limits that the handshake told, with the first reply."""
    response = exchange.line.response
    if not exchange.is_fresh or response is None:
        return []
    limits = from_headers(dict(response.headers.raw_items()), time.time())
    return [LimitsSeen(limits)] if limits else []


def _needs_another_line(error: SparkError) -> bool:
    worn = isinstance(error, Rejected) and _LIMIT_REACHED in error.code
    return worn or isinstance(error, ConnectionLost)


def _may_be_forgotten(error: SparkError) -> bool:
    """Whether the server may have meant the response that was to be continued."""
    if isinstance(error, RouteMissing):
        return True
    if not isinstance(error, Rejected) or isinstance(error, ContextOverflow):
        return False
    return error.code != "unsupported_parameter" or "previous" in error.param
