"""What the fingers expect: queueing, holding, naming files, commands of one's own."""

from __future__ import annotations

import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import (
    CTRL_C,
    ENTER,
    ESC,
    PASTE_BEGIN,
    PASTE_END,
    TAB,
    UP,
)
from tests.e2e.test_repl import Live

pytestmark = pytest.mark.terminal

CTRL_S, CTRL_U, CTRL_W, CTRL_Y = "\x13", "\x15", "\x17", "\x19"
LEFT, SHIFT_TAB, SHIFT_ENTER = "\x1b[D", "\x1b[Z", "\x1b[13;2u"

Open = Callable[..., Live]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """The live face in a folder with a few files."""
    root = tmp_path / "root"
    (root / "lib").mkdir(parents=True)
    (root / "lib" / "parser.py").write_text("def parse():\n    pass\n")
    (root / ".env").write_text("KEY=1\n")
    opened: list[Live] = []

    def start(*, vi: str = "") -> Live:
        new = Live(
            ops=tmp_path / "ops",
            SPARK_TEST_ROOT=str(root),
            SPARK_TEST_OUT=str(tmp_path / "attached"),
            SPARK_TEST_VI=vi,
        )
        opened.append(new)
        return new.shows("fake-1 ·")

    yield start
    for one in opened:
        one.close()


def streaming(terminal: Open) -> Live:
    return terminal().send("stream 100000 500", ENTER).shows("The quick brown fox")


def drafted(screen: Live, text: str) -> Live:
    screen.until(lambda: screen.draft == text, f"had the draft {text!r}")
    return screen


def test_tab_queues_and_the_queue_is_sent_when_the_turn_ends(terminal: Open) -> None:
    screen = terminal().send("stream 900 600", ENTER).shows("The quick")

    screen.send("one").shows("Enter redirects now, Tab queues").send(TAB)
    screen.shows("queued one").send("two", TAB).shows("queued two")

    screen.did("Prompt(text='one')").did("Prompt(text='two')")
    screen.shows("You said: two").hides("queued")
    assert "Steer" not in screen.ops


def test_a_queue_survives_an_interrupt_and_is_not_sent_by_surprise(
    terminal: Open,
) -> None:
    screen = streaming(terminal).send("one", TAB).shows("queued one")

    screen.send(ESC).shows("(stopped").shows("held: Enter sends the next")
    screen.send("first", ENTER).shows("You said: first")
    assert "text='one'" not in screen.ops

    screen.shows("queued one").send(ENTER).shows("You said: one").hides("queued one")


def test_a_queue_can_be_edited_and_emptied(terminal: Open) -> None:
    screen = streaming(terminal).send("one", TAB, "two", TAB).shows("queued two")

    drafted(screen.send(UP), "two").hides("queued two")
    drafted(screen.send(CTRL_U), "")
    screen.send(CTRL_U).hides("queued one")

    screen.send(ESC).shows("(stopped")
    assert "text='one'" not in screen.ops


def test_the_screen_is_held_and_any_key_goes_on(terminal: Open) -> None:
    screen = streaming(terminal).send(CTRL_S).shows("held; any key goes on")
    held = screen.text
    for _ in range(10):
        screen.read(0.05)
    assert screen.text == held

    drafted(screen.send("x").hides("held"), "x")
    screen.until(lambda: screen.text != held, "went on")


def test_a_question_that_comes_while_held_is_said(terminal: Open) -> None:
    screen = terminal().send("slow", ENTER).shows("writing").send(CTRL_S)

    screen.shows("held; a question waits")
    screen.send("n").shows("why not?")


def test_a_file_is_completed_named_and_attached(terminal: Open, tmp_path: Path) -> None:
    screen = terminal().send("why is @pars").shows("  lib/parser.py")

    drafted(screen.send(ENTER), "why is @lib/parser.py")
    screen.send("slow?", ENTER).did("Prompt(text='why is @lib/parser.py slow?')")

    screen.shows("> why is @lib/parser.py slow?")
    attached = (tmp_path / "attached").read_text()
    assert attached == '<file path="lib/parser.py">\ndef parse():\n    pass\n</file>'


def test_a_file_with_keys_is_refused_and_the_line_is_kept(terminal: Open) -> None:
    screen = terminal().send("see @.env ", ENTER)

    screen.shows("`.env` looks like a file with keys")
    drafted(screen, "see @.env")
    assert screen.ops == ""


def test_a_command_of_ones_own_is_shown_and_told(
    terminal: Open, tmp_path: Path
) -> None:
    screen = streaming(terminal).send("!echo $((40 + 2)); ls", ENTER)
    screen.send(ESC).shows("  42").shows("  lib")
    screen.shows("the model reads it with your next words")

    screen.send("so?", ENTER).did("Prompt(text='so?')")

    screen.until((attached := tmp_path / "attached").exists, "attached it")
    assert "$ echo $((40 + 2)); ls\n42\nlib\n" in attached.read_text()
    drafted(screen.send(UP, UP), "!echo $((40 + 2)); ls")


