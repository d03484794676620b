from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from spark_cli.cli.report import Reporter, guarded, is_colored, redacted
from spark_cli.core.errors import Denied, SparkError
from spark_cli.core.events import Level, Notice


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def reporter(tmp_path: Path, screen: io.StringIO, **more: bool) -> Reporter:
    return Reporter(screen, {"MY_API_KEY": "hunter2-hunter2"}, lambda: tmp_path, **more)


@pytest.mark.parametrize(
    ("environ", "terminal", "colored"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_color_is_for_terminals_and_for_who_asks(
    environ: Mapping[str, str], *, terminal: bool, colored: bool
) -> None:
    screen = Screen(terminal=terminal)

    assert is_colored(screen, environ) is colored
    assert not is_colored(screen, environ, forbidden=True)


def test_an_error_is_one_line_and_one_hint(tmp_path: Path) -> None:
    screen = Screen()

    code = reporter(tmp_path, screen).error(Denied("no key for `x`", "`export X=...`"))

    assert code == 77
    assert screen.getvalue() == "error: no key for `x`\n\nhint: `export X=...`\n"
    assert not list(tmp_path.iterdir())


def test_color_is_only_on_the_first_word(tmp_path: Path) -> None:
    screen = Screen()

    reporter(tmp_path, screen, colored=True).notice(Notice(Level.WARNING, "w"))

    assert screen.getvalue() == "\x1b[1;33mwarning:\x1b[0m w\n"


def test_what_an_error_quotes_cannot_drive_the_terminal(tmp_path: Path) -> None:
    screen = Screen()

    reporter(tmp_path, screen).error(SparkError("\x1b]0;x\x07", "\x9b31m"))

    assert "\x1b" not in screen.getvalue()
    assert "\x9b" not in screen.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key sk-proj-0123456789abc is bad", "key sk-proj*** is bad"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("it was hunter2-hunter2!", "it was ***!"),
        ("task-force and sk-1", "task-force and sk-1"),
        ("at http://me:secret@h/v1", "at http://***@h/v1"),
        ("at http://h/a:b@c", "at http://h/a:b@c"),
        ("the key k7 of k75, `k7`", "the key *** of k75, `***`"),
        ("1 of 10", "1 of 10"),
    ],
)
def test_what_looks_like_a_key_is_not_told(text: str, shown: str) -> None:
    environ = {"MY_API_KEY": "hunter2-hunter2", "TOKEN": "", "OPENAI_API_KEY": "k7"}

    assert redacted(text, {**environ, "SOME_KEY": "1"}) == shown


def test_a_fault_is_a_line_and_its_trace_a_private_log(tmp_path: Path) -> None:
    screen = Screen()

    code = reporter(tmp_path, screen).fault(KeyError("hunter2-hunter2"))

    [log] = tmp_path.iterdir()
    assert code == 1
    assert screen.getvalue() == (
        "error: a fault in spark itself, KeyError: '***'\n\n"
        f"hint: the trace is in `{log}`\n"
    )
    assert "KeyError: '***'" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_with_debug_every_error_has_its_trace(tmp_path: Path) -> None:
    screen = Screen()

    reporter(tmp_path, screen, debug=True).error(SparkError("no"))

    [log] = tmp_path.iterdir()
    assert f"the trace is in `{log}`" in screen.getvalue()
    assert "SparkError: no" in log.read_text()


def test_without_a_place_for_logs_the_error_is_told_all_the_same() -> None:
    screen = Screen()

    code = reporter(Path("/proc/nowhere"), screen).fault(ValueError("v"))

    assert (code, "ValueError: v" in screen.getvalue()) == (1, True)


def raising(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (Denied("d"), 77),
        (RecursionError(), 1),
        (BrokenPipeError(32, "a pipe inside"), 1),
    ],
)
def test_whatever_happens_becomes_an_exit_code(
    tmp_path: Path, error: BaseException, code: int
) -> None:
    screen = Screen()

    assert guarded(raising(error), lambda: reporter(tmp_path, screen)) == code
    assert "Traceback" not in screen.getvalue()


def test_a_closed_stderr_keeps_the_exit_code(tmp_path: Path) -> None:
    def closed() -> Reporter:
        raise OSError(9, "bad file descriptor")

    assert guarded(raising(Denied("d")), closed) == 77


WRITER = """
import sys
from spark_cli.cli.report import Reporter, guarded
def act():
    for _ in range(100000):
        sys.stdout.write("x" * 100 + chr(10))
    return 0
sys.exit(guarded(act, Reporter.of))
"""


def test_a_reader_that_leaves_is_a_quiet_success() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, "")
