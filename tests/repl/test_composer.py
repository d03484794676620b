from __future__ import annotations

from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import TransformationInput

from spark_cli.repl.complete import SlashCompleter
from spark_cli.repl.composer import Composer, Draft, Labels
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

    draft = composer.take()

    assert draft.shown == "see [pasted 500 lines] ok?"
    assert (draft.text, draft.typed) == (f"see {LONG} ok?", "see   ok?")
    assert composer.text == ""


def test_a_short_paste_is_text(composer: Composer) -> None:
    composer.paste("a\rb\r\nc")

    assert composer.text == "a\nb\nc"


def test_a_very_long_line_is_folded_too(composer: Composer) -> None:
    composer.paste("x" * 3000)

    assert composer.draft.shown == "[pasted 3,000 characters]"


def test_a_folded_paste_is_one_place_for_every_key(composer: Composer) -> None:
    composer.paste(LONG)
    composer.buffer.insert_text(" and ")
    composer.paste("x" * 3000)
    assert composer.draft.shown == "[pasted 500 lines] and [pasted 3,000 characters]"

    killed = composer.buffer.delete_before_cursor()
    assert composer.draft.shown == "[pasted 500 lines] and "

    composer.buffer.cursor_position = 0
    composer.buffer.insert_text(killed)
    composer.buffer.insert_text(": ")
    assert composer.draft.text == "x" * 3000 + f": {LONG} and "


def test_what_was_killed_can_be_yanked_into_a_later_line(composer: Composer) -> None:
    composer.paste(LONG)
    killed = composer.buffer.delete_before_cursor()
    composer.take()

    composer.buffer.insert_text(killed)

    assert composer.draft.text == LONG


def test_a_paste_cannot_pretend_to_be_another(composer: Composer) -> None:
    composer.paste(LONG)
    composer.paste("\U00100000")

    assert composer.draft.text == f"{LONG}\N{REPLACEMENT CHARACTER}"


def test_a_line_that_was_taken_can_be_written_again(composer: Composer) -> None:
    composer.buffer.insert_text("see ")
    composer.paste(LONG)
    draft = composer.take()

    composer.put(draft)
    assert composer.draft == draft

    composer.restore(Draft.of("something else"))
    assert composer.draft == draft


@pytest.mark.parametrize(
    ("source", "shown"), [(0, 0), (1, 1), (2, 19), (3, 20), (4, 21)]
)
def test_the_cursor_stands_where_the_label_does(
    composer: Composer, source: int, shown: int
) -> None:
    composer.buffer.insert_text("a")
    composer.paste(LONG)
    composer.buffer.insert_text("b")
    told = TransformationInput(
        BufferControl(composer.buffer),
        composer.buffer.document,
        0,
        lambda at: at,
        [("", composer.text)],
        80,
        24,
    )

    made = Labels(composer).apply_transformation(told)

    assert "".join(part[1] for part in made.fragments) == "a[pasted 500 lines]b"
    assert made.source_to_display(source) == shown
    assert made.display_to_source(shown) == min(source, 3)


def test_an_editor_sees_pastes_in_full(composer: Composer) -> None:
    composer.paste(LONG)

    composer.unfold()

    assert composer.text == LONG


def test_a_cleared_draft_is_in_the_history(
    composer: Composer, history: InMemoryHistory
) -> None:
    composer.buffer.insert_text("half a thought")

    composer.clear()

    assert history.get_strings() == ["half a thought"]


def test_a_draft_that_the_history_was_browsed_from_is_not_lost(
    composer: Composer, history: InMemoryHistory
) -> None:
    composer.buffer._working_lines.appendleft("said before")
    composer.buffer.working_index = 1
    composer.buffer.insert_text("half a thought")
    composer.buffer.history_backward()

    assert composer.take().text == "said before"

    assert history.get_strings() == ["said before", "half a thought"]


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

    assert composer.draft.shown == "[pasted 500 lines]"


def test_a_long_line_of_the_past_comes_back_folded(
    composer: Composer, history: InMemoryHistory
) -> None:
    history.append_string(f"see this:\n{LONG}")
    history.append_string("x" * 3000)

    composer.buffer.text = history.get_strings()[0]
    assert composer.draft.shown == "see this:\n[pasted 500 lines]"
    assert composer.take().text == f"see this:\n{LONG}"

    composer.buffer.text = history.get_strings()[1]
    assert composer.draft.shown == "[pasted 3,000 characters]"
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
