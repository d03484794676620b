from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.formats import Format, read


def parse(text: str) -> list[Edit]:
    return read(text, Format.V4A)


def sections(*lines: str) -> list[Edit]:
    return parse("\n".join(["*** Begin Patch", *lines, "*** End Patch", ""]))


def hunks(*lines: str) -> tuple[Hunk, ...]:
    (edit,) = sections("*** Update File: f", *lines)
    return edit.hunks


def test_each_kind_of_section_is_an_edit() -> None:
    edits = sections(
        "*** Add File: new.py",
        "+one",
        "+",
        "*** Delete File: ./old.py",
        "*** Update File: 'a b.py'",
        "*** Move to: c.py",
    )

    assert edits == [
        Edit(Action.ADD, "new.py", text="one\n\n"),
        Edit(Action.DELETE, "old.py"),
        Edit(Action.UPDATE, "a b.py", to="c.py"),
    ]


@pytest.mark.parametrize(
    ("heading", "anchors", "line"),
    [
        (["@@"], (), None),
        (["@@ def f():"], ("def f():",), None),
        (["@@ class A", "@@     def f(self):"], ("class A", "    def f(self):"), None),
        (["@@ class A @@ def f"], ("class A", "def f"), None),
        (["@@ -3,7 +3,8 @@ def f"], ("def f",), 3),
        (["@@ ... @@"], (), None),
        ([], (), None),
    ],
)
def test_headings_are_hints(
    heading: list[str], anchors: tuple[str, ...], line: int | None
) -> None:
    (hunk,) = hunks(*heading, " a", "-b")

    assert (hunk.anchors, hunk.line) == (anchors, line)


def test_the_end_of_the_file_is_a_hint() -> None:
    first, second = hunks("@@", "-a", "*** End of File", "@@", "-b")

    assert (first.at_end, second.at_end) == (True, False)


def test_a_line_without_a_sign_is_kept_and_known_to_be_bare() -> None:
    (hunk,) = hunks("@@", "def f():", "", "-    x")

    assert hunk.lines == (
        Line(Sign.KEPT, "def f():", bare=True),
        Line(Sign.KEPT, "", bare=True),
        Line(Sign.REMOVED, "    x"),
    )


def test_file_headers_of_a_unified_diff_are_no_lines() -> None:
    (hunk,) = hunks("--- a/f", "+++ b/f", "@@ -1 +1 @@", "-a", "+b")

    assert hunk.lines == (Line(Sign.REMOVED, "a"), Line(Sign.ADDED, "b"))


@pytest.mark.parametrize(
    "lines",
    [
        ["@@", "--- old", "+++ new", " b"],
        ["--- i", "+++ i"],
        ["@@", "--- a/other", "+++ b/other", " x"],
    ],
)
def test_what_only_looks_like_file_headers_is_a_change(lines: list[str]) -> None:
    (hunk,) = hunks(*lines)

    body = [line for line in lines if line != "@@"]
    assert [line.sign + line.text for line in hunk.lines] == body


def test_a_padded_mark_below_a_heading_is_a_kept_line() -> None:
    (hunk,) = hunks("@@", " *** Update File: x", " @@", "--a", "+-c", " +b")

    assert [line.text for line in hunk.old] == ["*** Update File: x", "@@", "-a", "+b"]


@pytest.mark.parametrize("pad", ["", " ", "   "])
@pytest.mark.parametrize("more", [[], ["@@", "-a", "+b"]])
def test_a_padded_move_is_a_move_where_it_stands_alone(
    pad: str, more: list[str]
) -> None:
    (edit,) = sections("*** Update File: f", f"{pad}*** Move to: g", *more)

    assert (edit.to, len(edit.hunks)) == ("g", bool(more))


def test_a_padded_move_amid_other_lines_is_a_kept_line() -> None:
    (edit,) = sections("*** Update File: f", " *** Move to: g", "-a", "+b")

    assert edit.to is None
    assert edit.hunks[0].old[0].text == "*** Move to: g"


def test_several_envelopes_are_one_patch() -> None:
    text = "*** Begin Patch\n*** Delete File: {}\n*** End Patch\n"

    edits = parse(text.format("one") + "and\n" + text.format("two"))

    assert [edit.name for edit in edits] == ["one", "two"]


def test_a_patch_about_patches_keeps_their_marks() -> None:
    (hunk,) = hunks("@@", " *** Begin Patch", "-x", " *** End Patch")

    assert [line.text for line in hunk.old] == ["*** Begin Patch", "x", "*** End Patch"]


def test_an_added_file_may_lack_all_its_signs_but_not_some() -> None:
    (edit,) = sections("*** Add File: f", "one", "  two")
    assert edit.text == "one\n  two\n"

    with pytest.raises(PatchRefused, match="every line needs a `\\+`"):
        sections("*** Add File: f", "+one", "two")
