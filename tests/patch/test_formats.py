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
