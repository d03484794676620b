"""The blocks of what a line names: files of the workspace, hunks of the last diff.

What is no file and no hunk is left alone: it is text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from spark_cli.core.errors import ToolError, UsageError
from spark_cli.repl.hunks import LastDiff, numbered
from spark_cli.repl.mentions import Mention
from spark_cli.repl.scene import Scene
from spark_cli.workspace.attachment import (
    MENTIONED_BYTES_MAX,
    block,
    file_block,
    looks_secret,
)
from spark_cli.workspace.root import Root


@dataclass(slots=True)
class Named:
    """Hand every event to `last`, those of the past too."""

    scene: Scene
    last: LastDiff = field(default_factory=LastDiff)

    def blocks(self, named: Iterable[Mention]) -> tuple[str, ...]:
        """Raises `UsageError` for what is named and cannot be shown to a model.

        It reads files, and may run git: call it in a thread.
        """
        found = dict.fromkeys(text for one in named if (text := self._block(one)))
        return tuple(found)

    def _block(self, one: Mention) -> str | None:
        for name in (one.name, one.shorter):
            text = self._file(name, one.lines) if name else None
            if text is not None:
                return text
        return self._hunk(one.hunk) if one.hunk is not None else None

    def _file(self, name: str, lines: range | None) -> str | None:
        path = self._path(name)
        if path is None:
            return None
        if looks_secret(name) or looks_secret(path.name):
            raise UsageError(
                f"`{name}` looks like a file with keys in it; nothing was sent",
                "copy in what the model may read",
            )
        return file_block(path, name, lines, MENTIONED_BYTES_MAX)

    def _path(self, name: str) -> Path | None:
        """The file of that name; `None` where there is none, or can be none."""
        try:
            path = Root(self.scene.root).resolve(name)
            return path if path.is_file() else None
        except (ToolError, ValueError, OSError):  # a lone surrogate, a closed folder
            return None

    def _hunk(self, name: str) -> str | None:
        there = self.last.hunks or numbered(self.scene.look.session_diff())
        if not there:
            return None
        if name not in there:
            first, *_, last = [*there, *there]
            raise UsageError(
                f"the last diff has no {name}; nothing was sent",
                f"it has {first} to {last}"
                if len(there) > 1
                else f"it has {first} only",
            )
        hunk = there[name]
        return block("hunk", hunk.text, name=hunk.name, path=hunk.path)
