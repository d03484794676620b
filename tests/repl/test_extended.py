from __future__ import annotations

import pytest
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from spark_cli.repl import extended


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("\x1b[13;2u", [Keys.Escape, Keys.ControlM]),
        ("\x1b[27;2;13~", [Keys.Escape, Keys.ControlM]),
        ("\x1b[13;5u", [Keys.Escape, Keys.ControlM]),
        ("\x1b[13u", [Keys.ControlM]),
        ("\x1b[27u", [Keys.Escape]),
        ("\x1b[99;5u", [Keys.ControlC]),
        ("\x1b[27;5;99~", [Keys.ControlC]),
        ("\x1b[9;2u", [Keys.BackTab]),
        ("\x1b[127;3u", [Keys.Escape, Keys.ControlH]),
        ("\x1b[201~", [Keys.Ignore]),
        ("\x1b[A", [Keys.Up]),
        ("\r", [Keys.ControlM]),
    ],
)
def test_a_key_is_the_same_however_it_is_spelled(data: str, keys: list[Keys]) -> None:
    extended.teach()
    pressed: list[KeyPress] = []

    Vt100Parser(pressed.append).feed(data)

    assert [one.key for one in pressed] == keys
