from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.core.events import (
    CheckpointMade,
    Cleared,
    Compacted,
    Configured,
    Event,
    ItemCompleted,
    Renamed,
    Rewound,
    TextDelta,
    TurnEnded,
    TurnStarted,
    TurnStatus,
)
from spark_cli.core.ids import CallId, CheckpointId, ItemId, SessionId, TurnId
from spark_cli.core.items import (
    AgentMessage,
    Item,
    Note,
    ToolCall,
    ToolOutput,
    UserMessage,
)
from spark_cli.core.usage import Usage
from spark_cli.store.journal import Header, Journal
from spark_cli.store.replay import LOST, replay

HEADER = Header(SessionId("s1"), "/repo", 0)
ASKED = ItemCompleted(UserMessage(ItemId("u"), "what time is it?"))
SAID = ItemCompleted(AgentMessage(ItemId("a"), "noon"))
CALLED = ItemCompleted(ToolCall(ItemId("c"), CallId("call"), "shell", "{}"))
ENDED = TurnEnded(TurnId("t"), TurnStatus.COMPLETED, Usage())


def written(path: Path, *events: Event, clock: Callable[[], float] = lambda: 0) -> None:
    journal = Journal(path, clock)
    journal.begin(HEADER)
    for event in events:
        journal.record(event)
    journal.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_event_is_in_the_file_before_record_returns(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    journal = Journal(path)
    journal.begin(HEADER)

    journal.record(ASKED)

    assert [line["type"] for line in lines(path)] == ["session", "item_completed"]
    journal.close()


def test_a_journal_is_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "sessions" / "s1.jsonl"
    written(path, ASKED)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_deltas_are_merged_until_something_else_comes(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    pieces = [TextDelta(ItemId("a"), text) for text in ("no", "o", "n")]

    written(path, *pieces, SAID)

    assert [line.get("text") for line in lines(path)[1:2]] == ["noon"]
    assert len(lines(path)) == 3


def test_deltas_do_not_wait_longer_than_their_delay(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    times = iter([0.0, 0.05, 0.11, 0.11])
    journal = Journal(path, lambda: next(times))

    for text in ("a", "b", "c"):
        journal.record(TextDelta(ItemId("a"), text))

    assert sum(line.get("text") == "abc" for line in lines(path)) == 1
    journal.close()


def test_two_processes_cannot_write_one_session(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    first = Journal(path)

    with pytest.raises(SparkError, match="`s1` is open in another spark"):
        Journal(path)

    first.close()
    Journal(path).close()


def test_a_journal_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SparkError, match="cannot open the session's journal"):
        Journal(tmp_path / "file" / "s1.jsonl")


def test_replay_gives_back_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    configured = Configured("model", "demo", Approval.ASK)
    delta = TextDelta(ItemId("a"), "noon")
    written(path, configured, TurnStarted(TurnId("t")), ASKED, delta, SAID, ENDED)

    past = replay(path)

    assert past.items == [ASKED.item, SAID.item]
    assert past.configured == configured
    assert past.events == [configured, TurnStarted(TurnId("t")), ASKED, SAID, ENDED]
    assert past.unreadable == 0


def test_what_a_killed_session_left_open_ends_before_what_came_next(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s1.jsonl"
    written(path, TurnStarted(TurnId("t")), ASKED, CALLED, TextDelta(ItemId("b"), "no"))
    written(path, TurnStarted(TurnId("t2")), ASKED, SAID, ENDED)

    items = replay(path).items

    assert items[2:4] == [
        AgentMessage(ItemId("b"), "no", complete=False),
        ToolOutput(ItemId("out_call"), CallId("call"), LOST, ok=False),
    ]
    assert items[4:] == [ASKED.item, SAID.item]
    assert items == replay(path).items


def test_an_output_without_its_call_is_not_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    orphan = ToolOutput(ItemId("o"), CallId("gone"), "done")
    written(path, ASKED, ItemCompleted(orphan))

    past = replay(path)

    assert (past.items, past.unreadable) == ([ASKED.item], 1)


def test_clearing_is_replayed(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    written(path, ASKED, Cleared(), SAID)

    assert replay(path).items == [SAID.item]


AGAIN = ItemCompleted(UserMessage(ItemId("u2"), "and now?"))
SAID2 = ItemCompleted(AgentMessage(ItemId("a2"), "still noon"))
STARTED = TurnStarted(TurnId("t"))
CHANGED = CheckpointMade(CheckpointId("c1"), ("a.py",), 1, 0, "")


def test_rewinding_is_replayed_and_what_it_did_to_files_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    first = (STARTED, ASKED, SAID, ENDED)
    later = (STARTED, AGAIN, CALLED, CHANGED, Renamed("clock"))
    other = ItemCompleted(UserMessage(ItemId("u3"), "never mind"))

    written(path, *first, *later, Rewound(ItemId("u2")), STARTED, other)
    past = replay(path)

    assert past.items == [ASKED.item, SAID.item, other.item]
    assert past.events == [*first, CHANGED, Renamed("clock"), STARTED, other]
    assert (past.open, past.unreadable) == ({}, 0)


def test_words_that_were_being_said_are_rewound_too(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"

    written(path, STARTED, ASKED, TextDelta(ItemId("a"), "no"), Rewound(ItemId("u")))

    assert replay(path).items == []


SUMMARY = Note(ItemId("s"), "[It is noon.]")


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        ("u2", [ASKED.item, SUMMARY, AGAIN.item, SAID2.item]),
        ("lost", [ASKED.item, AGAIN.item, SUMMARY]),
    ],
)
def test_a_compaction_is_replayed(tmp_path: Path, tail: str, kept: list[Item]) -> None:
    path = tmp_path / "s1.jsonl"
    answered = ItemCompleted(ToolOutput(ItemId("o"), CallId("call"), "noon"))

    first = (STARTED, ASKED, CALLED, answered, SAID, ENDED, STARTED, AGAIN, SAID2)
    written(path, *first, ENDED, Compacted(SUMMARY, ItemId(tail), 9, 5))
    past = replay(path)

    assert (past.items, past.open) == (kept, {})


def test_a_rewind_to_a_message_that_is_lost_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"

    written(path, ASKED, SAID, Rewound(ItemId("u7")))
    past = replay(path)

    assert (past.items, past.unreadable) == ([ASKED.item, SAID.item], 1)


def test_a_call_that_was_never_answered_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    written(path, ASKED, CALLED)

    output = replay(path).items[-1]

    assert isinstance(output, ToolOutput)
    assert (output.call, output.text, output.ok) == ("call", LOST, False)


def test_every_truncation_of_a_journal_can_be_resumed(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    delta = TextDelta(ItemId("a"), "no")
    later = (AGAIN, Rewound(ItemId("u2")), AGAIN, Compacted(SUMMARY, ItemId("u2")))
    written(path, ASKED, delta, CALLED, SAID, ENDED, *later)
    whole = path.read_bytes()

    for size in range(len(whole)):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(whole[:size])
        journal = Journal(torn)
        journal.begin(HEADER)
        journal.record(SAID)
        journal.close()
        past = replay(torn)
        assert past.items.count(SAID.item) >= 1
        made = sum(isinstance(one, ToolCall) for one in past.items)
        assert made == sum(isinstance(one, ToolOutput) for one in past.items)


def test_what_was_being_said_is_kept_as_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "s1.jsonl"
    written(path, ASKED, TextDelta(ItemId("a"), "no"))

    assert replay(path).items[-1] == AgentMessage(ItemId("a"), "no", complete=False)


@pytest.mark.parametrize(
    "line",
    [
        b"[]\n",
        b"5\n",
        b"nonsense\n",
        b'{"type":"sundial"}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\n",
    ],
)
def test_a_line_that_cannot_be_read_is_counted_and_passed_over(
    tmp_path: Path, line: bytes
) -> None:
    path = tmp_path / "s1.jsonl"
    written(path, ASKED)
    with path.open("ab") as file:
        file.write(line)

    past = replay(path)

    assert (past.items, past.unreadable) == ([ASKED.item], 1)
