"""Carrying out a plan: what the checkpoint keeps, and then all files or none."""

from __future__ import annotations

from collections.abc import Callable

from spark_cli.core.events import CheckpointMade
from spark_cli.patch import diff
from spark_cli.patch.plan import PatchPlan
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.tree import Overlay


def disk_writer(checkpoints: Checkpoints) -> Callable[[PatchPlan], CheckpointMade]:
    """Writes plans to the tree of the checkpoints, each with a checkpoint of its own.

    `PatchRefused` where a file changed since the plan; then nothing was written.
    """

    def write(plan: PatchPlan) -> CheckpointMade:
        names = tuple(change.name for change in plan.changes)
        label = f"patch {', '.join(names)}"
        checkpoint = checkpoints.write(plan.changes, label)
        counts = diff.counts(plan.changes, plan.moves)
        text = diff.unified(plan.changes, plan.moves)
        return CheckpointMade(checkpoint, names, counts.added, counts.removed, text)

    return write


def overlay_writer(overlay: Overlay) -> Callable[[PatchPlan], None]:
    """Takes plans into a tree in memory, where later plans are made upon them."""

    def write(plan: PatchPlan) -> None:
        overlay.take(plan.changes)

    return write
