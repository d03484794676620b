"""Any file, any change, in any format: applied for real, and taken back."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from spark_cli.cli.apply import apply
from spark_cli.config.paths import paths
from spark_cli.core.errors import NothingToChange, PatchRefused, SparkError
from spark_cli.core.ids import SessionId
from spark_cli.patch import diff
from spark_cli.patch.edits import Action, Edit
from spark_cli.patch.sides import hunk_of
from spark_cli.workspace.checkpoints import Checkpoints
from spark_cli.workspace.root import Root
from spark_cli.workspace.tree import Change, File
from tests.patch import render
from tests.patch.test_round_trip import TOKENS

LINES = st.lists(
    st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"").rstrip(b"\r")),
    min_size=1,
    max_size=20,
)
ENDS = st.sampled_from([b"\n", b"\r\n"])
CUTS = st.lists(st.tuples(st.integers(0, 19), st.booleans()), min_size=1, max_size=4)
WORDS = st.lists(st.sampled_from(["a", "b b", "  c", "\td", "e(1)"]), max_size=15)
REAL = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@contextlib.contextmanager
def tree(**files: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve() / "tree"
        top.mkdir()
        for name, data in files.items():
            (top / name).write_bytes(data)
        yield top


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path / "home"))


def standing(top: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in top.iterdir()}


def undo(top: Path) -> None:
    state = paths(os.environ).state
    Checkpoints(Root(top), SessionId("x"), state).undo(everywhere=True)


def changed(lines: Sequence[bytes], cuts: Sequence[tuple[int, bool]]) -> list[bytes]:
    after = list(lines)
    for at, gone in cuts:
        after[at : at + 1] = [] if gone else [b"new %d" % at, *after[at : at + 1]]
    return after


@REAL
@given(lines=LINES, cuts=CUTS, end=ENDS, ended=st.booleans())
def test_any_bytes_are_changed_by_their_diff_and_brought_back(
    lines: list[bytes], cuts: list[tuple[int, bool]], end: bytes, *, ended: bool
) -> None:
    """Numbered, so that each line is there once."""
    numbered = [b"%d %s" % (number, line) for number, line in enumerate(lines)]
    tail = end if ended else b""
    before = end.join(numbered) + tail
    left = changed(numbered, cuts)
    after = end.join(left) + tail if left else b""
    if before[:2] in {b"\xff\xfe", b"\xfe\xff"} or before == after:
        return
    text = diff.unified([Change("f", File(before), File(after))])
    with tree(f=before) as top:
        apply(top, text)

        assert standing(top) == {"f": after}
        undo(top)
        assert standing(top) == {"f": before}


@pytest.mark.parametrize("form", ["v4a", "unified", "blocks", "strings", "whole"])
@REAL
@given(before=WORDS, after=WORDS)
def test_every_format_is_applied_and_brought_back(
    form: str, before: list[str], after: list[str]
) -> None:
    """The last line stands alone in the file, and holds the rest in place."""
    old, new = [*before, "end"], [*after, "end"]
    if old == new:
        return
    edit = Edit(Action.UPDATE, "f.py", (hunk_of(old, new),))
    if form == "whole":
        edit = Edit(Action.WRITE, "f.py", text="".join(f"{line}\n" for line in new))
    data = "".join(f"{line}\n" for line in old).encode()
    wanted = "".join(f"{line}\n" for line in new).encode()
    patch = getattr(render, form)([edit])
    was = {"f.py": data, "g": b"end\n"}
    with tree(**was) as top:
        with contextlib.suppress(PatchRefused):  # it may look as if it were applied
            apply(top, patch)

        assert standing(top) in ({"f.py": wanted, "g": b"end\n"}, was)
        if standing(top) != was:
            undo(top)
        assert standing(top) == was


@REAL
@given(st.binary(max_size=300))
def test_random_bytes_never_touch_a_file(data: bytes) -> None:
    with tree(f=b"a\nc\n") as top:
        with pytest.raises(SparkError):
            apply(top, data.decode("utf-8", "surrogateescape"))

        assert standing(top) == {"f": b"a\nc\n"}


@REAL
@given(st.lists(TOKENS, max_size=14), st.sampled_from(["\n", "\r\n"]))
def test_a_mixture_of_marks_is_refused_whole_or_taken_back(
    tokens: list[str], end: str
) -> None:
    before = {"f": b"a\nc\n"}
    with tree(f=before["f"]) as top:
        try:
            done = apply(top, end.join(tokens))
        except (PatchRefused, NothingToChange):
            assert standing(top) == before
            return
        if done.checkpoint:
            undo(top)
        assert standing(top) == before
