"""Replies over HTTP: Responses and chat completions as streams of server-sent events.

Each request carries the whole conversation.  Connections are kept alive, which
needs the body to be read to its end; a reply that is closed early closes its
connection, which is what stops the model.

What servers send does not always match what they say they send, so the content type
is not looked at: a body that starts with a brace is one JSON document, one that
starts with `<` is a web page, and the rest are events.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

import httpx

from spark_cli.core.errors import ConfigError, ConnectionLost, SparkError, Unavailable
from spark_cli.core.events import LimitsSeen, Notice, ReplyEnded
from spark_cli.core.json import JsonObject
from spark_cli.wire import chat, responses
from spark_cli.wire.chat_chunks import ChatDecoder
from spark_cli.wire.codec import Decoder, dump, parse
from spark_cli.wire.complaints import answered
from spark_cli.wire.continuation import ids
from spark_cli.wire.endpoint import Endpoint, certificates
from spark_cli.wire.eventstream import EVENT_BYTES_MAX, EventStream, ServerSent
from spark_cli.wire.failures import failure
from spark_cli.wire.limits import from_headers
from spark_cli.wire.request import Request
from spark_cli.wire.responses_events import ResponsesDecoder
from spark_cli.wire.transport import ReplyPart

CONNECT_S = 5.0
SILENCE_S = 300.0
# What may follow when all was said: usage, `[DONE]`, the end of the body.
_LINGER_S = 2.0
_TAIL_S = 0.25
_ERROR_S = 10.0
_ERROR_BYTES_MAX = 256 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    name: str
    path: str
    body: Callable[[Request], JsonObject]
    decoder: Callable[[Request, str], Decoder]


def _responses_body(request: Request) -> JsonObject:
    return responses.body(request, previous=None, items=request.items)


def _responses_decoder(request: Request, where: str) -> Decoder:
    return ResponsesDecoder(where, *ids(request.items))


def _chat_decoder(request: Request, where: str) -> Decoder:
    tools = frozenset(tool.name for tool in request.tools)
    return ChatDecoder(where, *ids(request.items), tools)


RESPONSES = Dialect("sse", "/responses", _responses_body, _responses_decoder)
CHAT = Dialect("chat", "/chat/completions", chat.body, _chat_decoder)


class Body:
    """A reply's body, from bytes to the decoder, whatever it is made of."""

    def __init__(self, decoder: Decoder, where: str) -> None:
        self.size_bytes = 0
        self._decoder = decoder
        self._where = where
        self._events = EventStream()
        self._head = bytearray()
        self._is_document: bool | None = None

    def feed(self, piece: bytes) -> None:
        self.size_bytes += len(piece)
        if self._is_document is None:
            self._head += piece
            start = bytes(self._head).removeprefix(b"\xef\xbb\xbf").lstrip()
            if not start:
                return
            self._is_document = start[:1] in (b"{", b"[", b"<")
            piece = bytes(self._head)
            self._head.clear()
        if not self._is_document:
            self._decode(self._events.feed(piece))
            return
        self._head += piece
        if len(self._head) > EVENT_BYTES_MAX:
            raise ConnectionLost(f"{self._where} sent an answer without an end")

    def finish(self) -> None:
        if self._is_document:
            self._document(bytes(self._head).strip())
        else:
            self._decode(self._events.finish())
        self._decoder.finish()

    def _document(self, text: bytes) -> None:
        if text.startswith(b"<"):
            raise Unavailable(
                f"{self._where} answered with a web page",
                "sign in to the network that you are on, or correct `base_url`",
            )
        whole = parse(text)
        # One document, or one in each line.
        for value in [whole] if whole is not None else map(parse, text.splitlines()):
            for event in value if isinstance(value, list) else [value]:
                if isinstance(event, dict):
                    self._decoder.feed(event)

    def _decode(self, events: list[ServerSent]) -> None:
        for event in events:
            if event.data.strip() == "[DONE]":
                self._decoder.done()
                continue
            value = parse(event.data)
            if not isinstance(value, dict):
                if event.event == "error":
                    raise failure(answered(500, {}, event.data.encode()), self._where)
                continue
            if event.event and not isinstance(value.get("type"), str):
                value = {**value, "type": event.event}
            self._decoder.feed(value)


