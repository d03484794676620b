from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.ids import ItemId
from spark_cli.repl.forming import PATCH, Forming, Thought, Writing, call_begun
from spark_cli.repl.lines import plain

V4A = (
    "*** Begin Patch\n*** Update File: app.py\n@@ def f():\n-old\n+new\n+more\n"
    "*** Add File: b/é\x1b.py\n+x\n*** End Patch\n"
)
UNIFIED = "--- a/app.py\n+++ b/app.py\n@@ -1 +1,2 @@\n-old\n+new\n+more\n"
NAMED = "· patch app.py, b/é\u241b.py +3 -1 ..."


PATCH_HEAD = "*** Begin Patch\n*** Update File: app.py\n@@\n"


def shown(*pieces: str) -> list[str]:
    forming = Forming(ItemId("c"))
    for piece in pieces:
        forming.feed(piece)
    return [plain(line) for line in forming.lines(80, 1)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "· patch ..."),
        ("*** Begin Patch\n", "· patch ..."),
        ("*** Begin Patch\n*** Update File: a.py\n+on", "· patch a.py ..."),
        (V4A, NAMED),
        (json.dumps({"input": V4A}), NAMED),
        (UNIFIED, "· patch app.py +2 -1 ..."),
        (
            "".join(f"*** Delete File: {n}\n" for n in range(5)),
            "· patch 0, 1, 2 and 2 more ...",
        ),
    ],
)
def test_a_patch_is_one_quiet_line(text: str, line: str) -> None:
    assert shown(text) == [line]


@given(data=st.data(), raw=st.booleans())
def test_a_patch_looks_the_same_in_any_pieces(
    data: st.DataObject, *, raw: bool
) -> None:
    text = V4A if raw else json.dumps({"input": V4A})
    cut = data.draw(st.integers(0, len(text)))

    assert shown(text[:cut], text[cut:]) == [NAMED]
    assert shown(*text) == [NAMED]


def test_only_a_patch_is_told_as_one() -> None:
    assert isinstance(call_begun(ItemId("c"), PATCH), Forming)
    assert isinstance(call_begun(ItemId("c"), "shell"), Writing)


def test_another_call_shows_its_end_and_its_size() -> None:
    writing = Writing(ItemId("c"), "shell")
    writing.feed('{"command": "ls\\n')
    writing.feed('echo \\"\x1b\\""}')

    assert [plain(line) for line in writing.lines(80, 20)] == [
        "shell, 29 characters",
        '{"command": "ls',
        'echo "\u241b""}',
    ]


def test_of_a_long_thought_the_end_is_seen() -> None:
    thought = Thought(ItemId("r"))
    thought.feed("\n".join(f"**step** {n}" for n in range(99)))

    assert [plain(line) for line in thought.lines(80)] == [
        f"step {n}" for n in range(95, 99)
    ]


def test_the_hunk_that_is_being_written_is_seen_below_its_file() -> None:
    forming = Forming(ItemId("i"))
    for piece in (PATCH_HEAD, " keep\n-old\n", "+ne"):
        forming.feed(piece)

    assert [plain(line) for line in forming.lines(80, 20)] == [
        "· patch app.py -1 ...",
        "       keep",
        "      -old",
        "      +ne",
    ]
    forming.feed("w\n@@\n")
    assert [plain(line) for line in forming.lines(80, 20)] == [
        "· patch app.py +1 -1 ...",
        *[""] * 3,
    ]
    assert len(forming.lines(80, 2)) == 2
