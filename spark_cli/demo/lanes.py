"""Responses over a WebSocket: lanes on one connection, each with its own queue.

Requests without a `stream_id` share the default lane.  A lane answers one request
after the other; lanes run side by side.  Each remembers its latest response, and all
memory ends with the connection.

Source: OpenAI's guide to the WebSocket mode of the Responses API.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from spark_cli.core.json import JsonObject, JsonValue
from spark_cli.demo import fields, responses
from spark_cli.demo.ask import Answer, Model
from spark_cli.demo.fields import Record
from spark_cli.demo.ledger import Kind, Ledger, Received
from spark_cli.demo.memory import Remembered, Shelf, remembered
from spark_cli.demo.pace import Pace
from spark_cli.demo.refusal import Refusal, refusal
from spark_cli.demo.stream import TERMINAL, Stream, compact, usage

LANES_MAX = 32
IN_FLIGHT_MAX = 16
# So many writes at most before the event loop may see that the client has left:
# asyncio warns of the sixth that went nowhere.
WRITES_MAX = 4
_LANE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")


@dataclass(slots=True)
class Lane:
    """`name` is `None` for the lane of requests that name none."""

    name: str | None
    queue: asyncio.Queue[Record] = field(default_factory=asyncio.Queue)
    latest: Remembered | None = None
    busy: bool = False


class Connection:
    """One client's socket, from its acceptance to its end."""

    def __init__(
        self,
        socket: WebSocket,
        shelf: Shelf,
        pace: Pace,
        ledger: Ledger,
        model: Model,
    ) -> None:
        self._socket = socket
        self._shelf = shelf
        self._pace = pace
        self._ledger = ledger
        self._model = model
        self._lanes: dict[str | None, Lane] = {}
        self._in_flight = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def serve(self) -> None:
        """Answer until the client leaves, which stops whatever still streams."""
        await self._socket.accept()
        self._ledger.note(Received(Kind.CONNECT, "websocket", self._path))
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    lane = await self._take()
                    if lane is not None:
                        group.create_task(self._work(lane))
        except* WebSocketDisconnect:
            for lane in self._lanes.values():
                if lane.busy:
                    self._ledger.note(Received(Kind.CUT, "websocket", self._path))

    @property
    def _path(self) -> str:
        return self._socket.url.path

    async def _take(self) -> Lane | None:
        """Read one message; the answer is a lane that has no worker yet."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text = fields.text(message.get("text"))
        stream: object = None
        try:
            event = _parsed(text)
            stream = event.get("stream_id")
            self._ledger.note(
                Received(
                    Kind.REQUEST, "websocket", self._path, len(text.encode()), event
                )
            )
            return await self._dispatch(event)
        except Refusal as error:
            await self._refuse(error, fields.text(stream) or None)
            return None

    async def _dispatch(self, event: Record) -> Lane | None:
        kind = event.get("type")
        if kind == "response.steer":
            await self._send(_unsteered(event))
            return None
        if kind != "response.create":
            raise Refusal(
                f"Unknown event type: '{kind}'. Supported types are:"
                " 'response.create' and 'response.steer'.",
                code="unknown_event_type",
                param="type",
            )
        name = _lane_name(event)
        lane = self._lanes.get(name)
        if lane is not None:
            lane.queue.put_nowait(event)
            return None
        if name is not None and len(self._lanes) - (None in self._lanes) >= LANES_MAX:
            raise Refusal(
                f"A connection has at most {LANES_MAX} streams.",
                code="websocket_stream_limit_reached",
                param="stream_id",
            )
        lane = self._lanes[name] = Lane(name)
        lane.queue.put_nowait(event)
        return lane

    async def _work(self, lane: Lane) -> None:
        while True:
            body = await lane.queue.get()
            async with self._in_flight:
                lane.busy = True
                try:
                    await self._reply(lane, body)
                except WebSocketDisconnect:
                    raise
                except Exception as error:  # noqa: BLE001 - a bug ends one reply only
                    self._evict(lane, body)
                    await self._refuse(refusal(error), lane.name)
                lane.busy = False

    async def _reply(self, lane: Lane, body: Record) -> None:
        responses.check(body)
        near = [each.latest for each in self._lanes.values() if each.latest]
        old = self._shelf.recall(body, near)
        items = [*old, *responses.input_items(body)]
        ask = responses.ask(body, items)
        answers: tuple[Answer, ...] = ()
        if not _is_warm_up(body):
            answers = await asyncio.to_thread(self._model, ask)
        stream = Stream(body, usage(body, items, old), self._pace.grain, lane.name)
        async for batch in self._pace.batches(stream.beats(answers)):
            for number, event in enumerate(batch):
                if number % WRITES_MAX == 0:
                    await asyncio.sleep(0)
                if event["type"] in TERMINAL:  # before the client can continue it
                    lane.latest = remembered(stream.id, items, stream.output)
                    self._shelf.keep(lane.latest, body)
                await self._send(event)

    def _evict(self, lane: Lane, body: Record) -> None:
        """A continuation that fails on its own lane ends what it continued."""
        wanted = body.get("previous_response_id")
        if lane.latest is not None and lane.latest.id == wanted:
            lane.latest = None

    async def _refuse(self, error: Refusal, stream: str | None) -> None:
        event: dict[str, JsonValue] = {
            "type": "error",
            "sequence_number": 0,
            "status": error.status,
            **error.body(),
        }
        if stream is not None:
            event["stream_id"] = stream
        await self._send(event)

    async def _send(self, event: JsonObject) -> None:
        await self._socket.send_text(compact(event))


def _parsed(text: str) -> Record:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise Refusal(
            "Each message must be a JSON object in a text frame.", code="invalid_json"
        )
    return event


def _lane_name(event: Record) -> str | None:
    name = event.get("stream_id")
    if name is None:
        return None
    if not isinstance(name, str) or not _LANE_NAME.fullmatch(name):
        raise Refusal(
            "Invalid 'stream_id': 1 to 256 letters, digits, '_', '.' and '-'.",
            code="invalid_stream_id",
            param="stream_id",
        )
    return name


def _is_warm_up(body: Record) -> bool:
    options = fields.record(body.get("prompt_cache_options"))
    return body.get("generate") is False or options.get("prewarm") is True


def _unsteered(event: Record) -> Mapping[str, JsonValue]:
    given = responses.json_object(
        {key: event.get(key) for key in ("previous_response_id", "input")}
    )
    return {
        "type": "response.steer.failed",
        "sequence_number": 0,
        "steer": given,
        "error": {
            "type": "invalid_request_error",
            "code": "steering_not_supported",
            "message": "The demo model does not support steering.",
        },
    }
