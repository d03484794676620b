from __future__ import annotations

import os
import subprocess
import sys

import pytest

from spark_cli.cli.completion import script
from spark_cli.cli.options import Shell
from spark_cli.core.errors import UsageError


@pytest.mark.parametrize("shell", list(Shell))
def test_there_is_a_script_for_each_shell(shell: Shell) -> None:
    assert "_SPARK_COMPLETE" in script(shell, {})


def test_the_users_own_shell_is_the_default() -> None:
    assert script(None, {"SHELL": "/usr/bin/fish"}) == script(Shell.FISH, {})
    with pytest.raises(UsageError, match="which shell") as caught:
        script(None, {"SHELL": "/bin/tcsh"})
    assert "`spark completion bash`" in caught.value.hint


def completed(line: str) -> list[str]:
    """What bash offers at the end of a line."""
    done = subprocess.run(
        [sys.executable, "-m", "spark_cli"],
        env=os.environ
        | {
            "_SPARK_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("spark d", ["demo", "doctor"]),
        ("spark --mo", ["--model"]),
        ("spark doctor --js", ["--json"]),
        ("spark demo --se", ["--set", "--serve"]),
        ("spark config e", ["edit"]),
        ("spark --approval auto", ["auto-edit"]),
    ],
)
def test_commands_flags_and_values_complete(line: str, offered: list[str]) -> None:
    assert completed(line) == offered
