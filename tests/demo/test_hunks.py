from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, strategies as st

from spark_cli.demo.hunks import Change, hunks, is_clear, patch
from tests.demo.desk import apply_patch

# Few different lines, so that every file repeats itself.
LINES = st.lists(st.sampled_from(["a", "b", "", "  c"]), max_size=40)


def placed(before: list[str], after: list[str]) -> list[str]:
    """The hunks put at their first match after the one before, as Codex does."""
    result, cursor = [], 0
    for hunk in hunks(before, after):
        old = list(hunk.old)
        at = next(
            at
            for at in range(cursor, len(before) + 1)
            if before[at : at + len(old)] == old
        )
        result += [*before[cursor:at], *hunk.new]
        cursor = at + len(old)
    return result + before[cursor:]


@given(LINES, LINES)
def test_first_matches_make_the_new_file(before: list[str], after: list[str]) -> None:
    assert placed(before, after) == after


@given(st.lists(st.integers(0, 1), min_size=1, max_size=60), st.data())
def test_a_file_of_unlike_lines_is_patched_by_a_strict_reader(
    flips: list[int], data: st.DataObject
) -> None:
    before = [f"line {at}" for at in range(len(flips))]
    at = data.draw(st.integers(0, len(flips) - 1))
    after = [f"{x}!" if flip else x for x, flip in zip(before, flips, strict=True)]
    after[at:at] = ["new"]
    with TemporaryDirectory() as name:
        file = Path(name) / "f"
        file.write_text("\n".join([*before, ""]))
        made = patch([Change("f", tuple(before), tuple(after))])

        assert apply_patch(Path(name), made).startswith("Success")
        assert file.read_text() == "\n".join([*after, ""])


def test_a_patch_has_a_section_for_each_file() -> None:
    changes = [Change("new", None, ("x",)), Change("old", ("1", "2"), ("1", "3"))]

    assert patch(changes) == (
        "*** Begin Patch\n*** Add File: new\n+x\n"
        "*** Update File: old\n@@\n 1\n-2\n+3\n*** End Patch\n"
    )


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    before = [str(at) for at in range(100)]
    after = ["x" if line in {"10", "90"} else line for line in before]

    assert [len(hunk.lines) for hunk in hunks(before, after)] == [8, 8]


def test_no_hunk_has_lines_of_both_sides_of_a_seam() -> None:
    before = ("a", "b", "x", "x", "c", "d", "e", "x")
    after = ("a", "b", "y", "y", "c", "d", "e", "y")

    found = [hunk.lines for hunk in hunks(before, after, (3, 6))]

    assert found == [
        (" a", " b", "-x", "+y"),
        ("-x", "+y", " c", " d"),
        (" e", "-x", "+y"),
    ]


def test_a_change_that_fits_twice_is_not_clear() -> None:
    part = ("a", "x", "b")

    assert not is_clear(Change("f", part * 2, ("a", "y", "b") * 2, (3,)))
    assert is_clear(Change("f", (*part, "c", "x"), ("a", "y", "b", "c", "y"), (3,)))
