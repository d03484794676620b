from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from spark_cli.patch.diff import Counts, counts, hunk, quoted, unified
from spark_cli.patch.formats import read
from spark_cli.patch.lines import Lines, Splice, spliced
from spark_cli.patch.plan import plan
from spark_cli.workspace.tree import Change, File

TEXTS = st.lists(st.sampled_from(["a", "b", "", "\r", "c d", "\f"]), max_size=12).map(
    lambda lines: "\n".join(lines).encode()
)
FILES = st.none() | st.builds(File, TEXTS, st.sampled_from([0o644, 0o755]))


class Before:
    def __init__(self, changes: list[Change]) -> None:
        self.files = {change.name: change.before for change in changes}

    def read(self, name: str) -> File | None:
        return self.files.get(name)


def test_a_diff_reads_as_git_writes_it() -> None:
    change = Change("f x", File(b"1\n2\n3\n4\n5\n"), File(b"1\n2\n3\n4\n6", 0o755))

    assert unified([change]) == (
        "diff --git a/f x b/f x\nold mode 100644\nnew mode 100755\n"
        "--- a/f x\t\n+++ b/f x\t\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+6\n"
        "\\ No newline at end of file\n"
    )
    assert counts([change]) == Counts(1, 1)


@pytest.mark.parametrize(
    ("name", "answer"),
    [("a b", "a b"), ("\u00e9", "\u00e9"), ('a"b', '"a\\"b"'), ("\udcff", '"\\377"')],
)
def test_names_are_quoted_as_git_quotes_them(name: str, answer: str) -> None:
    assert quoted(name) == answer


@given(st.dictionaries(st.sampled_from(["f", "d/g", "x y"]), st.tuples(FILES, FILES)))
@example({"f": (File(b"\r"), File(b"\r\n"))})
@example({"f": (File(b"a\r\n"), File(b"a\r"))})
def test_a_diff_that_is_read_again_is_the_same_change(
    files: dict[str, tuple[File | None, File | None]],
) -> None:
    changes = [
        Change(name, before, after)
        for name, (before, after) in sorted(files.items())
        if before != after
    ]
    text = unified(changes)

    made = plan(read(text), Before(changes)).changes if text else ()

    assert list(made) == changes


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=FILES, after=FILES, moved=st.booleans())
def test_git_takes_every_diff(
    tmp_path_factory: pytest.TempPathFactory,
    before: File | None,
    after: File | None,
    moved: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    changes, moves = [Change("f", before, after)], {}
    if moved and before and after:
        changes = [Change("f", before, None), Change("d/g", None, after)]
        moves = {"f": "d/g"}
    write(folder, [Change(c.name, None, c.before) for c in changes])
    text = unified(changes, moves)
    if not text:
        return

    subprocess.run(
        ["git", "apply", "-"],
        cwd=folder,
        input=text.encode("utf-8", "surrogateescape"),
        check=True,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )

    for change in changes:
        path = folder / change.name
        assert path.exists() == (change.after is not None)
        if change.after is not None:
            assert path.read_bytes() == change.after.data
            assert bool(path.stat().st_mode & 0o100) == bool(change.after.mode & 0o100)


def write(folder: Path, changes: list[Change]) -> None:
    for change in changes:
        if change.after is not None:
            path = folder / change.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change.after.data)
            path.chmod(change.after.mode)


@given(
    st.lists(st.sampled_from(["a", "b", "", "c\r"]), min_size=1, max_size=12),
    st.data(),
)
def test_the_diff_of_one_place_is_that_of_the_whole_file(
    raw: list[str], data: st.DataObject
) -> None:
    ended = data.draw(st.booleans())
    before = Lines(tuple(raw), ended=ended or raw[-1] == "", bom=False)
    start = data.draw(st.integers(0, len(raw) - 1))
    stop = data.draw(st.integers(start, len(raw)))
    splice = Splice(start, stop, ("x", "y"))
    after = spliced(before, [splice])

    change = Change("f", File(before.data()), File(after.data()))

    assert hunk("f", before, [splice]) == unified([change])
