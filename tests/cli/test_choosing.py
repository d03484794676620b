from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from spark_cli.cli.choosing import chosen
from spark_cli.core.errors import SparkError, UsageError
from spark_cli.core.events import ItemCompleted
from spark_cli.core.ids import ItemId, SessionId
from spark_cli.core.items import UserMessage
from spark_cli.store.journal import Header, Journal
from spark_cli.store.sessions import Sessions


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    made = Sessions(tmp_path)
    for age, (name, root) in enumerate(
        [("old1", "/here"), ("new1", "/here"), ("else", "/there")]
    ):
        journal = Journal(made.path(SessionId(name)))
        journal.begin(Header(SessionId(name), root, 0))
        said = UserMessage(ItemId("u"), f"words of\n{name}\x1b[31m")
        journal.record(ItemCompleted(said))
        journal.close()
        os.utime(made.path(SessionId(name)), (1000 + age, 1000 + age))
    return made


@pytest.mark.parametrize(("typed", "id_"), [("\n", "new1"), ("2\n", "old1")])
def test_the_user_picks_from_a_list_of_this_folder(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, typed: str, id_: str
) -> None:
    shown = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", shown)

    assert chosen(sessions, Path("/here")) == id_
    assert "words of new1" in shown.getvalue()
    assert "\x1b" not in shown.getvalue()
    assert "else" not in shown.getvalue()


def test_where_nobody_can_be_asked_the_newest_are_named(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(UsageError, match="`new1`, `old1`"):
        chosen(sessions, Path("/here"))


def test_a_number_that_is_not_in_the_list_is_refused(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("7\n"))
    monkeypatch.setattr("sys.stderr", Terminal())

    with pytest.raises(UsageError, match="number `7`"):
        chosen(sessions, Path("/here"))


def test_a_folder_without_sessions_says_so(sessions: Sessions) -> None:
    with pytest.raises(SparkError, match="no session to continue"):
        chosen(sessions, Path("/nowhere"))
