"""The routes of the demo endpoint: models, Responses over SSE and socket, chat.

It answers loopback names only: a web page that rebinds its own name to 127.0.0.1
must not be able to talk to it from a browser.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from spark_cli.core.ids import new_item_id
from spark_cli.core.json import JsonObject
from spark_cli.demo import chat, fields, responses
from spark_cli.demo.ask import Answer, Ask, Model
from spark_cli.demo.fields import Record
from spark_cli.demo.lanes import Connection
from spark_cli.demo.ledger import Kind, Ledger, Received
from spark_cli.demo.memory import Shelf, remembered
from spark_cli.demo.model import answer
from spark_cli.demo.pace import Pace
from spark_cli.demo.refusal import Refusal, refusal
from spark_cli.demo.stream import TERMINAL, Stream, compact, usage

MODELS = ("demo", "gpt-5.3-codex-spark", "gpt-5.5")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What all requests share."""

    pace: Pace
    ledger: Ledger
    model: Model = answer
    shelf: Shelf = field(default_factory=Shelf)

    async def models(self, request: Request) -> Response:
        name = request.path_params.get("name")
        if name is None:
            data = [_model(each) for each in MODELS]
            return _reply({"object": "list", "data": data})
        if name not in MODELS:
            raise Refusal(
                f"The model '{name}' does not exist.",
                code="model_not_found",
                param="model",
                status=404,
            )
        return _reply(_model(name))

    async def responses(self, request: Request) -> Response:
        body = await self._body(request)
        responses.check(body)
        old = self.shelf.recall(body)
        items = [*old, *responses.input_items(body)]
        if not items:
            raise Refusal(
                "Missing required parameter: 'input'.",
                code="missing_required_parameter",
                param="input",
            )
        answers = await self._answers(responses.ask(body, items))
        stream = Stream(body, usage(body, items, old), self.pace.grain)

        async def frames() -> AsyncIterator[str]:
            async for batch in self.pace.batches(stream.beats(answers)):
                if batch[-1]["type"] in TERMINAL:  # before the client can continue it
                    kept = remembered(stream.id, items, stream.output)
                    self.shelf.keep(kept, body)
                yield "".join(map(_frame, batch))

        if body.get("stream") is True:
            return self._stream(request, frames())
        async for _ in frames():
            pass
        return _reply(stream.final)

    async def chat(self, request: Request) -> Response:
        body = await self._body(request)
        answers = await self._answers(chat.ask(body))
        size = len(json.dumps([body.get("messages"), body.get("tools")])) // 4
        chunks = chat.Chunks(body, size, self.pace.grain)

        async def frames() -> AsyncIterator[str]:
            async for batch in self.pace.batches(chunks.beats(answers)):
                yield "".join(f"data: {compact(event)}\n\n" for event in batch)
            yield "data: [DONE]\n\n"

        if body.get("stream") is True:
            return self._stream(request, frames())
        return _reply(chunks.whole(answers))

    async def socket(self, socket: WebSocket) -> None:
        connection = Connection(socket, self.shelf, self.pace, self.ledger, self.model)
        await connection.serve()

    async def _answers(self, ask: Ask) -> tuple[Answer, ...]:
        try:
            return await asyncio.to_thread(self.model, ask)
        except Exception as error:
            raise refusal(error) from error

    async def _body(self, request: Request) -> Record:
        data = await request.body()
        try:
            body = json.loads(data)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refusal(
                "We could not parse the JSON body of your request: it must be a JSON"
                " object."
            )
        kind = "sse" if body.get("stream") is True else "json"
        self.ledger.note(
            Received(Kind.REQUEST, kind, request.url.path, len(data), body)
        )
        return body

    def _stream(self, request: Request, frames: AsyncIterator[str]) -> Response:
        async def watched() -> AsyncIterator[str]:
            whole = False
            try:
                async for text in frames:
                    yield text
                whole = True
            finally:
                if not whole:  # the client has left
                    self.ledger.note(Received(Kind.CUT, "sse", request.url.path))

        return StreamingResponse(
            watched(),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache", "x-request-id": new_item_id("req")},
        )


def application(endpoint: Endpoint, lifespan: Lifespan | None = None) -> ASGIApp:
    """The endpoint as an ASGI application, with `/v1` before each path or without."""
    routes: list[BaseRoute] = []
    for prefix in ("/v1", ""):
        routes += [
            Route(f"{prefix}/models", endpoint.models, methods=["GET"]),
            Route(f"{prefix}/models/{{name:path}}", endpoint.models, methods=["GET"]),
            Route(f"{prefix}/responses", endpoint.responses, methods=["POST"]),
            Route(f"{prefix}/chat/completions", endpoint.chat, methods=["POST"]),
            WebSocketRoute(f"{prefix}/responses", endpoint.socket),
        ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={Refusal: _refused, 404: _missing, 405: _missing},
    )
    return _LoopbackOnly(app)


@dataclass(frozen=True, slots=True)
class _LoopbackOnly:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_local(scope):
            await self.app(scope, receive, send)
            return
        refused = Refusal("This endpoint answers on loopback names only.", status=403)
        if scope["type"] == "websocket":
            await receive()  # the handshake, which is answered with a plain response
        response = _reply(refused.body(), refused.status)
        await response(scope, receive, send)


def _is_local(scope: Scope) -> bool:
    """Whether both the name called and the page that calls, if any, are local."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get(b"origin")
    return _host(f"//{headers.get(b'host', '')}") in _LOOPBACK and (
        origin is None or _host(origin) in _LOOPBACK
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    headers = {"x-request-id": new_item_id("req")}
    return _reply(error.body(), error.status, headers)


async def _missing(request: Request, error: Exception) -> Response:
    status = fields.number(getattr(error, "status_code", None)) or 404
    refused = Refusal(f"Invalid URL ({request.method} {request.url.path})")
    return _reply(refused.body(), status)


def _reply(
    body: JsonObject, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(compact(body), status, headers, "application/json")


def _frame(event: JsonObject) -> str:
    return f"event: {event['type']}\ndata: {compact(event)}\n\n"


def _model(name: str) -> JsonObject:
    return {"id": name, "object": "model", "created": 0, "owned_by": "spark"}
