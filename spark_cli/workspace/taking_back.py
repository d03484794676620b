"""What a change becomes when it is taken back, in files that have gone on since.

A file that is still as the change left it becomes what it was.  In one that is not,
the change is taken out of what there is now; where that cannot be done without touching
what somebody wrote since, all is refused.  Nothing is ever overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spark_cli.core.errors import PatchRefused, ToolError
from spark_cli.workspace.merge import merged
from spark_cli.workspace.tree import Change, File, Tree


class Restored(NamedTuple):
    """The changes that take a change back; in `merged` files others had a hand too."""

    changes: tuple[Change, ...]
    merged: tuple[str, ...]


def restored(changes: Sequence[Change], tree: Tree) -> Restored:
    """What is to be done in the tree; `PatchRefused` names every file in the way."""
    found, mixed, refused = [], [], []
    for change in changes:
        try:
            now = tree.read(change.name)
            target = _target(change, now)
        except (ToolError, PatchRefused) as error:
            refused.append(str(error))
            continue
        if target != now:
            found.append(Change(change.name, now, target))
        if target and now and target.data not in _versions(change, now):
            mixed.append(change.name)
    if refused:
        raise PatchRefused(
            f"cannot undo: {'; '.join(refused)}; nothing was changed",
            "undo what came later first, or take it out by hand",
        )
    return Restored(tuple(found), tuple(mixed))


def _versions(change: Change, now: File) -> set[bytes]:
    sides = (change.before, change.after, now)
    return {side.data for side in sides if side is not None}


def _target(change: Change, now: File | None) -> File | None:
    """What the file becomes."""
    before, after = change.before, change.after
    if before is not None and after is not None and now is not None:
        return File(_data(change.name, before, after, now), _mode(before, after, now))
    if _alike(now, before):
        return now
    if _alike(now, after):
        return before
    raise PatchRefused(
        f"`{change.name}` was {'deleted' if now is None else 'changed'} since"
    )


def _data(name: str, before: File, after: File, now: File) -> bytes:
    data = merged(after.data, now.data, before.data)
    if data is None:
        raise PatchRefused(f"`{name}` has changed since in the same lines")
    return data


def _mode(before: File, after: File, now: File) -> int:
    """The mode, from whichever side has changed it."""
    return before.mode if now.mode == after.mode else now.mode


def _alike(one: File | None, other: File | None) -> bool:
    """The same bytes; the mode may be what the umask made of it."""
    if one is None or other is None:
        return one is other
    return one.data == other.data
