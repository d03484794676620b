"""Programs that are interrupted by every tool call, and replayed to go on.

A skill is a generator: it yields the tool calls that it wants and is sent their
outputs.  The endpoint keeps nothing between requests, so on each one the program
starts again and is fed with the outputs that the conversation already holds; the
first step that finds no output there is the answer.  The same conversation
therefore always gives the same next step, over any transport and after any resume.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from spark_cli.demo.ask import Use

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """Tool calls that may run side by side, and what is said before them."""

    calls: tuple[Use, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A tool call that the conversation holds, with its output."""

    name: str
    input: str
    text: str


Program: TypeAlias = Generator[Step, tuple[str, ...], T]


def advance(program: Program[str], done: Sequence[Done]) -> Step | str:
    """The next step of a program, or its last words."""
    start = 0
    try:
        step = next(program)
        while True:
            found = _find(step.calls, done, start)
            missing = tuple(
                call for call, at in zip(step.calls, found, strict=True) if at is None
            )
            if missing:
                return Step(missing, step.words if len(missing) == len(found) else "")
            places = [at for at in found if at is not None]
            start = max(places, default=start - 1) + 1
            step = program.send(tuple(done[at].text for at in places))
    except StopIteration as stop:
        return str(stop.value)


def _find(calls: Sequence[Use], done: Sequence[Done], start: int) -> list[int | None]:
    """Where each call was answered; by name alone where a client rewrote its input.

    Without the second chance such a client would be asked the same for ever.
    """
    free = list(range(start, len(done)))
    found: list[int | None] = [None] * len(calls)
    for alike in (_same, _same_tool):
        for index, call in enumerate(calls):
            if found[index] is None:
                at = next((at for at in free if alike(call, done[at])), None)
                if at is not None:
                    free.remove(at)
                    found[index] = at
    return found


def _same(call: Use, done: Done) -> bool:
    return _same_tool(call, done) and (
        call.input == done.input or _value(call.input) == _value(done.input)
    )


def _same_tool(call: Use, done: Done) -> bool:
    return call.name == done.name


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
