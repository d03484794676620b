"""Read part of a text file, with line numbers that the model can point at.

Lines are split at LF only, as git and every patch do: a form feed or U+2028 in a
line must not shift the numbers of the lines that follow.
"""

from __future__ import annotations

import asyncio
import codecs
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import count as counting
from pathlib import Path
from typing import BinaryIO

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.json import JsonObject
from spark_cli.tools import arguments as given, excerpt
from spark_cli.tools.nearest import missing
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.tools.wording import describe
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Tree

LINES_DEFAULT = 600
LINES_MAX = 2_000
TEXT_MAX = 64_000
LINE_BYTES_MAX = 2_000
HUGE_BYTES = 32_000_000
"""A larger file is not held in memory; its lines are not counted to the end."""

_SNIFF_BYTES = 8_000  # as git does

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "File, relative to the workspace."},
        "start": {"type": "integer", "minimum": 1, "description": "First line."},
        "count": {"type": "integer", "minimum": 1, "maximum": LINES_MAX},
    },
    "required": ["path"],
    "additionalProperties": False,
}


def read_tool(root: Root, tree: Tree) -> Tool:
    def plan(text: str) -> Plan:
        arguments = given.parse(text)
        path = root.resolve(given.text(arguments, "path"))
        start = given.whole(arguments, "start", default=1)
        count = given.whole(arguments, "count", default=LINES_DEFAULT)
        name = root.name(path)
        span = f":{start}" if "start" in arguments else ""

        async def act() -> Outcome:
            return Outcome(
                await asyncio.to_thread(
                    _read, root, tree, name, range(start, start + min(count, LINES_MAX))
                )
            )

        return Plan(f"read {excerpt.summary(name)}{span}", Effect.READ, act)

    return Tool(ToolSpec("read_file", describe("read_file"), SCHEMA), plan)


@dataclass(slots=True)
class _Window:
    """The lines that were asked for; `total` is `None` where nobody counted."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    total: int | None = None
    crlf: int = 0
    mangled: bool = False
    newline: bool = True

    def take(self, raw: bytes, left_bytes: int) -> None:
        line = raw.removesuffix(b"\n")
        self.newline = len(line) < len(raw) or left_bytes > 0
        if line.endswith(b"\r"):
            self.crlf += 1
            line = line[:-1]
        text = line.decode("utf-8", "ignore" if left_bytes else "replace")
        self.mangled |= text.encode() != line and not left_bytes
        more = f" [{left_bytes:,} more bytes]" if left_bytes else ""
        self.lines.append(text + more)


def _read(root: Root, tree: Tree, name: str, wanted: range) -> str:
    path = root.path / name
    if path.is_dir():
        raise ToolError(f"`{name}` is a folder; `list_files` shows what it has")
    notes: list[str] = []
    with _opened(root, tree, path, name, notes) as stream:
        window = _look(stream, wanted)
    if not window.lines:
        if window.total == 0:
            return f"(`{name}` is empty)"
        raise ToolError(
            f"line {wanted.start:,} is past the end of `{name}`, "
            f"which has {excerpt.counted(window.total or 0, 'line')}"
        )
    numbered = zip(counting(wanted.start), window.lines, strict=False)
    body = "\n".join(f"{number}\t{line}" for number, line in numbered)
    notes += _remarks(window, wanted.start)
    return "\n".join([body, *(f"({note})" for note in notes)])


def _opened(
    root: Root, tree: Tree, path: Path, name: str, notes: list[str]
) -> AbstractContextManager[BinaryIO]:
    """The file as a stream of UTF-8, wherever it stands; `notes` says what it was."""
    if path.is_file() and path.stat().st_size > HUGE_BYTES and ".git" not in path.parts:
        stream = path.open("rb")
        sniffed = stream.read(_SNIFF_BYTES)
        stream.seek(0)
        if b"\0" in sniffed:
            stream.close()
            raise _binary(name, path.stat().st_size)
        return stream
    file = tree.read(name)
    if file is None:
        raise missing(root, name)
    data = file.data
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        notes.append("the file is UTF-16, shown as UTF-8")
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    elif data.startswith(codecs.BOM_UTF8):
        notes.append("the file begins with a byte order mark")
        data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data[:_SNIFF_BYTES]:
        raise _binary(name, len(data))
    return io.BytesIO(data)


def _binary(name: str, size_bytes: int) -> ToolError:
    return ToolError(f"`{name}` is a binary file of {size_bytes:,} bytes")


def _look(stream: BinaryIO, wanted: range) -> _Window:
    window = _Window()
    room = TEXT_MAX
    number = 0
    for number, raw, left_bytes in _lines(stream):
        if number in wanted and room > 0:
            window.take(raw, left_bytes)
            room -= len(raw)
        elif number > wanted.start and stream.tell() > HUGE_BYTES:
            return window
    window.total = number
    return window


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, int]]:
    """Number, first bytes, and how many bytes of the line are not among them."""
    for number in counting(1):
        raw = stream.readline(LINE_BYTES_MAX)
        if not raw:
            return
        left = 0
        piece = raw
        while not piece.endswith(b"\n") and (piece := stream.readline(65_536)):
            left += len(piece.rstrip(b"\r\n"))
        yield number, raw, left


def _remarks(window: _Window, start: int) -> Iterator[str]:
    last = start + len(window.lines) - 1
    if window.total is None:
        yield f"more lines follow; go on with start={last + 1}"
    elif last < window.total:
        left = excerpt.counted(window.total - last, "more line")
        yield f"{left} of {window.total:,}; go on with start={last + 1}"
    elif not window.newline:
        yield "no newline at the end of the file"
    if window.crlf:
        every = window.crlf >= len(window.lines) - (not window.newline)
        yield "every line ends with CRLF" if every else "some lines end with CRLF"
    if window.mangled:
        yield "the file is not UTF-8; each byte that is not is shown as \ufffd"
