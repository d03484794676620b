from __future__ import annotations

from collections.abc import Callable

import pytest

from spark_cli.commands.command import Answer, Desk, Diff, Problem, Rows, Shown, Text
from spark_cli.commands.nearest import nearest
from spark_cli.commands.registry import COMMANDS, answer, find, is_command
from spark_cli.core.effects import Approval
from spark_cli.core.ids import CheckpointId
from spark_cli.core.ops import Clear, Configure, Redo, Undo


def desk(
    diff: Callable[[], str] = str, checkpoints: Callable[[], list[str]] = list
) -> Desk:
    return Desk(
        model="big-1",
        provider="local",
        approval=Approval.ASK,
        facts=(("session", "0abc"), ("branch", "")),
        status=lambda: [("endpoint", "ws://[::1]")],
        session_diff=diff,
        models=lambda: ["big-1", "small_2"],
        keys=[("Esc", "stop")],
        checkpoints=checkpoints,
    )


def comes_to(line: str) -> Answer:
    result = answer(line, desk())
    assert result is not None
    return result


def looked_up(line: str, at: Desk) -> Shown:
    result = answer(line, at)
    assert result is not None
    assert result.looked_up is not None
    return result.looked_up()


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
        ("/model small_2", Answer(ops=(Configure(model="small_2"),))),
        ("/MODEL small_2 ", Answer(ops=(Configure(model="small_2"),))),
        ("/approval full-auto", Answer(ops=(Configure(approval=Approval.FULL_AUTO),))),
        (
            "/permissions Auto_Edit",
            Answer(ops=(Configure(approval=Approval.AUTO_EDIT),)),
        ),
        ("/quit", Answer(leave=True)),
        ("/exit", Answer(leave=True)),
        ("/q", Answer(leave=True)),
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
                "there is no approval mode `full-aut`",
                "did you mean `/approval full-auto`?",
            ),
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
        ("/model a b", Problem("a model's name has no blanks: `a b`", "/model NAME")),
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


def test_every_name_finds_one_command() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]

    assert len(names) == len(set(names))
    assert [find(name) for name in ("exit", "HELP")] == [find("quit"), find("help")]


def test_status_tells_what_is_known_and_leaves_out_what_is_not() -> None:
    shown = looked_up("/status", desk())

    assert shown == Rows(
        [
            ("model", "big-1"),
            ("provider", "local"),
            ("approval", "ask"),
            ("session", "0abc"),
            ("endpoint", "ws://[::1]"),
        ]
    )


def test_diff_is_the_change_of_the_session() -> None:
    assert looked_up("/diff", desk(lambda: "--- a\n+++ b\n")) == Diff("--- a\n+++ b\n")
    assert looked_up("/diff", desk()) == Text("Nothing was changed so far.")


def test_model_lists_the_models_with_the_current_one_first() -> None:
    shown = looked_up("/model", desk())

    assert isinstance(shown, Text)
    assert shown.markdown.split("\n")[:2] == ["- **big-1** (now)", "- small\\_2"]


def test_approval_without_a_mode_explains_them() -> None:
    shown = comes_to("/approval").shown

    assert isinstance(shown, Text)
    assert "**ask** (now)" in shown.markdown
    assert all(mode.value in shown.markdown for mode in Approval)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stat", "status"), ("hlep", "help"), ("q1w2e3", None), ("", None)],
)
def test_the_nearest_name_is_suggested_if_one_is_near(
    typed: str, meant: str | None
) -> None:
    assert nearest(typed, ["status", "help", "diff"]) == meant


def test_the_checkpoints_are_listed_as_they_are() -> None:
    rows = ["0f  3 s  +1 -2  patch *a*"]

    shown = looked_up("/checkpoints", desk(checkpoints=lambda: rows))

    assert isinstance(shown, Text)
    assert "patch \\*a\\*" in shown.markdown
    assert looked_up("/checkpoints", desk()) == Text("Nothing was changed so far.")


def test_a_redo_takes_no_number() -> None:
    assert isinstance(comes_to("/redo 2").shown, Problem)
