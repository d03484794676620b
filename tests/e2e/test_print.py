"""The whole way, as a script sees it: a process, the demo endpoint, a repository."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import GREETING, Spark

DEMO = ("--provider", "demo")
RENAME = "rename greet to welcome"


def test_an_edit_is_made_told_and_checkpointed(
    spark: Spark, repo: Path, git: Callable[..., str]
) -> None:
    ran = spark(*DEMO, "-p", RENAME, "--approval", "auto-edit")

    assert ran.returncode == 0, ran.stderr
    assert "Renamed `greet` to `welcome`" in ran.stdout
    assert "changed 2 files" in ran.stderr
    assert (repo / "greeting.py").read_text() == GREETING.replace("greet(", "welcome(")
    assert git("status", "--short") == " M greeting.py\n M lib/more.py\n"
    assert "refs/spark/" in git("for-each-ref")
    assert git("log", "--oneline").count("\n") == 1


def test_without_approval_nothing_is_written_and_the_code_says_so(
    spark: Spark, repo: Path
) -> None:
    ran = spark(*DEMO, "-p", RENAME)

    assert ran.returncode == 6
    assert "needs approval" in ran.stderr
    assert (repo / "greeting.py").read_text() == GREETING


def test_a_patch_is_all_that_is_printed_and_git_takes_it(
    spark: Spark, repo: Path, git: Callable[..., str], tmp_path: Path
) -> None:
    ran = spark(*DEMO, "-p", "--patch", RENAME)

    (tmp_path / "change.patch").write_text(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("diff --git ")
    assert (repo / "greeting.py").read_text() == GREETING
    git("apply", str(tmp_path / "change.patch"))
    assert "welcome" in (repo / "greeting.py").read_text()


def test_a_patch_of_nothing_has_a_code_of_its_own(spark: Spark) -> None:
    ran = spark(*DEMO, "-p", "--patch", "hello")

    assert (ran.returncode, ran.stdout) == (4, "")
    assert "nothing to change" in ran.stderr


def test_what_is_piped_in_is_part_of_the_prompt(spark: Spark, repo: Path) -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "greeting.py", line 5, in <module>\n'
        '    print(gret("world"))\n'
        "NameError: name 'gret' is not defined\n"
    )
    (repo / "greeting.py").write_text(GREETING.replace('print(greet("', 'print(gret("'))

    ran = spark(*DEMO, "-p", "fix this", "--approval", "auto-edit", stdin=trace)

    assert ran.returncode == 0, ran.stderr
    assert (repo / "greeting.py").read_text() == GREETING


def test_json_is_one_object(spark: Spark) -> None:
    ran = spark(*DEMO, "-p", "--json", RENAME, "--approval", "auto-edit")

    value = json.loads(ran.stdout)
    assert (value["v"], value["status"], value["exit_code"]) == (1, "completed", 0)
    assert value["changes"][0]["files"] == ["greeting.py", "lib/more.py"]
    assert value["figures"]["transport"] == "websocket"


def test_stream_json_begins_with_the_session_and_ends_with_the_result(
    spark: Spark,
) -> None:
    ran = spark(*DEMO, "-p", "--jsonl", "hello")

    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (lines[0]["type"], lines[0]["v"]) == ("session", 1)
    assert (lines[-1]["type"], lines[-1]["exit_code"]) == ("result", 0)
    text = "".join(line["text"] for line in lines if line["type"] == "text_delta")
    assert text in {
        line["item"]["text"]
        for line in lines
        if line["type"] == "item_completed" and line["item"]["type"] == "agent_message"
    }


def test_a_session_goes_on_where_it_ended(spark: Spark, home: Path) -> None:
    spark(*DEMO, "-p", RENAME, "--approval", "auto-edit")

    ran = spark(*DEMO, "-c", "-p", "--json", "hello")

    journals = list((home / ".local/state/spark/sessions").glob("*.jsonl"))
    assert [path.stem for path in journals] == [json.loads(ran.stdout)["session"]]
    assert journals[0].stat().st_mode & 0o777 == 0o600


def test_nothing_to_continue_is_an_error_that_says_so(spark: Spark) -> None:
    ran = spark(*DEMO, "-c", "-p", "hello")

    assert ran.returncode == 1
    assert "there is no session to continue" in ran.stderr


def test_an_endpoint_that_is_not_there_is_a_temporary_failure(spark: Spark) -> None:
    url = "http://127.0.0.1:9/v1"

    ran = spark(
        "--provider", "ollama", "--set", f"providers.ollama.base_url='{url}'", "x"
    )

    assert ran.returncode == 75
    assert "127.0.0.1:9" in ran.stderr
    assert ran.stdout == ""


def test_no_key_is_told_with_what_to_do(spark: Spark) -> None:
    ran = spark("-p", "hello")

    assert (ran.returncode, ran.stdout) == (77, "")
    assert "`OPENAI_API_KEY` is not set" in ran.stderr


@pytest.mark.slow
def test_a_pipe_that_stays_open_and_silent_does_not_hang_it(
    repo: Path, environ: dict[str, str]
) -> None:
    out, into = os.pipe()
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "spark_cli", *DEMO, "-p", "hello"],
            cwd=repo,
            env=environ,
            stdin=out,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    finally:
        os.close(out)
        os.close(into)

    assert ran.returncode == 0
    assert "nothing came from stdin" in ran.stderr


def test_a_reader_that_goes_away_is_a_quiet_success(
    repo: Path, environ: dict[str, str]
) -> None:
    command = [
        sys.executable,
        "-m",
        "spark_cli",
        *DEMO,
        "-p",
        "write 9000 tokens of prose",
    ]
    with subprocess.Popen(
        command,
        cwd=repo,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(10)
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(50) == 0, complaint
    assert complaint == b""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_keeps_what_was_said(
    repo: Path, environ: dict[str, str], number: signal.Signals, code: int
) -> None:
    words = "write 90000 tokens of prose"
    with subprocess.Popen(
        [sys.executable, "-m", "spark_cli", *DEMO, "-p", "--jsonl", words],
        cwd=repo,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if '"type":"text_delta"' in line:
                process.send_signal(number)
                break
        lines = [json.loads(line) for line in process.stdout]
        assert process.wait(50) == code
    kept = [line["item"] for line in lines if line["type"] == "item_completed"]
    assert kept[0]["type"] == "agent_message"
    assert kept[0]["complete"] is False
    assert kept[0]["text"]
    assert lines[-1]["exit_code"] == code


def test_time_that_runs_out_has_its_code(spark: Spark) -> None:
    ran = spark(*DEMO, "-p", "--timeout", "1s", "write 90000 tokens of prose")

    assert ran.returncode == 124
    assert ran.stdout
    assert "not done within 1 s" in ran.stderr


def test_the_last_answer_is_written_to_a_file(spark: Spark, tmp_path: Path) -> None:
    copy = tmp_path / "answer.md"

    ran = spark(*DEMO, "-p", "-o", str(copy), "hello")

    assert ran.returncode == 0
    assert copy.read_text() == ran.stdout


def test_agents_md_is_cut_aloud(spark: Spark, repo: Path) -> None:
    (repo / "AGENTS.md").write_text("rule\n" * 20)

    ran = spark(*DEMO, "--set", "instructions_bytes=10", "-p", "hello")

    assert "`AGENTS.md` is cut" in ran.stderr
