from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from spark_cli.config.settings import Shell
from spark_cli.core.effects import Approval, Effect
from spark_cli.core.errors import SparkError, ToolError
from spark_cli.tools.faults import answering
from spark_cli.tools.registry import tools_for
from spark_cli.tools.shell import shell_tool
from spark_cli.tools.tool import Outcome, Plan, Tool
from spark_cli.wire.request import ToolSpec
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import DiskTree

LONG = OSError(36, "File name too long", "/w/" + "a" * 5_000)


def failing(error: Exception, *, late: bool) -> Tool:
    async def act() -> Outcome:
        raise error

    def plan(_: str) -> Plan:
        if late:
            return Plan("x", Effect.READ, act)
        raise error

    return answering(Tool(ToolSpec("look", "", {"type": "object"}), plan))


@pytest.mark.parametrize("late", [False, True], ids=["planning", "acting"])
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (LONG, "`look` cannot use `/w/aaa"),
        (LONG, "more characters]`: file name too long"),
        (OSError("odd"), "`look` cannot use that: odd"),
        (ValueError("embedded null byte"), "`look` cannot use that: embedded null"),
        (RecursionError("too deep"), "`look` cannot use that: too deep"),
        (ToolError("as it was"), "as it was"),
    ],
)
async def test_what_the_system_refuses_is_one_sentence_for_the_model(
    error: Exception, said: str, *, late: bool
) -> None:
    with pytest.raises(ToolError) as raised:
        await failing(error, late=late).plan("{}").act()

    assert said in str(raised.value)
    assert len(str(raised.value)) < 400


async def test_what_is_not_about_a_tool_goes_on_its_way() -> None:
    with pytest.raises(SparkError, match="the disk is gone"):
        await failing(SparkError("the disk is gone"), late=True).plan("{}").act()


@pytest.fixture
def tools(tmp_path: Path) -> tuple[Tool, ...]:
    (tmp_path / "f").write_text("x\n")
    (tmp_path / "loop").symlink_to("loop")
    root = Root(tmp_path.resolve())
    shell = shell_tool(root, Shell(), os.environ)
    return tools_for(root, DiskTree(root), Approval.ASK, shell, shell)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(
    "path", ["a" * 300, "a/" * 5_000, "é" * 200, "loop", "loop/x", "f/x", "f/" * 900]
)
async def test_no_name_surprises_a_tool(
    tools: tuple[Tool, ...], number: int, path: str
) -> None:
    with pytest.raises(ToolError):
        await tools[number].plan(json.dumps({"path": path, "pattern": "x"})).act()


LONG_WORDS = "w" * 200_000
FIRST = "w" * 80 + " [199,920 more characters]"


@pytest.mark.parametrize(
    ("number", "arguments", "summary"),
    [
        (2, {"pattern": LONG_WORDS}, f"search {FIRST}"),
        (2, {"pattern": "x", "glob": LONG_WORDS}, f"search x {FIRST}"),
        (1, {"glob": LONG_WORDS}, f"list . {FIRST}"),
        (4, {"command": LONG_WORDS}, f"run {FIRST}"),
        (
            0,
            {"path": "/".join(["d" * 99] * 9)},
            f"read {'d' * 80} [819 more characters]",
        ),
        (1, {"path": "a\nb\x1b"}, "list a b\\x1b"),
    ],
)
def test_a_summary_is_short_and_of_one_line(
    tools: tuple[Tool, ...], number: int, arguments: dict[str, str], summary: str
) -> None:
    assert tools[number].plan(json.dumps(arguments)).summary == summary
