"""Loopback servers for tests of the wire: polite ones and ones that break the rules."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import TypeAlias

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from spark_cli.config.settings import Provider, TransportKind
from spark_cli.core.ids import CallId, ItemId
from spark_cli.core.items import AgentMessage, Item, ToolCall, UserMessage
from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.wire.endpoint import Endpoint
from spark_cli.wire.request import Request, ToolSpec
from spark_cli.wire.transport import ReplyPart, Transport

HELLO = UserMessage(ItemId("u1"), "hello")
PATCH = ToolSpec(
    "apply_patch",
    "Edit files.",
    {"type": "object", "properties": {"input": {"type": "string"}}},
    grammar="start: /.+/",
)
READ = ToolSpec("read_file", "Read.", {"type": "object", "properties": {}})


def request(*items: Item, **changes: object) -> Request:
    made = {"model": "m", "instructions": "Be brief.", "items": items or (HELLO,)}
    return Request(**{**made, **changes})  # type: ignore[arg-type]  # a test's shorthand


def endpoint(url: str, kind: TransportKind = TransportKind.AUTO) -> Endpoint:
    return Endpoint(Provider(base_url=url, transport=kind))


async def collect(transport: Transport, asked: Request) -> list[ReplyPart]:
    return [part async for part in transport.reply(asked)]


def items_of(parts: Iterable[ReplyPart]) -> list[ReplyPart]:
    return [part for part in parts if isinstance(part, AgentMessage | ToolCall)]


def said(text: str, number: int = 1) -> list[JsonObject]:
    """The events of a reply that says one thing, as the API would send them."""
    item: JsonObject = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text}],
    }
    at: JsonObject = {"item_id": item["id"], "output_index": 0}
    delta: JsonObject = {"type": "response.output_text.delta", "content_index": 0, **at}
    empty: JsonObject = {**item, "content": [], "status": "in_progress"}
    return [
        {"type": "response.created", "response": {"id": f"resp_{number}"}},
        {"type": "response.output_item.added", "output_index": 0, "item": empty},
        *({**delta, "delta": piece} for piece in pieces(text)),
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        completed([item], number),
    ]


def called(name: str, text: str, number: int = 1) -> list[JsonObject]:
    item: JsonObject = {
        "id": f"fc_{number}",
        "type": "function_call",
        "call_id": f"call_{number}",
        "name": name,
        "arguments": text,
    }
    return [
        {"type": "response.created", "response": {"id": f"resp_{number}"}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        completed([item], number),
    ]


def completed(output: list[JsonObject], number: int = 1) -> JsonObject:
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    response: dict[str, JsonValue] = {
        "id": f"resp_{number}",
        "status": "completed",
        "output": output,
        "usage": usage,
    }
    return {"type": "response.completed", "response": response}


def failed(code: str, message: str = "no", **more: JsonValue) -> JsonObject:
    error: JsonObject = {
        "type": "invalid_request_error",
        "code": code,
        "message": message,
    }
    return {"type": "error", "status": 400, "error": {**error, **more}}


def pieces(text: str, size: int = 4) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def answer_of(number: int, text: str) -> AgentMessage:
    return AgentMessage(ItemId(f"msg_{number}"), text)


def call_of(number: int, name: str, text: str) -> ToolCall:
    return ToolCall(ItemId(f"fc_{number}"), CallId(f"call_{number}"), name, text)


@dataclass
class SocketBench:
    """What a WebSocket server was asked; `creates` of all connections together."""

    url: str = ""
    connections: int = 0
    creates: list[dict[str, JsonValue]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


Script: TypeAlias = Callable[[ServerConnection, SocketBench], Awaitable[None]]


def answers(*replies: Iterable[JsonObject | str | bytes]) -> Script:
    """Answer each create with the next reply, whatever connection it comes on."""
    left = list(replies)

    async def script(connection: ServerConnection, bench: SocketBench) -> None:
        async for message in connection:
            bench.creates.append(json.loads(message))
            for event in left.pop(0):
                await connection.send(
                    event if isinstance(event, str | bytes) else json.dumps(event)
                )

    return script


@asynccontextmanager
async def sockets(script: Script, **options: object) -> AsyncIterator[SocketBench]:
    bench = SocketBench()

    async def handle(connection: ServerConnection) -> None:
        bench.connections += 1
        assert connection.request is not None
        bench.headers.append(dict(connection.request.headers.raw_items()))
        try:
            await script(connection, bench)
        except ConnectionClosed:
            pass
        finally:
            bench.gone.set()

    async with serve(handle, "127.0.0.1", 0, **options) as server:  # type: ignore[arg-type]  # passed on
        port = next(iter(server.sockets)).getsockname()[1]
        bench.url = f"http://127.0.0.1:{port}/v1"
        yield bench


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_upgrade(self) -> bool:
        return self.headers.get("upgrade", "").lower() == "websocket"

    @property
    def json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = json.loads(self.body)
        return value


@dataclass
class HttpBench:
    url: str = ""
    connections: int = 0
    asked: list[Asked] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def paths(self) -> list[str]:
        return [
            f"{'WS' if asked.is_upgrade else asked.method} {asked.path}"
            for asked in self.asked
        ]


Respond: TypeAlias = Callable[
    [Asked, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes | None]
]


@asynccontextmanager
async def http(
    respond: Respond, ssl: SSLContext | None = None
) -> AsyncIterator[HttpBench]:
    """A server of raw bytes: `None` ends the connection, bytes keep it alive."""
    bench = HttpBench()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        bench.connections += 1
        try:
            while True:
                asked = await _read(reader)
                bench.asked.append(asked)
                answer = await respond(asked, reader, writer)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            bench.gone.set()
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=ssl)
    scheme = "https" if ssl else "http"
    async with server:
        bench.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield bench


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, path, headers, body)


def plain(status: str, body: bytes = b"", *lines: str) -> bytes:
    """An HTTP answer with a length."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def streamed(events: Iterable[JsonObject], *lines: str) -> bytes:
    body = b"".join(
        f"event: {event.get('type')}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )
    return plain("200 OK", body, "Content-Type: text/event-stream", *lines)


def chunked_chat(*chunks: JsonObject, done: bool = True) -> bytes:
    body = b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks)
    return plain("200 OK", body + b"data: [DONE]\n\n" * done)


def chat_said(text: str) -> list[JsonObject]:
    return [*map(_chunk, pieces(text)), _chunk("", "stop")]


def _chunk(text: str, reason: str | None = None) -> JsonObject:
    choice: JsonObject = {
        "index": 0,
        "delta": {"content": text},
        "finish_reason": reason,
    }
    return {"id": "c1", "choices": [choice]}


def accepted(asked: Asked) -> bytes:
    """The handshake's answer, after which raw frames may follow."""
    magic = asked.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    token = base64.b64encode(hashlib.sha1(magic.encode()).digest()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Accept: {token}\r\n\r\n"
    ).encode()


def frame(payload: bytes, opcode: int = 1, *, fin: bool = True) -> bytes:
    first = (0x80 if fin else 0) | opcode
    if len(payload) < 126:
        return bytes([first, len(payload)]) + payload
    return bytes([first, 126]) + len(payload).to_bytes(2, "big") + payload
