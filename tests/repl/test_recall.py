from __future__ import annotations

import pytest

from spark_cli.core.effects import Approval, Effect
from spark_cli.core.events import (
    ApprovalRequested,
    CheckpointMade,
    Cleared,
    Configured,
    Event,
    ItemCompleted,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage, ToolOutput, UserMessage
from spark_cli.core.usage import Usage
from spark_cli.repl.lines import plain
from spark_cli.repl.phase import Phase
from spark_cli.repl.recall import recall
from spark_cli.repl.view import View

TURN, CALL = TurnId("t"), CallId("c")
CONFIGURED = Configured("m-1", "demo", Approval.ASK)
DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"
ASKED = ApprovalRequested(CALL, "patch a.py", Effect.EDIT, DIFF)


def turn(number: int, *between: Event) -> list[Event]:
    return [
        TurnStarted(TURN),
        ItemCompleted(UserMessage(ItemId("u"), f"ask {number}")),
        *between,
        ItemCompleted(AgentMessage(ItemId(f"{number}"), f"say {number}")),
        TurnEnded(TURN, TurnStatus.COMPLETED, Usage()),
    ]


def recalled(*past: Event) -> tuple[list[str], View]:
    view = View("m-1", "demo", Approval.ASK)
    recall(view, past)
    return [plain(line) for line in view.frame(20).settled], view


def test_the_last_turns_are_shown_and_the_rest_counted() -> None:
    past = [event for n in range(5) for event in turn(n)]

    printed, view = recalled(CONFIGURED, *past)

    assert printed == [
        *("> ask 2", "", "say 2", "", "> ask 3", "", "say 3", ""),
        *("> ask 4", "", "say 4", "", "(resumed; 5 prompts so far)"),
    ]
    assert view.phase is Phase.IDLE


def test_changes_and_commands_look_as_they_did() -> None:
    edit: list[Event] = [
        ToolStarted(CALL, "apply_patch", "patch a.py", Effect.EDIT),
        CheckpointMade(CheckpointId("1"), ("a.py",), 1, 1, DIFF),
        ItemCompleted(ToolOutput(ItemId("o"), CALL, "done")),
    ]
    run: list[Event] = [
        ToolStarted(CALL, "shell", "run ls", Effect.RUN),
        ItemCompleted(ToolOutput(ItemId("o"), CALL, "exit code 0\na.py")),
    ]

    printed, _ = recalled(*turn(0, *edit, *run))

    assert printed == [
        *("> ask 0", "", "a.py +1 -1", "    1 - x", "    1 + y", ""),
        "· changed a.py (1 file +1 -1; checkpoint 1, /undo)",
        *("· run ls", "  exit code 0", "  a.py", "", "say 0", ""),
        "(resumed; 1 prompt so far)",
    ]


def test_what_was_open_when_the_program_died_is_not_open_now() -> None:
    printed, view = recalled(*turn(0)[:2], ASKED)

    assert (view.question, view.running) == (None, False)
    assert printed[-3:] == ["(stopped)", "", "(resumed; 1 prompt so far)"]


@pytest.mark.parametrize("after", [[], turn(7)])
def test_what_was_cleared_is_not_shown(after: list[Event]) -> None:
    printed, _ = recalled(*turn(0), Cleared(), *after)

    assert ("> ask 7" in printed) is bool(after)
    assert "> ask 0" not in printed
    assert printed[-1].startswith(f"(resumed; {len(after) and 1} prompt")


def test_a_switch_is_told_only_if_it_was_in_what_is_shown() -> None:
    other = Configured("m-2", "demo", Approval.ASK)

    assert recalled(other, *turn(0))[0][0] == "> ask 0"
    assert recalled(other, *turn(0))[1].model == "m-2"
    switched, _ = recalled(CONFIGURED, *turn(0), other)
    assert "· m-2 on demo from here on" in switched


def test_a_session_without_a_past_shows_nothing() -> None:
    assert recalled()[0] == []
