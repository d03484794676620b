"""The folder that spark may touch: names become paths, or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spark_cli.core.errors import ToolError


@dataclass(frozen=True, slots=True)
class Root:
    """`path` is absolute and resolved."""

    path: Path

    def resolve(self, name: str) -> Path:
        """The path of a name that a model gave; `ToolError` if it leaves the root.

        A name that is absolute but inside the root is accepted.  The check follows
        every link, so the answer is a real path inside the root, or one that does
        not exist yet below a real folder inside it.
        """
        if "\0" in name:
            raise ToolError("a file name cannot contain a NUL character")
        path = (self.path / name).resolve()
        if not path.is_relative_to(self.path):
            raise ToolError(f"`{name}` is outside the workspace")
        return path

    def name(self, path: Path) -> str:
        """What a path inside the root is called: relative, with forward slashes."""
        return path.relative_to(self.path).as_posix()
