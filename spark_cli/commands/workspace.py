"""Commands about the files: see what the session changed, take it back."""

from __future__ import annotations

import re

from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Command,
    Desk,
    Diff,
    Shown,
    Text,
    problem,
)
from spark_cli.commands.lookups import Change
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import Redo, Undo

UNDO_MAX = 100
_CHECKPOINT = re.compile("[0-9a-f]{4,32}")
_UNCHANGED = Text("Nothing was changed so far.")


def _diff(argument: str, desk: Desk) -> Answer:
    del argument

    def look() -> Shown:
        diff = desk.look.session_diff()
        return Diff(diff) if diff.strip() else _UNCHANGED

    return Answer(looked_up=look)


def _undo(argument: str, desk: Desk) -> Answer:
    """A small number counts changes; anything longer is a checkpoint's name."""
    del desk
    if not argument:
        return Answer(ops=(Undo(),))
    if argument.isdecimal() and len(argument) <= 3:
        count = int(argument)
        if not 1 <= count <= UNDO_MAX:
            return problem(f"`/undo` takes 1 to {UNDO_MAX} changes, not {argument}")
        return Answer(ops=(Undo(),)) if count == 1 else Answer(steps=(Undo(),) * count)
    if not _CHECKPOINT.fullmatch(argument):
        return problem(
            f"`/undo` takes a number of changes or a checkpoint, not `{argument}`",
            "`/undo 2`, or a name that `/checkpoints` lists",
        )
    return Answer(ops=(Undo(CheckpointId(argument)),))


def _redo(argument: str, desk: Desk) -> Answer:
    del desk
    if argument:
        return problem(f"`/redo` takes nothing, not `{argument}`", "/redo")
    return Answer(ops=(Redo(),))


def _checkpoints(argument: str, desk: Desk) -> Answer:
    if argument and not _CHECKPOINT.fullmatch(argument):
        return problem(f"`{argument}` is no checkpoint's name", "`/checkpoints`")
    if argument:
        return Answer(looked_up=lambda: _one(argument, desk))

    def look() -> Shown:
        rows = [
            Choice(size(one), about(one), f"/checkpoints {one.id}")
            for one in reversed(desk.look.changes())
        ]
        return Choices("see which change?", rows) if rows else _UNCHANGED

    return Answer(looked_up=look)


def _one(id_: str, desk: Desk) -> Shown:
    """The diff of a checkpoint, and the offer to take it back."""
    diff = Diff(desk.look.change_diff(CheckpointId(id_)))
    standing = any(
        one.standing for one in desk.look.changes() if one.id.startswith(id_)
    )
    if not standing:
        return diff
    rows = [
        Choice("leave it", "as it is", ""),
        Choice("take it back", "what came later stays", f"/undo {id_}"),
    ]
    return Choices("take this change back?", rows, diff)


def size(one: Change) -> str:
    return f"+{one.added} -{one.removed}"


def about(one: Change) -> str:
    """When it was made, and what it is."""
    gone = "" if one.standing else ", undone"
    return f"{one.age}{gone}  {' '.join(one.label.split())}"


DIFF = Command("diff", "all that this session has changed", _diff)
UNDO = Command("undo", "take back the last change, or the last N", _undo, "[N]")
REDO = Command("redo", "bring back what was taken back last", _redo)
CHECKPOINTS = Command(
    "checkpoints", "the changes so far: see one, take it back", _checkpoints, "[ID]"
)
