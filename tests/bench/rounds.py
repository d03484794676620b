"""Ten tool rounds over one socket, beside a client that sends everything again.

    python -m tests.bench.rounds

The server is a script: ten times it asks for a file, then it says that it is done.
`spark -p`, as a process, does it once; a bare websockets client does the same rounds
with the same instructions, tools and outputs, and the whole conversation each time.
`text` is the length of the messages, `wire` what crossed TCP (permessage-deflate for
spark, nothing for the bare client, as the `openai` SDK does it).
"""

from __future__ import annotations

import asyncio
import json
import random
import string
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

ROUNDS = 10


@dataclass(slots=True)
class Tally:
    """What the server has seen: per request, its text and the wire bytes till then."""

    sockets: int = 0
    wire: int = 0
    requests: list[dict[str, object]] = field(default_factory=list)
    text_bytes: list[int] = field(default_factory=list)
    wire_marks: list[int] = field(default_factory=list)

    @property
    def wire_bytes(self) -> list[int]:
        starts = [0, *self.wire_marks[:-1]]
        return [end - start for start, end in zip(starts, self.wire_marks, strict=True)]


def reply(number: int) -> list[dict[str, object]]:
    item: dict[str, object]
    if number < ROUNDS:
        item = {
            "type": "function_call",
            "id": f"fc_{number}",
            "call_id": f"call_{number}",
            "name": "read_file",
            "arguments": json.dumps({"path": f"module_{number}.py"}),
        }
    else:
        part = {"type": "output_text", "text": "done", "annotations": []}
        item = {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "content": [part],
        }
    response = {"id": f"resp_{number}", "status": "completed", "output": [item]}
    return [
        {"type": "response.created", "response": {**response, "output": []}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": response},
    ]


@asynccontextmanager
async def server(tally: Tally) -> AsyncGenerator[str, None]:
    async def answer(socket: ServerConnection) -> None:
        tally.sockets += 1
        async for message in socket:
            tally.text_bytes.append(len(message))
            tally.wire_marks.append(tally.wire)
            tally.requests.append(json.loads(message))
            for event in reply(len(tally.requests) - 1):
                await socket.send(json.dumps(event))

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up, down = await asyncio.open_connection("127.0.0.1", port)

        async def pipe(
            source: asyncio.StreamReader, sink: asyncio.StreamWriter, counted: int
        ) -> None:
            while data := await source.read(1 << 16):
                tally.wire += counted * len(data)
                sink.write(data)
            sink.close()

        await asyncio.gather(pipe(reader, down, 1), pipe(up, writer, 0))

    # The library's server would hold the client to a window of 4 kB, half a request.
    deflate = ServerPerMessageDeflateFactory(client_max_window_bits=15)
    async with serve(answer, "127.0.0.1", 0, extensions=[deflate]) as inner:
        port = next(iter(inner.sockets)).getsockname()[1]
        outer = await asyncio.start_server(count, "127.0.0.1", 0)
        async with outer:
            yield f"http://127.0.0.1:{outer.sockets[0].getsockname()[1]}/v1"


async def by_spark(url: str, work: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "spark_cli", "--provider", "bench", "-q"),
        *("--set", f"providers.bench.base_url='{url}'"),
        *("--set", "providers.bench.transport='websocket'", "-p", "look around"),
        cwd=work,
        env={"HOME": str(work.parent), "PATH": "/usr/bin:/bin"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0


def resending(first: Tally) -> Callable[[str, Path], Awaitable[None]]:
    """The bare client: spark's own requests, put together again in full."""

    async def run(url: str, work: Path) -> None:
        asked = dict(first.requests[0])
        conversation = list(asked["input"])  # type: ignore[call-overload]  # JSON
        address = url.replace("http", "ws") + "/responses"
        async with connect(address, compression=None) as socket:
            for number in range(ROUNDS + 1):
                await socket.send(json.dumps({**asked, "input": conversation}))
                events = [json.loads(await socket.recv()) for _ in range(3)]
                conversation += events[-1]["response"]["output"]
                if number < ROUNDS:
                    conversation += first.requests[number + 1]["input"]

    return run


def lines(seed: int) -> str:
    """A file of 30 lines that is like no other, so that deflate is not flattered."""
    names = random.Random(seed)
    words = ("".join(names.choices(string.ascii_lowercase, k=6)) for _ in range(90))
    return "".join(
        f"{one} = {two}({three})\n"
        for one, two, three in zip(*[words] * 3, strict=True)
    )


async def measured(client: Callable[[str, Path], Awaitable[None]]) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        work.mkdir()
        for number in range(ROUNDS):
            (work / f"module_{number}.py").write_text(lines(number))
        async with server(tally) as url:
            await client(url, work)
    return tally


async def main() -> None:
    spark = await measured(by_spark)
    bare = await measured(resending(spark))
    columns = (spark.text_bytes, bare.text_bytes, spark.wire_bytes, bare.wire_bytes)
    heads = ("spark text", "bare text", "spark wire", "bare wire")
    print(f"{'round':>6}" + "".join(f"{head:>12}" for head in heads))
    for number, row in enumerate(zip(*columns, strict=True)):
        print(f"{number:>6}" + "".join(f"{one:>12,}" for one in row))
    print(f"{'all':>6}" + "".join(f"{sum(one):>12,}" for one in columns))
    print(f"sockets opened by spark: {spark.sockets}, requests: {len(spark.requests)}")


if __name__ == "__main__":
    asyncio.run(main())
