from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory

from spark_cli.repl.complete import SlashCompleter
from spark_cli.repl.composer import Composer
from spark_cli.repl.history import open_history

LONG = "\n".join(f"line {n}" for n in range(500))


@pytest.fixture
def history() -> InMemoryHistory:
    return InMemoryHistory()


@pytest.fixture
def composer(history: InMemoryHistory) -> Composer:
    return Composer(history, SlashCompleter())


def test_a_long_paste_is_folded_and_sent_in_full(composer: Composer) -> None:
    composer.buffer.insert_text("see ")
    composer.paste(LONG.replace("\n", "\r\n"))
    composer.buffer.insert_text(" ok?")

    assert composer.text == "see [paste 1: 500 lines] ok?"
    assert composer.take() == f"see {LONG} ok?"
    assert composer.text == ""


def test_a_short_paste_is_text(composer: Composer) -> None:
    composer.paste("a\rb\r\nc")

    assert composer.text == "a\nb\nc"


def test_a_very_long_line_is_folded_too(composer: Composer) -> None:
    composer.paste("x" * 3000)

    assert composer.text == "[paste 1: 3,000 characters]"


def test_a_folded_paste_is_deleted_as_one(composer: Composer) -> None:
    composer.paste(LONG)
    composer.paste(LONG)

    composer.erase_folded()

    assert composer.text == "[paste 1: 500 lines]"


def test_an_editor_sees_pastes_in_full(composer: Composer) -> None:
    composer.paste(LONG)

    composer.unfold()

    assert composer.text == LONG
    assert composer.folded_before_cursor() == ""


def test_a_cleared_draft_is_in_the_history(
    composer: Composer, history: InMemoryHistory
) -> None:
    composer.buffer.insert_text("half a thought")

    composer.clear()

    assert history.get_strings() == ["half a thought"]


def test_a_backslash_before_the_cursor_becomes_a_new_line(composer: Composer) -> None:
    composer.buffer.insert_text("a\\")

    composer.break_line()

    assert composer.text == "a\n"


@pytest.mark.parametrize(
    ("text", "rows"), [("", 1), ("a\nb", 2), ("x" * 20, 3), ("a\n" * 50, 6)]
)
def test_the_rows_of_a_draft_are_counted(
    composer: Composer, text: str, rows: int
) -> None:
    composer.buffer.insert_text(text)

    assert composer.rows(columns=10, most=6) == rows


def test_a_history_file_is_private_and_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"

    open_history(path).append_string("fix the bug")

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (
        0o600,
        0o700,
    )
    assert list(open_history(path).load_history_strings()) == ["fix the bug"]


def test_a_history_that_cannot_be_kept_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = open_history(tmp_path / "file" / "history")

    history.append_string("x")

    assert history.get_strings() == ["x"]


def test_a_history_that_is_lost_on_the_way_costs_the_record_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state" / "history"
    history = open_history(path)
    path.unlink()
    path.mkdir()

    history.append_string("x")

    assert history.get_strings() == ["x"]
    assert list(history.load_history_strings()) == []


@pytest.mark.parametrize("end", ["", "\n", "\r", "\r\n"])
def test_a_line_end_at_the_end_is_no_line_more(composer: Composer, end: str) -> None:
    composer.paste(LONG + end)

    assert composer.text == "[paste 1: 500 lines]"


def test_a_long_line_of_the_past_comes_back_folded(
    composer: Composer, history: InMemoryHistory
) -> None:
    history.append_string(f"see this:\n{LONG}")
    history.append_string("x" * 3000)

    composer.buffer.text = history.get_strings()[0]
    assert composer.text == "see this:\n[paste 1: 500 lines]"
    assert composer.take() == f"see this:\n{LONG}"

    composer.buffer.text = history.get_strings()[1]
    assert composer.text == "[paste 1: 3,000 characters]"
    composer.unfold()
    assert composer.text == "x" * 3000


def test_a_paste_is_not_typing(composer: Composer) -> None:
    typed: list[str] = []
    composer.buffer.on_text_insert += lambda buffer: typed.append(buffer.text)

    composer.paste("y")

    assert (composer.text, typed) == ("y", [])


def test_a_line_can_be_forgotten(composer: Composer, history: InMemoryHistory) -> None:
    composer.buffer.insert_text("yes")

    composer.forget()

    assert (composer.text, history.get_strings()) == ("", [])
