"""Say as much as was asked for: prose or code, with Markdown, to the token."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from spark_cli.demo.hands import Hands
from spark_cli.demo.program import Program
from spark_cli.demo.task import Task

TOKENS_MAX = 1_000_000

_SAY = re.compile(
    r"\b(?:say|write|stream|print|generate|give me|output)\b[^\n]{0,40}?"
    r"\b(?P<count>\d[\d_,.]*)(?P<thousand>k)?\s*(?:-\s*)?"
    r"(?P<unit>tokens?|lines?|words?)\b(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_PIECE = re.compile(r"\s*[^\s]{1,5}|\s+$")
_NOUNS = ("wire", "socket", "patch", "journal", "prompt", "checkpoint", "token", "turn")
_VERBS = ("carries", "mends", "follows", "keeps", "opens", "reads", "answers", "sorts")
_KINDS = ("quiet", "steady", "quick", "small", "bright", "patient", "honest", "plain")


def plan(task: Task, hands: Hands) -> Program[str] | None:  # noqa: ARG001 - one shape for all
    found = _SAY.search(task.words)
    if not found:
        return None
    count = int(re.sub(r"\D", "", found["count"])) * (1000 if found["thousand"] else 1)
    count = min(count, TOKENS_MAX)
    make = code if re.search(r"code|python", found["rest"], re.IGNORECASE) else prose
    if found["unit"].lower().startswith("line"):
        text = "\n".join(itertools.islice(_lines(make()), count))
    else:
        text = "".join(itertools.islice(_pieces(make()), count))
    return _speak(text.removeprefix(task.said))


def pieces(text: str) -> list[str]:
    """The tokens of a text, near enough: some four characters each."""
    return _PIECE.findall(text)


def prose() -> Iterator[str]:
    """Markdown without end: headings, paragraphs, lists and a table now and then."""
    for number in itertools.count(1):
        yield f"## Part {number}\n\n"
        yield " ".join(_sentence(number * 7 + at) for at in range(5)) + "\n\n"
        yield from (f"- {_sentence(number * 5 + at)}\n" for at in range(3))
        yield "\n"
        if number % 3 == 0:
            yield f"```python\n{_function(number)}```\n\n"
        if number % 4 == 0:
            yield "| noun | kind |\n|---|---|\n"
            yield from (f"| {_NOUNS[at]} | *{_KINDS[at]}* |\n" for at in range(4))
            yield "\n"


def code() -> Iterator[str]:
    """A fence of Python functions without end."""
    yield "```python\n"
    for number in itertools.count(1):
        yield _function(number) + "\n\n"


def _speak(text: str) -> Program[str]:
    yield from ()
    return text or "That was all of it."


def _sentence(seed: int) -> str:
    kind, noun = _KINDS[seed % 8], _NOUNS[seed * 3 % 8]
    verb, other = _VERBS[seed * 5 % 8], _NOUNS[(seed + 3) % 8]
    marked = f"**{noun}**" if seed % 4 == 0 else f"`{noun}`" if seed % 4 == 1 else noun
    return f"The {kind} {marked} {verb} the {other} before line {seed}."


def _function(number: int) -> str:
    kind, noun = _KINDS[number % 8], _NOUNS[number * 3 % 8]
    return (
        f"def {kind}_{noun}_{number}(value: int) -> int:\n"
        f'    """Return the {kind} {noun} of a value."""\n'
        f"    return (value * {number} + {number % 7}) % 97\n"
    )


def _pieces(chunks: Iterator[str]) -> Iterator[str]:
    """The pieces of the whole stream, though it is made in chunks."""
    held = ""
    for chunk in chunks:
        found = pieces(held + chunk)
        held = found.pop()
        yield from found


def _lines(chunks: Iterator[str]) -> Iterator[str]:
    for chunk in chunks:
        yield from chunk.removesuffix("\n").split("\n")
