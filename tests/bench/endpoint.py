"""A Responses endpoint that costs next to nothing, so that only the client is measured.

    python -m tests.bench.endpoint LOG

Every frame is made before the first one leaves.  A prompt says what is wanted, `bench
KIND TOKENS RATE MARK`: so many tokens of `prose`, `code` or numbered `lines`, between
the words `go(MARK)` and `end(MARK)`.  What happened when is written to LOG, a JSON line
each, on the monotonic clock that every process of a machine shares.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response

from spark_cli.demo.skills.speak import code, pieces, prose

WAKE_S = 1 / 120
_ASKED = re.compile(r"bench (prose|code|lines) (\d+) (\d+) (\w+)")


def text_of(kind: str, tokens: int) -> str:
    chunks = {"prose": prose, "code": code, "lines": numbered}[kind]()
    found = itertools.chain.from_iterable(pieces(chunk) for chunk in chunks)
    return "".join(itertools.islice(found, tokens))


def numbered() -> Iterator[str]:
    for number in itertools.count(1):
        yield f"Line {number:06d} says how far it got.\n"


def go(mark: str) -> str:
    """The word before an answer.

    A program that paints only the cells that have changed never writes a word whole
    that shares a letter with what was there: these share none with anything.
    """
    return mark[0] * 3 + "\u0413"


def end(mark: str) -> str:
    return mark[0] * 3 + "\u0416"


def frames(text: str, mark: str, number: int) -> list[bytes]:
    """A whole reply, an event a frame, ready for the socket."""
    closed = "\n```" * (text.count("```") % 2)
    said = f"{go(mark)}\n\n{text}{closed}\n\n{end(mark)}\n"
    place = {"item_id": f"msg_{number}", "output_index": 0, "content_index": 0}
    head = {"id": f"msg_{number}", "type": "message", "role": "assistant"}
    part = {"type": "output_text", "text": said, "annotations": []}
    whole = {**head, "status": "completed", "content": [part]}
    usage = {
        "input_tokens": 900,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": len(pieces(said)),
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 900 + len(pieces(said)),
    }
    response = {"id": f"resp_{number}", "object": "response", "status": "completed"}
    events: list[Mapping[str, object]] = [
        {"type": "response.created", "response": {**response, "output": []}},
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**head, "status": "in_progress", "content": []},
        },
        *(
            {"type": "response.output_text.delta", **place, "delta": piece}
            for piece in pieces(said)
        ),
        {"type": "response.output_text.done", **place, "text": said},
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {
            "type": "response.completed",
            "response": {**response, "output": [whole], "usage": usage},
        },
    ]
    numbers = itertools.count()
    return [framed({**event, "sequence_number": next(numbers)}) for event in events]


def framed(event: Mapping[str, object]) -> bytes:
    return Frame(Opcode.TEXT, json.dumps(event).encode()).serialize(mask=False)


class Endpoint:
    def __init__(self, log: Path) -> None:
        self._log = log.open("a")
        self._made: dict[tuple[str, int], str] = {}
        self._marks: set[str] = set()
        self._count = 0

    def note(self, what: str, **more: object) -> None:
        self._log.write(json.dumps({"at": time.monotonic(), "what": what, **more}))
        self._log.write("\n")
        self._log.flush()

    async def talk(self, socket: ServerConnection) -> None:
        try:
            async for message in socket:
                await self._reply(socket, json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            self.note("closed")

    async def _reply(
        self, socket: ServerConnection, body: Mapping[str, object]
    ) -> None:
        if body.get("type") != "response.create":
            self.note("said", type=body.get("type"))
            return
        self._count += 1
        asked = list(
            _ASKED.finditer(json.dumps(body.get("input", ""), ensure_ascii=False))
        )
        if body.get("generate") is False or not asked:
            self._nothing(socket)
            return
        kind, tokens, rate, mark = asked[-1].groups()
        if mark in self._marks:
            # A client asks something else about the same words: for a title, say.
            self._nothing(socket)
            return
        self._marks.add(mark)
        key = (kind, int(tokens))
        text = self._made.setdefault(key, text_of(*key))
        ready = frames(text, mark, self._count)
        await self._pour(socket, ready, int(rate), mark)

    def _nothing(self, socket: ServerConnection) -> None:
        done = {"id": f"resp_{self._count}", "status": "completed", "output": []}
        for kind in ("response.created", "response.completed"):
            socket.transport.write(framed({"type": kind, "response": done}))

    async def _pour(
        self, socket: ServerConnection, ready: Sequence[bytes], rate: int, mark: str
    ) -> None:
        self.note("first", mark=mark, frames=len(ready))
        start, sent = time.monotonic(), 0
        transport = socket.transport
        while sent < len(ready):
            due = min(int((time.monotonic() - start) * rate) + 3, len(ready))
            if transport.is_closing():
                break
            transport.write(b"".join(ready[sent:due]))
            sent = due
            await asyncio.sleep(WAKE_S)
        self.note("last", mark=mark, sent=sent)


def refused(socket: ServerConnection, request: Request) -> Response | None:
    """What is no socket: a list of models that a client may ask for."""
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return None
    return socket.respond(HTTPStatus.NOT_FOUND, "{}")


async def main(log: str) -> None:
    endpoint = Endpoint(Path(log))
    async with serve(
        endpoint.talk,
        "127.0.0.1",
        0,
        compression=None,
        max_size=None,
        process_request=refused,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        endpoint.note("ready", port=port)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
