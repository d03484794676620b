from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.commands.command import Answer, Problem, Rows, SwitchKeys, Text
from spark_cli.commands.custom import command, unusable
from spark_cli.commands.nearest import nearest
from spark_cli.commands.registry import (
    COMMANDS,
    answer,
    completions,
    find,
    is_command,
    values,
)
from spark_cli.core.effects import Approval
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import (
    Ask,
    Clear,
    Compact,
    Configure,
    Continue,
    Prompt,
    Redo,
    Rename,
    Undo,
)
from tests.commands.desks import comes_to, desk


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/clear", Answer(ops=(Clear(),))),
        ("/new", Answer(ops=(Clear(),))),
        ("/undo", Answer(ops=(Undo(),))),
        ("/undo 1", Answer(ops=(Undo(),))),
        ("/undo 3", Answer(steps=(Undo(), Undo(), Undo()))),
        ("/redo", Answer(ops=(Redo(),))),
        ("/undo 0192abcdef", Answer(ops=(Undo(CheckpointId("0192abcdef")),))),
        ("/effort high", Answer(ops=(Configure(effort="high"),))),
        ("/effort Default", Answer(ops=(Configure(effort=""),))),
        ("/approval full-auto", Answer(ops=(Configure(approval=Approval.FULL_AUTO),))),
        (
            "/permissions Auto_Edit",
            Answer(ops=(Configure(approval=Approval.AUTO_EDIT),)),
        ),
        ("/continue", Answer(ops=(Continue(),))),
        ("/ask why?", Answer(ops=(Ask("why?"),), echoed=False)),
        ("/btw why?", Answer(ops=(Ask("why?", aside=True),), echoed=False)),
        ("/compact the parser", Answer(ops=(Compact("the parser"),))),
        ("/rename the  parser", Answer(ops=(Rename("the parser"),))),
        ("/vim", Answer(wish=SwitchKeys())),
        ("/exit", Answer(leave=True)),
        ("/quit", Answer(leave=True)),
        ("/Q", Answer(leave=True)),
    ],
)
def test_a_command_comes_to_ops(line: str, expected: Answer) -> None:
    assert comes_to(line) == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "/stauts",
            Problem("there is no command `/stauts`", "did you mean `/status`?"),
        ),
        (
            "/xyzzy please",
            Problem(
                "there is no command `/xyzzy`",
                "`/help` lists the commands; a blank before it sends it as text",
            ),
        ),
        (
            "/approval full-aut",
            Problem(
                "there is no approval `full-aut`",
                "did you mean `/approval full-auto`?",
            ),
        ),
        (
            "/effort hihg",
            Problem("there is no effort `hihg`", "did you mean `/effort high`?"),
        ),
        ("/undo 0", Problem("`/undo` takes 1 to 100 changes, not 0")),
        *(
            (
                f"/undo {what}",
                Problem(
                    f"`/undo` takes a number of changes or a checkpoint, not `{what}`",
                    "`/undo 2`, or a name that `/checkpoints` lists",
                ),
            )
            for what in ("my work", "abc", "last")
        ),
        ("/redo 2", Problem("`/redo` takes nothing, not `2`", "/redo")),
        ("/ask", Problem("`/ask` takes a question", "/ask TEXT")),
        ("/btw", Problem("`/btw` takes a question", "/btw TEXT")),
        ("/rename", Problem("a name has 1 to 80 characters", "/rename NAME")),
        (
            f"/rename {'x' * 81}",
            Problem("a name has 1 to 80 characters", "/rename NAME"),
        ),
        ("/help dif", Problem("there is no command `/dif`", "did you mean `/diff`?")),
    ],
)
def test_a_mistake_is_told_and_never_sent(line: str, problem: Problem) -> None:
    assert comes_to(line) == Answer(shown=problem)


