from __future__ import annotations

from dataclasses import replace

import pytest

from spark_cli.commands.command import Answer, Choice, Choices, Problem, Rows, Text
from spark_cli.commands.lookups import Earlier, Lookups
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Renamed
from spark_cli.core.ids import ItemId
from tests.commands.desks import desk, looked_up, refused, user


def test_status_tells_what_is_known_and_leaves_out_what_is_not() -> None:
    look = Lookups(status=lambda: [("endpoint", "ws://[::1]"), ("branch", "")])

    shown = looked_up("/status", desk(look, Renamed("the parser")))

    assert shown == Rows(
        [
            ("model", "big-1"),
            ("provider", "local"),
            ("approval", "ask"),
            ("name", "the parser"),
            ("session", "0abc"),
            ("endpoint", "ws://[::1]"),
        ]
    )


def test_the_sessions_of_the_folder_are_offered() -> None:
    earlier = [Earlier("0def", "3 d", "fix it", 1), Earlier("0123", "4 d", "", None)]

    assert looked_up("/resume", desk(Lookups(sessions=lambda: earlier))) == Choices(
        "go on with which session?",
        [
            Choice("fix it", "3 d, 1 turn", "/resume 0def"),
            Choice("0123", "4 d", "/resume 0123"),
        ],
    )
    assert looked_up("/sessions", desk()) == Text(
        "There is no other session of this folder."
    )


def test_a_session_is_left_for_the_one_that_was_chosen() -> None:
    chosen: list[str] = []

    comes = looked_up("/resume 0def", desk(Lookups(resume=chosen.append)))

    assert (comes, chosen) == (Answer(leave=True), ["0def"])


def test_a_session_that_cannot_be_gone_on_with_is_no_reason_to_leave() -> None:
    def resume(prefix: str) -> None:
        raise SparkError(f"there is no session `{prefix}`")

    with pytest.raises(SparkError, match="no session `nope`"):
        looked_up("/resume nope", desk(Lookups(resume=resume)))


def test_a_fork_begins_here_or_before_a_message() -> None:
    forks: list[ItemId | None] = []
    at = desk(Lookups(fork=forks.append), user(1, "one"), user(2, "two"))

    assert looked_up("/fork", at) == looked_up("/fork 2", at) == Answer(leave=True)
    assert forks == [None, ItemId("u2")]
    assert refused("/fork 3", at) == Problem(
        "there is no message `3`", "they go from 1 to 2"
    )


def test_numbers_that_are_no_numbers_are_no_messages() -> None:
    at = replace(desk(None, user(1, "one")))

    assert refused(f"/fork {'9' * 5000}", at).hint == "they go from 1 to 1"
