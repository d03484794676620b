from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import PatchRefused
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.formats import Format, detect, read

PATCH = (
    "*** Begin Patch\n*** Update File: a.py\n"
    "@@\n x = 1\n-y = 2\n+y = 3\n*** End Patch\n"
)
LINES = (
    Line(Sign.KEPT, "x = 1"),
    Line(Sign.REMOVED, "y = 2"),
    Line(Sign.ADDED, "y = 3"),
)
BLOCK = (
    "a.py\n```python\n<<<<<<< SEARCH\nx = 1\ny = 2\n"
    "=======\nx = 1\ny = 3\n>>>>>>> REPLACE\n```\n"
)
DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x = 1\n-y = 2\n+y = 3\n"


def lines(edits: list[Edit]) -> list[tuple[Line, ...]]:
    return [hunk.lines for edit in edits for hunk in edit.hunks]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (PATCH, Format.V4A),
        (f"Sure!\n\n```\n{PATCH}```\n", Format.V4A),
        (BLOCK, Format.BLOCKS),
        (DIFF, Format.UNIFIED),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", Format.UNIFIED),
        (json.dumps({"edits": []}), Format.EDITS),
        ("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-*** Begin Patch\n+x\n", Format.UNIFIED),
        ("hello\n", None),
    ],
)
def test_the_first_telling_line_decides_the_format(
    text: str, form: Format | None
) -> None:
    assert detect(text) is form


@pytest.mark.parametrize(
    "text",
    [
        PATCH,
        PATCH.replace("\n", "\r\n"),
        "\ufeff" + PATCH,
        f"apply_patch <<'EOF'\n{PATCH}EOF\n",
        PATCH.replace("Begin Patch", "Begin Patch ***"),
        PATCH.strip(),
        json.dumps(PATCH),
        json.dumps({"command": ["apply_patch", PATCH]}),
        BLOCK,
        DIFF,
        f"```diff\n{DIFF}```\n",
        DIFF.replace("a/a.py", "a.py").replace("b/a.py", "a.py"),
        json.dumps({"path": "a.py", "old": "x = 1\ny = 2", "new": "x = 1\ny = 3"}),
        json.dumps(
            {
                "edits": [
                    {"path": "a.py", "old": "x = 1\ny = 2\n", "new": "x = 1\ny = 3\n"}
                ]
            }
        ),
    ],
)
def test_every_wrapping_of_a_patch_gives_the_same_edit(text: str) -> None:
    edits = read(text)

    assert [(edit.action, edit.name) for edit in edits] == [(Action.UPDATE, "a.py")]
    assert lines(edits) == [LINES]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is not a patch"),
        ("*** Begin Patch\n*** Update File: a\n@@\n-x\n", "cut off"),
        ("*** Begin Patch\n*** End Patch\n", "has no .* section"),
        ("*** Begin Patch\n*** Update File: a\n*** End Patch\n", "changes nothing"),
        ("*** Begin Patch\n*** Update File: \n@@\n-x\n*** End Patch\n", "no file name"),
        ("a.py\n<<<<<<< SEARCH\nx\n=======\ny\n", "no `>>>>>>> REPLACE`"),
        (DIFF.replace("-1,2 +1,2", "-1,4 +1,4"), "cut off: .* announces 2 more lines"),
        (DIFF.rstrip("\n"), "cut off: its last line has no newline"),
        ("diff --git a/x b/x\nGIT binary patch\n", "binary"),
        (
            "*** Begin Patch\n*** Add File: a\n+\ud800\n*** End Patch\n",
            "not valid Unicode",
        ),
        ('{"edits": [{"path": "a"}]}', "edit 1 has no string `old`"),
    ],
)
def test_a_patch_that_is_not_whole_is_refused(text: str, message: str) -> None:
    with pytest.raises(PatchRefused, match=message):
        read(text)