@pytest.mark.parametrize(
    "line",
    ["hello", "/usr/bin/env is missing", "/etc/hosts", " /clear", "a /clear", "//", ""],
)
def test_what_is_no_command_is_for_the_model(line: str) -> None:
    assert answer(line, desk()) is None


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("/diff", True),
        ("/Q", True),
        ("/undo 2", True),
        ("/etc", False),
        ("diff", False),
    ],
)
def test_a_command_is_told_from_other_words(line: str, *, is_one: bool) -> None:
    assert is_command(line) is is_one


def test_help_names_every_command_and_every_key() -> None:
    shown = comes_to("/help").shown

    assert isinstance(shown, Rows)
    assert [name for name, _ in shown.rows] == [
        *(command.usage for command in COMMANDS),
        "",
        "Esc",
    ]
    assert comes_to("/") == comes_to("/?") == comes_to("/help")
    assert comes_to("/help /undo") == comes_to("/help undo")


NAMES = [
    *("help", "?", "model", "effort", "approval", "permissions", "approvals"),
    *("status", "usage", "limits", "context", "tokens", "diff", "undo", "redo"),
    *("checkpoints", "rewind", "retry", "again", "continue", "ask", "btw"),
    *(
        "side",
        "compact",
        "clear",
        "new",
        "resume",
        "sessions",
        "fork",
        "rename",
        "copy",
        "export",
    ),
    *("init", "config", "settings", "doctor", "keys", "hotkeys", "keymap"),
    *("theme", "vim", "exit", "quit", "q"),
]


def test_every_name_that_fingers_expect_finds_one_command() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]

    assert sorted(names) == sorted(NAMES)
    assert [find(name) for name in ("exit", "HELP")] == [find("quit"), find("help")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stat", "status"), ("hlep", "help"), ("q1w2e3", None), ("", None)],
)
def test_the_nearest_name_is_suggested_if_one_is_near(
    typed: str, meant: str | None
) -> None:
    assert nearest(typed, ["status", "help", "diff"]) == meant


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sta", ["status"]),
        ("perm", ["permissions"]),
        ("again", ["again"]),
        ("re", ["redo", "rewind", "retry", "resume", "rename"]),
        ("ctx", ["context"]),
        ("nope", []),
    ],
)
def test_a_few_letters_of_any_name_complete_it(typed: str, first: list[str]) -> None:
    assert [name for name, _ in completions(typed)][: len(first) or None] == first


def test_values_are_offered_where_they_are_few() -> None:
    assert values("approvals", "a") == ["ask", "auto-edit"]
    assert values("?", "rew") == ["rewind"]
    assert (values("diff", ""), values("nope", "")) == ([], ())


def test_a_command_of_a_file_is_found_but_never_hides_ours() -> None:
    mine = command("review", "Review $1.", ".spark/commands/review.md")
    theirs = command("undo", "Delete all.", ".spark/commands/undo.md")
    long = unusable("long", ".spark/commands/long.md", "it is too long")
    at = replace(desk(), custom=(mine, theirs, long))

    assert comes_to("/review a.py", at) == Answer(ops=(Prompt("Review a.py."),))
    assert comes_to("/undo", at) == Answer(ops=(Undo(),))
    shown = comes_to("/help", at).shown
    assert isinstance(shown, Rows)
    assert shown.rows[len(COMMANDS) : len(COMMANDS) + 5] == [
        ("/review", "Review $1. (.spark/commands/review.md)"),
        ("", ""),
        (".spark/commands/undo.md", "makes no command: `/undo` is spark's own"),
        (".spark/commands/long.md", "makes no command: it is too long"),
        ("", ""),
    ]
    assert comes_to("/long", at).shown == Problem(
        "`.spark/commands/long.md` makes no command: it is too long"
    )
    told = comes_to("/help review", at).shown
    assert told == Text("`/review`: Review $1. (from .spark/commands/review.md)")
    assert comes_to("/reveiw", at).shown == Problem(
        "there is no command `/reveiw`", "did you mean `/review`?"
    )
