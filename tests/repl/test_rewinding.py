from __future__ import annotations

import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput

from spark_cli.repl.rewinding import ARMED_S, LATE_S, Rewinding


class Clocked:
    def __init__(self) -> None:
        self.now = 100.0
        self.commands: list[str] = []
        app: Application[int] = Application(input=DummyInput(), output=DummyOutput())
        self.rewinding = Rewinding(lambda: self.now, app, self.commands.append)


@pytest.fixture
def clocked() -> Clocked:
    return Clocked()


def test_the_first_esc_arms_for_a_while(clocked: Clocked) -> None:
    clocked.rewinding.arm()
    assert clocked.rewinding.told == "Esc again rewinds"

    clocked.now += ARMED_S
    assert clocked.rewinding.told == ""


def test_the_second_one_is_the_command(clocked: Clocked) -> None:
    clocked.rewinding.arm()

    clocked.rewinding.rewind()

    assert (clocked.commands, clocked.rewinding.armed) == (["/rewind"], False)


def test_an_esc_that_was_meant_for_a_turn_does_not_count(clocked: Clocked) -> None:
    clocked.rewinding.stirred()
    clocked.now += LATE_S - 0.1

    clocked.rewinding.arm()
    assert not clocked.rewinding.armed

    clocked.now += 0.2
    clocked.rewinding.arm()
    assert not clocked.rewinding.armed  # each of a row of them is late

    clocked.now += LATE_S
    clocked.rewinding.arm()
    assert clocked.rewinding.armed
