"""The README is held against the program: what it lists is what there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from spark_cli.commands.registry import COMMANDS
from spark_cli.core import errors
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Event
from spark_cli.repl import review

README = (Path(__file__).parents[2] / "README.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the table under such a heading row."""
    _, _, rest = README.partition(f"| {heading} |")
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return [row.strip("| ").split(" | ") for row in rows]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def told() -> Iterator[tuple[str, list[str]]]:
    """The events of the README: a type, and its fields before any explanation."""
    for types, described in table("`type` | fields"):
        names = re.sub(r"\([^)]*\)", "", described.partition(":")[0])
        each = [quoted(part) for part in names.split(";")]
        for number, name in enumerate(quoted(types)):
            yield name, each[min(number, len(each) - 1)]


def test_every_event_is_told_with_its_fields() -> None:
    there = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(): {
            field.name for field in fields(kind)
        }
        for kind in get_args(Event)
    }

    assert {name: set(names) for name, names in told()} == there


def test_every_command_is_told_as_it_is_typed() -> None:
    typed = [quoted(row[0])[0] for row in table("command |")]

    assert sorted(typed) == sorted(command.usage for command in COMMANDS)


def test_every_letter_of_a_review_is_told() -> None:
    told = {letter for row in table("to a hunk |") for letter in quoted(row[0])}

    assert told == review.LETTERS
    assert {letter for keys, _ in review.KEYS for letter in keys.split(", ")} == told


def test_every_exit_code_is_told() -> None:
    codes = {int(code) for row in table("exit code |") for code in row[0].split(",")}
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, SparkError)
    }

    assert codes == raised | {0, 129, 143}
