"""All commands, and what becomes of a line that starts with a slash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from spark_cli.commands.command import Answer, Command, Desk, Rows, Text, problem
from spark_cli.commands.keep import COPY, EXPORT
from spark_cli.commands.literal import literal
from spark_cli.commands.matching import matching
from spark_cli.commands.model import APPROVAL, EFFORT, MODEL
from spark_cli.commands.nearest import hinted
from spark_cli.commands.session import CLEAR, EXIT, FORK, RENAME, RESUME, STATUS
from spark_cli.commands.talk import ASK, BTW, COMPACT, CONTINUE, INIT_, RETRY, REWIND
from spark_cli.commands.upkeep import CONFIG, CONTEXT, DOCTOR, KEYS, THEME, VIM
from spark_cli.commands.workspace import CHECKPOINTS, DIFF, REDO, UNDO

# A path such as `/etc/hosts` is something to talk about, not a command.
_LINE = re.compile(r"/([A-Za-z?][\w:-]*|\?|)(?:\s+(.*))?$", re.DOTALL)


def _help(argument: str, desk: Desk) -> Answer:
    if argument:
        name = argument.removeprefix("/")
        command = find(name, desk.custom)
        if command is None:
            return _unknown(name, desk.custom)
        from_ = f" (from {literal(command.place)})" if command.place else ""
        summary = literal(command.summary)
        return Answer(shown=Text(f"`{command.usage}`: {summary}{from_}"))
    commands = [(one.usage, described(one)) for one in all_commands(desk.custom)]
    over = list(_passed_over(desk.custom))
    gap = [("", "")] if over else []
    return Answer(shown=Rows([*commands, *gap, *over, ("", ""), *desk.keys]))


def _passed_over(custom: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """The files that make no command, and why."""
    for one in custom:
        ours = f"`/{one.name}` is spark's own" if one.name in _BY_NAME else ""
        if one.unusable or ours:
            yield one.place, f"makes no command: {one.unusable or ours}"


def described(command: Command) -> str:
    """What it does, its other names, and where it comes from if it is not ours."""
    names = ", ".join(f"/{alias}" for alias in command.aliases if len(alias) > 1)
    also = f" (also {names})" if names else ""
    return command.summary + also + (f" ({command.place})" if command.place else "")


HELP = Command("help", "the commands and the keys", _help, "[COMMAND]", aliases=("?",))

COMMANDS = (
    HELP,
    *(MODEL, EFFORT, APPROVAL, STATUS, CONTEXT),
    *(DIFF, UNDO, REDO, CHECKPOINTS),
    *(REWIND, RETRY, CONTINUE, ASK, BTW, COMPACT, CLEAR),
    *(RESUME, FORK, RENAME, COPY, EXPORT),
    *(INIT_, CONFIG, DOCTOR, KEYS, THEME, VIM, EXIT),
)

_BY_NAME = {
    name: command for command in COMMANDS for name in (command.name, *command.aliases)
}


def all_commands(custom: Iterable[Command] = ()) -> list[Command]:
    """Ours, then those of files; one that has a name of ours is not there."""
    usable = (one for one in custom if not one.unusable)
    return [*COMMANDS, *(one for one in usable if one.name not in _BY_NAME)]


def find(name: str, custom: Iterable[Command] = ()) -> Command | None:
    """The command of that name or alias, in any case."""
    name = name.lower()
    others = (one for one in custom if one.name == name)
    return _BY_NAME.get(name) or next(others, None)


def completions(
    typed: str, custom: Iterable[Command] = ()
) -> list[tuple[str, Command]]:
    """Names that may be meant, the best first: each command once."""
    names = [
        (name, command)
        for command in all_commands(custom)
        for name in (command.name, *command.aliases)
    ]
    found: dict[str, tuple[str, Command]] = {}
    for name, command in matching(typed, names, lambda pair: pair[0]):
        found.setdefault(command.name, (name, command))
    return list(found.values())


def values(name: str, typed: str) -> Sequence[str]:
    """What a command takes, where those are few: those that begin like that."""
    command = HELP if name == "?" else find(name)
    if command is None:
        return ()
    known = _BY_NAME if command is HELP else command.values
    return [value for value in known if value.startswith(typed.lower())]


def is_command(line: str, custom: Iterable[Command] = ()) -> bool:
    """Whether a line is a command that there is."""
    match = _LINE.match(line)
    return match is not None and find(match[1], custom) is not None


def answer(line: str, desk: Desk) -> Answer | None:
    """What a line comes to; `None` if it is no command but words for the model.

    A slash and a name that is not known is a mistake, and is never sent to the model:
    a blank before it sends it as it is.
    """
    match = _LINE.match(line)
    if match is None:
        return None
    name, argument = match[1], (match[2] or "").strip()
    command = find(name, desk.custom) if name else HELP
    if command is None:
        return _unknown(name, desk.custom)
    return command.run(argument, desk)


def _unknown(name: str, custom: Iterable[Command]) -> Answer:
    names = [*_BY_NAME, *(one.name for one in all_commands(custom))]
    known = "`/help` lists the commands; a blank before it sends it as text"
    return problem(f"there is no command `/{name}`", hinted(name, names, "/", known))
