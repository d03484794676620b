from __future__ import annotations

from base64 import b64encode

import pytest

from spark_cli.repl.clipboard import to_clipboard

DATA = b64encode("é".encode()).decode()


@pytest.mark.parametrize(
    ("environment", "sequence"),
    [
        ({}, f"\x1b]52;c;{DATA}\x07"),
        (
            {"TMUX": "/tmp/tmux"},
            f"\x1bPtmux;\x1b\x1b]52;c;{DATA}\x07\x1b\\\x1b]52;c;{DATA}\x07",
        ),
    ],
)
def test_the_terminal_is_told_in_its_own_way(
    environment: dict[str, str], sequence: str
) -> None:
    assert to_clipboard("é", environment) == sequence


def test_no_text_ends_the_sequence_early() -> None:
    sequence = to_clipboard("\x07\x1b\\\udc80", {})

    assert sequence.count("\x07") == sequence.count("\x1b") == 1
