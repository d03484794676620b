"""List files, and fold what is too much into folders with their number of files."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spark_cli.core.effects import Effect
from spark_cli.core.json import JsonObject
from spark_cli.tools import arguments as given, excerpt
from spark_cli.tools.globs import matcher
from spark_cli.tools.nearest import missing
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.tools.wording import describe
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.ignore import FILES_MAX, Found, listing
from spark_cli.workspace.root import Root

ENTRIES_MAX = 300

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "Folder; the workspace if left out."},
        "glob": {"type": "string", "description": "Only files that match."},
        "depth": {
            "type": "integer",
            "minimum": 1,
            "description": "How many levels of folders to open.",
        },
    },
    "additionalProperties": False,
}


def list_tool(root: Root) -> Tool:
    def plan(text: str) -> Plan:
        arguments = given.parse(text)
        folder = root.resolve(given.text(arguments, "path", default=".") or ".")
        glob = given.text(arguments, "glob", default="")
        depth = given.whole(arguments, "depth", default=0, least=0) or None
        name = root.name(folder)

        def look() -> Outcome:
            if not folder.exists():
                raise missing(root, name)
            found = listing(root, folder)
            prefix = "" if name == "." else name + "/"
            files: Iterable[Found] = found.files
            if glob:
                fits = matcher(glob, prefix)
                files = (one for one in files if fits(one.name))
            notes = []
            if found.ignored:
                notes.append(f"`{name}` is ignored by git")
            if found.stopped:
                notes.append(
                    f"there are more than {FILES_MAX:,} files; not all are here"
                )
            return Outcome(_told(list(files), prefix, depth, notes))

        async def act() -> Outcome:
            return await asyncio.to_thread(look)

        what = f" {excerpt.summary(glob)}" if glob else ""
        return Plan(f"list {excerpt.summary(name)}{what}", Effect.READ, act)

    return Tool(ToolSpec("list_files", describe("list_files"), SCHEMA), plan)


def _told(files: list[Found], prefix: str, depth: int | None, notes: list[str]) -> str:
    head = excerpt.counted(len(files), "file") if files else "no files"
    lines = folded(files, prefix, depth)
    if len(lines) > ENTRIES_MAX:
        notes.append(f"{len(lines) - ENTRIES_MAX:,} more entries here")
    said = "".join(f" ({note})" for note in notes)
    return "\n".join([head + said, *lines[:ENTRIES_MAX]])


@dataclass(slots=True)
class _Folder:
    files: list[Found] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)
    total: int = 0

    def entries(self) -> int:
        return len(self.files) + len(self.folders)


def folded(files: list[Found], prefix: str, depth: int | None = None) -> list[str]:
    """One line a file, or a folder; in the order of their names.

    Folders are opened from the top down, the smaller first, while all fits into
    `ENTRIES_MAX` lines and within `depth` levels.  `prefix` is the folder that all
    are in; its own entries are always there.
    """
    top = _tree(files, prefix)
    opened = {prefix: top}
    lines = top.entries()
    waiting = list(_candidates(top, prefix, 2))
    heapq.heapify(waiting)
    while waiting:
        level, entries, name, folder = heapq.heappop(waiting)
        if (depth is None or level <= depth) and lines + entries - 1 <= ENTRIES_MAX:
            opened[name] = folder
            lines += entries - 1
            for one in _candidates(folder, name, level + 1):
                heapq.heappush(waiting, one)
    return sorted(
        line for name, one in opened.items() for line in _shown(one, name, opened)
    )


def _tree(files: list[Found], prefix: str) -> _Folder:
    top = _Folder()
    for file in files:
        folder = top
        for part in file.name.removeprefix(prefix).split("/")[:-1]:
            folder.total += 1
            folder = folder.folders.setdefault(part, _Folder())
        folder.total += 1
        folder.files.append(file)
    return top


def _candidates(
    folder: _Folder, name: str, level: int
) -> Iterator[tuple[int, int, str, _Folder]]:
    for part, inner in folder.folders.items():
        yield level, inner.entries(), f"{name}{part}/", inner


def _shown(folder: _Folder, name: str, opened: dict[str, _Folder]) -> Iterator[str]:
    for file in folder.files:
        yield excerpt.name(file.name) + (" (a link)" if file.link else "")
    for part, inner in folder.folders.items():
        path = f"{name}{part}/"
        if path not in opened:
            yield f"{excerpt.name(path)} ({excerpt.counted(inner.total, 'file')})"
