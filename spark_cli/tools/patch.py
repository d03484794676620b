"""Change files by a patch, planned whole before anything is written.

The model writes V4A, as its grammar says; what else is a patch is understood too.
What is approved is the diff of the plan, and the writer checks every file against the
plan again, so a file that changed meanwhile makes the patch fail, not land wrongly.
"""

from __future__ import annotations

from spark_cli.core.json import JsonObject
from spark_cli.tools.drafting import PatchDraft, Writer
from spark_cli.tools.proposals import Callers, nowhere
from spark_cli.tools.tool import Plan, Tool
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


def apply_patch_tool(tree: Tree, write: Writer, callers: Callers = nowhere) -> Tool:
    """`tree` is what patches are planned against, and `write` carries out a plan.

    `callers` says where a name is used whose definition a hunk changes.
    """

    def draft() -> PatchDraft:
        return PatchDraft(tree, write, callers)

    def plan(text: str) -> Plan:
        return draft().plan(text)

    spec = ToolSpec("apply_patch", describe("apply_patch"), SCHEMA, GRAMMAR)
    return Tool(spec, plan, draft)
