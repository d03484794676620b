"""Commands of the user's own, and of the project's: Markdown files that are prompts.

A file becomes words for the model and nothing else; it is never run.  At its top it
may have lines between two `---`, of which `description` is read and `argument-hint`.
In the text `$ARGUMENTS` stands for all that was typed, `$1` to `$9` for single words.
"""

from __future__ import annotations

import re
import shlex

from spark_cli.commands.command import Answer, Command, Desk, busy, problem
from spark_cli.core.ops import Prompt

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}(:[a-z0-9][a-z0-9_-]{0,39}){0,3}")

_HEAD = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.MULTILINE | re.DOTALL)
_PLACES = re.compile(r"\$(ARGUMENTS\b|[1-9](?![0-9]))")
_SUMMARY = 80


def command(name: str, text: str, place: str) -> Command:
    """The command that a file makes; an unusable one if its name cannot be typed."""
    if not NAME.fullmatch(name):
        return unusable(name, place, "its name is to be of a-z, 0-9, `-` and `_`")
    head = _HEAD.match(text)
    said = _fields(head[1]) if head else {}
    body = (text[head.end() :] if head else text).strip()
    summary = said.get("description") or (body.splitlines() or [""])[0].lstrip("# ")

    def run(argument: str, desk: Desk) -> Answer:
        if desk.running:
            return busy()
        return Answer(ops=(Prompt(filled(body, argument)),))

    return Command(
        name,
        summary[:_SUMMARY],
        run,
        said.get("argument-hint", "")[:_SUMMARY],
        place=place,
    )


def unusable(name: str, place: str, reason: str) -> Command:
    """What stands for a file that makes no command, and tells why."""

    def run(argument: str, desk: Desk) -> Answer:
        del argument, desk
        return problem(f"`{place}` makes no command: {reason}")

    return Command(name, "", run, place=place, unusable=reason)


def filled(body: str, argument: str) -> str:
    """The text with what was typed; at its end, where it has no place for it.

    What was typed is put in as it is: a `$1` in it means nothing.
    """
    words = _words(argument)

    def put(place: re.Match[str]) -> str:
        if place[1] == "ARGUMENTS":
            return argument
        number = int(place[1])
        return words[number - 1] if number <= len(words) else ""

    text, places = _PLACES.subn(put, body)
    return f"{text}\n\n{argument}" if argument and not places else text


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError:  # an apostrophe is no quotation
        return argument.split()


def _fields(head: str) -> dict[str, str]:
    pairs = [line.partition(":") for line in head.splitlines()]
    return {
        name.strip(): value.strip().strip("\"'")
        for name, colon, value in pairs
        if colon and value.strip()
    }
