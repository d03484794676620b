"""Places that look right and are not: each of these landed wrongly once."""

from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Conflicted
from spark_cli.patch.formats import read
from spark_cli.patch.plan import plan
from spark_cli.workspace.tree import File


class Memory:
    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, name: str) -> File | None:
        return File(self.text.encode()) if name == "f" else None


def v4a(*lines: str) -> str:
    envelope = ["*** Begin Patch", "*** Update File: f", *lines, "*** End Patch", ""]
    return "\n".join(envelope)


def patched(text: str, patch: str) -> str:
    (change,) = plan(read(patch), Memory(text)).changes
    assert change.after is not None
    return change.after.data.decode()


def refused(text: str, patch: str) -> str:
    with pytest.raises(Conflicted) as caught:
        plan(read(patch), Memory(text))
    return caught.value.message


TARGET = (
    "def save(\n    self,\n    name: str,\n    size: int = 0,\n    color: bool,\n):\n"
)
SIBLING = TARGET.replace("save", "load").replace("name: str", "key: bytes")


def test_a_patch_that_is_applied_in_part_is_no_success() -> None:
    patch = v4a("@@", " a", "-b", "+B", " c", "@@", " e", "-f", "+F", " g")

    said = refused("a\nB\nc\nd\ne\nf\ng\n", patch)

    assert "is already applied" in said


def test_the_rest_of_a_patch_that_is_applied_in_part_is_asked_for() -> None:
    patch = v4a("@@", " a", " b", "+B", " c", "@@", " e", "-f", "+F", " g")

    with pytest.raises(Conflicted) as caught:
        plan(read(patch), Memory("a\nb\nB\nc\nd\ne\nf\ng\n"))

    assert caught.value.hint == "leave out what is already applied, and send the rest"


@pytest.mark.parametrize(
    ("text", "hunk"),
    [
        ("new\na\nb\nc\n", ["+new", " a", " b", " c"]),
        ("a\nb\nc\nnew\n", [" a", " b", " c", "+new"]),
        (
            "  x\n  })\n})\n\ntest\n  y\n  x\n  })\nz\n",
            ["   x", "+  })", "+})", "+", "+test", "+  y", "+  x", "   })", " z"],
        ),
    ],
)
def test_what_was_added_before_is_not_added_again(text: str, hunk: list[str]) -> None:
    assert plan(read(v4a("@@", *hunk)), Memory(text)).changes == ()


def test_lines_that_changed_are_not_taken_for_lines_that_are_gone() -> None:
    said = refused("// @ts_new\n\n/**\n * A\n", v4a("-// @ts", "-", " /**", "  * A"))

    assert "already applied" in said


def test_the_same_addition_twice_is_refused() -> None:
    hunk = ["@@", "+new", " a", " b"]

    assert "same lines" in refused("x\na\nb\n", v4a(*hunk, *hunk))


def test_the_same_block_twice_is_refused() -> None:
    block = "f\n<<<<<<< SEARCH\na\n=======\nnew\na\n>>>>>>> REPLACE\n"

    assert "same lines" in refused("x\na\n", block + block)


def test_a_sibling_does_not_stand_in_for_a_place_that_has_changed() -> None:
    patch = v4a(
        "     self,",
        "     name: str,",
        "     more: int,",
        "-    size: int = 0,",
        "+    size: int = 1,",
        "     deep: bool,",
        "     color: bool,",
    )

    assert "does not match" in refused(SIBLING, patch)


def test_two_copies_do_not_make_one_place_together() -> None:
    def block(top: str, end: str) -> str:
        return f"{top}\nkeep one\nold = 1\nkeep two\nold = 2\nkeep three\n{end}\n"

    patch = v4a(
        *(" top of it", " keep one", "-old = 1", "+new = 1", " keep two"),
        *("-old = 2", "+new = 2", " keep three", " end of it"),
    )

    said = refused(
        block("top of it", "end of IT") + block("top of IT", "end of it"), patch
    )

    assert "places" in said


def test_hunks_that_came_as_one_with_a_gap_are_still_told_apart() -> None:
    text = "".join(f"line {number}\n" for number in range(60))
    patch = v4a(" line 3", "-line 4", "+four", " line 5", " line 50", "-line 51", "+x")

    assert patched(text, patch) == text.replace("line 4\n", "four\n").replace(
        "line 51\n", "x\n"
    )


