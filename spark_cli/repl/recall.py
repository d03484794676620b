"""What a resumed session shows of its past: the last turns, as they looked then.

The events of the past are folded through the view that shows those to come, so that
a diff or a command looks the same before and after.
"""

from __future__ import annotations

from collections.abc import Sequence

from spark_cli.core.events import (
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.ids import TurnId
from spark_cli.core.items import UserMessage
from spark_cli.core.usage import Usage
from spark_cli.repl import blocks
from spark_cli.repl.scene import Scene
from spark_cli.repl.view import View

TURNS_SHOWN = 3


def greet(view: View, scene: Scene) -> None:
    """Say who is there, or where the session left off."""
    recall(view, scene.past)
    if not scene.past:
        view.show(blocks.greeting(scene, view.columns))


def recall(view: View, past: Sequence[Event]) -> None:
    """Show the end of the past, and count the rest; nothing of it is still open."""
    if not past:
        return
    events = _since_cleared(past)
    prompts = [at for at, event in enumerate(events) if _is_prompt(event)]
    start = prompts[-TURNS_SHOWN:][0] if prompts else len(events)
    for event in past[: len(past) - len(events) + start]:
        if isinstance(event, Configured):
            view.model, view.provider = event.model, event.provider
            view.approval, view.effort = event.approval, event.effort
    for event in events[start:]:
        view.see(event)
    if view.running:
        view.see(TurnEnded(TurnId(""), TurnStatus.INTERRUPTED, Usage()))
    view.show([[("class:quiet", _counted(len(prompts)))]])


def _since_cleared(events: Sequence[Event]) -> Sequence[Event]:
    for at in range(len(events) - 1, -1, -1):
        if isinstance(events[at], Cleared):
            return events[at + 1 :]
    return events


def _is_prompt(event: Event) -> bool:
    return isinstance(event, ItemCompleted) and isinstance(event.item, UserMessage)


def _counted(prompts: int) -> str:
    return f"(resumed; {prompts} {'prompt' if prompts == 1 else 'prompts'} so far)"
