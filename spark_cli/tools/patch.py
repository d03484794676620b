"""Change files by a patch, planned whole before anything is written.

The model writes V4A, as its grammar says; what else is a patch is understood too.
What is approved is the diff of the plan, and the writer checks every file against the
plan again, so a file that changed meanwhile makes the patch fail, not land wrongly.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from spark_cli.core.effects import Effect
from spark_cli.core.errors import PatchRefused, SparkError, ToolError
from spark_cli.core.events import CheckpointMade
from spark_cli.core.json import JsonObject
from spark_cli.patch import diff, formats
from spark_cli.patch.edits import Action
from spark_cli.patch.plan import FilePlan, PatchPlan, plan as planned
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.tools.wording import describe
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.tree import Tree

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "input": {
            "type": "string",
            "description": "The whole patch, from *** Begin Patch to *** End Patch.",
        }
    },
    "required": ["input"],
    "additionalProperties": False,
}

GRAMMAR = r"""start: begin_patch hunk+ end_patch
begin_patch: "*** Begin Patch" LF
end_patch: "*** End Patch" LF?

hunk: add_hunk | delete_hunk | update_hunk
add_hunk: "*** Add File: " filename LF add_line+
delete_hunk: "*** Delete File: " filename LF
update_hunk: "*** Update File: " filename LF change_move? change?

filename: /(.+)/
add_line: "+" /(.*)/ LF -> line

change_move: "*** Move to: " filename LF
change: (change_context | change_line)+ eof_line?
change_context: ("@@" | "@@ " /(.+)/) LF
change_line: ("+" | "-" | " ") /(.*)/ LF
eof_line: "*** End of File" LF

%import common.LF
"""

_NAMES = ("input", "patch", "patchText", "patch_text", "diff")
_DONE = {Action.ADD: "added", Action.DELETE: "deleted", Action.WRITE: "wrote"}


def apply_patch_tool(
    tree: Tree, write: Callable[[PatchPlan], CheckpointMade | None]
) -> Tool:
    """`tree` is what patches are planned against, and `write` carries out a plan."""

    def plan(text: str) -> Plan:
        try:
            intent = planned(formats.read(patch_of(text)), tree)
        except PatchRefused as error:
            raise ToolError(_refusal(error)) from error

        async def act() -> Outcome:
            if not intent.changes:
                return Outcome("already applied: the files are as the patch makes them")
            try:
                checkpoint = await asyncio.to_thread(write, intent)
            except SparkError as error:
                raise ToolError(_refusal(error)) from error
            return Outcome(told(intent), checkpoint=checkpoint)

        preview = diff.unified(intent.changes, intent.moves)
        return Plan(summary(intent), Effect.EDIT, act, preview)

    spec = ToolSpec("apply_patch", describe("apply_patch"), SCHEMA, GRAMMAR)
    return Tool(spec, plan)


def patch_of(text: str) -> str:
    """The patch itself, whether it came as free text or as a function's argument."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        for name in _NAMES:
            given = value.get(name)
            if isinstance(given, str):
                return given
    return text


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


def _refusal(error: SparkError) -> str:
    hint = f" ({error.hint})" if error.hint else ""
    return f"the patch was refused and nothing was changed: {error.message}{hint}"