def test_a_heading_that_does_not_enclose_a_place_does_not_choose_it() -> None:
    copy = "int f(void)\n{\n    return 1;\n}\n"
    patch = v4a(
        "@@ int e(void)", " int f(void)", " {", "-    return 1;", "+    return 2;"
    )

    assert "2 places" in refused("int e(void)\n{\n}\n" + copy + copy, patch)


def test_of_several_readings_of_a_block_a_part_of_the_right_one_is_not_taken() -> None:
    block = (
        "f\n<<<<<<< SEARCH\nTitle\n=======\nold\n=======\n"
        "Title\n=======\nnew\n>>>>>>> REPLACE\n"
    )

    assert patched("Title\n=======\nold\n", block) == "Title\n=======\nnew\n"
    refused("Title\n=======\nolder\n", block)


@pytest.mark.parametrize(
    ("diff", "said"),
    [
        ("@@ -1,3 +1,3 @@\n a\n-b\n+x\n c is a li", "does not match"),
        ("@@ -1,3 +1,3 @@\n a\n-b\n+x\n c is a line\n d\n e is on", "been cut off"),
        ("@@ -1,3 +1,3 @@\n a\n-b\n+x\n c is a line\n@@ -5", "was cut off"),
        ("@@ -1,7 +1,7 @@\n-a\n+x\n b\n c is a line\n d\n", "cut off"),
        ("@@ -1,6 +1,6 @@\n-a\n+x\n b\n c is a line\n d\n", "may have been cut off"),
    ],
)
def test_a_diff_that_may_have_been_cut_off_is_refused(diff: str, said: str) -> None:
    with pytest.raises(PatchRefused, match=said):
        patched("a\nb\nc is a line\nd\ne is one\n", f"--- a/f\n+++ b/f\n{diff}")


def test_a_header_that_counts_one_line_too_many_is_only_wrong() -> None:
    diff = "--- a/f\n+++ b/f\n@@ -1,5 +1,5 @@\n-a\n+x\n b\n c\n d\n"

    assert patched("a\nb\nc\nd\ne\nf\ng\n", diff) == "x\nb\nc\nd\ne\nf\ng\n"


def test_a_file_with_two_names_is_refused() -> None:
    patch = (
        "*** Begin Patch\n*** Delete File: /w/f\n*** Delete File: f\n*** End Patch\n"
    )

    assert "may be one file" in refused("a\n", patch)


@pytest.mark.parametrize("gap", ["# ... existing code ...", "// ...", "..."])
def test_a_whole_file_with_lines_left_out_does_not_replace_one(gap: str) -> None:
    said = refused("a\nb\n", f"./f\n```\na\n{gap}\n```\n")

    assert "left out" in said


def test_two_ways_to_write_a_name_are_one_file() -> None:
    patch = v4a("-a", "+x", "*** Update File: .//f", "-b", "+y")

    assert patched("a\nb\n", patch) == "x\ny\n"


@pytest.mark.timeout(30)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "patch"),
    [
        ("same\n" * 60_000, v4a(*[" same"] * 199, "-other", "+x")),
        ("same\n" * 60_000, v4a(*[" same"] * 199, "-same", "+x")),
        ("a\nb\n" + "x" * 10_000_000 + "\n", v4a(" a", "-q", "+c", " " + "x" * 10**7)),
        (
            "".join(f"{n}\nkeep\nkeep\n" for n in range(30_000)),
            v4a(*[f"@@ {n}\n keep\n-keep\n+{n}" for n in range(3000)]),
        ),
        (
            "".join(f"{n}\nkeep\n" for n in range(30_000)),
            v4a(*[f"@@\n {n}\n keep\n-{n}x\n+y" for n in range(3000)]),
        ),
        ("a\n" * 100_000, v4a("... " + " " * 100_000 + "z", "-b", "+c")),
    ],
    ids=["near miss", "ambiguous", "line", "headings", "missing", "elided"],
)
def test_hostile_sizes_take_bounded_time(text: str, patch: str) -> None:
    try:
        plan(read(patch), Memory(text))
    except Conflicted as error:
        assert len(error.message) < 50_000  # noqa: PT017 - either is right
