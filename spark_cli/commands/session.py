"""Commands about the session itself: how it stands, start anew, another one, leave."""

from __future__ import annotations

from collections.abc import Callable

from spark_cli.commands.command import (
    Answer,
    Choice,
    Choices,
    Command,
    Desk,
    Rows,
    Shown,
    Text,
    busy,
    problem,
)
from spark_cli.commands.story import Said
from spark_cli.core.ops import Clear, Rename

NAME_CHARS = 80


def _status(argument: str, desk: Desk) -> Answer:
    del argument

    def look() -> Shown:
        known = [
            ("model", desk.model),
            ("provider", desk.provider),
            ("effort", desk.effort),
            ("approval", desk.approval.value),
            ("name", desk.story.name),
            *desk.facts,
            *desk.look.status(),
        ]
        told = {name: value for name, value in known if value}
        return Rows(list(told.items()))

    return Answer(looked_up=look)


def _clear(argument: str, desk: Desk) -> Answer:
    del argument, desk
    return Answer(ops=(Clear(),))


def _resume(argument: str, desk: Desk) -> Answer:
    if argument:
        return _go(desk, lambda: desk.look.resume(argument))

    def look() -> Shown:
        rows = [
            Choice(one.words or one.id, _size(one.age, one.turns), f"/resume {one.id}")
            for one in desk.look.sessions()
        ]
        if not rows:
            return Text("There is no other session of this folder.")
        return Choices("go on with which session?", rows)

    return Answer(looked_up=look)


def _size(age: str, turns: int | None) -> str:
    if turns is None:
        return age
    return f"{age}, {turns:,} {'turn' if turns == 1 else 'turns'}"


def _fork(argument: str, desk: Desk) -> Answer:
    if not argument:
        return _go(desk, lambda: desk.look.fork(None))
    said = numbered(argument, desk)
    if said is None:
        return no_message(argument, desk)
    return _go(desk, lambda: desk.look.fork(said.item))


def _go(desk: Desk, choose: Callable[[], None]) -> Answer:
    """Choose the session that follows, and leave this one."""
    if desk.running:
        return busy()

    def look() -> Answer:
        choose()
        return Answer(leave=True)

    return Answer(looked_up=look)


def numbered(typed: str, desk: Desk) -> Said | None:
    """The message of that number."""
    said = desk.story.said()
    fits = typed.isdecimal() and len(typed) < 9 and 1 <= int(typed) <= len(said)
    return said[int(typed) - 1] if fits else None


def no_message(typed: str, desk: Desk) -> Answer:
    count = len(desk.story.said())
    if not count:
        return problem("nothing was said yet")
    return problem(f"there is no message `{typed}`", f"they go from 1 to {count}")


def _rename(argument: str, desk: Desk) -> Answer:
    del desk
    name = " ".join(argument.split())
    if not name or len(name) > NAME_CHARS:
        return problem(f"a name has 1 to {NAME_CHARS} characters", RENAME.usage)
    return Answer(ops=(Rename(name),))


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
RESUME = Command(
    "resume",
    "go on with another session of this folder",
    _resume,
    "[ID]",
    aliases=("sessions",),
)
FORK = Command(
    "fork", "go on in a copy: all of it, or up to before message N", _fork, "[N]"
)
RENAME = Command("rename", "give the session a name", _rename, "NAME")
EXIT = Command("exit", "leave; `spark -c` goes on later", _leave, aliases=("quit", "q"))
