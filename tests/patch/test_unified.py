from __future__ import annotations

import pytest

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Line, Sign
from spark_cli.patch.formats import Format, read


def parse(text: str) -> list[Edit]:
    return read(text, Format.UNIFIED)


HUNK = "@@ -1,2 +1,2 @@ def f\n a\n-b\n+c\n"


def test_a_header_gives_the_line_and_what_the_hunk_is_in() -> None:
    (edit,) = parse("--- a/f\n+++ b/f\n@@ -7,2 +9,2 @@ def f\n a\n-b\n+c\n")

    (hunk,) = edit.hunks
    assert (edit.name, hunk.line, hunk.anchors) == ("f", 7, ("def f",))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (
            "diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n"
            "@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file\n",
            Edit(Action.ADD, "n", text="x\ny", mode=0o755),
        ),
        (
            "diff --git a/n b/n\nnew file mode 100644\nindex 0000000..e69de29\n",
            Edit(Action.ADD, "n", mode=0o644),
        ),
        (
            "diff --git a/o b/p\nsimilarity index 100%\nrename from o\nrename to p\n",
            Edit(Action.UPDATE, "o", to="p"),
        ),
        (
            "diff --git a/o b/o\nold mode 100644\nnew mode 100755\n",
            Edit(Action.UPDATE, "o", mode=0o755),
        ),
        (
            'diff --git "a/\\303\\251 x" "b/\\303\\251 x"\nold mode 100644\n'
            "new mode 100755\n",
            Edit(Action.UPDATE, "\u00e9 x", mode=0o755),
        ),
    ],
)
def test_what_git_says_without_a_hunk_is_an_edit(text: str, edit: Edit) -> None:
    assert parse(text) == [edit]


def test_a_removed_line_may_look_like_a_file_header() -> None:
    (edit,) = parse("--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n--- x\n+++ y\n")

    assert edit.hunks[0].lines[1:] == (
        Line(Sign.REMOVED, "-- x"),
        Line(Sign.ADDED, "++ y"),
    )


def test_the_signature_of_a_mail_is_no_removed_line() -> None:
    (edit,) = parse(f"--- a/f\n+++ b/f\n{HUNK}-- \n2.39.5\n")

    assert len(edit.hunks[0].lines) == 3


def test_files_follow_each_other() -> None:
    edits = parse(f"--- a/f\n+++ b/f\n{HUNK}--- a/g\n+++ b/g\n{HUNK}")

    assert [edit.name for edit in edits] == ["f", "g"]


def test_a_hunk_with_too_small_counts_is_read_to_its_end() -> None:
    (edit,) = parse("--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n a\n-b\n+c\n d\n")

    assert len(edit.hunks[0].lines) == 4


@pytest.mark.parametrize(
    ("marks", "ends"),
    [
        (("-b", "+c"), (None, None)),
        (("-b", "\\", "+c"), (False, None)),
        (("-b", "+c", "\\"), (None, False)),
        (("-b", "\\", "+c", "\\"), (False, False)),
    ],
)
def test_a_missing_last_newline_is_told(
    marks: tuple[str, ...], ends: tuple[bool | None, bool | None]
) -> None:
    body = "".join(f"{line}\n" for line in marks)
    (edit,) = parse(f"--- a/f\n+++ b/f\n@@ -1 +1 @@\n{body}")

    assert (edit.hunks[0].ends_old, edit.hunks[0].ends_new) == ends


@pytest.mark.parametrize("mode", ["120000", "160000", "100666"])
def test_only_plain_files_are_made(mode: str) -> None:
    with pytest.raises(PatchRefused, match="cannot be made"):
        parse(f"diff --git a/n b/n\nnew file mode {mode}\n--- /dev/null\n+++ b/n\n")


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("a.py.orig\t2020-01-01", "a.py\t2020-01-02", "a.py"),
        ("a.py~", "a.py", "a.py"),
        ("a/a.py", "b/a.py.new", "a.py"),
    ],
)
def test_a_name_may_say_which_version_it_was(old: str, new: str, name: str) -> None:
    (edit,) = parse(f"--- {old}\n+++ {new}\n{HUNK}")

    assert (edit.name, edit.to) == (name, None)


NEW = "--- /dev/null\n+++ b/n\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("@@ @@\n+z\n\nThat is all.\n", "z\n"),
        ("@@ @@\n+z\n\n+y\n", "z\n\ny\n"),
        ("@@ -0,0 +1 @@\n+z\n\nThat is all.\n", "z\n"),
    ],
)
def test_what_stands_below_an_added_file_is_no_part_of_it(body: str, text: str) -> None:
    assert parse(NEW + body) == [Edit(Action.ADD, "n", text=text)]


def test_an_added_file_may_not_lack_some_signs() -> None:
    with pytest.raises(PatchRefused, match="every line needs a `\\+`: `stray`"):
        parse(f"{NEW}@@ @@\n+z\nstray\n+y\n")


@pytest.mark.parametrize(
    ("text", "unended"),
    [
        ("--- a/f\n+++ b/f\n@@ @@\n a\n-b\n", "unended"),
        ("--- a/f\n+++ b/f\n@@ ... @@\n a\n-b\n+c\n", "unended"),
        ("--- a/f\n+++ b/f\n@@ @@\n a\n-b\n c\n", ""),
        ("--- a/f\n+++ b/f\n@@ @@\n-b\n+c\n", ""),
        ("--- a/f\n+++ b/f\n@@ -1,2 +1 @@\n a\n-b\n", ""),
        ("```diff\n--- a/f\n+++ b/f\n@@ @@\n a\n-b\n```\n", ""),
    ],
)
def test_a_hunk_without_counts_may_have_been_cut_off(text: str, unended: str) -> None:
    (edit,) = parse(text)

    assert edit.hunks[-1].unended is bool(unended)
