from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from spark_cli.workspace.merge import merged

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"a\r\n", b"d"]))
TEXTS = LINES.map(b"".join)


@pytest.mark.parametrize(
    ("base", "one", "other", "expected"),
    [
        (b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n", b"A\nb\nC\n"),
        (b"a\nb\nc\n", b"a\nb\nc\nd\n", b"0\na\nb\nc\n", b"0\na\nb\nc\nd\n"),
        (b"a\nb\nc\n", b"a\nB\nc\n", b"a\nX\nc\n", None),
        (b"a\nb\nc\n", b"a\nB\nc\n", b"a\nB\nc\n", b"a\nB\nc\n"),
        (b"a\nb\nc\nd\n", b"A\nb\nc\nd\n", b"a\nB\nc\nd\n", None),
        (b"a\n", b"", b"a\nb\n", None),
        (b"a", b"a\n", b"0\na", None),
        (b"a\0", b"b\0", b"a\0c", None),
        (b"a\r\nb\nc\nd\n", b"a\r\nb\nc\nD\n", b"a\nb\nc\nd\n", b"a\nb\nc\nD\n"),
        (b"a\rb\nc\nd", b"a\rb\nc\nD", b"a\rB\nc\nd", b"a\rB\nc\nD"),
        (b"same", b"same", b"other", b"other"),
        (b"same", b"mine", b"same", b"mine"),
    ],
)
def test_changes_of_both_sides_come_together_or_not_at_all(
    base: bytes, one: bytes, other: bytes, expected: bytes | None
) -> None:
    assert merged(base, one, other) == expected
    assert merged(base, other, one) == expected


@given(TEXTS, TEXTS, TEXTS)
def test_it_does_not_matter_who_is_who(base: bytes, one: bytes, other: bytes) -> None:
    assert merged(base, one, other) == merged(base, other, one)


@given(TEXTS, TEXTS)
def test_one_side_alone_is_that_side(base: bytes, one: bytes) -> None:
    assert merged(base, one, base) == one
    assert merged(base, one, one) == one


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS)
def test_where_git_merges_too_it_is_the_same(
    tmp_path: Path, base: bytes, one: bytes, other: bytes
) -> None:
    made = merged(base, one, other)
    for name, text in (("base", base), ("one", one), ("other", other)):
        (tmp_path / name).write_bytes(text)

    git = subprocess.run(
        ["git", "merge-file", "-p", "--diff3", "one", "base", "other"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    if made is not None and git.returncode == 0:
        assert sorted(made.split(b"\n")) == sorted(git.stdout.split(b"\n"))


def test_a_file_of_equal_lines_is_given_up_and_not_waited_for() -> None:
    base = b"}\n" * 9_000
    one, other = b"x\n" + b"}\n" * 8_000 + b"y\n", b"z\n" + base + b"z\n"

    assert merged(base, one, other) is None
