from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.choice import only, preview, units
from spark_cli.patch.formats import read
from spark_cli.patch.plan import PatchPlan, plan
from spark_cli.workspace.tree import File

FILES = {"f": "a\nb\nc\nd\ne\n", "old": "1\n2\n3\n", "gone": "x\n"}
PATCH = """*** Begin Patch
*** Update File: f
@@
-b
+B
@@
-d
+D
*** Delete File: gone
*** Add File: new
+n
*** Update File: old
*** Move to: moved
@@
-2
+two
*** End Patch
"""
IDS = [f"h{number}" for number in range(1, 7)]


class Memory:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {name: File(text.encode()) for name, text in files.items()}

    def read(self, name: str) -> File | None:
        return self.files.get(name)


def planned(patch: str = PATCH, files: Mapping[str, str] = FILES) -> PatchPlan:
    return plan(read(patch), Memory(files))


def after(made: PatchPlan) -> dict[str, str | None]:
    return {
        change.name: change.after.data.decode() if change.after else None
        for change in made.changes
    }


def test_parts_are_named_in_the_order_of_the_patch() -> None:
    assert [(unit.id, unit.kind.value, unit.name) for unit in units(planned())] == [
        ("h1", "hunk", "f"),
        ("h2", "hunk", "f"),
        ("h3", "delete", "gone"),
        ("h4", "add", "new"),
        ("h5", "move", "old"),
        ("h6", "hunk", "old"),
    ]


def test_all_parts_are_the_plan_itself_and_none_change_nothing() -> None:
    made = planned()

    assert only(made, IDS).plan == made
    assert only(made, ()).plan.changes == ()


@pytest.mark.parametrize(
    ("chosen", "changes"),
    [
        ({"h1"}, {"f": "a\nB\nc\nd\ne\n"}),
        ({"h2", "h4"}, {"f": "a\nb\nc\nD\ne\n", "new": "n\n"}),
        ({"h3"}, {"gone": None}),
        ({"h5"}, {"old": None, "moved": "1\n2\n3\n"}),
        ({"h6"}, {"old": "1\ntwo\n3\n"}),
    ],
)
def test_a_part_is_a_plan_of_its_own(
    chosen: set[str], changes: dict[str, str | None]
) -> None:
    assert after(only(planned(), chosen).plan) == changes


@given(st.sets(st.sampled_from(IDS)))
def test_any_parts_make_a_plan_of_exactly_these(chosen: set[str]) -> None:
    choice = only(planned(), chosen)

    assert {unit.id for unit in choice.accepted} == chosen
    assert {unit.id for unit in choice.refused} == set(IDS) - chosen
    assert choice.dropped == ()
    expected: dict[str, str | None] = {}
    for unit in choice.accepted:
        expected |= {} if unit.name in expected else {unit.name: ""}
    names = set(expected) | ({"moved"} if "h5" in chosen else set())
    assert set(after(choice.plan)) == names


def test_what_needs_a_refused_part_is_left_out_and_told() -> None:
    swap = (
        "*** Begin Patch\n*** Update File: f\n*** Move to: g\n"
        "*** Update File: g\n*** Move to: f\n*** End Patch\n"
    )
    made = planned(swap, {"f": "1\n", "g": "2\n"})

    choice = only(made, {"h1"})

    assert choice.plan.changes == ()
    assert [unit.id for unit in choice.dropped] == ["h1"]
    assert after(only(made, {"h1", "h2"}).plan) == {"f": "2\n", "g": "1\n"}


def test_hunks_that_build_on_each_other_count_as_one() -> None:
    sequel = (
        "*** Begin Patch\n*** Update File: f\n-b\n+x\n*** Update File: f\n-x\n+y\n"
        "*** End Patch\n"
    )

    (unit,) = units(planned(sequel))

    assert after(only(planned(sequel), {unit.id}).plan) == {"f": "a\ny\nc\nd\ne\n"}


def test_the_model_is_told_which_were_refused_and_why() -> None:
    told = only(planned(), {"h1", "h3"}).told(" not now ")

    assert told.startswith("accepted: h1 (`f`, line 2), h3 (delete `gone`); refused by")
    assert told.endswith("h6 (`old`, line 2), saying: not now")


def test_a_name_that_the_plan_lacks_is_refused() -> None:
    with pytest.raises(PatchRefused, match="no hunk `h9`: the plan has h1 to h6"):
        only(planned(), {"h9"})


def test_each_part_has_a_diff_of_its_own() -> None:
    made = planned()

    assert preview(made, units(made)[1]).endswith(" b\n c\n-d\n+D\n e\n")
