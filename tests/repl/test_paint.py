from __future__ import annotations

import io

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
