"""Commands that take something out of the session: to the clipboard, to a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spark_cli.commands.command import (
    Answer,
    Command,
    Copy,
    Desk,
    Shown,
    Text,
    problem,
)
from spark_cli.commands.literal import literal
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    Reasoning,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.printable import printable

COPY_BYTES = 74_000
"""Terminals take about 100,000 bytes of an escape sequence, and base64 is a third."""

_FENCED = re.compile(r"(?ms)^ {0,3}(`{3,}|~{3,})[^\n`]*\n(.*?)^ {0,3}\1")


def _copy(argument: str, desk: Desk) -> Answer:
    answer = desk.story.last_answer()
    if not answer:
        return problem("there is no answer to copy yet")
    if not argument:
        return _copied(answer.strip("\n"), "the last answer")
    blocks = [match[2] for match in _FENCED.finditer(f"{answer}\n")]
    if not blocks:
        return problem("the last answer has no block of code", "`/copy` copies it all")
    fits = argument.isdecimal() and 1 <= int(argument[:4]) <= len(blocks)
    if not fits:
        return problem(
            f"there is no block `{argument}`", f"they go from 1 to {len(blocks)}"
        )
    return _copied(
        blocks[int(argument[:4]) - 1], f"block {argument} of the last answer"
    )


def _copied(text: str, what: str) -> Answer:
    size = len(text.encode("utf-8", "replace"))
    if size > COPY_BYTES:
        return problem(
            f"{size:,} bytes are too many for the clipboard of a terminal",
            "`/export FILE` writes the conversation",
        )
    # What is pasted into a shell must not end the paste, nor hide a line of it.
    return Answer(wish=Copy(printable(text), what))


def _export(argument: str, desk: Desk) -> Answer:
    items = desk.story.items()
    if not items:
        return problem("nothing was said yet")

    def look() -> Shown:
        where = desk.look.save(argument, printable(markdown(items)))
        return Text(f"The conversation is in {literal(where)}")

    return Answer(looked_up=look)


def markdown(items: Iterable[Item]) -> str:
    """The conversation as a document: what was said in full, what was done in brief."""
    return "\n\n".join(part for item in items for part in _part(item)) + "\n"


def _part(item: Item) -> Iterator[str]:
    match item:
        case UserMessage(_, text):
            yield f"## You\n\n{text.strip()}"
        case AgentMessage(_, text, complete):
            yield text.strip()
            if not complete:
                yield "*(stopped here)*"
        case ToolCall(_, _, name, input_):
            yield f"**{name}**\n\n{_fenced(input_)}"
        case ToolOutput(_, _, text, ok):
            yield _fenced(text) if ok else f"*failed:*\n\n{_fenced(text)}"
        case Reasoning() | Note():
            pass


def _fenced(text: str) -> str:
    """A block that no fence in the text can close."""
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text.strip()}\n{fence}"


COPY = Command(
    "copy", "the last answer, or its code block N, to the clipboard", _copy, "[N]"
)
EXPORT = Command("export", "write the conversation to a new file", _export, "[FILE]")
