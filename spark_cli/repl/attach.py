"""The blocks of what a line names: files of the workspace, hunks of the last diff.

What is no file and no hunk is left alone: it is text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spark_cli.core.errors import ToolError, UsageError
from spark_cli.repl.hunks import hunks
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
    """`diff` is the one that was shown last."""

    scene: Scene
    diff: str = ""

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

    def _hunk(self, number: int) -> str | None:
        there = hunks(self.diff or self.scene.look.session_diff())
        if not there:
            return None
        if number > len(there):
            raise UsageError(
                f"the last diff has no h{number}; nothing was sent",
                f"it has h1 to h{len(there)}" if len(there) > 1 else "it has h1 only",
            )
        hunk = there[number - 1]
        return block("hunk", f' name="{hunk.name}" path="{hunk.path}"', hunk.text)
