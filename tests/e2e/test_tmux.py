"""The live face in tmux, which keeps a history and breaks long rows anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

AGENT = Path(__file__).with_name("repl_agent.py")
PATIENCE_S = 20.0

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux here"),
]


class Tmux:
    """A server of its own with one window, and all that the window has shown."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        command = f"PYTHONPATH={AGENT.parents[2]} {sys.executable} {AGENT}"
        self._run("new-session", "-d", "-x", "100", "-y", "30", command, *words)

    def send(self, *keys: str) -> Tmux:
        self._run("send-keys", *keys)
        return self

    def resize(self, columns: int, rows: int) -> Tmux:
        self._run("resize-window", "-x", str(columns), "-y", str(rows))
        return self

    @property
    def scrollback(self) -> str:
        return self._run("capture-pane", "-p", "-S", "-")

    def until(self, met: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while not met(shown := self.scrollback):
            if time.monotonic() > deadline:
                pytest.fail(f"it never came; the window:\n{shown}")
        return shown

    def close(self) -> None:
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, check=False)
        return done.stdout.decode()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    window = Tmux(tmp_path)
    yield window
    window.close()


def test_the_first_prompt_leaves_no_copy_in_the_history(tmux: Tmux) -> None:
    shown = tmux.until(lambda text: "main · ask" in text)

    assert shown.lstrip("\n").startswith("spark with fake-1")
    assert shown.count("context left") == 1


def test_a_narrower_window_leaves_no_litter(tmux: Tmux) -> None:
    # The prompt is at the bottom: what tmux pushes out at the top cannot be erased.
    tmux.until(lambda text: "main · ask" in text)
    tmux.send("stream 900 90000", "Enter").until(lambda text: "first 90" in text)
    tmux.send("table 200 300", "Enter").until(lambda text: "row4" in text)

    tmux.resize(50, 30)
    shown = tmux.until(lambda text: "that was all" in text)

    for number in range(6):
        assert shown.count(f"row{number} ") == 1, shown
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert max(map(len, table)) <= 50


def test_a_window_of_any_size_shows_every_line_once(tmux: Tmux) -> None:
    tmux.until(lambda text: "main · ask" in text)
    tmux.send("lines 1300 600", "Enter").until(lambda text: "line 9 " in text)
    for columns, rows, seen in ((40, 20, 80), (500, 200, 160), (60, 24, 220)):
        tmux.resize(columns, rows).until(lambda text, n=seen: f"line {n} " in text)  # type: ignore[misc]  # the default binds

    shown = tmux.until(lambda text: "Esc stops" not in text)

    lines = [line for line in shown.splitlines() if line.startswith("line ")]
    assert lines == [f"line {number} is here" for number in range(len(lines))]
    assert len(lines) > 220
