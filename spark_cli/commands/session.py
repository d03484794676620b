"""Commands about the session itself: how it stands, start anew, leave."""

from __future__ import annotations

from spark_cli.commands.command import Answer, Command, Desk, Rows, Shown
from spark_cli.core.ops import Clear


def _status(argument: str, desk: Desk) -> Answer:
    del argument

    def look() -> Shown:
        known = [
            ("model", desk.model),
            ("provider", desk.provider),
            ("approval", desk.approval.value),
            *desk.facts,
            *desk.status(),
        ]
        told = {name: value for name, value in known if value}
        return Rows(list(told.items()))

    return Answer(looked_up=look)


def literal(text: str) -> str:
    """The text so that Markdown shows every character of it."""
    return "".join(f"\\{c}" if c in "\\`*_~[]!|#>" else c for c in text)


def _clear(argument: str, desk: Desk) -> Answer:
    del argument, desk
    return Answer(ops=(Clear(),))


def _leave(argument: str, desk: Desk) -> Answer:
    del argument, desk
    return Answer(leave=True)


STATUS = Command(
    "status",
    "how things stand: model, session, tokens, speed",
    _status,
    aliases=("usage", "limits"),
)
CLEAR = Command(
    "clear",
    "forget the conversation; files and checkpoints stay",
    _clear,
    aliases=("new",),
)
QUIT = Command("quit", "leave; `spark -c` goes on later", _leave, aliases=("exit", "q"))
