from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spark_cli.core.errors import SparkError
from spark_cli.workspace.environment import environment
from spark_cli.workspace.processes import Bounds, Finished, Leash, capture, run

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have no /proc"
)


async def shell(
    command: str, tmp_path: Path, timeout_s: float = 30, output_bytes: int = 10_000
) -> Finished:
    return await run(
        command,
        cwd=tmp_path,
        timeout_s=timeout_s,
        output_bytes=output_bytes,
        env=environment(os.environ),
    )


def ends(pid: int) -> bool:
    """Whether the process is over, or is so within a while."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], 10)[0])
    finally:
        os.close(fd)


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def interrupted(command: str, tmp_path: Path, lines: int = 1) -> list[str]:
    """Cancel a command as soon as it has printed so many lines; all that it printed."""
    seen: list[str] = []
    ready = asyncio.Event()

    def watch(text: str) -> None:
        seen.append(text)
        if "".join(seen).count("\n") >= lines:
            ready.set()

    task = asyncio.create_task(
        run(
            command,
            cwd=tmp_path,
            timeout_s=600,
            output_bytes=999,
            env=environment(os.environ),
            on_output=watch,
        )
    )
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return "".join(seen).splitlines()


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("true", 0, ""),
        ("echo out; echo err >&2; exit 3", 3, "out\nerr\n"),
        ("cat", 0, ""),
        ("kill -SEGV $$", 139, ""),
        (r"printf 'a\xff\n'", 0, "a\ufffd\n"),
        ("--version", 127, None),
        ("pwd -P", 0, None),
        ("test -t 0 || test -t 1 || echo no terminal", 0, "no terminal\n"),
        ("no-such-program", 127, None),
    ],
)
async def test_a_command_has_a_code_and_an_output(
    tmp_path: Path, command: str, code: int, output: str | None
) -> None:
    finished = await shell(command, tmp_path)

    assert (finished.code, finished.timed_out, finished.cut_bytes) == (code, False, 0)
    assert output is None or finished.output == output


async def test_a_command_runs_where_it_is_told_to(tmp_path: Path) -> None:
    finished = await shell("mkdir here; ls", tmp_path)

    assert finished.output == "here\n"


async def test_a_command_sees_only_the_environment_it_is_given(tmp_path: Path) -> None:
    base = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "s3cret"}
    finished = await run(
        "env", cwd=tmp_path, timeout_s=30, output_bytes=9_999, env=environment(base)
    )

    assert "PATH=" in finished.output
    assert "s3cret" not in finished.output


async def test_much_output_is_cut_in_the_middle(tmp_path: Path) -> None:
    finished = await shell("seq 1 200000", tmp_path, output_bytes=1_000)

    assert finished.output.startswith("1\n2\n")
    assert finished.output.endswith("199999\n200000\n")
    assert f"[... {finished.cut_bytes:,} bytes cut ...]" in finished.output
    assert len(finished.output) < 1_100


async def test_output_is_seen_as_it_comes_and_whole(tmp_path: Path) -> None:
    seen: list[str] = []
    finished = await run(
        "seq 1 5000; printf 'ü'",
        cwd=tmp_path,
        timeout_s=30,
        output_bytes=100,
        env=environment(os.environ),
        on_output=seen.append,
    )

    assert "".join(seen) == "".join(f"{n}\n" for n in range(1, 5001)) + "ü"
    assert finished.cut_bytes > 0


async def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    finished = await shell("echo begun; sleep 600; echo never", tmp_path, timeout_s=1)

    assert (finished.timed_out, finished.output) == (True, "begun\n")


@linux
async def test_a_command_that_ignores_the_request_to_end_is_killed(
    tmp_path: Path,
) -> None:
    stubborn = "trap '' TERM; echo $$; while :; do sleep 600; done"

    (pid,) = await interrupted(stubborn, tmp_path)

    assert ends(int(pid))


async def test_a_command_that_is_asked_to_end_may_tidy_up(tmp_path: Path) -> None:
    tidy = "trap 'rm lock; exit' TERM; touch lock; echo up; while :; do sleep 600; done"

    await interrupted(tidy, tmp_path)

    assert (await shell("ls", tmp_path)).output == ""


@pytest.mark.parametrize(
    "background",
    [
        "sleep 600 &",
        "(sleep 600 &)",
        pytest.param("setsid sleep 600 &", marks=linux),
        pytest.param(
            "(setsid sh -c 'sleep 600 & wait' >/dev/null 2>&1 &)", marks=linux
        ),
        pytest.param("env -i /bin/sleep 600 &", marks=linux),
        pytest.param(
            "(setsid nohup sleep 600 >/dev/null 2>&1 </dev/null &)", marks=linux
        ),
    ],
)
async def test_what_is_left_in_the_background_neither_hangs_nor_survives(
    tmp_path: Path, background: str
) -> None:
    finished = await shell(f"{background}\necho done", tmp_path)

    assert (finished.code, finished.output) == (0, "done\n")
    assert finished.ended >= 1
    assert finished.seconds < 60


@linux
@pytest.mark.parametrize("detach", ["", "setsid "])
async def test_an_interrupt_ends_the_command_and_all_that_it_started(
    tmp_path: Path, detach: str
) -> None:
    command = f"echo $$; {detach}sh -c 'echo $$; exec sleep 600' & wait"

    pids = await interrupted(command, tmp_path, lines=2)

    assert [ends(int(pid)) for pid in pids] == [True, True]


async def test_an_interrupt_before_the_start_leaves_nothing(tmp_path: Path) -> None:
    task = asyncio.create_task(shell("touch made", tmp_path))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not (tmp_path / "made").exists()


async def test_no_file_descriptor_is_left_open(tmp_path: Path) -> None:
    await shell("true", tmp_path)  # the first one opens what stays open
    before = open_files()
    for _ in range(5):
        await shell("echo x", tmp_path)

    assert open_files() == before


@pytest.mark.parametrize("command", ["echo \0", "x" * 3_000_000])
async def test_a_command_that_cannot_be_started_is_an_error(
    tmp_path: Path, command: str
) -> None:
    with pytest.raises(SparkError, match="the command cannot be started"):
        await shell(command, tmp_path)


SPARK = """
import asyncio, os
from pathlib import Path
from spark_cli.workspace.processes import run
asyncio.run(run({command!r}, cwd=Path("."), timeout_s=600, output_bytes=999,
                env=os.environ, on_output=lambda text: os.write(1, text.encode())))
