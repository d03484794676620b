"""Every format: written, it is read as the same edits; done, it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st

from spark_cli.core.errors import PatchRefused
from spark_cli.patch import diff
from spark_cli.patch.edits import Action, Edit, Hunk, Line, Sign
from spark_cli.patch.formats import Format, read
from spark_cli.patch.plan import plan
from spark_cli.patch.sides import hunk_of
from spark_cli.workspace.tree import Change, File, Overlay
from tests.patch import render

WORDS = st.sampled_from(["a", "b", "  c", "\td", "", "e = f(1)", "@x", "# g", "\u00e9"])
NAMES = st.sampled_from(["f.py", "d/g.ts", "d e/h.md"])
SIGNS = st.sampled_from([Sign.KEPT, Sign.REMOVED, Sign.ADDED])
LINES = st.lists(
    st.builds(Line, SIGNS, WORDS, bare=st.just(value=False)), min_size=1, max_size=9
)
HUNKS = LINES.map(lambda lines: Hunk(tuple(lines))).filter(lambda hunk: hunk.changes)
UPDATES = st.builds(
    lambda name, hunks: Edit(Action.UPDATE, name, tuple(hunks)),
    NAMES,
    st.lists(HUNKS, min_size=1, max_size=3),
)
PLACED = st.builds(
    lambda hunk, anchors, at_end: Hunk(hunk.lines, tuple(anchors), at_end=at_end),
    HUNKS,
    st.lists(st.sampled_from(["class A:", "def f(x):", "x"]), max_size=2),
    st.booleans(),
)
MOVES = st.builds(
    lambda name, to, hunks: Edit(Action.UPDATE, name, tuple(hunks), to=to),
    NAMES,
    st.sampled_from(["n.py", "new d/n"]),
    st.lists(PLACED, max_size=3),
)
ADDS = st.builds(
    lambda name, lines: Edit(
        Action.ADD, name, text="".join(f"{line}\n" for line in lines)
    ),
    NAMES,
    st.lists(WORDS, min_size=1, max_size=5).filter(any),
)
DELETES = NAMES.map(lambda name: Edit(Action.DELETE, name))
TEXTS = st.lists(WORDS, max_size=12)
TOKENS = st.sampled_from(
    [
        *("*** Begin Patch", "*** End Patch", "*** Update File: f", "*** Add File: g"),
        *("@@", "@@ -1,2 +1,2 @@", "--- a/f", "+++ b/f", "diff --git a/f b/f"),
        *(
            "<<<<<<< SEARCH",
            "=======",
            ">>>>>>> REPLACE",
            "```",
            "f.py",
            "*** Move to: h",
        ),
        *(
            "-a",
            "+b",
            " c",
            "",
            "\\ No newline at end of file",
            "*** End of File",
            "\r",
        ),
        *(
            '{"edits": [',
            '{"path": "f", "old": "a", "new": "b"}',
            "]}",
            "GIT binary patch",
        ),
    ]
)


@given(st.lists(UPDATES | MOVES | ADDS | DELETES, min_size=1, max_size=4))
def test_v4a_comes_back_as_it_was(edits: list[Edit]) -> None:
    assert read(render.v4a(edits)) == edits


@given(
    st.lists(UPDATES, min_size=1, max_size=3, unique_by=lambda edit: edit.name),
    st.integers(1, 99),
)
def test_a_unified_diff_comes_back_as_it_was(edits: list[Edit], line: int) -> None:
    numbered = [
        Edit(
            edit.action,
            edit.name,
            tuple(Hunk(hunk.lines, line=line) for hunk in edit.hunks),
        )
        for edit in edits
    ]

    assert read(render.unified(numbered)) == numbered


@pytest.mark.parametrize("write", [render.blocks, render.strings])
@given(st.lists(st.tuples(NAMES, TEXTS, TEXTS), min_size=1, max_size=3))
def test_search_and_replace_comes_back_as_it_was(
    write: Callable[[Sequence[Edit]], str],
    changes: list[tuple[str, list[str], list[str]]],
) -> None:
    edits = [
        Edit(Action.UPDATE, name, (hunk_of([*old, "end"], [*new, "end"]),))
        for name, old, new in changes
        if old != new
    ]
    if not edits:
        return

    made = [(edit.name, edit.hunks[0].lines) for edit in read(write(edits))]

    assert made == [(edit.name, edit.hunks[0].lines) for edit in edits]


@given(
    st.lists(
        st.builds(
            lambda name, lines: Edit(
                Action.WRITE, name, text="".join(f"{line}\n" for line in lines)
            ),
            st.sampled_from(["f.py", "d/g.ts", "Makefile"]),
            TEXTS,
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda edit: edit.name,
    )
)
def test_whole_files_come_back_as_they_were(edits: list[Edit]) -> None:
    assert [edit._replace(fence=None) for edit in read(render.whole(edits))] == edits


class Memory:
    def __init__(self, files: dict[str, File]) -> None:
        self.files = files

    def read(self, name: str) -> File | None:
        return self.files.get(name)


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.booleans()), max_size=5),
)
def test_a_patch_and_its_diff_reversed_leave_the_file_as_it_was(
    lines: list[int], cuts: list[tuple[int, bool]]
) -> None:
    before = [f"line {at} of {number}" for at, number in enumerate(lines)]
    after = list(before)
    for at, gone in cuts:
        if at < len(after):
            after[at : at + 1] = [] if gone else [after[at] + " new", "one more"]
    if before == after:
        return
    file = File("".join(f"{line}\n" for line in before).encode())
    patch = render.v4a([Edit(Action.UPDATE, "f", (hunk_of(before, after),))])

    done = plan(read(patch), Memory({"f": file}))

    (change,) = done.changes
    assert change.after == File("".join(f"{line}\n" for line in after).encode())
    tree = Overlay(Memory({"f": file}))
    tree.take(done.changes)
    back = diff.unified([Change("f", change.after, change.before)])
    undone = plan(read(back), tree)
    assert [change.after for change in undone.changes] == [file]


@given(st.lists(TOKENS, max_size=14), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_no_mixture_of_marks_makes_a_parser_or_the_planner_crash(
    tokens: list[str], end: str
) -> None:
    text = end.join(tokens)
    for form in (None, *Format):
        try:
            plan(read(text, form), Memory({"f": File(b"a\nc\n")}))
        except PatchRefused:
            continue


@given(st.binary(max_size=400))
def test_no_bytes_make_a_parser_crash(data: bytes) -> None:
    for form in (None, *Format):
        try:
            read(data.decode("utf-8", "surrogateescape"), form)
        except PatchRefused:
            continue


@pytest.mark.parametrize(
    "text",
    [
        "@" * 100_000,
        "*** Begin Patch" + " " * 200_000 + "x",
        "<<<<<<< SEARCH" + " " * 200_000 + "x",
        "```" + " " * 200_000 + "x",
        "*** Begin Patch\n*** Update File: f\n@@ -" + "9" * 5000 + " +1 @@\n-a\n",
        '{"edits": ' + "[" * 100_000,
        '{"path": "f", "old": "a", "new": ' + "9" * 5000 + "}",
        "\n" * 200_000,
    ],
    ids=["headings", "begin", "search", "fence", "number", "deep", "digits", "empty"],
)
@pytest.mark.timeout(10)
def test_an_endless_line_or_number_is_refused_at_once(text: str) -> None:
    with pytest.raises(PatchRefused):
        read(text)
