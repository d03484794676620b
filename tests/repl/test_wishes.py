from __future__ import annotations

from prompt_toolkit.application import Application
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from spark_cli.commands.command import Copy, Dress, SwitchKeys
from spark_cli.config.settings import Theme
from spark_cli.repl.theme import Palette
from spark_cli.repl.vi import Vi
from spark_cli.repl.wishes import THEMES, grant


def test_a_theme_is_worn_from_now_on() -> None:
    palette = Palette()

    for name, _ in THEMES:
        told = grant(Dress(name), palette, keys())
        assert palette.chosen.value == name
        assert told.startswith(f"The theme is {name}")
    assert {name for name, _ in THEMES} == {theme.value for theme in Theme}


def test_the_keys_change_hands() -> None:
    vi = keys()

    assert grant(SwitchKeys(), Palette(), vi) == "The keys are those of vi now."
    assert vi.on
    assert grant(SwitchKeys(), Palette(), vi) == "The keys are the usual ones now."


def test_what_is_somebody_elses_is_left_to_them() -> None:
    assert grant(Copy("x", "it"), Palette(), keys()) == ""


def keys() -> Vi:
    return Vi(Application(input=DummyInput(), output=DummyOutput()))
