from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.config.settings import Shell
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import ToolError
from spark_cli.tools.registry import find, tools_for
from spark_cli.tools.shell import shell_tool
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import File


class EmptyTree:
    def read(self, _: str, /) -> File | None:
        return None


async def act() -> Outcome:
    return Outcome("done")


PATCH = Tool(
    ToolSpec("apply_patch", "", {"type": "object"}),
    lambda _: Plan("patch", Effect.EDIT, act),
)


def tools(approval: Approval) -> tuple[Tool, ...]:
    root = Root(Path("/"))
    return tools_for(root, EmptyTree(), approval, PATCH, shell_tool(root, Shell(), {}))


@pytest.mark.parametrize(
    ("approval", "names"),
    [
        (Approval.READ_ONLY, "read_file list_files search"),
        (Approval.ASK, "read_file list_files search apply_patch shell"),
        (Approval.AUTO_EDIT, "read_file list_files search apply_patch shell"),
        (Approval.FULL_AUTO, "read_file list_files search apply_patch shell"),
    ],
)
def test_the_tools_are_in_one_order(approval: Approval, names: str) -> None:
    assert [tool.spec.name for tool in tools(approval)] == names.split()


def test_a_declaration_is_the_same_every_time_and_small() -> None:
    first, again = tools(Approval.ASK), tools(Approval.ASK)

    assert [tool.spec for tool in first] == [tool.spec for tool in again]
    assert sum(len(repr(tool.spec)) for tool in first) < 4_000


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("read_file", "read_file"),
        ("functions.read_file", "read_file"),
        ("default_api:search", "search"),
        ("Read-File", "read_file"),
        ("readFile", "read_file"),
        ("container.exec", "shell"),
        ("bash", "shell"),
        ("exec_command", "shell"),
        ("applyPatch", "apply_patch"),
        ("grep", "search"),
        (" list_dir ", "list_files"),
    ],
)
def test_a_near_name_finds_its_tool(name: str, meant: str) -> None:
    assert find(tools(Approval.ASK), name).spec.name == meant


@pytest.mark.parametrize("name", ["shell", "bash", "web_search", "", "."])
def test_a_name_that_is_none_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(ToolError) as raised:
        find(tools(Approval.READ_ONLY), name)

    assert str(raised.value) == (
        f"there is no tool `{name}`; there are `read_file`, `list_files`, `search`"
    )
