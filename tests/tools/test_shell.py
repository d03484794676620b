from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spark_cli.config.settings import Shell
from spark_cli.core.effects import Effect
from spark_cli.core.errors import ToolError
from spark_cli.core.events import CheckpointMade
from spark_cli.core.ids import CheckpointId
from spark_cli.tools.shell import shell_tool, told
from spark_cli.tools.tool import Plan, Stopped
from spark_cli.tools.watch import Looked
from spark_cli.workspace.environment import environment
from spark_cli.workspace.processes import Finished
from spark_cli.workspace.root import Root


def planned(root: Path, **arguments: object) -> Plan:
    limits = Shell(timeout_s=30, output_bytes=1_000)
    env = environment(os.environ)
    return shell_tool(Root(root), limits, env).plan(json.dumps(arguments))


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ({"command": "echo 'a  b'\necho c"}, "echo 'a  b'\necho c"),
        ({"cmd": "ls"}, "ls"),
        ({"command": ["bash", "-lc", "ls | wc"]}, "ls | wc"),
        ({"command": ["grep", "-n", "a b", "f"]}, "grep -n 'a b' f"),
        ({"command": "ls", "workdir": "sub dir"}, "cd 'sub dir' && ls"),
        ({"command": "ls", "workdir": "."}, "ls"),
    ],
)
def test_the_preview_is_the_command_that_will_run(
    tmp_path: Path, arguments: dict[str, object], command: str
) -> None:
    (tmp_path / "sub dir").mkdir()

    plan = planned(tmp_path, **arguments)

    assert (plan.preview, plan.effect) == (command, Effect.RUN)
    assert plan.summary == f"run {' '.join(command.split())}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`command` must be a string, not missing"),
        ({"command": " \n"}, "`command` must be a line of shell"),
        ({"command": "a\0b"}, "`command` must be a line of shell"),
        ({"command": ["ls", 1]}, "`command` must be a string, not list"),
        ({"command": "ls", "workdir": ".."}, "is outside the workspace"),
        ({"command": "ls", "workdir": "gone"}, "`workdir` is not a folder: `gone`"),
        ({"command": "ls", "timeout_s": -1}, "`timeout_s` must be a whole number"),
    ],
)
def test_a_bad_call_is_refused_while_planning(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        planned(tmp_path, **arguments)


async def test_what_was_planned_is_run_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    plan = planned(tmp_path, command="touch made; exit 3", workdir="sub")
    assert made(tmp_path) == []

    outcome = await plan.act()

    assert outcome.text.startswith("exit code 3, ")
    assert not outcome.ok
    assert made(tmp_path) == ["sub/made"]


async def test_a_command_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be started"):
        await planned(tmp_path, command="x" * 3_000_000).act()


def made(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("made")]


CLEAN = Finished(0, "out\n", 0, timed_out=False, seconds=0.125)


@pytest.mark.parametrize(
    ("finished", "text"),
    [
        (CLEAN, "exit code 0, 0.12 s\nout\n"),
        (replace(CLEAN, code=1, output=""), "exit code 1, 0.12 s, no output"),
        (
            replace(CLEAN, code=143, timed_out=True, seconds=9.01, ended=3),
            "ended after 9 s, its time limit, 9.01 s\nout\n",
        ),
        (
            replace(CLEAN, cut_bytes=5_000, ended=1),
            "exit code 0, 0.12 s, 5,000 bytes cut from the middle of the output, "
            "1 process left in the background, ended\nout\n",
        ),
    ],
)
def test_the_first_line_says_how_it_went(finished: Finished, text: str) -> None:
    assert told(finished, timeout_s=9) == text


class Watcher:
    """Keeps what it was told, and says that a file was changed."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, label: str) -> Looked:
        self.told.append(label)

        def again() -> CheckpointMade:
            self.told.append("after")
            return CheckpointMade(CheckpointId("1"), ("a",), 1, 0, "")

        return again


def watched(
    root: Path,
    watcher: Watcher,
    command: str,
    hear: Callable[[str], None] | None = None,
) -> Plan:
    limits = Shell(timeout_s=30, output_bytes=1_000)
    env = environment(os.environ)
    tool = shell_tool(Root(root), limits, env, hear, watch=watcher)
    return tool.plan(json.dumps({"command": command}))


async def test_what_a_command_changed_comes_with_its_output(tmp_path: Path) -> None:
    watcher = Watcher()
    plan = watched(tmp_path, watcher, "echo x > a")
    assert watcher.told == []

    outcome = await plan.act()

    assert outcome.checkpoint is not None
    assert outcome.checkpoint.files == ("a",)
    assert watcher.told == ["run echo x > a", "after"]


async def test_what_an_interrupted_command_changed_is_kept_too(tmp_path: Path) -> None:
    watcher, started = Watcher(), asyncio.Event()
    plan = watched(tmp_path, watcher, "echo begun; sleep 30", lambda _: started.set())
    running = asyncio.ensure_future(plan.act())
    await started.wait()

    running.cancel()
    with pytest.raises(Stopped) as stopped:
        await running

    assert stopped.value.outcome.checkpoint is not None
    assert watcher.told[-1] == "after"
