"""What a model may have meant by a name that does not exist."""

from __future__ import annotations

import difflib
import itertools
from pathlib import Path

from spark_cli.core.errors import ToolError
from spark_cli.tools import excerpt
from spark_cli.workspace.ignore import listing
from spark_cli.workspace.root import Root

_NAMES_MAX = 5
_SIBLINGS_MAX = 5_000


def missing(root: Root, name: str) -> ToolError:
    """The error for a name that is not there, with the names that are nearest."""
    asked = root.path / name
    folder = next(parent for parent in asked.parents if parent.is_dir())
    siblings = _siblings(folder)
    # Below the folder that exists, the next part is the one that was mistaken.
    wrong = asked.relative_to(folder).parts[0]
    close = difflib.get_close_matches(wrong, siblings, n=3, cutoff=0.6)
    near = [root.name(folder / one) for one in close]
    # Only then, because it looks at every file: the same name in another folder.
    alike = (
        found.name
        for found in listing(root, root.path).files
        if Path(found.name).name.lower() == asked.name.lower()
    )
    near += itertools.islice((one for one in alike if one not in near), _NAMES_MAX)
    where = "the workspace" if folder == root.path else f"`{root.name(folder)}`"
    if near:
        return ToolError(f"no file `{name}`; did you mean {_quoted(near)}?")
    if not siblings:
        return ToolError(f"no file `{name}`; {where} is empty")
    return ToolError(f"no file `{name}`; {where} has {_quoted(siblings)}")


def _siblings(folder: Path) -> list[str]:
    try:
        entries = list(itertools.islice(folder.iterdir(), _SIBLINGS_MAX))
    except OSError:
        return []
    return sorted(entry.name for entry in entries if entry.name != ".git")


def _quoted(names: list[str]) -> str:
    shown = ", ".join(f"`{excerpt.name(one)}`" for one in names[:_NAMES_MAX])
    left = len(names) - _NAMES_MAX
    return f"{shown} and {left:,} more" if left > 0 else shown
