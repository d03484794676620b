from __future__ import annotations

import io
import json

from spark_cli.core.effects import Approval
from spark_cli.core.events import (
    CheckpointMade,
    Configured,
    Event,
    ItemCompleted,
    Level,
    Notice,
    ReplyEnded,
    TextDelta,
    TurnEnded,
    TurnStatus,
)
from spark_cli.core.ids import CheckpointId, ItemId, TurnId
from spark_cli.core.items import AgentMessage
from spark_cli.core.usage import Usage
from spark_cli.headless.jsonl import Lines, Whole
from spark_cli.headless.run import Result

EVENTS: list[Event] = [
    Configured("gpt", "demo", Approval.ASK),
    TextDelta(ItemId("a"), "\x1b[31mnoon"),
    ItemCompleted(AgentMessage(ItemId("a"), "\x1b[31mnoon")),
    CheckpointMade(CheckpointId("c1"), ("a.py",), 1, 0, "diff"),
    ReplyEnded("r", "completed", Usage(9, 0, 3), "websocket", 10, 20, 0.1, 0.2),
    TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage(9, 0, 3)),
]
FAILED = Result(75, Notice(Level.ERROR, "no answer", "try again"))


def test_stream_json_is_a_line_an_event_and_a_result() -> None:
    out = io.StringIO()
    face = Lines(out, "s1", lambda: 1.5)
    for event in EVENTS:
        face.show(event)
    face.end(FAILED)

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0] == {"type": "session", "v": 1, "session": "s1", "at": 1500}
    assert [line["type"] for line in lines[1:-1]] == [
        "configured",
        "text_delta",
        "item_completed",
        "checkpoint_made",
        "reply_ended",
        "turn_ended",
    ]
    assert lines[-1] == {
        "type": "result",
        "exit_code": 75,
        "error": {"message": "no answer", "hint": "try again"},
        "at": 1500,
    }


def test_json_is_one_object_with_the_answer_the_changes_and_the_cost() -> None:
    out = io.StringIO()
    face = Whole(out, "s1")
    for event in EVENTS:
        face.show(event)
    face.end(Result(0))

    value = json.loads(out.getvalue())
    assert out.getvalue().count("\n") == 1
    assert (value["v"], value["session"], value["model"]) == (1, "s1", "gpt")
    assert (value["status"], value["exit_code"], value["error"]) == (
        "completed",
        0,
        None,
    )
    assert value["text"] == "\x1b[31mnoon"
    assert value["changes"][0]["files"] == ["a.py"]
    assert value["usage"]["output_tokens"] == 3
    assert value["figures"]["transport"] == "websocket"


def test_control_characters_are_escaped_in_json() -> None:
    out = io.StringIO()
    face = Lines(out, "s1")
    face.show(EVENTS[1])

    assert "\x1b" not in out.getvalue()
