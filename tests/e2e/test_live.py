"""A whole session as a user has it: a terminal, the demo endpoint, a repository."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import GREETING
from tests.e2e.terminal import CTRL_D, ENTER, ESC, Terminal

pytestmark = pytest.mark.terminal

RENAME = "rename greet to welcome"
RUN = "run `git status`"
ASKED = "for those who use it; used in"
"""What a hot hunk is asked about with, once the patch is whole."""
Open = Callable[..., Terminal]


@pytest.fixture
def live(repo: Path, environ: dict[str, str]) -> Iterator[Open]:
    opened: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        command = [sys.executable, "-m", "spark_cli", "--provider", "demo", *arguments]
        opened.append(Terminal(command, environ, cwd=repo, columns=100, rows=40))
        return opened[-1].shows(">")

    yield start
    for one in opened:
        one.close()


def content(repo: Path) -> dict[str, bytes]:
    files = (path for path in repo.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if ".git" not in path.parts}


def accepted(screen: Terminal) -> Terminal:
    """The first hunk is hot: it changes what another file uses."""
    return screen.send("Y").shows("h2: lib").send("y")


def test_an_edit_is_shown_accepted_and_taken_back_to_the_byte(
    live: Open, repo: Path, git: Callable[..., str]
) -> None:
    before = content(repo)
    screen = live().send(RENAME, ENTER).shows(ASKED)
    assert content(repo) == before

    accepted(screen).shows("Renamed")
    assert (repo / "greeting.py").read_text() == GREETING.replace("greet(", "welcome(")
    assert git("diff", "--stat").count("|") == 2
    screen.send("/diff", ENTER).shows("welcome('x')")

    screen.send("/undo", ENTER).shows("taken back")
    assert content(repo) == before
    assert git("status", "--short") == ""


def test_a_refused_edit_leaves_every_byte(live: Open, repo: Path) -> None:
    before = content(repo)

    screen = live().send(RENAME, ENTER).shows(ASKED)
    screen.send("not now", ENTER).shows("did not want")

    assert content(repo) == before


def test_a_session_is_continued_and_its_edits_can_be_taken_back(
    live: Open, repo: Path
) -> None:
    before = content(repo)
    first = accepted(live().send(RENAME, ENTER).shows(ASKED)).shows("Renamed")
    first.send(CTRL_D)
    assert first.ends() == 0

    again = live("-c").shows("Renamed").shows("(resumed; 1 prompt so far)")
    assert "· changed greeting.py, lib/more.py" in again.scrollback
    assert "    1 + def welcome(name):" in again.scrollback
    assert "· read greeting.py" in again.scrollback
    again.shows("% context left").hides("100% context left")
    again.send("/undo", ENTER).shows("taken back")

    assert content(repo) == before


def test_a_stream_is_stopped_and_redirected(live: Open) -> None:
    screen = live().send("write 9000 tokens of prose", ENTER).shows("Esc stops")

    screen.send(ESC).shows("stopped").hides("Esc stops")
    screen.send("write 9000 tokens of prose", ENTER).shows("Esc stops")
    screen.send("hello", ENTER).shows("demo model")


def test_the_first_prompt_may_come_with_the_command(live: Open) -> None:
    live("explain greeting.py").shows("greeting.py").shows("lines")


def test_an_answer_that_was_stopped_goes_on(live: Open) -> None:
    screen = live().send("/continue", ENTER).shows("there is nothing to continue")
    screen.send("write 9000 tokens of prose", ENTER).shows("answering")
    screen.send(ESC).shows("(stopped here)").hides("Esc stops")

    screen.send("/continue", ENTER).shows("Esc stops").send(ESC).hides("Esc stops")


def test_a_rewind_takes_the_edit_back_and_gives_the_words_again(
    live: Open, repo: Path
) -> None:
    before = content(repo)
    screen = live("--approval", "auto-edit").send(RENAME, ENTER).shows("Renamed")
    screen.hides("Esc stops")

    screen.send("/rewind 1", ENTER).shows("take back what?").shows("+4 -4")
    screen.send("both", ENTER).shows("taken back").shows("cut back")

    assert content(repo) == before
    screen.send(ENTER)
    screen.until(lambda: screen.scrollback.count("Renamed") == 2, "did it again")


def test_what_is_wrong_with_a_session_is_said_of_one_that_follows_too(
    live: Open, environ: dict[str, str]
) -> None:
    first = live("hello").shows("demo model").hides("Esc stops").send(CTRL_D)
    assert first.ends() == 0
    [journal] = Path(environ["HOME"]).rglob("sessions/*.jsonl")
    with journal.open("ab") as file:
        file.write(b"no line of a journal\n")

    screen = live().send(f"/resume {journal.stem}", ENTER).shows("(resumed; 1 prompt")

    assert "1 lines of the session's journal are lost" in screen.scrollback


def test_a_session_is_forked_and_the_other_one_gone_on_with(live: Open) -> None:
    screen = live().send("explain greeting.py", ENTER).shows("lines")
    screen.send("/rename the greeting", ENTER).shows("now called")

    screen.send("/fork", ENTER).shows("(resumed; 1 prompt so far)")
    screen.send("/resume", ENTER).shows("go on with which session?").send(ENTER)
    screen.until(lambda: screen.scrollback.count("(resumed; 1") == 2, "resumed it")
    screen.send(CTRL_D)

    assert screen.ends() == 0
    assert screen.scrollback.count("go on with `spark -r") == 1


@pytest.mark.parametrize(
    "words", [["--plain"], ["--set", "screen_reader=true"]], ids=["flag", "setting"]
)
def test_a_screen_reader_gets_lines_and_nothing_that_moves(
    live: Open, words: list[str]
) -> None:
    screen = (
        live(*words)
        .send(RENAME, ENTER)
        .shows("question: h1, 2 left: greeting.py:1 +2 -2? hot")
    )
    screen.send("yes", ENTER).shows("h1: greeting.py:1 +2 -2? hot")
    screen.send("Y", ENTER).shows("Renamed")
    screen.send(RUN, ENTER).shows("question: run this?")
    screen.send("yes", ENTER).shows("· run git status")

    assert b"\x1b" not in screen.raw


def test_the_focus_of_the_window_never_gets_into_the_draft(live: Open) -> None:
    screen = live().send("ab", "\x1b[O", "cd", "\x1b[I").shows("> abcd")
    assert b"\x1b[?1004h" in screen.raw

    screen.send("\x15", CTRL_D)
    assert screen.ends() == 0
    assert screen.raw.rfind(b"\x1b[?1004l") > screen.raw.rfind(b"\x1b[?1004h")


def test_a_question_rings_where_nobody_looks(live: Open) -> None:
    screen = live().send(RUN, ENTER).shows("run this?")
    assert b"\a" not in screen.raw
    screen.send("no", ENTER).hides("run this?")

    screen.send("\x1b[O", RUN, ENTER).shows("run this?")
    screen.until(lambda: b"\a" in screen.raw, "rang")


def test_the_theme_is_changed_while_it_is_used(live: Open) -> None:
    screen = live().send("/theme light").shows("> /theme light").send(ENTER)
    screen.until(lambda: not screen.draft, "took the command")
    screen.send("explain greeting.py", ENTER).shows("first ")

    assert b"\x1b[0;34m" in screen.raw, "code is blue on a light background"
