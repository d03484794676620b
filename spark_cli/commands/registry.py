"""All commands, and what becomes of a line that starts with a slash."""

from __future__ import annotations

import re

from spark_cli.commands.command import Answer, Command, Desk, Rows, Text, problem
from spark_cli.commands.model import APPROVAL, MODEL
from spark_cli.commands.nearest import nearest
from spark_cli.commands.session import CLEAR, QUIT, STATUS
from spark_cli.commands.workspace import CHECKPOINTS, DIFF, REDO, UNDO

# A path such as `/etc/hosts` is something to talk about, not a command.
_LINE = re.compile(r"/([A-Za-z?][\w-]*|\?|)(?:\s+(.*))?$", re.DOTALL)


def _help(argument: str, desk: Desk) -> Answer:
    if argument:
        command = find(argument.removeprefix("/"))
        if command is None:
            return _unknown(argument.removeprefix("/"))
        return Answer(shown=Text(f"`{command.usage}`: {command.summary}"))
    commands = [(one.usage, one.summary + _also(one)) for one in COMMANDS]
    return Answer(shown=Rows([*commands, ("", ""), *desk.keys]))


def _also(command: Command) -> str:
    names = ", ".join(f"/{alias}" for alias in command.aliases if len(alias) > 1)
    return f" (also {names})" if names else ""


HELP = Command("help", "the commands and the keys", _help, "[COMMAND]", aliases=("?",))

COMMANDS = (HELP, MODEL, STATUS, DIFF, UNDO, REDO, CHECKPOINTS, CLEAR, APPROVAL, QUIT)

_BY_NAME = {
    name: command for command in COMMANDS for name in (command.name, *command.aliases)
}


def find(name: str) -> Command | None:
    """The command of that name or alias, in any case."""
    return _BY_NAME.get(name.lower())


def is_command(line: str) -> bool:
    """Whether a line is a command that there is."""
    match = _LINE.match(line)
    return match is not None and find(match[1]) is not None


def answer(line: str, desk: Desk) -> Answer | None:
    """What a line comes to; `None` if it is no command but words for the model.

    A slash and a name that is not known is a mistake, and is never sent to the model:
    a blank before it sends it as it is.
    """
    match = _LINE.match(line)
    if match is None:
        return None
    name, argument = match[1], (match[2] or "").strip()
    command = find(name) if name else HELP
    if command is None:
        return _unknown(name)
    return command.run(argument, desk)


def _unknown(name: str) -> Answer:
    near = nearest(name.lower(), _BY_NAME)
    known = "`/help` lists the commands; a blank before it sends it as text"
    hint = f"did you mean `/{near}`?" if near else known
    return problem(f"there is no command `/{name}`", hint)
