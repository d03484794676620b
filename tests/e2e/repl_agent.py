"""The live face on an agent that plays a script: what the pty tests run as a process.

The first word of what the user says picks the scene, so a test reads like a session.
Every op is written to `$SPARK_TEST_OPS`, a line each.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import TypeAlias

from spark_cli.commands.lookups import Lookups, Model, Offer
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalDecided,
    ApprovalRequested,
    CallDelta,
    CheckpointMade,
    CheckpointUndone,
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    ReasoningDelta,
    Renamed,
    ReplyEnded,
    Rewound,
    TextDelta,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage, ToolCall, ToolOutput, UserMessage
from spark_cli.core.ops import (
    Ask,
    Clear,
    Close,
    Compact,
    Configure,
    Continue,
    Decide,
    DecideHunk,
    Interrupt,
    Op,
    Prompt,
    Redo,
    Rename,
    Rewind,
    Steer,
    Undo,
)
from spark_cli.core.usage import Usage
from spark_cli.metrics.meter import Meter
from spark_cli.repl.app import run
from spark_cli.repl.curtain import Curtain
from spark_cli.repl.scene import Scene

Playing: TypeAlias = Coroutine[object, object, None]

PROSE = (
    "The quick brown fox *jumps* over the **lazy dog**, and `then()` it sleeps; "
    "every word of this is streamed as a model would, in small pieces.\n\n"
)
CODE = (
    "```python\ndef area(r: float) -> float:\n    '''Of a circle.'''\n"
    "    return 3.14 * r ** 2  # about\n```\n\n"
)
TABLE = (
    "| name | what it is |\n|---|---|\n"
    + "".join(f"| row{number} | {'some words ' * 7}|\n" for number in range(6))
    + "\nthat was all\n"
)
PATCH = (
    "*** Begin Patch\n*** Update File: calc.py\n@@\n-    return a+b\n"
    "+    return a + b\n*** End Patch\n"
)
DIFF = (
    "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,3 @@\n def add(a, b):\n"
    '-    return a+b\n+    """The sum."""\n+    return a + b\n'
)
LINES = "".join(f"line {number} is here\n\n" for number in range(300))
STREAMS = {"stream": PROSE, "code": CODE, "table": TABLE, "lines": LINES}
NASTY = "\x1b]0;owned\x07\x1b]52;c;aGk=\x07\x1b[31mred\x9b2J\u202e done\r\n"


class ScriptedAgent:
    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._turn: asyncio.Task[None] | None = None
        self._decided: asyncio.Future[Decide] | None = None
        self._steers: list[str] = []
        self._ops = Path(os.environ.get("SPARK_TEST_OPS", os.devnull))
        self._scenes: dict[str, Callable[[], Playing]] = {
            "nasty": lambda: self._stream(NASTY, "10", "100000"),
            "silent": self._silent,
            "think": self._think,
            "edit": self._edit,
            "slow": lambda: self._edit(piece_s=0.05),
            "run": self._run,
            "fail": self._fail,
        }

    def submit(self, op: Op) -> None:
        with self._ops.open("a") as log:
            print(op, file=log)
        match op:
            case Prompt() | Steer() | Ask() | Continue():
                attached = getattr(op, "attached", ())
                if attached:
                    Path(os.environ["SPARK_TEST_OUT"]).write_text("\n".join(attached))
                self._say(getattr(op, "text", "go on"))
            case Interrupt():
                self._stop()
            case DecideHunk():
                pass
            case Decide():
                if self._decided is not None and not self._decided.done():
                    self._decided.set_result(op)
            case Close():
                self._queue.put_nowait(None)
            case _:
                self._emit(answered(op))

    async def events(self) -> AsyncGenerator[Event, None]:
        while (event := await self._queue.get()) is not None:
            yield event

    def _emit(self, event: Event) -> None:
        self._meter.see(event)
        self._queue.put_nowait(event)

    def _say(self, text: str) -> None:
        if self._turn is not None:
            self._steers.append(text)
            self._stop()
            return
        self._emit(TurnStarted(TurnId("t")))
        self._hear(text)

    def _hear(self, text: str) -> None:
        self._emit(ItemCompleted(UserMessage(ItemId("u"), text)))
        self._turn = asyncio.create_task(self._play(text))

    def _stop(self) -> None:
        if self._turn is not None:
            self._turn.cancel()

    async def _play(self, text: str) -> None:
        status = TurnStatus.COMPLETED
        try:
            await self._scene(text)
        except asyncio.CancelledError:
            status = TurnStatus.INTERRUPTED
        self._turn = None
        if self._steers:
            steer = "\n".join(self._steers)
            self._steers.clear()
            self._hear(steer)
        else:
            self._emit(TurnEnded(TurnId("t"), status, Usage()))

    async def _scene(self, text: str) -> None:
        word, *words = text.split()
        if word in STREAMS:
            await self._stream(STREAMS[word], *words)
        elif word in self._scenes:
            await self._scenes[word]()
        else:
            await self._echo(text)

    async def _silent(self) -> None:
        await asyncio.Event().wait()

    async def _echo(self, text: str) -> None:
        said = AgentMessage(ItemId("e"), f"You said: {text}\n")
        self._emit(ItemCompleted(said))

    async def _stream(self, text: str, count: str, per_s: str) -> None:
        tokens, rate = int(count), int(per_s)
        loop = asyncio.get_running_loop()
        start = loop.time()
        item = ItemId(f"m{start}")
        said: list[str] = []
        text = text * (tokens * 4 // len(text) + 1)
        try:
            for index in range(tokens):
                said.append(text[index * 4 : index * 4 + 4])
                self._emit(TextDelta(item, said[-1]))
                ahead = start + index / rate - loop.time()
                if ahead > 0:
                    await asyncio.sleep(ahead)
        finally:
            whole = len(said) == tokens
            self._emit(ItemCompleted(AgentMessage(item, "".join(said), complete=whole)))
        usage, passed = Usage(900, 0, tokens), loop.time() - start
        self._emit(
            ReplyEnded(
                *("r", "completed", usage, "websocket"),
                first_token_s=0.09,
                duration_s=passed + 0.09,
            )
        )

    async def _think(self) -> None:
        self._emit(ReasoningDelta(ItemId("r"), "**Weighing options** one by one"))
        await self._silent()

    async def _edit(self, piece_s: float = 0.005) -> None:
        for at in range(0, len(PATCH), 4):
            self._emit(CallDelta(ItemId("c"), "apply_patch", PATCH[at : at + 4]))
            await asyncio.sleep(piece_s)
        call = CallId("call-1")
        whole = ToolCall(ItemId("c"), call, "apply_patch", PATCH, freeform=True)
        self._emit(ItemCompleted(whole))
        if await self._ask(ApprovalRequested(call, "patch calc.py", Effect.EDIT, DIFF)):
            self._emit(ToolStarted(call, "apply_patch", "patch calc.py", Effect.EDIT))
            self._emit(CheckpointMade(CheckpointId("1"), ("calc.py",), 2, 1, DIFF))
            self._emit(ItemCompleted(ToolOutput(ItemId("o"), call, "done")))
        await self._echo("edited")

    async def _run(self) -> None:
        call = CallId("call-2")
        self._emit(ItemCompleted(ToolCall(ItemId("c"), call, "shell", "{}")))
        asked = ApprovalRequested(call, "run pytest", Effect.RUN, "pytest -q\x1b[2J")
        if await self._ask(asked):
            self._emit(ToolStarted(call, "shell", "run pytest -q", Effect.RUN))
            await self._silent()

    async def _fail(self) -> None:
        self._emit(Notice(Level.ERROR, "no answer from `ws://x`", "`spark doctor`"))

    async def _ask(self, question: ApprovalRequested) -> bool:
        self._decided = asyncio.get_running_loop().create_future()
        self._emit(question)
        answer = await self._decided
        self._emit(ApprovalDecided(question.call, answer.accept, answer.reason))
        return answer.accept


def answered(op: Undo | Redo | Rewind | Configure | Rename | Compact | Clear) -> Event:
    match op:
        case Undo() | Redo():
            again = isinstance(op, Redo)
            return CheckpointUndone(CheckpointId("1"), ("calc.py",), redone=again)
        case Rewind(item):
            return Rewound(item)
        case Rename(name):
            return Renamed(name)
        case Configure(model, provider, approval, effort):
            chosen = (model or "fake-1", provider or "demo", approval or Approval.ASK)
            return Configured(*chosen, effort or "")
        case Compact() | Clear():
            return Cleared()


def scene() -> Scene:
    history = os.environ.get("SPARK_TEST_HISTORY")
    root = Path(os.environ.get("SPARK_TEST_ROOT", "/somewhere/demo"))
    return Scene(
        model="fake-1",
        provider="demo",
        approval=Approval.ASK,
        root=root,
        session="0abc",
        history=Path(history) if history else None,
        context_window=128_000,
        branch=lambda: "main",
        look=Lookups(
            status=lambda: [("branch", "main"), ("folder", "/somewhere/demo")],
            session_diff=lambda: DIFF,
            models=lambda: Offer([Model("fake-1"), Model("fake-2", 64_000, "tests")]),
        ),
        files=lambda: [path.relative_to(root).as_posix() for path in root.rglob("*.*")],
        environ=os.environ,
        vi=bool(os.environ.get("SPARK_TEST_VI")),
    )


async def main(curtain: Curtain) -> int:
    first = " ".join(sys.argv[1:]) or None
    shown = scene()
    agent = ScriptedAgent(shown.meter)
    return await run(agent, first_prompt=first, scene=shown, curtain=curtain)


if __name__ == "__main__":
    if sys.stdin.isatty():
        # The leader of a session that opens a terminal gets its signals.
        os.close(os.open(os.ttyname(0), os.O_RDWR))
    with Curtain() as drawn:
        sys.exit(asyncio.run(main(drawn)))
