from __future__ import annotations

import pytest

from spark_cli.repl.keys import ROWS, Intent, Situation, decide, sequences, told

IDLE = Situation()
DRAFT = Situation(draft="fix it", before_cursor="fix it")
RUNNING = Situation(running=True)
TYPING_AHEAD = Situation(draft="wait", before_cursor="wait", running=True)
REFUSING = Situation(running=True, refusing=True)
BECAUSE = Situation(draft="no tabs", running=True, refusing=True)
MENU = Situation(draft="/", before_cursor="/", running=True, menu=True)
ARMED = Situation(armed=True)
REWINDING = Situation(rewinding=True)
VI = Situation(vi=True, inserting=True)
VI_RUNNING = Situation(vi=True, inserting=True, running=True)
VI_NORMAL = Situation(vi=True)
OFFERS = Situation(draft="@a", running=True, menu=True, naming=True, offers=True)
HELD_QUEUE = Situation(queued=True)
RUNNING_QUEUE = Situation(queued=True, running=True)
BACKSLASH = Situation(draft="a\\", before_cursor="a\\")


@pytest.mark.parametrize(
    ("key", "now", "intent"),
    [
        ("enter", DRAFT, Intent.SUBMIT),
        ("enter", TYPING_AHEAD, Intent.SUBMIT),
        ("enter", BACKSLASH, Intent.BREAK_LINE),
        ("c-j", DRAFT, Intent.NEWLINE),
        ("escape", IDLE, Intent.ARM_REWIND),
        ("escape", REWINDING, Intent.REWIND),
        ("escape", VI, None),
        ("escape", VI_RUNNING, Intent.INTERRUPT),
        ("escape", VI_NORMAL, Intent.ARM_REWIND),
        ("escape", DRAFT, Intent.STAY),
        ("escape", RUNNING, Intent.INTERRUPT),
        ("escape", TYPING_AHEAD, Intent.INTERRUPT),
        ("escape", REFUSING, Intent.UNREFUSE),
        ("escape", MENU, Intent.CLOSE_MENU),
        ("enter", OFFERS, Intent.TAKE),
        ("enter", HELD_QUEUE, Intent.SEND_QUEUED),
        ("enter", RUNNING_QUEUE, Intent.SUBMIT),
        ("tab", TYPING_AHEAD, Intent.QUEUE),
        ("tab", OFFERS, Intent.COMPLETE),
        ("tab", DRAFT, Intent.COMPLETE),
        ("tab", BECAUSE, Intent.COMPLETE),
        ("tab", RUNNING, Intent.COMPLETE),
        ("up", RUNNING_QUEUE, Intent.RECALL_QUEUED),
        ("up", TYPING_AHEAD, None),
        ("c-u", HELD_QUEUE, Intent.DROP_QUEUED),
        ("c-u", DRAFT, None),
        ("s-tab", IDLE, Intent.APPROVAL),
        ("s-tab", MENU, Intent.COMPLETE_BACK),
        ("c-s", RUNNING, Intent.HOLD),
        ("c-c", TYPING_AHEAD, Intent.INTERRUPT),
        ("c-c", DRAFT, Intent.CLEAR_DRAFT),
        ("c-c", IDLE, Intent.ARM_LEAVE),
        ("c-c", ARMED, Intent.LEAVE),
        ("c-d", IDLE, Intent.LEAVE),
        ("c-d", DRAFT, None),
        ("y", RUNNING, None),
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
    rows = told()

    assert rows[0][0] == "Enter"
    assert {row.label for row in ROWS if row.label} < {name for name, _ in rows}
    assert all(does for _, does in rows)
