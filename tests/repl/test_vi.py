from __future__ import annotations

from prompt_toolkit.application import Application
from prompt_toolkit.input import DummyInput
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.output import DummyOutput

from spark_cli.repl.vi import Vi


def test_the_keys_can_be_switched_and_begin_with_text() -> None:
    app: Application[int] = Application(input=DummyInput(), output=DummyOutput())
    vi = Vi(app, lambda: False)
    assert (vi.on, vi.inserting, vi.mode) == (False, False, "")

    vi.set(on=True)
    assert (vi.on, vi.inserting, vi.mode) == (True, True, "")

    app.vi_state.input_mode = InputMode.NAVIGATION
    assert (vi.inserting, vi.mode) == (False, "normal")

    vi.insert()
    assert vi.inserting
    vi.set(on=False)
    assert (vi.on, vi.inserting) == (False, False)


def test_an_answer_can_be_given_at_once_unless_a_line_is_edited() -> None:
    app: Application[int] = Application(input=DummyInput(), output=DummyOutput())
    asked: list[bool] = []
    vi = Vi(app, lambda: bool(asked))
    vi.set(on=True)
    app.vi_state.input_mode = InputMode.NAVIGATION

    seen = []
    for question in [False, True, True]:
        asked[:] = [question] * question
        vi.look()
        seen.append(vi.inserting)
        app.vi_state.input_mode = InputMode.NAVIGATION

    assert seen == [False, True, False]
