"""Commands about the files: see what the session changed, take it back."""

from __future__ import annotations

from spark_cli.commands.command import (
    Answer,
    Command,
    Desk,
    Diff,
    Shown,
    Text,
    problem,
)
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import Undo

UNDO_MAX = 100


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
        return Answer(ops=(Undo(),) * count)
    if " " in argument:
        return problem(
            f"`/undo` takes a number of changes or a checkpoint, not `{argument}`"
        )
    return Answer(ops=(Undo(CheckpointId(argument)),))


DIFF = Command("diff", "all that this session has changed", _diff)
UNDO = Command("undo", "take back the last change, or the last N", _undo, "[N]")