class StreamTransport:
    def __init__(
        self, endpoint: Endpoint, dialect: Dialect, *, silence_s: float = SILENCE_S
    ) -> None:
        self._endpoint = endpoint
        self._dialect = dialect
        self._silence_s = silence_s
        self._client: httpx.AsyncClient | None = None

    async def steer(self, text: str) -> bool:
        """There is no way back into a stream of HTTP."""
        del text
        return False

    async def warm(self) -> None:
        """Load certificates and proxies; HTTP has nothing more to do ahead."""
        try:
            self._open()
        except SparkError:
            # The first reply will meet it again, and can tell someone.
            return

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def reply(self, request: Request) -> AsyncGenerator[ReplyPart, None]:
        where = self._endpoint.where
        url = self._endpoint.url(self._dialect.path)
        content = dump(self._dialect.body(request)).encode()
        headers = {
            "Accept": "text/event-stream",
            "Content-Type": "application/json",
            **self._endpoint.headers(),
        }
        reading = _Reading(self._dialect, request, where, len(content))
        with translated(where):
            stream = self._open().stream("POST", url, content=content, headers=headers)
            async with stream as response:
                if limits := from_headers(response.headers, time.time()):
                    yield LimitsSeen(limits)
                if response.status_code != _OK:
                    raise await refused(response, where)
                async with aclosing(_chunks(response)) as chunks:
                    while reading.ended() is None:
                        for part in await reading.parts(chunks):
                            yield part
                    if (ended := reading.ended()) is not None:
                        yield ended
                    await reading.drain(chunks)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = client(self._silence_s)
        return self._client


class _Reading:
    """One body being read, and what came of it so far."""

    def __init__(
        self, dialect: Dialect, request: Request, where: str, sent_bytes: int
    ) -> None:
        self._name = dialect.name
        self._decoder = dialect.decoder(request, where)
        self._body = Body(self._decoder, where)
        self._sent_bytes = sent_bytes
        self._started = time.monotonic()
        self._first_token_s: float | None = None
        self._error: SparkError | None = None

    async def parts(self, chunks: AsyncIterator[bytes]) -> list[ReplyPart]:
        """What the next piece says; what came before an error goes before it."""
        if self._error is not None:
            raise self._error
        try:
            await self._read(chunks)
        except (SparkError, httpx.HTTPError) as error:
            parts = [*self._decoder.take(), *self._decoder.release()]
            if not parts:
                raise
            self._error = error if isinstance(error, SparkError) else lost(error)
        else:
            parts = self._decoder.take()
        said = any(not isinstance(part, LimitsSeen | Notice) for part in parts)
        if said and self._first_token_s is None:
            self._first_token_s = time.monotonic() - self._started
        return parts

    def ended(self) -> ReplyEnded | None:
        ending = self._decoder.ending
        if ending is None or self._error is not None:
            return None
        return ReplyEnded(
            ending.response,
            ending.status,
            ending.usage,
            self._name,
            self._sent_bytes,
            self._body.size_bytes,
            self._first_token_s or 0.0,
            time.monotonic() - self._started,
        )

    async def drain(self, chunks: AsyncIterator[bytes]) -> None:
        """Read to the end, so that the connection can serve the next request."""
        try:
            async with asyncio.timeout(_TAIL_S):
                async for _ in chunks:
                    pass
        except (TimeoutError, httpx.HTTPError):
            return

    async def _read(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            # A server that has said all need not be polite enough to hang up.
            async with asyncio.timeout(_LINGER_S if self._decoder.settled else None):
                piece = await anext(chunks, None)
        except TimeoutError:
            piece = None
        if piece is None:
            self._body.finish()
        else:
            self._body.feed(piece)


async def _chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    async for piece in response.aiter_bytes():
        yield piece


async def refused(response: httpx.Response, where: str) -> SparkError:
    """The error of an answer that is not 200, read with patience but not for ever."""
    text = bytearray()
    try:
        async with asyncio.timeout(_ERROR_S):
            async for piece in response.aiter_bytes():
                text += piece
                if len(text) > _ERROR_BYTES_MAX:
                    break
    except (TimeoutError, httpx.HTTPError):
        # The status alone says enough.
        pass
    return failure(answered(response.status_code, response.headers, text), where)


def client(silence_s: float) -> httpx.AsyncClient:
    """A client without redirects, with proxies and authorities of the environment."""
    try:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(silence_s, connect=CONNECT_S),
            verify=certificates(),
            follow_redirects=False,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise ConfigError(
            f"cannot use the proxy of the environment: {error}",
            "correct or unset `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`",
        ) from error


@contextmanager
def translated(where: str) -> Iterator[None]:
    """The one door at which httpx's errors become spark's."""
    try:
        yield
    except (
        httpx.UnsupportedProtocol,
        httpx.LocalProtocolError,
        httpx.InvalidURL,
        UnicodeError,  # a host that is no name
    ) as error:
        raise ConfigError(f"cannot ask {where}: {error}") from error
    except httpx.ConnectTimeout as error:
        raise Unavailable(f"{where} did not answer in {CONNECT_S:g} s") from error
    except (httpx.ConnectError, httpx.ProxyError, httpx.PoolTimeout) as error:
        raise Unavailable(
            f"cannot reach {where}: {error}",
            "`spark doctor` tries each step and says which one fails",
        ) from error
    except httpx.HTTPError as error:
        raise lost(error, where) from error


def lost(error: httpx.HTTPError, where: str = "the server") -> ConnectionLost:
    if isinstance(error, httpx.TimeoutException):
        return ConnectionLost(f"{where} fell silent")
    detail = f": {error}" if str(error) else ""
    return ConnectionLost(f"the connection to {where} broke{detail}")