"""


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
@pytest.mark.parametrize("detach", ["", "setsid "])
def test_a_command_does_not_outlive_a_spark_that_is_killed(
    tmp_path: Path, number: signal.Signals, detach: str
) -> None:
    command = f"echo $$; trap '' HUP; {detach}sh -c 'echo $$; exec sleep 600' & wait"
    with subprocess.Popen(
        [sys.executable, "-c", SPARK.format(command=command)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as spark:
        assert spark.stdout
        pids = [int(spark.stdout.readline()) for _ in range(2)]
        spark.send_signal(number)

        assert [ends(pid) for pid in pids] == [True, True]


BOUNDS = Bounds(timeout_s=30, output_bytes=1_000)


def test_a_program_is_captured_with_its_input_and_complaint(tmp_path: Path) -> None:
    done = capture(
        ["sh", "-c", "cat; echo bad >&2; exit 4"],
        BOUNDS,
        cwd=tmp_path,
        env=os.environ,
        data=b"given",
    )

    assert (done.code, done.out, done.err) == (4, b"given", b"bad\n")
    assert (done.timed_out, done.full) == (False, False)


def test_a_program_that_prints_too_much_is_ended(tmp_path: Path) -> None:
    done = capture(["yes"], BOUNDS, cwd=tmp_path, env=os.environ)

    assert (done.full, len(done.out)) == (True, 1_000)


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    bounds = Bounds(timeout_s=0.2, output_bytes=1_000)
    done = capture(
        ["sh", "-c", "echo a; sleep 600"], bounds, cwd=tmp_path, env=os.environ
    )

    assert (done.timed_out, done.out) == (True, b"a\n")


def test_a_program_on_a_leash_is_ended_from_another_thread(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    leash = Leash()

    def cut() -> None:
        fifo.read_text()  # until the program has opened it, and said so
        leash.cut()

    thread = threading.Thread(target=cut)
    thread.start()
    command = ["sh", "-c", "echo up > fifo; sleep 600"]
    done = capture(command, BOUNDS, cwd=tmp_path, env=os.environ, leash=leash)
    thread.join()

    assert (done.code, done.timed_out) == (-9, False)
    assert (
        capture(command, BOUNDS, cwd=tmp_path, env=os.environ, leash=leash).code == -9
    )


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="`no-such-program` cannot be run"):
        capture(["no-such-program"], BOUNDS, cwd=tmp_path, env={})
