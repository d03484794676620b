from __future__ import annotations

import io

from spark_cli.core.effects import Effect
from spark_cli.core.events import (
    CheckpointMade,
    Event,
    ItemCompleted,
    Level,
    Notice,
    TextDelta,
    ToolStarted,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId
from spark_cli.core.items import AgentMessage, ToolOutput
from spark_cli.headless.run import Result
from spark_cli.headless.text import Text

A, B = ItemId("a"), ItemId("b")
NOON: list[Event] = [
    TextDelta(A, "no"),
    TextDelta(A, "on"),
    ItemCompleted(AgentMessage(A, "noon")),
]
LOOKED = ToolStarted(CallId("c"), "read_file", "read a.py", Effect.READ)
CHANGED = CheckpointMade(CheckpointId("c1"), ("a.py", "b.py"), 3, 1, "diff")


def shown(*events: Event, quiet: bool = False, raw: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    face = Text(out, err, quiet=quiet, raw=raw)
    for event in events:
        face.show(event)
    face.end(Result(0))
    return out.getvalue(), err.getvalue()


def test_what_is_said_goes_to_stdout_and_ends_in_a_newline() -> None:
    assert shown(*NOON) == ("noon\n", "")


def test_a_message_that_came_without_deltas_is_said_whole() -> None:
    assert shown(ItemCompleted(AgentMessage(A, "noon"))) == ("noon\n", "")


def test_a_message_that_is_done_out_of_order_is_said_once() -> None:
    events = [TextDelta(A, "one"), TextDelta(B, "two")]
    done = [
        ItemCompleted(AgentMessage(B, "two")),
        ItemCompleted(AgentMessage(A, "one")),
    ]

    assert shown(*events, *done)[0] == "one\n\ntwo\n"


def test_messages_are_paragraphs_and_tools_are_told_on_stderr() -> None:
    out, err = shown(*NOON, LOOKED, ItemCompleted(AgentMessage(B, "later")))

    assert out == "noon\n\nlater\n"
    assert err == "- read a.py\n"


def test_a_change_is_told_in_a_line() -> None:
    assert shown(CHANGED)[1] == "- changed 2 files (+3 -1): a.py, b.py\n"


def test_what_was_not_done_is_told_with_its_first_line() -> None:
    refused = ToolOutput(ItemId("o"), CallId("c"), "no such file\nmore", ok=False)

    assert shown(ItemCompleted(refused))[1] == "- no such file\n"


def test_quiet_leaves_warnings_only() -> None:
    warning = Notice(Level.WARNING, "the socket is gone", "using SSE")

    assert shown(*NOON, LOOKED, CHANGED, warning, quiet=True) == (
        "noon\n",
        "warning: the socket is gone (using SSE)\n",
    )


def test_quiet_prints_the_last_message_alone() -> None:
    later = ItemCompleted(AgentMessage(B, "later"))

    assert shown(*NOON, later, quiet=True)[0] == "later\n"


def test_no_model_text_can_drive_the_terminal() -> None:
    evil = "\x1b]52;c;aGk=\x07"
    out, err = shown(
        TextDelta(A, evil), ToolStarted(CallId("c"), "shell", evil, Effect.RUN)
    )

    assert "\x1b" not in out + err
    assert shown(TextDelta(A, evil), raw=True)[0] == f"{evil}\n"
