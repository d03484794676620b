from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from spark_cli.cli.app import ACTS, in_its_format, run
from spark_cli.cli.declare import Act
from spark_cli.cli.options import Common, ConfigOptions, DemoOptions, Options
from spark_cli.core.effects import Approval
from spark_cli.core.errors import ConfigError, Unavailable


class Recorder:
    """The real command line over acts that keep what they were given."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.seen: list[tuple[str, Common]] = []
        self.acts: Mapping[str, Act] = {
            name: Act(act.flags, self.record(name)) for name, act in ACTS.items()
        }

    def record(self, name: str) -> Callable[[Common], int]:
        def act(options: Common) -> int:
            self.seen.append((name, options))
            return self.code

        return act

    def options(self, *argv: str) -> Common:
        assert run(argv, self.acts) == self.code
        return self.seen[-1][1]


@pytest.mark.parametrize(
    ("argv", "name", "prompt"),
    [
        ([], "", None),
        (["fix the bug"], "", "fix the bug"),
        (["fix", "the", "bug"], "", "fix the bug"),
        (["fix"], "", "fix"),
        (["--", "demo"], "", "demo"),
        (["-p", "demo"], "", "demo"),
        (["-p", "-"], "", "-"),
        (["-p", "--json", "rename it"], "", "rename it"),
        (["-p", "- a\n- b"], "", "- a\n- b"),
        (["demo"], "demo", None),
        (["demo", "-p", "rename a to b"], "demo", "rename a to b"),
        (["--debug", "demo", "rename", "a"], "demo", "rename a"),
    ],
)
def test_the_first_word_is_a_command_or_the_prompt(
    argv: list[str], name: str, prompt: str | None
) -> None:
    recorder = Recorder()

    assert run(argv, recorder.acts) == 0

    [(called, options)] = recorder.seen
    assert isinstance(options, Options)
    assert (called, options.prompt) == (name, prompt)


def test_every_flag_of_a_session_arrives() -> None:
    options = Recorder().options(
        *("-m", "gpt-5.5", "--provider", "openai", "--set", "a=1", "-K", "b=2"),
        *("--profile", "p", "-C", "/", "-r", "0198", "--approval", "auto-edit"),
        *("--output-format", "stream-json", "-f", "a", "-f", "-", "-o", "out"),
        *("--schema", "s", "--timeout", "5m", "--max-turns", "9", "--no-input"),
        *("-q", "-n", "--raw", "--debug", "--plain", "--no-color", "-p", "do it"),
    )

    assert options == Options(
        model="gpt-5.5",
        provider="openai",
        sets=("a=1", "b=2"),
        profile="p",
        directory=Path("/"),
        resume="0198",
        approval=Approval.AUTO_EDIT,
        output_format=options.format,  # type: ignore[attr-defined]  # an Options
        files=(Path("a"), Path("-")),
        output=Path("out"),
        schema=Path("s"),
        timeout_s=300.0,
        max_turns=9,
        no_input=True,
        quiet=True,
        dry_run=True,
        raw=True,
        debug=True,
        plain=True,
        no_color=True,
        print_only=True,
        words=("do it",),
    )


def test_the_endpoint_of_the_demo_has_flags_of_its_own() -> None:
    options = Recorder().options("demo", "--serve", "--port", "8787", "--rate", "0")

    assert options == DemoOptions(serve=True, port=8787, rate=0.0)


def test_options_before_a_command_belong_to_it() -> None:
    recorder = Recorder()

    options = recorder.options("-C", "/", "config", "path", "--json")

    assert isinstance(options, ConfigOptions)
    assert (options.action, options.json, options.directory) == (
        "path",
        True,
        Path("/"),
    )


def test_the_exit_code_is_that_of_the_command() -> None:
    assert run(["doctor"], Recorder(code=1).acts) == 1
    assert run(["x"], Recorder(code=130).acts) == 130


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (["--modle", "x"], "no such option: --modle", "did you mean `--model`?"),
        (["-m"], "option `-m` requires an argument", None),
        (["--approval", "yolo"], "`yolo` is not one of `read-only`", None),
        (["--timeout", "soon"], "`soon` is not a time", None),
        (["--max-turns", "0"], "0 is not in the range", None),
        (["doctr"], "there is no command `doctr`", "did you mean `spark doctor`?"),
        (["doctor", "why"], "got unexpected extra argument(s) (why)", None),
        (["-c", "-r"], "`--continue` and `--resume` do not go together", None),
        (["config", "shwo"], "`shwo` is not one of `show`", None),
        (["demo", "--port", "99999"], "99999 is not in the range", None),
    ],
)
def test_a_mistake_is_told_on_stderr_with_exit_code_2(
    argv: list[str],
    message: str,
    hint: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorder = Recorder()

    assert run(argv, recorder.acts) == 2

    told = capsys.readouterr()
    assert (told.out, recorder.seen) == ("", [])
    assert told.err.startswith("error: ")
    assert message in told.err
    assert f"\nhint: {hint or ''}" in told.err


@pytest.mark.parametrize("argv", [["--", "doctr"], ["-p", "doctr"], ["doctr", "it"]])
def test_a_prompt_that_looks_like_a_command_can_be_asked(argv: list[str]) -> None:
    options = Recorder().options(*argv)

    assert isinstance(options, Options)
    assert options.prompt == " ".join(argv).removeprefix("-- ").removeprefix("-p ")


def test_help_begins_with_examples_and_names_everything(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert run(["-h"]) == 0
    assert run(["help"]) == 0
    assert capsys.readouterr().out == text * 2

    assert text.index("Examples:") < text.index("Usage:") < text.index("Options:")
    for name in ("demo", "models", "config", "doctor", "completion"):
        assert f"\n  {name} " in text
    for flag in ("--print", "--set KEY=VALUE", "--resume [ID]", "--install-completion"):
        assert flag in text


@pytest.mark.parametrize("name", [name for name in ACTS if name])
def test_each_command_has_its_own_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert run(["help", name]) == 0

    assert text.startswith(f"Usage: spark {name} [OPTIONS]")
    assert capsys.readouterr().out == text


def test_json_is_told_of_an_error_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise Unavailable("no answer", "try later")

    with pytest.raises(Unavailable):
        in_its_format(Options(), fail)
    assert capsys.readouterr().out == ""
    with pytest.raises(Unavailable):
        in_its_format(Options(jsonl=True), fail)
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["type"], first["v"], first["session"]) == ("session", 1, "")
    assert (last["type"], last["exit_code"]) == ("result", 75)
    assert last["error"] == {"message": "no answer", "hint": "try later"}
    with pytest.raises(Unavailable):
        in_its_format(Options(json=True), fail)
    whole = json.loads(capsys.readouterr().out)
    assert (whole["status"], whole["text"], whole["exit_code"]) == ("failed", "", 75)


def test_a_config_error_has_its_own_exit_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("modle = 1")
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.delenv("SPARK_CONFIG", raising=False)

    assert run(["config"]) == ConfigError.exit_code == 78
    assert "hint: did you mean `model`?" in capsys.readouterr().err


def spark(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )


HEAVY = {
    *("asyncio", "git", "httpx", "prompt_toolkit", "pydantic", "rich", "websockets"),
    *("starlette", "tomli", "uvicorn", "click"),
}


def test_help_loads_nothing_heavy() -> None:
    done = spark(
        "import sys; from spark_cli.cli.app import run; run(['--help']);"
        "print(*sys.modules, file=sys.stderr)"
    )

    assert not HEAVY & set(done.stderr.split())
    assert "typer" in done.stderr.split()


def test_version_loads_nothing() -> None:
    done = spark(
        "import sys; before = set(sys.modules); sys.argv = ['spark', '--version'];"
        "from spark_cli.__main__ import main; main();"
        "print(*(set(sys.modules) - before), file=sys.stderr)"
    )

    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert done.stdout.startswith("spark 0.")
    assert loaded <= {"spark_cli", "__future__"}


def test_the_version_is_told_beside_other_flags(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["-q", "--version"]) == 0
    assert capsys.readouterr().out.startswith("spark 0.")


@pytest.mark.parametrize("argv", [["--help"], ["config"], ["completion", "bash"]])
def test_a_reader_that_has_left_is_a_quiet_success(
    argv: list[str], tmp_path: Path
) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "spark_cli", *argv],
            env=os.environ | {"SPARK_HOME": str(tmp_path)},
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(write)

    assert (done.returncode, done.stderr) == (0, b"")


def test_streams_that_were_closed_before_are_no_fault(tmp_path: Path) -> None:
    command = f"{sys.executable} -m spark_cli config 0<&- 1>&- 2>&-"

    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=os.environ | {"SPARK_HOME": str(tmp_path)},
        check=False,
    )

    assert done.returncode == 0
