from __future__ import annotations

import pytest

from spark_cli.repl.composer import Draft
from spark_cli.repl.lines import columns_of_line, plain
from spark_cli.repl.queue import Queue


def queue(*texts: str) -> Queue:
    made = Queue()
    for text in texts:
        made.add(Draft.of(text))
    return made


def test_what_was_queued_goes_out_in_order() -> None:
    made = queue("one", "two")

    assert [made.next(), made.next(), made.next()] == [
        Draft.of("one"),
        Draft.of("two"),
        None,
    ]


def test_a_queue_that_is_held_waits_until_it_is_released() -> None:
    made = queue("one")
    made.hold()
    assert (made.held, made.next()) == (True, None)

    made.release()
    assert made.next() == Draft.of("one")


def test_who_queues_anew_wants_it_to_go_on() -> None:
    made = queue("one")
    made.hold()

    made.add(Draft.of("two"))

    assert made.next() == Draft.of("one")


def test_the_last_one_is_taken_back_and_all_can_be_dropped() -> None:
    made = queue("one", "two")
    made.hold()

    assert made.recall() == Draft.of("two")
    assert made.held
    made.empty()
    assert (made.recall(), len(made), made.held) == (None, 0, False)


def test_an_empty_queue_is_not_held_and_not_shown() -> None:
    made = queue()
    made.hold()

    assert (made.held, made.lines(80)) == (False, [])


def test_it_is_shown_with_what_can_be_done() -> None:
    made = queue("fix\n  it", "two", "three", "four\x1b[2J")
    made.hold()

    assert [plain(line) for line in made.lines(80)] == [
        "queued fix it",
        "queued two",
        "queued three",
        "  and 1 more; held: Enter sends the next; Up edits the last, Ctrl-U drops all",
    ]


@pytest.mark.parametrize("columns", [10, 40, 80])
def test_each_is_one_row_in_any_window(columns: int) -> None:
    made = queue("wide 漢字 " * 40, "two")

    assert all(columns_of_line(line) < columns for line in made.lines(columns))
