from __future__ import annotations

from prompt_toolkit.application import Application
from prompt_toolkit.input import DummyInput
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.output import DummyOutput

from spark_cli.repl.vi import Vi


def test_the_keys_can_be_switched_and_begin_with_text() -> None:
    app: Application[int] = Application(input=DummyInput(), output=DummyOutput())
    vi = Vi(app)
    assert (vi.on, vi.inserting, vi.mode) == (False, False, "")

    vi.set(on=True)
    assert (vi.on, vi.inserting, vi.mode) == (True, True, "")

    app.vi_state.input_mode = InputMode.NAVIGATION
    assert (vi.inserting, vi.mode) == (False, "normal")

    vi.insert()
    assert vi.inserting
    vi.set(on=False)
    assert (vi.on, vi.inserting) == (False, False)
