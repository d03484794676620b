from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.printable import printable, printable_line


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
