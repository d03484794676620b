from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from prompt_toolkit.keys import Keys

from spark_cli.commands.registry import is_command
from spark_cli.repl.keyboard import GOES_ON_S, Keyboard, is_burst


class Typed:
    """A keyboard, on a pipe that is typed into."""

    def __init__(self) -> None:
        self.now = 0.0
        reading, self.pipe = os.pipe()
        self.stdin = os.fdopen(reading)
        # The library tells a stream that is no terminal so on stderr.
        self.keyboard = Keyboard(self.stdin, lambda: self.now)
        self.keyboard.is_command = is_command

    def read(self, data: str) -> list[tuple[str, str]]:
        os.write(self.pipe, data.encode())
        return [(str(key.key), key.data) for key in self.keyboard.read_keys()]


@pytest.fixture
def typed() -> Iterator[Typed]:
    typed = Typed()
    yield typed
    typed.stdin.close()
    os.close(typed.pipe)


PASTE = str(Keys.BracketedPaste)
ENTER = (str(Keys.Enter), "\r")


@pytest.mark.parametrize(
    ("data", "paste"),
    [
        ("yes\rno\r", True),
        ("yes\nno\n", True),
        ("a\r\n\r\n\tb", True),
        ("first\rsecond", True),
        ("/diff\r/undo 2\r", False),
        ("/diff\r/diff\r\x05", False),
        ("/diff\rthen this\r", True),
        ("/etc\r/usr\r", True),
        ("fix it\r", False),
        ("\r\r", False),
        ("a\r\x03", False),
        ("one\\\rtwo", False),
        ("one\x1b\rtwo", False),
        ("\x1b[A\rx", False),
        ("\x1b[31mred\rgreen\rblue\r", True),
    ],
)
def test_more_than_one_line_at_once_is_a_paste(data: str, *, paste: bool) -> None:
    assert is_burst(data, is_command) is paste


def test_a_paste_that_the_terminal_does_not_mark_is_one_paste(typed: Typed) -> None:
    text = "".join(f"line {n}\r" for n in range(500))

    assert typed.read(text) == [(PASTE, text)]


def test_a_line_and_its_enter_are_keys(typed: Typed) -> None:
    assert typed.read("ok\r") == [("o", "o"), ("k", "k"), ENTER]


def test_what_follows_a_paste_at_once_belongs_to_it(typed: Typed) -> None:
    typed.read("one\rtwo\r")

    typed.now = GOES_ON_S / 2
    assert typed.read("three\r") == [(PASTE, "three\r")]


def test_a_key_after_a_paste_is_a_key(typed: Typed) -> None:
    typed.read("one\rtwo\r")

    assert typed.read("\r") == [ENTER]
    typed.now = GOES_ON_S
    assert typed.read("no\r") == [("n", "n"), ("o", "o"), ENTER]


@pytest.mark.parametrize("at", range(1, 6))
def test_a_paste_that_is_marked_is_the_parsers_however_it_is_torn(
    typed: Typed, at: int
) -> None:
    begin, end = "\x1b[200~", "\x1b[201~"

    keys = typed.read(begin[:at])
    keys += typed.read(begin[at:] + "one\rtwo\r")
    keys += typed.read("three\rfour" + end[:at])
    keys += typed.read(end[at:])

    assert keys == [(PASTE, "one\rtwo\rthree\rfour")]
    assert typed.read("x\r") == [("x", "x"), ENTER]


def test_what_a_terminal_tells_of_its_window_is_no_key(typed: Typed) -> None:
    told: list[bool] = []
    typed.keyboard.focused = told.append

    assert typed.read("a\x1b[Ob\x1b[I") == [("a", "a"), ("b", "b")]
    assert told == [False, True]


def test_it_may_be_torn(typed: Typed) -> None:
    told: list[bool] = []
    typed.keyboard.focused = told.append

    assert typed.read("\x1b[") == []
    assert typed.read("Ox") == [("x", "x")]
    assert told == [False]


def test_a_key_is_a_touch_and_a_change_of_the_window_is_not(typed: Typed) -> None:
    touches: list[str] = []
    typed.keyboard.touched = lambda: touches.append("touched")

    typed.read("\x1b[O\x1b[I")
    assert touches == []
    typed.read("x")
    assert touches == ["touched"]


def test_a_paste_that_lost_its_end_is_given_up_and_keys_are_keys(typed: Typed) -> None:
    assert typed.read("\x1b[200~one\rtwo") == []

    typed.keyboard.end_paste()

    assert typed.read("x\r") == [(PASTE, "one\rtwo"), ("x", "x"), ENTER]
    typed.keyboard.end_paste()
    assert typed.read("y") == [("y", "y")]
