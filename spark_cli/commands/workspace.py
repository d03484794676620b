"""Commands about the files: see what the session changed, take it back."""

from __future__ import annotations

import re

from spark_cli.commands.command import (
    Answer,
    Command,
    Desk,
    Diff,
    Shown,
    Text,
    problem,
)
from spark_cli.commands.session import literal
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import Redo, Undo

UNDO_MAX = 100
_CHECKPOINT = re.compile("[0-9a-f]{4,32}")


def _diff(argument: str, desk: Desk) -> Answer:
    del argument

    def look() -> Shown:
        diff = desk.session_diff()
        return Diff(diff) if diff.strip() else Text("Nothing was changed so far.")

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
    del argument

    def look() -> Shown:
        rows = [literal(row) for row in desk.checkpoints()]
        if not rows:
            return Text("Nothing was changed so far.")
        return Text("\n".join([*rows, "", "`/undo ID` takes one back."]))

    return Answer(looked_up=look)


DIFF = Command("diff", "all that this session has changed", _diff)
UNDO = Command("undo", "take back the last change, or the last N", _undo, "[N]")
REDO = Command("redo", "bring back what was taken back last", _redo)
CHECKPOINTS = Command("checkpoints", "the changes so far, to take back", _checkpoints)
