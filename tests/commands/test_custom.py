from __future__ import annotations

import pytest

from spark_cli.commands.custom import command, filled
from spark_cli.core.ops import Prompt
from tests.commands.desks import desk

REVIEW = """\
---
description: Review a file
argument-hint: FILE [WHAT]
odd line
---

Review `$1` for $2.
"""


def test_the_head_describes_and_the_rest_is_the_prompt() -> None:
    made = command("db:review", REVIEW, "~/review.md")

    assert (made.usage, made.summary) == ("/db:review FILE [WHAT]", "Review a file")
    assert made.run("a.py races", desk()).ops == (Prompt("Review `a.py` for races."),)


@pytest.mark.parametrize("text", ["# Review\n\nall of it", "---\nx\n---\n# Review\n"])
def test_without_a_description_the_first_line_is_one(text: str) -> None:
    made = command("review", text, "")

    assert made.summary == "Review"


@pytest.mark.parametrize(
    "name", ["", "Review", "a b", "../x", "a:", ":a", "-x", "a/b", "x\x1b", "a" * 41]
)
def test_a_name_that_cannot_be_typed_makes_no_command(name: str) -> None:
    assert "its name is to be of a-z" in command(name, "text", "").unusable


@pytest.mark.parametrize(
    ("body", "argument", "text"),
    [
        ("do it", "", "do it"),
        ("do it", "now", "do it\n\nnow"),
        ("do $ARGUMENTS.", "a b", "do a b."),
        ("$1 and $2 and $3", "a 'b c'", "a and b c and "),
        ("$1", "don't worry", "don't"),
        ("$1 $ARGUMENTS", "$2 x", "$2 $2 x"),
        ("$10 and $ARGUMENTSX", "x", "$10 and $ARGUMENTSX\n\nx"),
    ],
)
def test_what_was_typed_is_put_in_its_places(
    body: str, argument: str, text: str
) -> None:
    assert filled(body, argument) == text
