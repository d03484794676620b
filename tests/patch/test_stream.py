from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import PatchRefused, ToolError
from spark_cli.patch.edits import Action, Edit, Hunk
from spark_cli.patch.formats import read
from spark_cli.patch.stream import (
    HunkFound,
    Outlook,
    PatchStream,
    Scout,
    SectionFound,
    Sighting,
)
from spark_cli.workspace.tree import File

V4A = (
    "Here it is:\n*** Begin Patch\n*** Update File: f\n"
    "@@ def g():\n a\n-b\n+\u00e9\U0001f600\n"
    '@@\n d\n-e\n+"\\n"\n*** Add File: n\n+x\n'
    "*** Update File: h\n-1\n+2\n*** End Patch\n"
)
BLOCKS = (
    "f\n<<<<<<< SEARCH\na\nb\n=======\na\nc\n>>>>>>> REPLACE\n"
    "<<<<<<< SEARCH\nd\n=======\ne\n>>>>>>> REPLACE\n"
)
UNIFIED = (
    "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    "@@ -4 +4 @@\n-d\n+e\n--- a/h\n+++ b/h\n@@ -1 +1 @@\n-1\n+2\n"
)
SPLITS = st.lists(st.integers(1, 400), max_size=60)


def pieces(text: str, cuts: list[int]) -> list[str]:
    ends = sorted({cut for cut in cuts if cut < len(text)})
    return [
        text[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)
    ]


def streamed(text: str, cuts: list[int]) -> tuple[list[Hunk], list[Edit]]:
    stream = PatchStream()
    found = [one for piece in pieces(text, cuts) for one in stream.feed(piece)]
    hunks = [one.hunk for one in found if isinstance(one, HunkFound)]
    return hunks, stream.finish()


@pytest.mark.parametrize(
    "text",
    [
        V4A,
        V4A.replace("\n", "\r\n"),
        "\ufeff" + V4A,
        json.dumps({"input": V4A}),
        json.dumps({"note": {"input": "no"}, "patch": V4A}, ensure_ascii=False),
        json.dumps({"command": ["apply_patch", V4A]}),
        json.dumps(V4A),
        BLOCKS,
    ],
)
@given(SPLITS)
def test_any_split_gives_every_hunk_and_the_same_edits(
    text: str, cuts: list[int]
) -> None:
    hunks, edits = streamed(text, cuts)

    assert edits == read(text)
    assert hunks == [hunk for edit in edits for hunk in edit.hunks]


@pytest.mark.parametrize(
    "text",
    [
        UNIFIED,
        json.dumps({"edits": [{"path": "f", "old": "a\n\u00e9", "new": "\U0001f600"}]}),
        json.dumps([{"path": "f", "old": "a", "new": "b", "replace_all": True}] * 2),
        json.dumps({"file_path": "f", "old_string": "a", "new_string": ""}, indent=1),
        "Here:\n```json\n"
        + json.dumps([{"path": "f", "old": "a", "new": "b"}])
        + "\n```",
        "f.py\n```python\na = 1\n\n\u00e9\n```\n\nd/g.ts\n```\nx\n```\n",
    ],
)
@given(SPLITS)
def test_any_split_gives_the_same_edits(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts)[1] == read(text)


@given(SPLITS)
def test_the_last_hunk_of_a_diff_is_whole_when_the_text_ends(cuts: list[int]) -> None:
    hunks, edits = streamed(UNIFIED, cuts)

    assert edits == read(UNIFIED)
    assert hunks == [hunk for edit in edits for hunk in edit.hunks][:-1]


def test_a_section_is_told_when_it_opens_and_a_hunk_when_the_next_one_begins() -> None:
    stream = PatchStream()

    begun = stream.feed("*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n")
    then = stream.feed("@@\n")

    assert begun == [SectionFound(0, Action.UPDATE, "f")]
    assert [(one.number, one.name) for one in then if isinstance(one, HunkFound)] == [
        (1, "f")
    ]


@given(st.integers(0, len(V4A) - 3))
def test_a_stream_that_was_cut_off_is_refused_as_its_text_is(size: int) -> None:
    stream = PatchStream()
    for char in V4A[:size]:
        stream.feed(char)

    with pytest.raises(PatchRefused):
        stream.finish()


def test_a_text_that_can_be_no_patch_any_more_is_known_at_once() -> None:
    stream = PatchStream()

    stream.feed("*** Begin Patch\nhello\n")

    assert stream.problem is not None
    assert "outside of any file section" in stream.problem.message


@given(st.text(alphabet='{}[]",:\\u0d8af*@ \n', max_size=80), SPLITS)
def test_no_text_makes_a_stream_crash(text: str, cuts: list[int]) -> None:
    with suppress(PatchRefused):
        streamed(text, cuts)


class Memory:
    def __init__(self, **files: str) -> None:
        self.files = {name: File(text.encode()) for name, text in files.items()}

    def read(self, name: str) -> File | None:
        if name.startswith("/"):
            raise ToolError(f"`{name}` is outside the workspace")
        return self.files.get(name)


def sightings(tree: Memory, text: str) -> list[Sighting]:
    scout = Scout(tree)
    cut = pieces(text, [*range(9, 999, 9)])
    found = (one for piece in cut for one in scout.stream.feed(piece))
    return [one for one in map(scout.look, found) if one is not None]


def v4a(*lines: str) -> str:
    """A patch that has not ended yet."""
    return "\n".join(["*** Begin Patch", *lines, "@@", ""])


@pytest.mark.parametrize(
    ("lines", "outlook", "line"),
    [
        (["*** Update File: f", "@@", " a", "-b", "+x"], Outlook.LANDS, 2),
        (["*** Update File: f", "@@", "-q", "+x"], Outlook.LOST, None),
        (["*** Update File: f", "@@", "-c", "+x"], Outlook.OPEN, None),
        (["*** Update File: f", "@@", " a", " b", "-z", "+c"], Outlook.APPLIED, None),
        (["*** Update File: none", "@@", "-a", "+x"], Outlook.LOST, None),
        (["*** Update File: /etc/passwd", "@@", "-a", "+x"], Outlook.LOST, None),
    ],
)
def test_what_becomes_of_a_hunk_is_known_before_the_patch_has_ended(
    lines: list[str], outlook: Outlook, line: int | None
) -> None:
    seen = sightings(Memory(f="a\nb\nc\nd\nc\n"), v4a(*lines))

    assert [(one.outlook, one.line) for one in seen][:1] == [(outlook, line)]


@pytest.mark.parametrize(
    "earlier",
    [
        ["*** Add File: n", "+q"],
        ["*** Update File: g", "*** Move to: n"],
        ["*** Update File: n", "@@", "-1", "+q"],
    ],
)
def test_a_hunk_that_may_build_on_the_same_patch_is_not_given_up(
    earlier: list[str],
) -> None:
    tree = Memory(g="q\n", **({"n": "1\n"} if "Update File: n" in earlier[0] else {}))

    seen = sightings(tree, v4a(*earlier, "*** Update File: n", "@@", "-q", "+x"))

    assert Outlook.LOST not in {one.outlook for one in seen}
