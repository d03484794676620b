"""The live face in a pseudo-terminal: keys go in, and pyte reads the screen."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.repl_agent import CODE, PROSE
from tests.e2e.terminal import (
    CTRL_C,
    CTRL_D,
    CTRL_G,
    CTRL_J,
    CTRL_L,
    CTRL_R,
    CTRL_Z,
    ENTER,
    ESC,
    PASTE_BEGIN,
    PASTE_END,
    PATIENCE_S,
    TAB,
    UP,
    Terminal,
)

pytestmark = pytest.mark.terminal

AGENT = Path(__file__).with_name("repl_agent.py")


class Live(Terminal):
    """The live face on a scripted agent, which writes down the ops that it gets."""

    def __init__(
        self,
        *arguments: str,
        ops: Path,
        columns: int = 80,
        rows: int = 24,
        **environment: str,
    ) -> None:
        base = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "EDITOR"}}
        self.ops_file = ops
        super().__init__(
            [sys.executable, str(AGENT), *arguments],
            {**base, "TERM": "xterm", "SPARK_TEST_OPS": str(ops), **environment},
            columns=columns,
            rows=rows,
        )

    def did(self, op: str) -> Live:
        return self.until(lambda: op in self.ops, f"submitted {op!r}")

    @property
    def ops(self) -> str:
        return self.ops_file.read_text() if self.ops_file.exists() else ""


Open = Callable[..., Live]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    opened: list[Live] = []

    def start(*arguments: str, **options: object) -> Live:
        new = Live(*arguments, ops=tmp_path / "ops", **options)  # type: ignore[arg-type]  # the fixture passes them on
        opened.append(new)
        return new.shows("fake-1 ·")

    yield start
    for one in opened:
        one.close()


PHASES = [
    ("silent", "waiting"),
    ("think", "Weighing options"),
    ("stream 100000 500", "The quick brown fox"),
    ("edit", "apply this to 1 file"),
    ("run", "run this?"),
]


@pytest.mark.parametrize(("scene", "sign"), PHASES)
def test_esc_gives_the_prompt_back_and_keeps_the_draft(
    terminal: Open, scene: str, sign: str
) -> None:
    screen = terminal().send(scene, ENTER).shows(sign)
    screen.send("my ", "draft").until(lambda: screen.draft == "my draft", "drafted")

    screen.send(ESC).shows("(stopped")

    screen.until(lambda: screen.draft == "my draft", "kept the draft")
    screen.send(ENTER).did("Prompt(text='my draft')").shows("You said: my draft")


@pytest.mark.parametrize(("scene", "sign"), PHASES[:3])
def test_enter_redirects_a_running_turn(terminal: Open, scene: str, sign: str) -> None:
    screen = terminal().send(scene, ENTER).shows(sign)

    screen.send("no, this", ENTER)

    screen.did("Steer(text='no, this')").shows("You said: no, this")
    screen.hides("Esc stops")


@pytest.mark.parametrize(("scene", "sign"), PHASES)
def test_ctrl_c_stops_a_turn_and_does_not_leave(
    terminal: Open, scene: str, sign: str
) -> None:
    screen = terminal().send(scene, ENTER).shows(sign)

    screen.send(CTRL_C).shows("(stopped")

    screen.send("still here", ENTER).shows("You said: still here")


def test_what_is_typed_while_text_streams_is_kept_letter_by_letter(
    terminal: Open,
) -> None:
    screen = terminal().send("stream 1500 1500", ENTER).shows("The quick")

    typed = "the quick brown fox types"
    for letter in typed:
        screen.send(letter)
        screen.read(0.03)

    screen.until(lambda: screen.draft == typed, "kept what was typed")
    assert screen.ops.count("text=") == 1


def test_a_stream_is_printed_whole_and_once(terminal: Open) -> None:
    screen = terminal().send("stream 1200 20000", ENTER)

    said = (PROSE * 40)[: 1200 * 4]
    plainly = " ".join(said.replace("*", "").replace("`", "").split())
    whole = f"> stream 1200 20000 {plainly} > fake-1"
    screen.until(
        lambda: whole in " ".join(screen.scrollback.split()), "printed it all, once"
    )


@pytest.mark.parametrize("answer", ["y", "Y", "y" + ENTER, "yes" + ENTER])
def test_a_question_is_answered_with_a_letter_or_a_word(
    terminal: Open, answer: str
) -> None:
    screen = terminal().send("edit", ENTER).shows("apply this to 1 file +2 -1?")
    assert "    2 -     return a+b" in screen.text

    screen.send(answer)

    screen.did("accept=True").shows("changed calc.py (1 file +2 -1;")
    screen.shows("You said: edited")
    assert screen.draft == ""


@pytest.mark.parametrize("letter", ["n", "N"])
def test_no_asks_why_and_tells_the_model(terminal: Open, letter: str) -> None:
    screen = terminal().send("edit", ENTER).shows("apply this")

    screen.send(letter).shows("why not?").send("use sum()", ENTER)

    screen.did("accept=False, reason='use sum()'").shows("refused: use sum()")


@pytest.mark.parametrize("pieces", [1, 99], ids=["at once", "letter by letter"])
@pytest.mark.parametrize(
    "text", ["no, use sum()", "name it pbt instead", "yes but call it foo", "better"]
)
def test_a_sentence_under_a_question_refuses_with_all_of_it(
    terminal: Open, text: str, pieces: int
) -> None:
    screen = terminal().send("edit", ENTER).shows("apply this")

    for letter in text if pieces > 1 else [text]:
        screen.send(letter)
        screen.read(0.01)
    screen.until(lambda: screen.draft == text, "typed").send(ENTER)

    screen.did(f"accept=False, reason='{text}'").shows(f"refused: {text}")
    assert "accept=True" not in screen.ops


def test_a_draft_is_no_answer_to_a_question_that_comes(terminal: Open) -> None:
    screen = terminal().send("slow", ENTER).shows("· patch calc.py")
    screen.send("y").until(lambda: screen.draft == "y", "took the key")

    screen.shows("apply this")
    for _ in range(10):
        screen.read(0.05)
    screen.send("es, later", ENTER).did("reason='yes, later'")


def test_an_old_answer_that_is_looked_up_is_no_answer(
    terminal: Open, tmp_path: Path
) -> None:
    history = tmp_path / "history"
    history.write_text("\n# 2026-01-01\n+y\n")
    screen = terminal(SPARK_TEST_HISTORY=str(history))
    screen.send("edit", ENTER).shows("apply this")

    screen.send(UP).shows("> edit").send(UP).shows("> y")
    for _ in range(10):
        screen.read(0.05)

    assert "Decide" not in screen.ops


def test_a_paste_without_marks_is_no_answer_and_no_prompt(terminal: Open) -> None:
    screen = terminal().send("edit", ENTER).shows("apply this")

    screen.send("yes\rno\r").shows("  no")

    assert "Decide" not in screen.ops
    screen.send(ENTER).did("reason='yes\\nno'")


def test_a_long_paste_without_marks_is_folded(terminal: Open) -> None:
    text = "".join(f"line {n}\r" for n in range(500))
    screen = terminal().send(text).shows("> [pasted 500 lines]")

    assert screen.ops == ""
    screen.send(ENTER).did("line 498\\nline 499")
    assert screen.ops.count("Prompt") == 1
    screen.send(UP).shows("> line 0").shows("[pasted 499 lines]")


def test_a_command_is_shown_without_its_escapes(terminal: Open) -> None:
    terminal().send("run", ENTER).shows("$ pytest -q\u241b[2J")


def test_two_ctrl_c_at_an_empty_prompt_leave(terminal: Open) -> None:
    screen = terminal().send("hi", ENTER).shows("You said: hi")

    screen.send(CTRL_C).shows("Ctrl-C again leaves").send(CTRL_C)

    assert screen.ends() == 0


@pytest.mark.parametrize(
    "keys", [CTRL_D, "/quit" + ENTER, "/exit" + ENTER, "/q" + ENTER]
)
def test_leaving_gives_the_terminal_back_as_it_was(terminal: Open, keys: str) -> None:
    screen = terminal().send(keys)

    assert screen.ends() == 0
    assert termios.tcgetattr(screen.slave) == screen.before
    assert "Close()" in screen.ops
    # Bracketed paste is off, and the cursor is there.
    assert screen.raw.rfind(b"\x1b[?2004l") > screen.raw.rfind(b"\x1b[?2004h")
    assert screen.raw.rfind(b"\x1b[?25h") > screen.raw.rfind(b"\x1b[?25l")


def test_a_termination_leaves_the_terminal_clean(terminal: Open) -> None:
    screen = terminal().send("silent", ENTER).shows("waiting")

    screen.process.send_signal(signal.SIGTERM)

    assert screen.ends() == 143
    assert termios.tcgetattr(screen.slave) == screen.before


def test_a_terminal_that_is_gone_ends_the_session(terminal: Open) -> None:
    screen = terminal().send("stream 100000 500", ENTER).shows("The quick")

    screen.hang_up()

    assert screen.process.wait(PATIENCE_S) == 129


def test_keys_that_come_before_the_program_are_kept(tmp_path: Path) -> None:
    screen = Live(ops=tmp_path / "ops")
    try:
        screen.until(lambda: b"\r\n> " in screen.raw, "drew a first prompt")

        screen.send("early", ENTER).shows("You said: early")
        assert screen.lines.count(">") == 1
    finally:
        screen.close()


def test_ctrl_c_clears_a_draft_and_up_brings_it_back(terminal: Open) -> None:
    screen = terminal().send("half a thought").shows("> half a thought")

    screen.send(CTRL_C).until(lambda: screen.draft == "", "cleared")
    screen.send(UP).until(lambda: screen.draft == "half a thought", "brought back")


@pytest.mark.parametrize("newline", [CTRL_J, ESC + ENTER, "\\" + ENTER])
def test_a_new_line_is_not_a_submission(terminal: Open, newline: str) -> None:
    screen = terminal().send("one", newline, "two").shows("  two")

    screen.send(ENTER).did("Prompt(text='one\\ntwo')")


def test_a_paste_is_folded_and_not_submitted(terminal: Open) -> None:
    text = "\r".join(f"line {n}" for n in range(500))
    screen = terminal().send("look ", PASTE_BEGIN, text, PASTE_END)

    screen.shows("> look [pasted 500 lines]").send(ENTER)

    screen.did("line 498\\nline 499')").shows("line 499")
    assert "(488 more lines)" in screen.scrollback


@pytest.mark.skipif(shutil.which("bash") is None, reason="it needs a shell with jobs")
def test_a_session_is_suspended_and_comes_back(tmp_path: Path) -> None:
    shell = Terminal(
        ["bash", "--norc", "--noprofile", "-i"],
        {**os.environ, "TERM": "xterm", "PS1": "shell: "},
        cwd=tmp_path,
    )
    try:
        shell.shows("shell:").send(f"{sys.executable} {AGENT}", ENTER)
        shell.shows("fake-1 ·").send("stream 100000 400", ENTER).shows("tok/s")
        shell.send("my draft").shows("> my draft")

        shell.send(CTRL_Z).shows("Stopped").send("echo $((6 * 7))", ENTER).shows("42")
        shell.send("fg", ENTER).shows("> my draft").send(ESC).shows("(stopped here)")

        assert shell.draft == "my draft"
        shell.send(CTRL_C, CTRL_D).until(
            lambda: shell.lines[-1 + len(shell.text.split("\n"))] == "shell:", "left"
        )
    finally:
        shell.close()


def test_the_history_is_kept_for_the_next_session(
    terminal: Open, tmp_path: Path
) -> None:
    path = tmp_path / "history"
    terminal(SPARK_TEST_HISTORY=str(path)).send("remember me", ENTER).shows("You said")

    screen = terminal(SPARK_TEST_HISTORY=str(path)).send(CTRL_R, "rememb")

    screen.shows("search: rememb").send(ENTER).shows("> remember me")
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_editor_gets_the_draft_and_gives_it_back(
    terminal: Open, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf " and more" >> "$1"\n')
    editor.chmod(0o755)
    screen = terminal(EDITOR=str(editor)).send("a draft").shows("> a draft")

    screen.send(CTRL_G).shows("and more")

    screen.send(ENTER).did("and more").shows("You said: a draft")


def test_nothing_that_the_model_says_drives_the_terminal(terminal: Open) -> None:
    screen = terminal().send("nasty", ENTER).shows("done").shows("first 90 ms")

    assert screen.screen.title == ""
    written = screen.raw.decode()
    for sequence in ("\x1b]", "\x9b", "\x1b[31m", "\x1b[2J", "\u202e"):
        assert sequence not in written


def test_the_screen_stays_the_terminals_own(terminal: Open) -> None:
    screen = terminal().send("hi", ENTER).shows("You said: hi")

    # No alternate screen, no mouse, no questions about the cursor.
    for sequence in (b"\x1b[?1049h", b"\x1b[?1000h", b"\x1b[6n"):
        assert sequence not in screen.raw


def test_an_unknown_command_is_suggested_for_and_not_sent(terminal: Open) -> None:
    screen = terminal().send("/stauts", ENTER)

    screen.shows("there is no command `/stauts`").shows("did you mean `/status`?")
    assert "Prompt" not in screen.ops


@pytest.mark.parametrize(
    ("line", "op", "text"),
    [
        ("/model fake-2", "model='fake-2'", "fake-2 on demo from here on"),
        ("/approval full-auto", "FULL_AUTO", "approval is full-auto from here on"),
        ("/undo", "Undo(checkpoint=None", "taken back calc.py"),
        ("/redo", "Redo()", "brought back calc.py"),
        ("/clear", "Clear()", "the conversation starts anew"),
        ("/diff", "", "calc.py +2 -1"),
        ("/status", "", "folder    /somewhere/demo"),
        ("/model", "", "fake-1  now"),
        ("/help", "", "/exit"),
        ("/effort high", "effort='high'", "effort is high from here on"),
        ("/rename my own", "Rename(name='my own')", "now called `my own`"),
        ("/ask why", "Ask(text='why', aside=False)", "You said: why"),
    ],
)
def test_a_command_does_what_it_says(
    terminal: Open, line: str, op: str, text: str
) -> None:
    terminal(rows=80).send(line, ENTER).did(op).shows(text)


def test_a_command_does_not_tear_the_text_that_streams(terminal: Open) -> None:
    screen = terminal(rows=40).send("code 1500 1500", ENTER).shows("def area")

    screen.send("/status", ENTER).shows("/somewhere/demo").shows("first 90 ms")

    def printed() -> list[str]:
        rows = (line.rstrip() for line in screen.scrollback.split("\n"))
        return [line for line in rows if line]

    whole = (CODE * 200)[: 1500 * 4].split("\n")
    said = [line.rstrip() for line in whole if line.strip()]
    screen.until(lambda: printed()[-3] == said[-1], "printed it all")
    lines = printed()
    at = lines.index("> /status")
    assert lines[at - 1] == "```"
    assert lines[lines.index("```python") : at] + lines[at + 7 : -2] == said


def test_a_row_of_a_list_is_chosen_with_a_few_keys(terminal: Open) -> None:
    screen = terminal().send("/model", ENTER).shows("which model?")
    assert "Enter takes it, Esc closes the list" in screen.text

    screen.send("2").hides("fake-1  now").send(ENTER)

    screen.did("model='fake-2'").shows("fake-2 on demo from here on")
    screen.send("hi", ENTER).shows("You said: hi")


def test_a_list_that_is_closed_leaves_nothing_behind(terminal: Open) -> None:
    screen = terminal().send("/model", ENTER).shows("which model?")

    screen.send("zzz").shows("nothing fits").send(ESC).hides("which model?")

    screen.send("still here").until(lambda: screen.draft == "still here", "typed on")
    assert "> /model" not in screen.scrollback
    assert "Configure" not in screen.ops


def test_a_list_works_beside_a_turn_and_in_a_narrow_window(terminal: Open) -> None:
    screen = terminal(columns=40).send("stream 3000 1000", ENTER).shows("quick brown")

    screen.send("/approval", ENTER).shows("what may happen unasked?")
    assert all(len(line) <= 40 for line in screen.lines)
    screen.send("full", ENTER).did("FULL_AUTO").send(ESC).did("Interrupt()")


def test_words_come_back_from_a_rewind_to_be_changed(terminal: Open) -> None:
    screen = terminal().send("one thing", ENTER).shows("You said: one thing")

    screen.send("/rewind", ENTER).shows("before which message?").send(ENTER)

    screen.until(lambda: screen.draft == "one thing", "gave the words back")
    assert "Rewind(item='u'" in screen.ops


def test_a_retry_says_the_same_again(terminal: Open) -> None:
    screen = terminal().send("one thing", ENTER).shows("You said: one thing")

    screen.send("/again", ENTER).did("Rewind(item='u'")

    screen.until(lambda: screen.ops.count("Prompt(text='one thing'") == 2, "asked")


def test_an_answer_is_copied_by_the_terminal_itself(terminal: Open) -> None:
    screen = terminal(DISPLAY="", WAYLAND_DISPLAY="", TMUX="").send("hi", ENTER)
    screen.shows("You said: hi").send("/copy", ENTER).shows("Copied the last answer")

    assert screen.raw.count(b"\x1b]52;c;WW91IHNhaWQ6IGhp\x07") == 1


def test_undoing_several_changes_says_how_many(terminal: Open) -> None:
    screen = terminal().send("/undo 2", ENTER).shows("(2 of 2 changes taken back)")

    assert screen.ops.count("Undo(checkpoint=None") == 2


def test_a_slash_offers_commands_and_tab_takes_one(terminal: Open) -> None:
    screen = terminal().send("/st").shows("how things stand")

    screen.send(TAB).until(lambda: screen.draft == "/status", "completed")
    screen.send(ESC).hides("how things stand").send(ENTER).shows("/somewhere/demo")


def test_a_question_mark_lists_the_keys_on_an_empty_line_only(terminal: Open) -> None:
    screen = terminal(rows=40).send("?").shows("Ctrl-Z").send("why?")

    screen.until(lambda: screen.draft == "why?", "typed a question mark")


def test_a_first_prompt_is_sent_at_once(terminal: Open) -> None:
    terminal("hello", "you").shows("You said: hello you")


@pytest.mark.parametrize(("columns", "rows"), [(40, 12), (120, 50), (20, 8)])
def test_any_window_shows_the_prompt_and_the_text(
    terminal: Open, columns: int, rows: int
) -> None:
    screen = terminal(columns=columns, rows=rows).send("hello", ENTER)

    screen.shows("You said: hello").send("next").shows("> next")


def test_a_resize_draws_the_live_part_for_the_new_window(terminal: Open) -> None:
    screen = terminal(columns=100).send("stream 100000 400", ENTER).shows("tok/s")
    screen.send("draft").shows("> draft")

    screen.resize(50, 20).until(lambda: screen.lines.count("> draft") == 1, "redrawn")

    screen.send(ESC).shows("(stopped here)")
    assert screen.draft == "draft"


def test_ctrl_l_begins_a_clean_screen_and_keeps_what_was_said(terminal: Open) -> None:
    screen = terminal().send("hello", ENTER).shows("You said: hello")

    screen.send(CTRL_L).hides("You said: hello")

    assert screen.draft == ""
    assert "You said: hello" in screen.scrollback


def test_without_color_there_is_none(terminal: Open) -> None:
    screen = terminal(NO_COLOR="1").send("code 60 10000", ENTER).shows("3.14")

    screen.shows("first 90 ms")
    cells = screen.screen.buffer
    colors = {cell.fg for row in cells.values() for cell in row.values()}
    assert colors == {"default"}


def test_code_is_colored_where_color_is_wanted(terminal: Open) -> None:
    screen = terminal().send("code 60 10000", ENTER).shows("3.14").shows("first 90 ms")

    cells = screen.screen.buffer
    colors = {cell.fg for row in cells.values() for cell in row.values()}
    assert {"magenta", "green"} <= colors


def test_a_dumb_terminal_gets_lines_and_no_escapes(tmp_path: Path) -> None:
    screen = Live(ops=tmp_path / "ops", TERM="dumb")
    try:
        screen.shows("/help lists").send("hello\n").shows("You said: hello")
        screen.send("edit\n").shows("apply this").send("y\n").shows("You said: edited")
        screen.send("?\n").shows("Ctrl-C    stop the answer")
        screen.send("/quit\n")

        assert screen.ends() == 0
        assert "'?'" not in screen.ops
        assert b"\x1b" not in screen.raw
    finally:
        screen.close()


def test_an_error_of_the_agent_is_shown(terminal: Open) -> None:
    screen = terminal().send("fail", ENTER).shows("error: no answer from `ws://x`")

    screen.shows("hint: `spark doctor`").send("hi", ENTER).shows("You said: hi")
