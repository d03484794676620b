from __future__ import annotations

import pytest

from spark_cli.repl.keys import Intent, Situation, decide, listed, sequences
from spark_cli.repl.lines import plain

IDLE = Situation()
DRAFT = Situation(draft="fix it", before_cursor="fix it")
RUNNING = Situation(running=True)
TYPING_AHEAD = Situation(draft="wait", before_cursor="wait", running=True)
ASKING = Situation(running=True, asking=True)
REFUSING = Situation(running=True, asking=True, refusing=True)
MENU = Situation(draft="/", before_cursor="/", running=True, menu=True)
ARMED = Situation(armed=True)
BACKSLASH = Situation(draft="a\\", before_cursor="a\\")


@pytest.mark.parametrize(
    ("key", "now", "intent"),
    [
        ("enter", DRAFT, Intent.SUBMIT),
        ("enter", TYPING_AHEAD, Intent.SUBMIT),
        ("enter", BACKSLASH, Intent.BREAK_LINE),
        ("c-j", DRAFT, Intent.NEWLINE),
        ("escape", IDLE, Intent.STAY),
        ("escape", DRAFT, Intent.STAY),
        ("escape", RUNNING, Intent.INTERRUPT),
        ("escape", TYPING_AHEAD, Intent.INTERRUPT),
        ("escape", ASKING, Intent.INTERRUPT),
        ("escape", REFUSING, Intent.UNREFUSE),
        ("escape", MENU, Intent.CLOSE_MENU),
        ("c-c", TYPING_AHEAD, Intent.INTERRUPT),
        ("c-c", DRAFT, Intent.CLEAR_DRAFT),
        ("c-c", IDLE, Intent.ARM_LEAVE),
        ("c-c", ARMED, Intent.LEAVE),
        ("c-d", IDLE, Intent.LEAVE),
        ("c-d", DRAFT, None),
        ("y", ASKING, Intent.ACCEPT),
        ("n", ASKING, Intent.REFUSE),
        ("y", REFUSING, None),
        ("y", IDLE, None),
        ("y", Situation(draft="ma", asking=True), None),
        ("?", IDLE, Intent.LIST_KEYS),
        ("?", DRAFT, None),
        ("a", IDLE, None),
    ],
)
def test_a_key_means_one_thing_in_each_situation(
    key: str, now: Situation, intent: Intent | None
) -> None:
    assert decide((key,), now) == intent


def test_alt_enter_is_a_new_line() -> None:
    assert decide(("escape", "enter"), DRAFT) is Intent.NEWLINE


def test_no_key_of_one_letter_acts_on_a_draft() -> None:
    letters = [keys for keys in sequences() if len(keys[0]) == 1]

    assert {decide(keys, DRAFT) for keys in letters} == {None}


def test_the_list_of_keys_is_made_from_the_table() -> None:
    text = [plain(line) for line in listed()]

    assert text[0].startswith("Enter ")
    assert len({line.index("  ") for line in text if line}) >= 1
    assert any("Esc" in line and "kept" in line for line in text)
