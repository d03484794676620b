from __future__ import annotations

from pathlib import Path

import pytest

from spark_cli.core.effects import Approval
from spark_cli.core.errors import SparkError
from spark_cli.core.events import Configured, TurnStarted
from spark_cli.core.ids import SessionId, TurnId
from spark_cli.store.journal import Header
from spark_cli.store.record import Record
from spark_cli.store.replay import replay
from spark_cli.store.sessions import Sessions

HEADER = Header(SessionId("s1"), "/repo", 0)
CONFIGURED = Configured("model", "demo", Approval.ASK)


def test_a_session_without_a_turn_leaves_no_file(tmp_path: Path) -> None:
    record = Record(Sessions(tmp_path), HEADER)

    record.see(CONFIGURED)
    record.close()

    assert not record.begun
    assert list(tmp_path.iterdir()) == []


def test_what_came_before_the_first_turn_is_written_with_it(tmp_path: Path) -> None:
    record = Record(Sessions(tmp_path), HEADER)

    record.see(CONFIGURED)
    record.see(TurnStarted(TurnId("t")))
    record.close()

    past = replay(tmp_path / "s1.jsonl")
    assert past.events == [CONFIGURED, TurnStarted(TurnId("t"))]


def test_a_resumed_session_is_locked_and_written_at_once(tmp_path: Path) -> None:
    first = Record(Sessions(tmp_path), HEADER)
    first.see(TurnStarted(TurnId("t")))

    with pytest.raises(SparkError, match="open in another spark"):
        Record(Sessions(tmp_path), HEADER)

    first.close()
    again = Record(Sessions(tmp_path), HEADER)
    again.see(CONFIGURED)
    again.close()
    assert replay(tmp_path / "s1.jsonl").configured == CONFIGURED
