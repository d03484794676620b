"""The phases of a turn, each on a model that plays it: what the matrix of keys needs.

The first word of what the user says picks the phase, and the second makes it unlike
all that the screen has shown before.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.websockets import WebSocketDisconnect

from spark_cli.core.items import Item, ToolCall, ToolOutput, UserMessage
from spark_cli.demo.ask import Answer, Ask, Message, Thought, Use
from spark_cli.demo.refusal import Refusal
from spark_cli.demo.server import Demo, serve

RATE = 600.0
TALE = "".join(f"line {number} of the tale\n" for number in range(1, 41))
ENDLESS = 3_000


@dataclass
class Stage:
    """What the model heard: every text, and every history that breaks law 1."""

    heard: str = ""
    unsound: list[str] = field(default_factory=list)
    demo: Demo = field(init=False)
    _released: threading.Event = field(default_factory=threading.Event)
    _dropped: set[str] = field(default_factory=set)

    def release(self) -> None:
        """Let the threads go that were silent for a phase that is over."""
        self._released.set()
        self._released = threading.Event()

    def answer(self, ask: Ask) -> tuple[Answer, ...]:
        self.heard = "\n".join(_text(item) for item in ask.items)
        self.unsound += unsound(ask.items)
        said = [at for at, one in enumerate(ask.items) if isinstance(one, UserMessage)]
        words = _text(ask.items[said[-1]])
        if any(isinstance(one, ToolOutput) for one in ask.items[said[-1] :]):
            return (Message("and that was it"),)
        word, _, mark = words.partition(" ")
        return self._play(word, mark.strip()) or (Message(f"heard {words[:200]}"),)

    def _play(self, phase: str, mark: str) -> tuple[Answer, ...]:
        match phase:
            case "waiting":
                self._released.wait(60)
            case "reconnecting":
                if mark not in self._dropped:
                    self._dropped.add(mark)
                    raise WebSocketDisconnect
                self._released.wait(60)
            case "retrying":
                raise Refusal(
                    f"{mark}: try again in 50s", code="rate_limit_exceeded", status=429
                )
            case _:
                return _streamed(phase, mark)
        return (Message("so late"),)


def _streamed(phase: str, mark: str) -> tuple[Answer, ...]:
    on = "and so on " * ENDLESS
    more = "".join(f"+more {number}\n" for number in range(ENDLESS))
    endless = _patch(3, 20, rest=f"@@\n line 37 of the tale\n{more}")
    plays: dict[str, Answer] = {
        "reasoning": Thought(f"**Weighing {mark}**\n\n{on}"),
        "text": Message(f"This is {mark}. {on}"),
        "call": Use("shell", f'{{"command": "echo {on}'),
        "patch": endless,
        "offer": endless,
        "hunks": _patch(3, 20, 37, rest="*** End Patch\n"),
        "command": Use("shell", f'{{"command": "echo {mark}"}}'),
        "shell": Use("shell", f'{{"command": "echo {mark}; sleep 600"}}'),
    }
    return (plays[phase],) if phase in plays else ()


def _patch(*lines: int, rest: str) -> Use:
    head = "*** Begin Patch\n*** Update File: tale.txt\n"
    hunks = (
        f"@@\n-line {at} of the tale\n+line {at}, told anew\n"
        f" line {at + 1} of the tale\n"
        for at in lines
    )
    return Use("apply_patch", head + "".join(hunks) + rest, freeform=True)


def unsound(items: tuple[Item, ...]) -> list[str]:
    """The tool calls that were not answered, once and after they were made."""
    calls = [one.call for one in items if isinstance(one, ToolCall)]
    outputs = [one.call for one in items if isinstance(one, ToolOutput)]
    return [] if calls == outputs else [f"{calls} were answered by {outputs}"]


@contextmanager
def staged() -> Iterator[Stage]:
    stage = Stage()
    with serve(rate=RATE, model=stage.answer) as demo:
        stage.demo = demo
        yield stage
        stage.release()


def _text(item: Item) -> str:
    match item:
        case ToolCall(input=text):
            return text
        case _:
            attached = "\n".join(getattr(item, "attached", ()))
            return f"{getattr(item, 'text', '')}{attached}"