EVIL = "*** Begin Patch\n*** Add File: evil\n+x\n*** End Patch\n"
EDIT = {"path": "f", "old": "a", "new": "b"}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"path": "d.patch", "content": EVIL}, ["d.patch"]),
        ({"file_path": "d.patch", "file_text": EVIL}, ["d.patch"]),
        ({"files": [{"path": "d.patch", "content": EVIL}]}, ["d.patch"]),
        ({"thought": EVIL, **EDIT}, ["f"]),
        ({"explanation": EVIL, "path": "f", "edits": [EDIT]}, ["f"]),
        ({"files": [{"path": "f", "edits": [{"old": "a", "new": "b"}]}]}, ["f"]),
        ([{"input": PATCH}, {"input": EVIL}], ["a.py", "evil"]),
        ({"calls": [{"patch": PATCH}, {"patch": EVIL}]}, ["a.py", "evil"]),
        ({"name": "apply_patch", "arguments": {"input": PATCH}}, ["a.py"]),
        (["apply_patch", PATCH], ["a.py"]),
        ({"text": PATCH}, ["a.py"]),
    ],
)
def test_in_json_a_string_is_a_patch_only_by_its_name(
    value: object, names: list[str]
) -> None:
    assert [edit.name for edit in read(json.dumps(value))] == names


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"thought": EVIL, "action": {"path": "f", "edits": [EDIT]}}, "no file name"),
        ({"note": EVIL, "done": True}, "no file name"),
        ({"input": PATCH, **EDIT}, "a patch and edits besides"),
        ([{"input": PATCH}, EDIT], "a patch and edits besides"),
    ],
)
def test_json_of_which_a_part_would_be_lost_is_refused(
    value: object, said: str
) -> None:
    with pytest.raises(PatchRefused, match=said):
        read(json.dumps(value))


def test_every_list_of_edits_in_prose_is_read() -> None:
    other = {"path": "g", "old": "a", "new": "b"}
    fences = [f"```json\n{json.dumps(one)}\n```\n" for one in (EDIT, {"v": 1}, other)]

    assert [edit.name for edit in read("and\n".join(fences))] == ["f", "g"]


WHOLE = "b.py\n```python\nz = 1\n```\n"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (PATCH + BLOCK, "<<<<<<< SEARCH"),
        (PATCH + DIFF, "--- a/a.py"),
        (f"{PATCH}And\n\n{WHOLE}", "```python"),
        (BLOCK + PATCH, "*** Begin Patch"),
        (BLOCK + DIFF, "--- a/a.py"),
        (BLOCK + "\n" + WHOLE, "```python"),
        (DIFF + PATCH, "*** Begin Patch"),
        (DIFF + "\n" + BLOCK, "<<<<<<< SEARCH"),
        (DIFF + "\n" + WHOLE, "```python"),
        (WHOLE + BLOCK, "<<<<<<< SEARCH"),
        (WHOLE + PATCH, "*** Begin Patch"),
        (f"{WHOLE}a.py\n```\n{DIFF}```\n", "--- a/a.py"),
        (f"```\n{DIFF}```\nand\n{PATCH}", "*** Begin Patch"),
    ],
)
def test_a_text_that_goes_on_in_another_format_is_refused(text: str, mark: str) -> None:
    lines = text.split("\n")
    number = len(lines) - lines[::-1].index(mark)

    with pytest.raises(PatchRefused, match=f"at line {number}, in another format"):
        read(text)


@pytest.mark.parametrize(
    "around",
    [
        f"Example:\n```\n{EVIL}```\nbut the real one:\n{PATCH}",
        f"{PATCH}which is not the same as\n~~~\n{EVIL}~~~\n",
    ],
)
def test_a_patch_in_a_fence_and_one_outside_are_not_both_meant(around: str) -> None:
    with pytest.raises(PatchRefused, match="not both in a fence"):
        read(around)


@pytest.mark.parametrize(
    "text", [f"```\n{PATCH}```\nand\n```\n{EVIL}```\n", PATCH + "and\n" + EVIL]
)
def test_patches_of_the_same_kind_are_all_meant(text: str) -> None:
    assert [edit.name for edit in read(text)] == ["a.py", "evil"]


@given(st.integers(0, len(PATCH) - 3))
def test_no_beginning_of_a_patch_is_taken_for_all_of_it(size: int) -> None:
    with pytest.raises(PatchRefused):
        read(PATCH[:size])


@given(st.text(alphabet='*@+- \n=<>ab{}"\\', max_size=200))
def test_no_text_makes_a_parser_fail_in_any_other_way(text: str) -> None:
    for form in (None, *Format):
        try:
            read(text, form)
        except PatchRefused:
            continue


def test_a_hunk_knows_its_sides() -> None:
    hunk = Hunk(LINES)

    assert [line.text for line in hunk.old] == ["x = 1", "y = 2"]
    assert hunk.new == ("x = 1", "y = 3")
