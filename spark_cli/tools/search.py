"""Search the text of the workspace, and say how much there is even if not all fits."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.json import JsonObject
from spark_cli.tools import arguments as given, excerpt
from spark_cli.tools.engines import Engine, Hit, Hunt, Query, engines, search
from spark_cli.tools.globs import matcher
from spark_cli.tools.nearest import missing
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.tools.wording import describe
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.ignore import listing
from spark_cli.workspace.processes import Leash
from spark_cli.workspace.root import Root

MATCHES_MAX = 200
PER_FILE_MAX = 20
WIDTH_MAX = 240
FILES_NAMED_MAX = 30
TIMEOUT_S = 20.0
FILE_BYTES_MAX = 4_000_000
"""A larger file is generated or data; it is searched where it is asked for by name."""
NAMED_FILE_BYTES_MAX = 64_000_000

_LINE_BREAK = re.compile(r"\n|(?<!\\)(?:\\\\)*\\n")

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "pattern": {"type": "string", "description": "A regular expression."},
        "path": {"type": "string", "description": "Folder or file to search in."},
        "glob": {"type": "string", "description": "Only files that match: `*.py`."},
        "ignore_case": {"type": "boolean"},
        "fixed": {"type": "boolean", "description": "Take the pattern literally."},
    },
    "required": ["pattern"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files are searched, and what is to be said about them."""

    names: list[str]
    notes: list[str]


def search_tool(
    root: Root,
    chosen: Sequence[Engine] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Tool:
    """`chosen` are the engines to try in this order; what is installed, by default."""

    def plan(text: str) -> Plan:
        arguments = given.parse(text)
        query = _query(arguments)
        path = root.resolve(given.text(arguments, "path", default=".") or ".")
        glob = given.text(arguments, "glob", default="")

        def look(leash: Leash) -> Outcome:
            found = scope(root, path, glob)
            hunt = Hunt(root.path, timeout_s, leash)
            search(query, found.names, hunt, chosen or engines(root.path))
            return Outcome("\n".join(_told(query, hunt, found)))

        async def act() -> Outcome:
            leash = Leash()
            try:
                return await asyncio.to_thread(look, leash)
            finally:
                leash.cut()  # where the turn was interrupted, the thread is not

        parts = ["search", excerpt.summary(query.pattern)]
        parts += [] if path == root.path else ["in", excerpt.summary(root.name(path))]
        parts += [excerpt.summary(glob)] if glob else []
        return Plan(" ".join(parts), Effect.READ, act)

    return Tool(ToolSpec("search", describe("search"), SCHEMA), plan)


def _query(arguments: given.Arguments) -> Query:
    query = Query(
        given.text(arguments, "pattern"),
        given.flag(arguments, "fixed"),
        given.flag(arguments, "ignore_case"),
    )
    if not query.pattern or "\0" in query.pattern:
        raise ToolError("`pattern` must be some text")
    if "\n" in query.pattern or (not query.fixed and _LINE_BREAK.search(query.pattern)):
        raise ToolError("a line break cannot match: each line is searched by itself")
    return query


def scope(root: Root, path: Path, glob: str) -> Scope:
    """The files that are searched below a path; `ToolError` where there is none."""
    if not path.exists():
        raise missing(root, root.name(path))
    found = listing(root, path)
    named = path.is_file()
    limit = NAMED_FILE_BYTES_MAX if named else FILE_BYTES_MAX
    prefix = "" if path == root.path else root.name(path) + "/"
    files = [one for one in found.files if not one.link]
    if glob and not named:
        fits = matcher(glob, prefix)
        files = [one for one in files if fits(one.name)]
    names = [one.name for one in files if one.size_bytes <= limit]
    notes = []
    if len(names) < len(files):
        large = excerpt.counted(len(files) - len(names), "file")
        notes.append(f"{large} over {limit // 1_000_000} MB not searched")
    if found.stopped:
        notes.append("there are too many files; not all were searched")
    return Scope(names, notes)


def _told(query: Query, hunt: Hunt, scope: Scope) -> Iterator[str]:
    groups = [
        (name, list(hits))
        for name, hits in itertools.groupby(hunt.hits, key=lambda hit: hit.name)
    ]
    yield _heading(query, hunt, scope, len(groups))
    room = MATCHES_MAX
    most = PER_FILE_MAX if len(groups) > 1 else MATCHES_MAX
    unshown = []
    for name, hits in groups:
        shown = hits[: min(most, room)]
        room -= len(shown)
        yield from (_line(hit) for hit in shown)
        left = len(hits) - len(shown)
        if left and shown:
            yield f"{excerpt.name(name)}: {left:,} more"
        elif left:
            unshown.append(f"{excerpt.name(name)} ({left:,})")
    if unshown:
        more = len(unshown) - FILES_NAMED_MAX
        tail = f" and {excerpt.counted(more, 'more file')}" if more > 0 else ""
        yield f"not shown: {', '.join(unshown[:FILES_NAMED_MAX])}{tail}"


def _heading(query: Query, hunt: Hunt, scope: Scope, files: int) -> str:
    searched = excerpt.counted(len(scope.names), "file")
    notes = list(scope.notes)
    if hunt.timed_out:
        notes.append(f"stopped after {hunt.timeout_s:g} s, before the end")
    if hunt.full:
        notes.append("stopped: too many matches; narrow the pattern")
    said = "".join(f" ({note})" for note in notes)
    pattern = excerpt.line(query.pattern, WIDTH_MAX)
    if not hunt.hits:
        return f"no match for `{pattern}` in {searched}{said}"
    matches = excerpt.counted(len(hunt.hits), "matching line")
    least = "at least " if hunt.over else ""
    return f"{least}{matches} in {files:,} of {searched}{said}"


def _line(hit: Hit) -> str:
    text = excerpt.line(hit.line, WIDTH_MAX, hit.start)
    return f"{excerpt.name(hit.name)}:{hit.number}: {text}"
