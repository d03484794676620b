from __future__ import annotations

import io
import re

from prompt_toolkit.data_structures import Size

from spark_cli.repl.paint import FrameOutput, Tail

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"


def output() -> tuple[FrameOutput, io.StringIO]:
    stream = io.StringIO()
    return FrameOutput(stream, lambda: Size(24, 80), enable_cpr=False), stream


def test_a_frame_leaves_in_one_synchronized_write() -> None:
    out, stream = output()

    out.holding = True
    out.write_raw("a")
    out.flush()
    assert stream.getvalue() == ""
    out.holding = False
    out.write_raw("b")
    out.flush()

    assert stream.getvalue() == f"{BEGIN}ab{END}"


def test_nothing_to_write_writes_nothing() -> None:
    out, stream = output()

    out.flush()

    assert stream.getvalue() == ""


def test_text_cannot_carry_an_escape_sequence() -> None:
    out, stream = output()

    out.write("\x1b[2J")
    out.flush()

    assert "\x1b[2J" not in stream.getvalue()


def test_the_tail_is_the_rows_that_it_was_given() -> None:
    tail = Tail()
    tail.rows = [[("class:code", "x")], []]

    content = tail.create_content(80, None)

    assert content.line_count == 2
    assert content.get_line(0) == [("class:code", "x")]


def test_the_screen_is_never_cleared_from_its_corner() -> None:
    out, stream = output()

    out.erase_down()
    out.flush()

    assert not re.search("\x1b\\[[0-3]?J", stream.getvalue().partition("\x1b[B")[0])


def test_what_the_terminal_is_asked_for_is_asked_once_and_given_back() -> None:
    out, stream = output()

    for holding in (False, True, True):
        out.holding = holding
        out.enable_bracketed_paste()
        if holding:
            out.disable_bracketed_paste()
    out.holding = False
    out.disable_bracketed_paste()
    out.flush()

    asked = re.findall("\x1b\\[\\?(2004|1004)([hl])", stream.getvalue())
    assert asked == [("2004", "h"), ("1004", "h"), ("2004", "l"), ("1004", "l")]
