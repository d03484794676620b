from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.printable import brief, printable, printable_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("dos\r\nline", "dos\nline"),
        ("\x1b]0;title\x07", "\u241b]0;title\u2407"),
        ("\x9b31m", "<U+009B>31m"),
        ("abc\u202etxt.exe", "abc<U+202E>txt.exe"),
        ("over\rwritten", "over\u240dwritten"),
        ("rm\u3164-rf\u2800/\uffa0", "rm<U+3164>-rf<U+2800>/<U+FFA0>"),
        ("a\u115fb\u1160c\u034fd", "a<U+115F>b<U+1160>c<U+034F>d"),
        ("\u180b\u180e\u180f", "<U+180B><U+180E><U+180F>"),
        ("x\ufe00\ufe0d\U000e0100y\U000e01ef", "x<U+FE00><U+FE0D><U+E0100>y<U+E01EF>"),
        ("❤\ufe0f and ❤\ufe0e", "❤\ufe0f and ❤\ufe0e"),
        ("lone \ud800", "lone \ufffd"),
        ("👩\u200d🚀 ünïcödé", "👩\u200d🚀 ünïcödé"),
    ],
)
def test_what_could_drive_a_terminal_is_made_visible(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(alphabet=st.characters(exclude_characters="\r")), st.integers(0, 50))
def test_a_stream_may_be_split_anywhere(text: str, at: int) -> None:
    assert printable(text[:at]) + printable(text[at:]) == printable(text)


def test_a_line_stays_one_line() -> None:
    assert printable_line("a\nb\tc") == "a\u240ab\u2409c"


@pytest.mark.parametrize(
    ("text", "short"),
    [("a\n b", "a b"), ("abcdef", "abcdef"), ("abc defg", "abc d…"), ("", "")],
)
def test_the_beginning_of_a_long_text_stands_for_it(text: str, short: str) -> None:
    assert brief(text, 6) == short
