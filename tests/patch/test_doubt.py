"""Places that fit, where the hints of the patch mean another one."""

from __future__ import annotations

import hashlib

import pytest

from tests.patch.test_match import patched, refused, v4a

BODY = "    total = 0\n    for row in rows:\n        total += row\n    return total\n"
FIRST = "def first(rows):\n" + BODY
SECOND = "def second(rows):\n" + BODY
HUNK = ["     for row in rows:", "-        total += row", "+        total += 1"]
CHANGE = ("total += row", "total += 1")


def unified(line: int, *lines: str, title: str = "", index: str = "") -> str:
    """A diff of one hunk that starts at a line, of as many lines as it removes."""
    size = sum(one[:1] != "+" for one in lines)
    head = [f"diff --git a/f b/f\n{index}"] if index else []
    header = f"@@ -{line},{size} +{line},{size} @@ {title}".rstrip()
    return "\n".join([*head, "--- a/f", "+++ b/f", header, *lines, ""])


STEPS = "".join(f"    step_{n}()\n" for n in range(6))
OTHER = ("     step_2()", "-    step_3()", "+    other()", "     step_4()")


def test_a_line_number_does_not_tell_a_block_from_its_copy_right_beside_it() -> None:
    alone = "def run():\n    begin()\n" + STEPS

    assert "other()" in patched(alone, unified(5, *OTHER))
    said = refused(alone + STEPS, unified(5, *OTHER))

    assert "2 places that are equally good (line 5, line 11" in said


def test_a_line_number_tells_between_places_that_are_alike_and_apart() -> None:
    apart = "".join(f"x = {n}\n" for n in range(20))
    text = FIRST + apart + SECOND

    assert patched(text, unified(28, *HUNK)) == FIRST + apart + SECOND.replace(*CHANGE)


def test_a_heading_tells_a_function_from_its_copy_with_another_name() -> None:
    text = FIRST + "\n\n" + SECOND

    done = patched(text, unified(3, *HUNK, title="def second(rows):"))

    assert done == FIRST + "\n\n" + SECOND.replace(*CHANGE)


@pytest.mark.parametrize(
    "patch", [v4a("@@ def second(rows):", *HUNK), unified(9, *HUNK)]
)
def test_a_twin_is_not_taken_for_a_place_that_has_changed(patch: str) -> None:
    text = FIRST + "\n" + SECOND.replace("+= row", "+= float(row)")

    said = refused(text, patch)

    assert "fits at line 3, but what the patch says of its place means line 9" in said


def test_of_hunks_in_order_none_lands_on_a_twin_behind_the_next() -> None:
    text = "a\n1\nb\nc\nd\ne\nmark\nf\na\nx\nb\nc\nd\n"
    hunks = ["@@", " a", "-x", "+y", " b", " c", "@@", " e", "-mark", "+MARK", " f"]

    said = refused(text, v4a(*hunks))

    assert "fits at line 9, but what the patch says of its place means line 1" in said


def test_a_diff_of_the_very_file_is_placed_by_its_numbers() -> None:
    text = "def run():\n    begin()\n" + STEPS + STEPS
    whole = b"blob %d\0%s" % (len(text), text.encode())
    index = f"index {hashlib.sha1(whole).hexdigest()[:7]}..0123456 100644"

    done = patched(text, unified(11, *OTHER, index=index))

    assert done.split("\n")[11] == "    other()"
    assert "equally good" in refused(
        text, unified(11, *OTHER, index="index 1111111..2222222 100644")
    )
