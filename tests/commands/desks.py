"""Desks to put commands on, and what comes of a line there."""

from __future__ import annotations

from dataclasses import replace

from spark_cli.commands.command import Answer, Desk, Problem, Shown
from spark_cli.commands.lookups import Lookups
from spark_cli.commands.registry import answer
from spark_cli.commands.story import Story
from spark_cli.config.settings import ModelTraits
from spark_cli.core.effects import Approval
from spark_cli.core.events import CheckpointMade, Event, ItemCompleted
from spark_cli.core.ids import CheckpointId, ItemId
from spark_cli.core.items import AgentMessage, UserMessage

WINDOWS = {
    "big-1": ModelTraits(200_000, freeform_tools=True),
    "small_2": ModelTraits(32_000),
}


def desk(look: Lookups | None = None, *past: Event) -> Desk:
    known = replace(look or Lookups(), known=WINDOWS.get)
    return Desk(
        model="big-1",
        provider="local",
        approval=Approval.ASK,
        facts=(("session", "0abc"),),
        keys=[("Esc", "stop")],
        story=Story(past),
        look=replace(known, providers={"local": "auto", "ollama": "chat"}),
    )


def user(number: int, text: str, *attached: str) -> Event:
    return ItemCompleted(UserMessage(ItemId(f"u{number}"), text, attached))


def agent(number: int, text: str) -> Event:
    return ItemCompleted(AgentMessage(ItemId(f"a{number}"), text))


def made(name: str) -> CheckpointMade:
    return CheckpointMade(CheckpointId(name), (f"{name}.py",), 2, 1, "the diff")


def comes_to(line: str, at: Desk | None = None) -> Answer:
    result = answer(line, at or desk())
    assert result is not None
    return result


def looked_up(line: str, at: Desk) -> Shown | Answer:
    look = comes_to(line, at).looked_up
    assert look is not None
    return look()


def refused(line: str, at: Desk | None = None) -> Problem:
    shown = comes_to(line, at).shown
    assert isinstance(shown, Problem)
    return shown
