from __future__ import annotations

from collections.abc import Mapping

import pytest

from spark_cli.core.errors import ToolError
from spark_cli.patch.edits import Conflicted
from spark_cli.patch.formats import read
from spark_cli.patch.plan import PatchPlan, plan
from spark_cli.patch.spot import Tolerance
from spark_cli.workspace.tree import Change, File


class Memory:
    """A tree that is a dictionary."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.files = {
            name: File(text.encode() if isinstance(text, str) else text)
            for name, text in files.items()
        }

    def read(self, name: str) -> File | None:
        if name.startswith("/"):
            raise ToolError(f"`{name}` is outside the workspace")
        return self.files.get(name)


def planned(files: Mapping[str, str | bytes], *lines: str) -> PatchPlan:
    text = "\n".join(["*** Begin Patch", *lines, "*** End Patch", ""])
    return plan(read(text), Memory(files))


def after(files: Mapping[str, str | bytes], *lines: str) -> dict[str, bytes | None]:
    changes = planned(files, *lines).changes
    return {one.name: one.after.data if one.after else None for one in changes}


def patched(text: str | bytes, *lines: str) -> str:
    done = after({"f": text}, "*** Update File: f", *lines)["f"]
    assert done is not None
    return done.decode()


def refused(files: Mapping[str, str | bytes], *lines: str) -> str:
    with pytest.raises(Conflicted) as caught:
        planned(files, *lines)
    return caught.value.message


CLASS = "".join(
    f"class {name}:\n    def f(self):\n        return 1\n\n" for name in "AB"
)


def test_a_section_of_each_kind_is_carried_out() -> None:
    files = {"f": "a\n", "gone": "x\n", "old": "y\n"}

    changes = after(
        files,
        "*** Update File: f",
        "@@",
        "-a",
        "+b",
        "*** Add File: new",
        "+n",
        "*** Delete File: gone",
        "*** Update File: old",
        "*** Move to: moved",
    )

    assert changes == {
        "f": b"b\n",
        "gone": None,
        "moved": b"y\n",
        "new": b"n\n",
        "old": None,
    }


@pytest.mark.parametrize(
    ("before", "hunk", "expected"),
    [
        ("a\nb\n", ["@@", " a", "-b", "+c"], "a\nc\n"),
        ("a\nb\n", [" a", "+c"], "a\nc\nb\n"),
        ("a \nb\n", ["@@", " a", "-b", "+c"], "a \nc\n"),
        ("a\u2019s\nb\n", ["@@", " a's", "-b", "+c"], "a\u2019s\nc\n"),
        ("if x:\n    a()\n", ["@@", " if x:", "-\ta()", "+\tb()"], "if x:\n    b()\n"),
        ("  a:\n    b\n", ["@@", " a:", "-  b", "+  c"], "  a:\n    c\n"),
        ("def f():\n    x\n\ny\n", ["@@", "def f():", "     x", "", "-y", "+z"], None),
        ("a\nb", ["@@", " a", "-b", "+c"], "a\nc"),
        ("a\r\nb\r\n", ["@@", " a", "-b", "+c"], "a\r\nc\r\n"),
        ("a\fb\nc\n", ["@@", " a\fb", "-c", "+d"], "a\fb\nd\n"),
        ("", ["@@", "+a"], "a\n"),
        ("a\nb\n", ["@@ a", "+x"], "a\nx\nb\n"),
        ("a\nb\n", ["@@", "+x", "*** End of File"], "a\nb\nx\n"),
        ("a\nb\nc\n", ["@@ nowhere", " a", "-b", "+x", "*** End of File"], "a\nx\nc\n"),
        (CLASS, ["@@ class B", "-        return 1", "+        return 2"], None),
        (
            CLASS,
            ["@@ class A:", "@@ def f", "-        return 1", "+        return 2"],
            None,
        ),
    ],
)
def test_a_hunk_lands_where_it_can_only_be_meant(
    before: str, hunk: list[str], expected: str | None
) -> None:
    if expected is None:
        at = -1 if "class B" in hunk[0] else 0
        place = before.rindex("return 1") if at else before.find("return 1")
        expected = (
            before.replace("y\n", "z\n")
            if place < 0
            else f"{before[:place]}return 2{before[place + 8 :]}"
        )

    assert patched(before, *hunk) == expected


@pytest.mark.parametrize(
    ("before", "hunk", "said"),
    [
        (CLASS, ["-        return 1", "+        return 2"], "line 3, line 7"),
        ("a\nb\n", ["@@", " a", "-x", "+c"], "line 2 is `b` and the patch has `x`"),
        ("a\nb\n", ["@@", "-q", "+c"], "no line of the file is `q`"),
        ("a\nb\n", ["@@", "+x"], "does not say where"),
        ("a\nc\n", ["@@", " a", "-b", "+c"], "is already applied at line 1"),
        ("a\nx\nb\n", ["@@", " a", "+x"], "is already applied"),
        ("a\na\n", ["@@ a", "+x"], "2 places"),
        ("    a:\n\tb\n", ["@@", " a:", "-b", "+c"], "match in its indentation"),
        ("a\nb\n", ["@@", " a", "-b", "+c", "@@", " a", "-b", "+d"], "same lines"),
    ],
)
def test_a_hunk_that_leaves_a_doubt_is_refused(
    before: str, hunk: list[str], said: str
) -> None:
    files = {"f": before, "g": "1\n"}

    assert said in refused(
        files, "*** Update File: g", "@@", "-1", "+2", "*** Update File: f", *hunk
    )


def test_a_stale_kept_line_is_overlooked_and_keeps_its_text() -> None:
    before = "one = 1\ntwo = 2_new\nthree = 3\nfour = 4\n"
    files = {"f": before}

    made = planned(
        files,
        "*** Update File: f",
        "@@",
        " one = 1",
        " two = 2",
        "-three = 3",
        "+three = 33",
        " four = 4",
    )

    assert made.changes == (
        Change(
            "f", File(before.encode()), File(before.replace("3\n", "33\n", 1).encode())
        ),
    )
    assert made.files[0].tolerances == (Tolerance.STALE,)


ENDS, SIGNS, DEPTH = Tolerance.BLANKS, Tolerance.PUNCTUATION, Tolerance.INDENTATION


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  x = 'a'", ()),
        ("  x = 'a'  ", (ENDS,)),
        ("  x = \u2018a\u2019", (SIGNS,)),
        ("    x = 'a'", (DEPTH,)),
        ("\tx = 'a'", (DEPTH,)),
        ("    x = \u2018a\u2019 ", (ENDS, SIGNS, DEPTH)),
    ],
)
def test_every_tolerance_that_was_used_is_told(
    line: str, told: tuple[Tolerance, ...]
) -> None:
    hunk = ("*** Update File: f", "@@", "   x = 'a'", "-  y = 1", "+  y = 2")
    files = {"f": f"{line}\n{line[: -len(line.lstrip())]}y = 1\n"}

    assert planned(files, *hunk).files[0].tolerances == told


def test_a_removed_line_that_the_file_has_no_more_is_never_overlooked() -> None:
    before = "one = 1\ntwo = 2\nthree = 30\nfour = 4\n"

    said = refused(
        {"f": before},
        "*** Update File: f",
        " one = 1",
        " two = 2",
        "-three = 3",
        "+three = 33",
        " four = 4",
    )

    assert "line 3 is `three = 30` and the patch has `three = 3`" in said


def test_an_elided_context_is_found() -> None:
    before = "def f():\n    a\n    b\n    c\n    return d\n"

    assert (
        patched(before, " def f():", "     # ...", "-    return d", "+    return e")
        == before[:-2] + "e\n"
    )


def test_hunks_that_came_as_one_are_told_apart() -> None:
    before = "".join(f"line {number}\n" for number in range(40))

    after_both = patched(
        before, " line 1", "-line 2", "+two", " line 3", " line 30", "-line 31", "+x"
    )

    assert after_both == before.replace("line 2\n", "two\n").replace("line 31", "x")


def test_hunks_in_order_choose_among_equal_places() -> None:
    assert patched(
        "a\n1\na\n2\na\n", "-1", "+x", "@@", " a", "+y", "@@", "-2", "+z"
    ) == ("a\nx\na\ny\nz\na\n")


def test_sections_of_one_file_are_placed_together_or_one_after_the_other() -> None:
    update = "*** Update File: f"

    assert patched("a\nb\n", "-b", "+c", update, "-a", "+x") == "x\nc\n"
    assert patched("a\nb\n", "-b", "+c", update, "-c", "+d") == "a\nd\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["*** Add File: f", "+x"], "cannot add `f`: it already exists"),
        (["*** Delete File: none"], "cannot delete `none`: there is no such file"),
        (["*** Update File: none", "-a"], "cannot update `none`"),
        (["*** Update File: f", "*** Move to: g"], "`g` already exists"),
        (["*** Update File: /etc/x", "-a"], "outside the workspace"),
    ],
)
def test_what_cannot_be_done_to_a_file_is_refused(lines: list[str], said: str) -> None:
    assert said in refused({"f": "a\n", "g": "b\n"}, *lines)


def test_a_move_onto_itself_is_an_update() -> None:
    moved = after({"f": "a\n"}, "*** Update File: f", "*** Move to: ./f", "-a", "+b")

    assert moved == {"f": b"b\n"}


def test_two_files_can_swap_their_names() -> None:
    swapped = after(
        {"f": "1\n", "g": "2\n"},
        "*** Update File: f",
        "*** Move to: g",
        "*** Update File: g",
        "*** Move to: f",
    )

    assert swapped == {"f": b"2\n", "g": b"1\n"}


def test_every_conflict_is_told_at_once() -> None:
    said = refused(
        {"f": "a\n", "g": "b\n"},
        "*** Update File: f",
        "-x",
        "+y",
        "*** Update File: g",
        "-x",
        "+y",
    )

    assert "`f`" in said
    assert "`g`" in said


def test_a_patch_that_is_applied_whole_is_a_plan_without_changes() -> None:
    made = planned({"f": "a\nb\nx\nc\n"}, "*** Update File: f", " a", " b", "+x", " c")

    assert made.changes == ()


def test_bytes_that_are_not_utf_8_are_left_alone() -> None:
    made = after({"f": b"\xff\na\n\xfe\n"}, "*** Update File: f", "-a", "+b")

    assert made == {"f": b"\xff\nb\n\xfe\n"}


def test_a_file_that_was_moved_is_updated_under_either_order() -> None:
    move = ["*** Update File: f", "*** Move to: g", "@@", "-a", "+b"]
    update = ["*** Update File: {}", "@@", "-c", "+d"]
    files = {"f": "a\nc\n"}
    expected = {"f": None, "g": b"b\nd\n"}

    then = [line.format("g") for line in update]
    first = [line.format("f") for line in update]
    assert after(files, *move, *then) == expected
    assert after(files, *first, *move) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [("a\nb\n", ""), ("a\nb\n\n", ""), ("a\nb\nc\n", "may be cut off")],
)
def test_a_hunk_that_may_be_cut_off_lands_only_where_the_file_ends(
    text: str, problem: str
) -> None:
    edits = read("--- f\n+++ f\n@@ @@\n a\n-b\n+x\n")

    if problem:
        with pytest.raises(Conflicted, match=problem):
            plan(edits, Memory({"f": text}))
    else:
        assert plan(edits, Memory({"f": text})).changes
