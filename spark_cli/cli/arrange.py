"""The command line as it was meant: a session's options and words, or a command.

`spark` takes a free prompt and has commands, so the first word decides: it names a
command, or begins the prompt.  `--` and `-p` before it make it a prompt.  A command
may stand behind options (`spark -C dir doctor`).  Two options take their value only
if one is there: `-p`, whose value is the prompt, and `-r`, whose value is one word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

_PRINT = ("-p", "--print")
_RESUME = ("-r", "--resume")
_END = "--"
_STDIN = "-"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What can be typed: the options by whether a value follows, and the commands."""

    flags: Collection[str]
    valued: Collection[str]
    commands: Collection[str]


@dataclass(slots=True)
class Arranged:
    """`command` is `None` for a session; its `words` are the prompt."""

    command: str | None = None
    options: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def argv(self) -> list[str]:
        """The same in one order: command, options, words that are never options."""
        head = [self.command] if self.command else []
        return [*head, *self.options, *(["--", *self.words] if self.words else [])]


def arrange(argv: Sequence[str], grammar: Grammar) -> Arranged:
    """Sort the arguments; what is wrong with them is left for the parser to say."""
    found = Arranged()
    rest = _Rest(argv)
    for token in rest:
        if token == _END:
            found.words += rest
        elif token == _STDIN or not token.startswith("-"):
            if _is_command(token, found, grammar):
                found.command = token
                found.options += rest
            else:
                found.words.append(token)
        else:
            _option(token, rest, found, grammar)
    return found


class _Rest(Iterator[str]):
    """The arguments that were not read yet, with a look at the next one."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = list(reversed(argv))

    def __next__(self) -> str:
        if not self._argv:
            raise StopIteration
        return self._argv.pop()

    @property
    def ahead(self) -> str | None:
        return self._argv[-1] if self._argv else None


def _is_command(token: str, found: Arranged, grammar: Grammar) -> bool:
    free = not found.words and not any(name in found.options for name in _PRINT)
    return free and token in grammar.commands


def _option(token: str, rest: _Rest, found: Arranged, grammar: Grammar) -> None:
    name, equals, value = token.partition("=")
    if name == "--print" and equals:
        found.options.append(name)
        found.words.append(value)
    elif token.startswith("--"):
        found.options.append(token)
        _value(token, rest, found, grammar)
    else:
        for one in _single(token, grammar):
            found.options.append(one)
            if len(one) == 2:
                _value(one, rest, found, grammar)


def _single(token: str, grammar: Grammar) -> Iterator[str]:
    """`-qcm name` is `-q -c -m name`, and `-mname` is `-m name`."""
    letters = token[1:]
    for at, letter in enumerate(letters):
        name = f"-{letter}"
        if name in grammar.flags:
            yield name
        else:
            yield f"-{letters[at:]}"
            return


def _value(name: str, rest: _Rest, found: Arranged, grammar: Grammar) -> None:
    """What belongs to the option that was just read moves with it."""
    ahead = rest.ahead
    if name in _PRINT:
        if ahead is not None and _is_words(ahead):
            found.words.append(next(rest))
    elif name in _RESUME:
        is_id = ahead is not None and _is_id(ahead, grammar)
        found.options[-1:] = [f"--resume={next(rest) if is_id else ''}"]
    elif name in grammar.valued and ahead is not None:
        found.options.append(next(rest))


def _is_words(token: str) -> bool:
    """Behind `-p` a token is the prompt unless it looks like an option."""
    return token == _STDIN or not token.startswith("-") or any(map(str.isspace, token))


def _is_id(token: str, grammar: Grammar) -> bool:
    return (
        bool(token)
        and not token.startswith("-")
        and not any(map(str.isspace, token))
        and token not in grammar.commands
    )
