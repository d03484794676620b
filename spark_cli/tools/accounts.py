"""What a plan of a patch would do and has done, in words."""

from __future__ import annotations

from spark_cli.core.errors import SparkError
from spark_cli.patch import diff
from spark_cli.patch.edits import Action
from spark_cli.patch.plan import FilePlan, PatchPlan

_DONE = {Action.ADD: "added", Action.DELETE: "deleted", Action.WRITE: "wrote"}


def summary(intent: PatchPlan) -> str:
    """One line for the user: the files and the size of the change."""
    names = list(dict.fromkeys(file.to or file.name for file in intent.files))
    if not names:
        return "nothing to change"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    counts = diff.counts(intent.changes, intent.moves)
    return f"patch {', '.join(names[:3])}{more} (+{counts.added} -{counts.removed})"


def told(intent: PatchPlan) -> str:
    """What the model reads when it is done: each file, and what was overlooked."""
    return "done: " + "; ".join(_file(file) for file in intent.files)


def _file(file: FilePlan) -> str:
    name = f"`{file.name}`"
    if file.action in _DONE:
        return f"{_DONE[file.action]} {name}"
    count = len(file.hunks)
    moved = f"moved {name} to `{file.to}`" if file.to else ""
    hunks = f"{count} hunk{'s' if count != 1 else ''} in {name}" if count else ""
    loose = ", ".join(file.tolerances)
    note = f" (matched despite {loose})" if loose else ""
    return " with ".join(part for part in (moved, hunks) if part) + note


def refusal(error: SparkError) -> str:
    """What the model reads of a patch that does not fit."""
    hint = f" ({error.hint})" if error.hint else ""
    return f"the patch was refused and nothing was changed: {error.message}{hint}"
