from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path

import pytest

from spark_cli.core.effects import Approval
from spark_cli.repl.bang import Bang, Order, order
from spark_cli.repl.lines import plain
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("!ls -la", Order("ls -la", secret=False)),
        (" ! ls", Order("ls", secret=False)),
        ("!!env", Order("env", secret=True)),
        ("!", Order("", secret=False)),
        ("hi!", None),
        ("", None),
    ],
)
def test_a_line_that_is_a_command(text: str, wanted: Order | None) -> None:
    assert order(text) == wanted


class Ran:
    """Commands, what they print, and who was told that they ended."""

    def __init__(self, folder: Path) -> None:
        scene = Scene(
            *("m", "p", Approval.ASK, folder, "s"),
            environ={"PATH": os.environ["PATH"]},
        )
        self.view = View("m", "p", Approval.ASK)
        self.tasks: list[asyncio.Task[None]] = []
        self.changed = asyncio.Event()
        self.ends = 0
        self.bang = Bang(scene, self.view, self.changed.set, self.later, self.ended)

    def later(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.create_task(work))
        return self.tasks[-1]

    def ended(self) -> None:
        self.ends += 1

    async def run(self, text: str) -> list[str]:
        wanted = order(text)
        assert wanted is not None
        self.bang.start(wanted)
        await asyncio.wait(self.tasks)
        frames = iter(lambda: self.view.frame(20).settled, [])
        return [plain(line) for lines in frames for line in lines]

    async def shows(self, text: str) -> None:
        while not any(text in plain(row) for row in self.view.frame(20).tail):
            self.changed.clear()
            await self.changed.wait()


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    return Ran(tmp_path)


async def test_a_command_is_shown_and_the_model_is_told(ran: Ran) -> None:
    lines = await ran.run("!echo hi; exit 3")

    assert lines[:2] == ["! echo hi; exit 3", "  hi"]
    assert lines[2].startswith("· exit code 3, 0.")
    assert lines[2].endswith("; the model reads it with your next words")
    (told,) = ran.bang.told
    assert told.startswith('<shell by="user">\n$ echo hi; exit 3\nhi\n(exit code 3')
    assert (ran.bang.running, ran.ends) == (False, 1)


async def test_what_is_kept_from_the_model_is_only_shown(ran: Ran) -> None:
    lines = await ran.run("!!echo hi")

    assert lines[:2] == ["!! echo hi", "  hi"]
    assert "model" not in lines[2]
    assert ran.bang.told == []


async def test_what_it_prints_cannot_drive_the_terminal(ran: Ran) -> None:
    lines = await ran.run(r"!printf '\033]0;owned\007'")

    assert "\x1b" not in "".join(lines)


async def test_a_command_that_is_stopped_ends_with_all_that_it_started(
    ran: Ran, tmp_path: Path
) -> None:
    child = "trap 'echo ended > child; exit' TERM; echo $((20 + 3)); sleep 600 & wait"
    ran.bang.start(Order(f"({child}) & wait", secret=False))
    await ran.shows("  23")

    ran.bang.stop()
    await asyncio.wait(ran.tasks)

    assert plain(ran.view.frame(20).settled[-1]).startswith("· stopped;")
    assert (tmp_path / "child").read_text() == "ended\n"
    assert "23\n(stopped)" in ran.bang.told[0]


async def test_one_that_is_stopped_before_it_runs_is_over(ran: Ran) -> None:
    ran.bang.start(Order("touch here", secret=False))

    ran.bang.stop()
    await asyncio.wait(ran.tasks)

    assert (ran.bang.running, ran.ends, list(ran.view.looking)) == (False, 1, [])
    assert not (ran.bang.scene.root / "here").exists()


async def test_long_output_is_clipped_and_says_so(ran: Ran) -> None:
    lines = await ran.run("!seq 100000")

    assert any("bytes cut" in line for line in lines)
    assert "bytes cut" in ran.bang.told[0]
    assert len(ran.bang.told[0]) < 30_000
