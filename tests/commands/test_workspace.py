from __future__ import annotations

from spark_cli.commands.command import Choice, Choices, Diff, Text
from spark_cli.commands.lookups import Change, Lookups
from spark_cli.core.ids import CheckpointId
from tests.commands.desks import desk, looked_up, refused

UNCHANGED = Text("Nothing was changed so far.")
DIFF = "--- a\n+++ b\n"


def change(name: str, *, standing: bool) -> Change:
    told = (CheckpointId(name), "3 s", 1, 2, "patch  a\nb", ("a",))
    return Change(*told, standing=standing)


LOOK = Lookups(
    changes=lambda: [change("0f00a", standing=False), change("0f00b", standing=True)],
    change_diff=lambda id_: f"{id_}: {DIFF}",
)


def test_diff_is_the_change_of_the_session() -> None:
    assert looked_up("/diff", desk(Lookups(session_diff=lambda: DIFF))) == Diff(DIFF)
    assert looked_up("/diff", desk()) == UNCHANGED


def test_the_newest_checkpoint_is_offered_first() -> None:
    assert looked_up("/checkpoints", desk(LOOK)) == Choices(
        "see which change?",
        [
            Choice("+1 -2", "3 s  patch a b", "/checkpoints 0f00b"),
            Choice("+1 -2", "3 s, undone  patch a b", "/checkpoints 0f00a"),
        ],
    )
    assert looked_up("/checkpoints", desk()) == UNCHANGED


def test_a_checkpoint_shows_its_diff_and_offers_to_take_it_back() -> None:
    shown = looked_up("/checkpoints 0f00b", desk(LOOK))

    assert isinstance(shown, Choices)
    assert shown.above == Diff(f"0f00b: {DIFF}")
    assert [row.line for row in shown.rows] == ["", "/undo 0f00b"]


def test_what_was_taken_back_is_only_shown() -> None:
    assert looked_up("/checkpoints 0f00a", desk(LOOK)) == Diff(f"0f00a: {DIFF}")


def test_a_name_that_is_none_is_refused() -> None:
    assert refused("/checkpoints last").message == "`last` is no checkpoint's name"