def test_esc_stops_a_command_of_ones_own(terminal: Open) -> None:
    screen = terminal().send("!!echo $((40 + 2)); sleep 600", ENTER).shows("  42")

    screen.shows("Esc stops").send(ESC).shows("· stopped")
    screen.send("hi", ENTER).shows("You said: hi")


def test_a_dot_says_the_last_thing_again(terminal: Open) -> None:
    screen = terminal().send("hello", ENTER).shows("You said: hello")

    screen.send(".", ENTER)

    screen.until(lambda: screen.ops.count("Prompt(text='hello')") == 2, "said it again")


def test_two_esc_at_an_idle_empty_prompt_rewind(terminal: Open) -> None:
    screen = terminal().send(ESC).shows("Esc again rewinds")

    screen.send(ESC).shows("/rewind").hides("Esc again rewinds")


def test_an_esc_too_many_after_an_interrupt_does_not_count(terminal: Open) -> None:
    screen = streaming(terminal).send(ESC).shows("(stopped")

    screen.send(ESC)
    for _ in range(4):
        screen.read(0.05)
    screen.send(ESC, "x")
    drafted(screen, "x")
    assert "rewind" not in screen.scrollback


def test_shift_tab_goes_through_the_modes_of_approval(terminal: Open) -> None:
    screen = terminal()

    for mode in ["auto-edit", "read-only", "ask"]:
        screen.send(SHIFT_TAB).until(
            lambda mode=mode: (
                screen.lines[-1].endswith(mode)  # type: ignore[misc]  # bound now
                or any(line.endswith(f"main · {mode}") for line in screen.lines)
            ),
            f"was in {mode}",
        )


def test_a_folded_paste_is_one_thing_for_every_key(terminal: Open) -> None:
    text = "\r".join(f"line {n}" for n in range(5000))
    screen = terminal()
    for piece in ["a ", PASTE_BEGIN, text[:20_000], text[20_000:], PASTE_END]:
        screen.send(piece)
        screen.read(0)
    drafted(screen, "a [pasted 5,000 lines]")

    drafted(screen.send(LEFT, "b "), "a b [pasted 5,000 lines]")
    drafted(screen.send(CTRL_W, CTRL_Y, CTRL_Y), "a b b [pasted 5,000 lines]")
    screen.send(ENTER).did("line 4998\\nline 4999')")


def test_a_paste_that_lost_its_end_does_not_swallow_the_keys(terminal: Open) -> None:
    screen = terminal().send(PASTE_BEGIN, "one\rtwo").shows("  two")

    screen.send("!", ENTER).did("Prompt(text='one\\ntwo!')")


def test_a_paste_with_escapes_while_it_streams_is_text(terminal: Open) -> None:
    screen = streaming(terminal)

    screen.send(PASTE_BEGIN, "\x1b[31mred\x1b[2J\rtwo", PASTE_END).shows("^[[31mred")

    screen.send(ENTER).did("Steer(text='\\x1b[31mred\\x1b[2J\\ntwo')")


def test_shift_enter_is_a_new_line_where_the_terminal_sends_it(
    terminal: Open,
) -> None:
    screen = terminal().send("one", SHIFT_ENTER, "two").shows("  two")

    screen.send(ENTER).did("Prompt(text='one\\ntwo')")


def test_words_are_those_of_bash(terminal: Open) -> None:
    screen = terminal().send("see foo_bar.py")

    drafted(screen.send(ESC, "\x7f"), "see foo_bar.")
    drafted(screen.send(ESC, "\x7f"), "see foo_")
    drafted(screen.send(ESC, "b", ESC, "b", ESC, "d"), " foo_")
    drafted(screen.send(CTRL_Y), "see foo_")


def test_vi_keys(terminal: Open) -> None:
    screen = terminal(vi="on").send("hello world")
    screen.send(ESC).shows("vi normal")

    drafted(screen.send("b", "x", "0", "x"), "ello orld")
    screen.send(ENTER).shows("You said: ello orld").hides("vi normal")

    screen.send("stream 100000 500", ENTER).shows("The quick")
    drafted(screen.send("keep"), "keep").send(ESC).shows("(stopped")
    drafted(screen.send(" this"), "keep this")
    drafted(screen.send(CTRL_C), "")


def test_the_mouse_is_never_captured_and_xoff_is_off(terminal: Open) -> None:
    screen = streaming(terminal)

    assert not termios.tcgetattr(screen.slave)[0] & termios.IXON
    assert not any(f"?{mode}h".encode() in screen.raw for mode in (1000, 1002, 1003))
