from __future__ import annotations

import json
from pathlib import Path

import pytest

from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.ids import SessionId
from spark_cli.patch.apply import disk_writer
from spark_cli.tools.drafting import patch_of
from spark_cli.tools.patch import apply_patch_tool
from spark_cli.tools.tool import Tool
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree

PATCH = "*** Begin Patch\n*** Update File: f\n@@\n a \n-b\n+c\n*** End Patch\n"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "f").write_text("a\nb\n")
    return Root((tmp_path / "tree").resolve())


@pytest.fixture
def tool(root: Root) -> Tool:
    checkpoints = Checkpoints(root, SessionId("s"), root.path.parent / "state")
    return apply_patch_tool(DiskTree(root), disk_writer(checkpoints))


async def test_a_patch_is_shown_as_a_diff_and_then_carried_out(
    root: Root, tool: Tool
) -> None:
    plan = tool.plan(PATCH)

    assert (plan.summary, plan.effect) == ("patch f (+1 -1)", Effect.EDIT)
    assert plan.preview.endswith("@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    assert (root.path / "f").read_text() == "a\nb\n"

    outcome = await plan.act()

    assert outcome.text == "done: 1 hunk in `f` (matched despite trailing blanks)"
    assert outcome.checkpoint is not None
    assert (root.path / "f").read_text() == "a\nc\n"


@pytest.mark.parametrize(
    "given",
    [PATCH, json.dumps({"input": PATCH}), json.dumps({"patch": PATCH}), f"  {PATCH}"],
)
def test_the_patch_may_come_as_text_or_as_an_argument(given: str) -> None:
    assert patch_of(given).strip() == PATCH.strip()


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ("hello", "refused and nothing was changed: this is not a patch"),
        (PATCH.replace("-b", "-x"), "hunk 1 of 1 of `f` does not match"),
        (PATCH.replace(" f", " ../f"), "leads up"),
        (PATCH.replace("*** End Patch\n", ""), "send the whole patch again"),
    ],
)
def test_the_model_is_told_what_to_mend(tool: Tool, patch: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        tool.plan(patch)


async def test_a_file_that_changed_after_the_plan_is_not_patched(
    root: Root, tool: Tool
) -> None:
    plan = tool.plan(PATCH)
    (root.path / "f").write_text("mine\n")

    with pytest.raises(ToolError, match="has changed since it was read"):
        await plan.act()

    assert (root.path / "f").read_text() == "mine\n"


async def test_a_patch_that_is_already_applied_is_said_to_be(
    root: Root, tool: Tool
) -> None:
    (root.path / "f").write_text("x\na\nc\ny\n")
    again = "*** Begin Patch\n*** Update File: f\n@@\n x\n a\n-b\n+c\n y\n*** End Patch"

    outcome = await tool.plan(again).act()

    assert outcome.text.startswith("already applied")


def test_the_tool_is_declared_as_free_text_and_as_a_function(tool: Tool) -> None:
    assert tool.spec.name == "apply_patch"
    assert tool.spec.schema["required"] == ["input"]
    assert tool.spec.grammar is not None
    assert tool.spec.grammar.startswith("start: begin_patch hunk+ end_patch\n")
